"""The desk's end of a citizen's page for tests of the page: an aiortc peer that answers what the page offers to the hub."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack, MediaStreamError, VideoStreamTrack

from client.domain.signal import VideoAnswer, VideoOffer, VideoWish
from tests.citizen_video import Counselor
from tests.waiting import until


class PagePeer:
    """One peer a generation. `typed` — T.140 that came, by generation; `pictures`, `sounds` — how many frames came."""

    def __init__(self, counselor: Counselor) -> None:
        self._counselor = counselor
        self.peers: dict[int, RTCPeerConnection] = {}
        self.typed: dict[int, str] = {}
        self.pictures: dict[int, int] = {}
        self.sounds: dict[int, int] = {}
        self._channels: dict[int, Any] = {}
        self._tasks: list[asyncio.Task[None]] = []

    async def wish(self, above: int = 0) -> int:
        """Wish for a connection newer than `above` and let it stand; its generation."""
        await self._counselor.signal("video_wish", VideoWish(generation=above))
        return await self.answer(above)

    async def answer(self, above: int = 0) -> int:
        """Answer the page's next offer newer than `above`; its generation."""
        offer = await until(lambda: self._offer(above), 20, "an offer")
        generation = offer.generation
        pc = self.peers[generation] = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.typed[generation], self.pictures[generation], self.sounds[generation] = "", 0, 0
        pc.on("datachannel", lambda channel: self._opened(generation, channel))
        pc.on("track", lambda track: self._tasks.append(asyncio.ensure_future(self._watch(generation, track))))
        await pc.setRemoteDescription(RTCSessionDescription(offer.sdp, "offer"))
        for transceiver in pc.getTransceivers():
            made = VideoStreamTrack() if transceiver.kind == "video" else AudioStreamTrack()
            transceiver.sender.replaceTrack(made)
            transceiver.direction = "sendrecv"
        await pc.setLocalDescription(await pc.createAnswer())
        answer = VideoAnswer(generation=generation, sdp=pc.localDescription.sdp)
        await self._counselor.signal("video_answer", answer)
        return generation

    def write(self, generation: int, text: str) -> None:
        """Type, as T.140."""
        self._channels[generation].send(text)

    async def until_text(self, generation: int) -> None:
        """Until the page's text channel is open."""
        await until(lambda: generation in self._channels, 20, "the text channel")

    async def hang_up(self, generation: int) -> None:
        """Gone, as an engine that was killed."""
        await self.peers[generation].close()

    async def close(self) -> None:
        for peer in self.peers.values():
            await peer.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _offer(self, above: int) -> VideoOffer | None:
        offer = self._counselor.told("video_offer")
        return offer if isinstance(offer, VideoOffer) and offer.generation > above else None

    def _opened(self, generation: int, channel: Any) -> None:
        self._channels[generation] = channel
        channel.on("message", lambda text: self._heard(generation, text))

    def _heard(self, generation: int, text: str) -> None:
        self.typed[generation] += text

    async def _watch(self, generation: int, track: Any) -> None:
        counts = self.pictures if track.kind == "video" else self.sounds
        with contextlib.suppress(MediaStreamError):
            while True:
                await track.recv()
                counts[generation] += 1
