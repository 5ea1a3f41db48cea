"""A call with one citizen: connections of it come and go, a newer one takes over once it stands."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import av

from client.domain.call import Telling
from client.domain.event import timestamp
from client.domain.video import IceServer, TextReceived, VideoCall, VideoLink, far_leg, may_link
from client.engines.server import EngineRefusal
from client.engines.video.camera import Camera
from client.engines.video.far_picture import FarPicture
from client.engines.video.far_sound import FarSound
from client.engines.video.lips import Lips
from client.engines.video.near_sound import LegReader, OutgoingSound
from client.engines.video.offer import Offer, bad, read_offer
from client.engines.video.outgoing import OutgoingPicture
from client.engines.video.peer import Peer, steady
from client.engines.video.quality import QualityWatch

SILENT_S = 2.0  # with picture or sound: as long without a packet is an interruption
SILENT_TEXT_S = 7.0  # text alone: browsers and we check the way every 2.5 and 5 s
STANDS_S = 15.0  # a new connection that does not stand by then never will
LOOK_TICKS = 10  # of 20 ms: how the link stands is looked at every 0.2 s
SECOND_TICKS = 50


class Outlet(Protocol):
    """Where facts and sound go: the engine's server."""

    def tell(self, telling: Telling) -> None:
        """Tell the desk."""

    def publish_pcm(self, leg: str, sample: int, pcm: bytes) -> None:
        """Publish a leg's audio."""

    def end_leg(self, leg: str) -> None:
        """The leg is over."""


class Call:
    """Attributes: `name` — the session; `told` — as it was told last; `samples` — of the far leg."""

    def __init__(
        self,
        name: str,
        outlet: Outlet,
        camera: Camera,
        ring: Path,
        codecs: Sequence[str],
        on_end: Callable[[Call], None],
        *,
        shown: bool,
        samples: int = 0,
    ) -> None:
        self.name = name
        self.told: VideoCall | None = None
        self._outlet = outlet
        self._camera = camera
        self._codecs = codecs
        self._on_end = on_end
        self._shown, self._muted, self._on_hold = shown, False, False
        self._problem = ""
        self._picture = FarPicture(ring)
        self._sound = FarSound(self._publish, samples)
        self._reader = LegReader()
        self._lips = Lips()
        self._quality = QualityWatch(name)
        self._peer: Peer | None = None
        self._tracks: tuple[OutgoingPicture, OutgoingSound] | None = None
        self._next: dict[int, tuple[Peer, OutgoingPicture, OutgoingSound]] = {}
        self._answers: dict[int, asyncio.Task[str]] = {}
        self._ticking: asyncio.Task[None] | None = None
        self._closing: set[asyncio.Task[None]] = set()
        self._ended = False

    @property
    def samples(self) -> int:
        """Of the far leg so far."""
        return self._sound.samples

    @property
    def looks(self) -> bool:
        """The camera is wanted for it."""
        picture = self.told is not None and self.told.picture
        return picture and self._shown and not self._on_hold and not self._ended

    # ── offer and answer ─────────────────────────────────────────────────────────────────────────

    async def answer(self, generation: int, sdp: str, ice: Sequence[IceServer], languages: tuple[str, ...]) -> str:
        """The answer to an offer; the same to the same generation. Raises `EngineRefusal`."""
        if generation not in self._answers:
            if self._answers and generation < max(self._answers):
                raise bad("a newer offer was answered")
            offer = read_offer(sdp)
            self._answers[generation] = asyncio.ensure_future(self._begin(generation, offer, ice, languages))
        try:
            return await asyncio.shield(self._answers[generation])
        except EngineRefusal:
            self._answers.pop(generation, None)
            raise

    async def _begin(self, generation: int, offer: Offer, ice: Sequence[IceServer], languages: tuple[str, ...]) -> str:
        picture = OutgoingPicture(self._camera, shown=self._shown and not self._on_hold)
        sound = OutgoingSound(self._reader)
        sound.silent = self._muted or self._on_hold
        peer = Peer(generation, ice, _Ears(self, generation))
        try:
            answer = await peer.answer(offer, (sound, picture), self._codecs, languages)
        except EngineRefusal:
            await peer.close()
            raise
        self._next[generation] = (peer, picture, sound)
        asyncio.get_running_loop().call_later(STANDS_S, self._give_up, generation)
        if self._peer is None or self.told is None or self.told.link is not VideoLink.CONNECTED:
            self._say(self._description(peer, VideoLink.CONNECTING))
        if self._ticking is None:
            self._ticking = asyncio.ensure_future(self._tick())
        return answer

    def changed(self, generation: int) -> None:
        """A connection says that something changed."""
        waiting = self._next.get(generation)
        if waiting is not None and waiting[0].stands:
            self._take_over(generation)
        elif waiting is not None and waiting[0].over:
            self._give_up(generation)
        elif self._peer is not None and self._peer.generation == generation:
            self._look()

    def _take_over(self, generation: int) -> None:
        """The newer connection stands: the older ones are let go of."""
        before = self._peer
        self._peer, picture, sound = self._next.pop(generation)
        self._tracks = (picture, sound)
        for older in [number for number in self._next if number < generation]:
            self._let_go(self._next.pop(older)[0])
        if before is not None:
            self._let_go(before)
        self._problem = ""
        self._lips = Lips()
        self._quality.begin(self._peer.figures())
        self._apply()
        self._look()

    def _give_up(self, generation: int) -> None:
        waiting = self._next.pop(generation, None)
        if waiting is None:
            return
        self._let_go(waiting[0])
        if self._peer is None and not self._next:
            self._problem = "no way to the citizen's browser was found"
            self.end()

    def _let_go(self, peer: Peer) -> None:
        closing = asyncio.ensure_future(peer.close())
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)

    # ── what the desk asks ───────────────────────────────────────────────────────────────────────

    def show(self, *, on: bool) -> None:
        """The camera's picture leaves, or the card."""
        self._shown = on
        self._apply()

    def mute(self, *, on: bool) -> None:
        """No sound leaves."""
        self._muted = on
        self._apply()

    def hold(self, *, on: bool) -> None:
        """Neither picture nor sound leaves, nor is any shown."""
        self._on_hold = on
        self._picture.hide(on=on)
        self._apply()

    def write(self, text: str) -> bool:
        """Send real-time text."""
        return self._peer is not None and self._peer.write(text)

    def send_sound(self, port: int, token: str, leg: str) -> None:
        """Send this PCM leg."""
        self._reader.read(port, token, leg)

    def snapshot(self) -> bytes:
        """The newest picture as JPEG."""
        return self._picture.snapshot()

    def end(self) -> None:
        """It is over: told, and let go of."""
        if self._ended:
            return
        self._ended = True
        if self.told is not None:
            self._say(replace(self.told, link=VideoLink.ENDED, sees=False, text=False, problem=self._problem))
        for peer in [*([self._peer] if self._peer else []), *(waiting[0] for waiting in self._next.values())]:
            self._let_go(peer)
        self._peer = None
        self._next.clear()
        self._on_end(self)

    async def close(self) -> None:
        """End it and wait until nothing of it is left."""
        self.end()
        for task in [*([self._ticking] if self._ticking else []), *self._answers.values()]:
            if task is not asyncio.current_task():
                task.cancel()
        self._reader.close()
        await asyncio.gather(*self._closing, return_exceptions=True)
        self._picture.close()

    def _apply(self) -> None:
        if self._tracks is not None:
            picture, sound = self._tracks
            picture.shown = self._shown and not self._on_hold
            sound.silent = self._muted or self._on_hold
        for _, picture, sound in self._next.values():
            picture.shown = self._shown and not self._on_hold
            sound.silent = self._muted or self._on_hold
        if self.told is not None:
            self._say(self.told)

    # ── what comes ───────────────────────────────────────────────────────────────────────────────

    def picture(self, generation: int, frame: av.VideoFrame, when: float | None) -> None:
        """A picture of a connection; those of one that does not count yet, or no longer, are not shown."""
        if self._peer is None or self._peer.generation != generation:
            return
        self._picture.take(frame)
        if when is not None:
            lag = steady() + self._picture.delay_s - when
            self._quality.lag(lag)
            self._lips.seen(lag, self._sound.lag_s)
        if self.told is not None and not self.told.sees:
            self._look()

    def sound(self, generation: int, frame: av.AudioFrame, when: float | None) -> None:
        """Some sound of a connection."""
        if self._peer is not None and self._peer.generation == generation and not self._on_hold:
            self._sound.take(frame, when)

    def text(self, generation: int, text: str, *, fresh: bool) -> None:
        """Real-time text, of whichever connection: a page writes on its newest."""
        if text:
            self._problem = ""
        if self._next or self._peer is not None:
            self._outlet.tell(TextReceived(call=self.name, text=text, fresh=fresh))
        self.changed(generation)

    def trouble(self, why: str) -> None:
        """What does not work, for a person."""
        self._problem = why

    # ── how it stands ────────────────────────────────────────────────────────────────────────────

    def _publish(self, sample: int, pcm: bytes) -> None:
        if self.told is not None and self.told.sound:
            self._outlet.publish_pcm(far_leg(self.name), sample, pcm)

    async def _tick(self) -> None:
        """Every 20 ms, by the far sound's clock."""
        ticks = 0
        while not self._ended:
            await asyncio.sleep(self._sound.due_s)
            ticks += 1
            self._sound.tick()
            if ticks % LOOK_TICKS == 0:
                self._look()
            if ticks % SECOND_TICKS == 0:
                self._each_second()

    def _look(self) -> None:
        peer = self._peer
        if peer is None or self._ended:
            return
        if peer.over:
            self._after(peer)
            return
        patience = SILENT_S if set(peer.kinds) & {"audio", "video"} else SILENT_TEXT_S
        silent = steady() - peer.heard > patience
        self._say(self._description(peer, VideoLink.INTERRUPTED if silent else VideoLink.CONNECTED))

    def _after(self, peer: Peer) -> None:
        """The connection will not come back; a newer one may be on its way."""
        if not self._next:
            self.end()
            return
        self._let_go(peer)
        self._peer = None
        newest = self._next[max(self._next)][0]
        self._say(self._description(peer, VideoLink.INTERRUPTED))
        self._say(self._description(newest, VideoLink.CONNECTING))

    def _description(self, peer: Peer, link: VideoLink) -> VideoCall:
        stands = link is VideoLink.CONNECTED
        return VideoCall(
            call=self.name,
            generation=peer.generation,
            link=link,
            codec=peer.codec,
            picture="video" in peer.kinds,
            sound="audio" in peer.kinds,
            text=stands and peer.text_open,
            sees=stands and self._picture.seen,
            relayed=stands and peer.relayed,
        )

    def _say(self, now: VideoCall) -> None:
        """Tell what is new; what only the clock or the sample count would change is not worth a word."""
        before = self.told
        now = replace(
            now,
            shown=self._shown and now.picture,
            muted=self._muted,
            on_hold=self._on_hold,
            problem=self._problem,
            since=before.since if before and before.link is now.link else timestamp(datetime.now(UTC)),
            samples=before.samples if before else 0,
        )
        if now == before or (before is not None and not may_link(before.link, now.link)):
            return
        self.told = replace(now, samples=self.samples)
        self._outlet.tell(self.told)

    def _each_second(self) -> None:
        if self._peer is None:
            return
        sent = self._tracks[0].sent if self._tracks else 0
        figures = self._peer.figures()
        sound = self._sound
        sound.calm_down()
        sound.wait_s = self._lips.sound_wait(sound.wait_s, sound.least_s)
        self._picture.delay_s = self._lips.picture_wait(self._picture.delay_s, sound.wait_s, sound.least_s)
        self._outlet.tell(self._quality.look(figures, self._picture, sent, self._sound.meter, self._lips.offset_s))


class _Ears:
    """Passes what one connection brings to its call, with its generation."""

    def __init__(self, call: Call, generation: int) -> None:
        self._call = call
        self._generation = generation

    def changed(self) -> None:
        self._call.changed(self._generation)

    def picture(self, frame: av.VideoFrame, when: float | None) -> None:
        self._call.picture(self._generation, frame, when)

    def sound(self, frame: av.AudioFrame, when: float | None) -> None:
        self._call.sound(self._generation, frame, when)

    def text(self, text: str, fresh: bool) -> None:
        self._call.text(self._generation, text, fresh=fresh)

    def trouble(self, why: str) -> None:
        self._call.trouble(why)
