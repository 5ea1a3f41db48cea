"""One connection with a browser: what comes by it, what leaves by it, and how it fares."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, cast

import av
from aiortc import RTCConfiguration, RTCIceServer, RTCPeerConnection, RTCRtpSender, RTCSessionDescription
from aiortc.codecs import get_capabilities, is_rtx
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from aiortc.rtcrtpparameters import RTCRtpCodecCapability

from client.domain.video import IceServer
from client.engines.video.adjustments.hearing import last_heard
from client.engines.video.adjustments.receiver import MendingReceiver
from client.engines.video.answer import finished
from client.engines.video.offer import Offer, bad
from client.engines.video.text_channel import TextChannel

GATHER_S = 6.0  # a TURN server that does not answer must not keep a citizen waiting
PICTURE_RATE = 90_000


class Ears(Protocol):
    """Who hears what a connection brings."""

    def changed(self) -> None:
        """It stands, or no longer does, or its text channel opened or closed."""

    def picture(self, frame: av.VideoFrame, when: float | None) -> None:
        """A picture; `when` on the sender's clock in seconds, if known."""

    def sound(self, frame: av.AudioFrame, when: float | None) -> None:
        """Some sound; `when` it began on the sender's clock."""

    def text(self, text: str, fresh: bool) -> None:
        """Real-time text."""

    def trouble(self, why: str) -> None:
        """What does not work, for a person."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Since the connection began: octets of media, packets of the citizen's picture that came and that should have."""

    octets_in: int = 0
    octets_out: int = 0
    received: int = 0
    expected: int = 0
    round_trip_s: float = 0.0


class Peer:
    """Attributes: `generation`; `kinds` — media of the offer; `codec` — of the picture, "" without one."""

    def __init__(self, generation: int, ice: Sequence[IceServer], ears: Ears) -> None:
        self.generation = generation
        self.kinds: tuple[str, ...] = ()
        self.codec = ""
        self._ears = ears
        self._text = TextChannel(self._on_text, self._on_trouble)
        self._tasks: list[asyncio.Task[None]] = []
        self._pc = RTCPeerConnection(RTCConfiguration(iceServers=_servers(ice)))
        self._pc.on("connectionstatechange", self._on_change)
        self._pc.on("track", self._on_track)
        self._pc.on("datachannel", self._on_channel)

    async def answer(
        self, offer: Offer, tracks: Sequence[MediaStreamTrack], codecs: Sequence[str], languages: tuple[str, ...]
    ) -> str:
        """Our SDP with all candidates. `codecs` — for pictures, the preferred first. Raises `BadOffer`."""
        self.kinds = offer.kinds
        for track in tracks:
            if track.kind in offer.kinds:
                transceiver = self._pc.addTransceiver(track, "sendrecv")
                if track.kind == "video":
                    transceiver.setCodecPreferences(_preferred(codecs))
        try:
            await self._pc.setRemoteDescription(RTCSessionDescription(offer.sdp, "offer"))
            await asyncio.wait_for(self._pc.setLocalDescription(), GATHER_S)
        except TimeoutError as error:
            raise bad("no way to the browser was found in time") from error
        except Exception as error:
            raise bad(f"it cannot be answered ({type(error).__name__})") from error
        self.codec = self._negotiated()
        return finished(self._pc.localDescription.sdp, offer.sdp, languages)

    @property
    def stands(self) -> bool:
        """Media and text can pass."""
        return self._pc.connectionState == "connected"

    @property
    def over(self) -> bool:
        """It will not come back: the browser closed it, or nothing was heard for half a minute."""
        return self._pc.connectionState in ("failed", "closed")

    @property
    def text_open(self) -> bool:
        """Real-time text can be sent."""
        return self._text.open and not self.over

    @property
    def heard(self) -> float:
        """Steady seconds of the newest datagram."""
        return last_heard(self._ice())

    @property
    def relayed(self) -> bool:
        """It goes over a TURN server of either side."""
        pairs = self._ice()._nominated.values()  # noqa: SLF001
        return any("relay" in (pair.local_candidate.type, pair.remote_candidate.type) for pair in pairs)

    def write(self, text: str) -> bool:
        """Send real-time text; false where the channel is not open."""
        return not self.over and self._text.write(text)

    def figures(self) -> Figures:
        """How it fares."""
        octets_in, received, expected, octets_out, round_trip = 0, 0, 0, 0, 0.0
        for transceiver in self._pc.getTransceivers():
            receiver = cast(MendingReceiver, transceiver.receiver)
            octets_in += receiver.octets
            if transceiver.kind == "video":
                received += sum(stream.packets_received for stream in receiver.streams.values())
                expected += sum(stream.packets_expected for stream in receiver.streams.values())
            sender = _inside(transceiver.sender)
            octets_out += int(sender["_RTCRtpSender__octet_count"])
            round_trip = max(round_trip, float(sender["_RTCRtpSender__rtt"] or 0.0))
        return Figures(octets_in, octets_out, received, expected, round_trip)

    async def close(self) -> None:
        """End it politely."""
        self._pc.remove_all_listeners()
        await self._pc.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # ── what the connection says ─────────────────────────────────────────────────────────────────

    def _on_change(self) -> None:
        self._ears.changed()

    def _on_channel(self, channel: Any) -> None:
        self._text.offered(channel)
        self._ears.changed()

    def _on_text(self, text: str, fresh: bool) -> None:
        self._ears.text(text, fresh)

    def _on_trouble(self, why: str) -> None:
        if why:
            self._ears.trouble(why)
        self._ears.changed()

    def _on_track(self, track: MediaStreamTrack) -> None:
        transceiver = next(t for t in self._pc.getTransceivers() if t.receiver.track is track)
        receiver = cast(MendingReceiver, transceiver.receiver)
        self._tasks.append(asyncio.ensure_future(self._hear(track, receiver)))

    async def _hear(self, track: MediaStreamTrack, receiver: MendingReceiver) -> None:
        with contextlib.suppress(MediaStreamError):
            while True:
                frame = await track.recv()
                if isinstance(frame, av.VideoFrame):
                    self._ears.picture(frame, _when(receiver, frame.pts, PICTURE_RATE))
                elif isinstance(frame, av.AudioFrame):
                    self._ears.sound(frame, _when(receiver, frame.pts, frame.sample_rate))

    def _negotiated(self) -> str:
        for transceiver in self._pc.getTransceivers():
            if transceiver.kind == "video":
                return str(transceiver._codecs[0].name)  # noqa: SLF001
        return ""

    def _ice(self) -> Any:
        media = self._pc.getTransceivers()
        transport = media[0].receiver.transport if media else cast(Any, self._pc.sctp).transport
        return transport.transport._connection  # noqa: SLF001


def _when(receiver: MendingReceiver, pts: int | None, rate: int) -> float | None:
    if receiver.report is None or pts is None:
        return None
    return receiver.report.when(receiver.rtp_time(pts), rate)


def _inside(sender: RTCRtpSender) -> dict[str, Any]:
    """aiortc keeps these figures to itself but for a slow report."""
    return sender.__dict__


def _servers(ice: Sequence[IceServer]) -> list[RTCIceServer]:
    """What the desk names and nothing else: aiortc would ask a public server if none were given."""
    return [
        RTCIceServer(list(server.urls), username=server.username or None, credential=server.credential or None)
        for server in ice
    ]


def _preferred(codecs: Sequence[str]) -> list[RTCRtpCodecCapability]:
    known = get_capabilities("video").codecs
    ordered = [codec for name in codecs for codec in known if codec.name == name]
    return ordered + [codec for codec in known if is_rtx(codec)]


def steady() -> float:
    """The engine's steady clock in seconds."""
    return time.monotonic()
