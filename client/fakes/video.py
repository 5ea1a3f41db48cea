"""Video in memory: the same states and refusals as the real engine, and the citizen's browser in the hands of a test."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from client.domain.call import Telling
from client.domain.event import timestamp
from client.domain.video import (
    MAIL,
    Cameras,
    IceServer,
    MailPlaying,
    Picture,
    TextReceived,
    VideoCall,
    VideoLink,
    VideoQuality,
    may_link,
)
from client.domain.words import Party
from client.ports.video import VideoError

CARD = bytes((0x40, 0x40, 0x40, 0xFF))
MAIL_MS = 12_000
WEBM = b"\x1aE\xdf\xa3"
FACE = bytes((0x80, 0xA0, 0xD0, 0xFF))


class FakeVideo:
    """`Video` without a network. Methods that begin with `far_` are what the browser does.

    Attributes: `awake` — somebody said that it will be needed; `calls` — newest telling of each living call; `written` —
    real-time text sent, by call; `previewing`; `sources` — PCM leg sent to each citizen; `mail` — the video message that is
    open; `answers` — generations answered, by call.
    """

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.calls: dict[str, VideoCall] = {}
        self.written: dict[str, str] = {}
        self.awake = False
        self.previewing = False
        self.mail: MailPlaying | None = None
        self.sources: dict[str, str] = {}
        self.answers: dict[str, dict[int, str]] = {}
        self._now = now
        self._cameras = Cameras(names=("Synthetic signer",), chosen="Synthetic signer")
        self._listeners: list[Callable[[Telling], None]] = []
        self._shown = 0

    # ── the port ─────────────────────────────────────────────────────────────────────────────────

    def listen(self, listener: Callable[[Telling], None]) -> None:
        """Hand every fact to `listener`, from the present state on."""
        self._listeners.append(listener)
        for telling in (self._cameras, *self.calls.values()):
            listener(telling)

    def wake(self) -> None:
        """Be there."""
        self.awake = True

    async def ready(self) -> None:
        """It always is."""
        self.awake = True

    async def preview(self, on: bool) -> None:
        """Run the camera for the agent's own eyes."""
        if on and self._cameras.problem:
            raise VideoError("no_camera", self._cameras.problem)
        self.previewing = on
        self._look()

    async def choose_camera(self, name: str) -> None:
        """Use this camera."""
        if name and name not in self._cameras.names:
            raise VideoError("no_camera", f"{name} is not there")
        self._cameras = replace(self._cameras, chosen=name or next(iter(self._cameras.names), ""))
        self._tell(self._cameras)

    async def answer(
        self, call: str, generation: int, sdp: str, ice: Sequence[IceServer], *, shown: bool, languages: Sequence[str]
    ) -> str:
        """Answer an offer: any text that begins as SDP does; `VP9 only` in it is refused."""
        known = self.answers.setdefault(call, {})
        if generation in known:
            return known[generation]
        if not sdp.startswith("v=0"):
            raise VideoError("bad_offer", "this is no SDP")
        if "VP9 only" in sdp:
            raise VideoError("no_codec", "the browser offers neither VP8 nor H.264")
        before = self.calls.get(call)
        if known and generation < max(known):
            raise VideoError("bad_offer", "a newer offer was answered")
        picture, sound = "m=video" in sdp, "m=audio" in sdp
        if before is not None and before.link is VideoLink.CONNECTED:  # it stays until the newer connection stands
            known[generation] = f"v=0 answer {generation}"
            return known[generation]
        told = VideoCall(
            call=call,
            generation=generation,
            link=VideoLink.CONNECTING,
            picture=picture,
            sound=sound,
            shown=before.shown if before else shown and picture,
            muted=before.muted if before else False,
            on_hold=before.on_hold if before else False,
            codec="VP8" if picture else "",
            since=timestamp(self._now()),
        )
        self.calls[call] = told
        self._tell(told)
        known[generation] = f"v=0 answer {generation}"
        self._look()
        return known[generation]

    async def show(self, call: str, on: bool) -> None:
        """Let the camera's picture leave, or the card."""
        self._need(call)
        self._change(call, shown=on)
        self._look()

    async def mute(self, call: str, on: bool) -> None:
        """Stop or resume sending sound."""
        self._need(call)
        self._change(call, muted=on)

    async def hold(self, call: str, on: bool) -> None:
        """Neither picture nor sound leaves."""
        told = self._need(call)
        self._change(call, on_hold=on, sees=told.picture and told.link is VideoLink.CONNECTED and not on)
        self._look()

    async def write(self, call: str, text: str) -> bool:
        """Send real-time text."""
        if not self._need(call).text:
            return False
        self.written[call] = self.written.get(call, "") + text
        return True

    async def sound(self, call: str, source: tuple[int, str] | None, leg: str = "") -> None:
        """Send this PCM leg."""
        self._need(call)
        self.sources[call] = leg if source else ""

    async def snapshot(self, call: str) -> bytes:
        """A picture, where the browser sends one."""
        if not self._need(call).sees:
            raise VideoError("failed", "no picture has come")
        return b"\xff\xd8\xff\xe0 a picture"

    async def close(self, call: str) -> None:
        """End the connection."""
        self.answers.pop(call, None)
        if call in self.calls:
            self._end(call)

    async def subscribe(self) -> tuple[int, str]:
        """A place without PCM."""
        return 0, "fake"

    async def play_mail(self, file: Path) -> None:
        """Open a video message: any file that begins as a WebM does lasts `MAIL_MS`."""
        begin = await asyncio.to_thread(lambda: file.read_bytes()[:4] if file.is_file() else b"")
        if begin != WEBM:
            raise VideoError("failed", "the video cannot be shown")
        self.mail = MailPlaying(duration_ms=MAIL_MS, playing=True)
        self._tell(self.mail)

    async def pause_mail(self, on: bool) -> None:
        """Stand still, or go on."""
        self._change_mail(playing=not on)

    async def seek_mail(self, ms: int) -> None:
        """Go to a place in it."""
        self._change_mail(position_ms=max(0, min(ms, MAIL_MS - 1)))

    async def rate_mail(self, rate: float) -> None:
        """Play it slower or faster."""
        self._change_mail(rate=rate)

    async def stop_mail(self) -> None:
        """Close it."""
        if self.mail is not None:
            self.mail = None
            self._tell(MailPlaying(over=True))

    def _change_mail(self, **changes: float) -> None:
        if self.mail is None:
            raise VideoError("no_call", "no video message is open")
        self.mail = replace(self.mail, **changes)  # type: ignore[arg-type]  # the fields' types are the callers'
        self._tell(self.mail)

    def picture(self, call: str, party: Party, after: int = 0) -> Picture | None:
        """A plain picture: a face's colour of the citizen, grey of ours."""
        told = self.calls.get(call)
        there = self._cameras.on if party is Party.AGENT else told is not None and told.sees
        there = self.mail is not None if call == MAIL else there
        self._shown = max(self._shown, 1)
        if not there or self._shown <= after:
            return None
        pixels = (CARD if party is Party.AGENT else FACE) * (64 * 48)
        return Picture(number=self._shown, width=64, height=48, at_ms=0, pixels=pixels)

    # ── the browser ──────────────────────────────────────────────────────────────────────────────

    def far_connect(self, call: str, *, text: bool = True) -> None:
        """The way to the browser stands; its picture arrives where one was agreed."""
        told = self._need(call)
        generation = max(self.answers.get(call, {told.generation: ""}))
        sees = told.picture and not told.on_hold
        self._change(call, link=VideoLink.CONNECTED, generation=generation, sees=sees, text=text)
        if text:
            self._tell(TextReceived(call=call, text="", fresh=True))

    def far_break(self, call: str) -> None:
        """The way to the browser is interrupted."""
        self._change(call, link=VideoLink.INTERRUPTED, sees=False, text=False)

    def far_hang_up(self, call: str) -> None:
        """The browser lets go: its page was closed, or loads again."""
        self.answers.pop(call, None)
        self._end(call)

    def far_types(self, call: str, text: str) -> None:
        """The citizen types (T.140)."""
        self._need(call)
        self._tell(TextReceived(call=call, text=text))

    def far_quality(self, call: str, **figures: float) -> None:
        """How the last second was."""
        self._tell(VideoQuality(call=call, **figures))  # type: ignore[arg-type]  # all are numbers

    def far_picture(self) -> None:
        """One more picture came."""
        self._shown += 1

    def lose_camera(self, problem: str = "another program has the camera") -> None:
        """The camera is taken or unplugged."""
        self._cameras = replace(self._cameras, problem=problem, on=False)
        self._tell(self._cameras)

    def break_off(self) -> None:
        """The engine dies: every connection ends; a new offer begins a new one."""
        self.answers.clear()
        for call in list(self.calls):
            self._end(call, problem="the video engine died")

    # ── inside ───────────────────────────────────────────────────────────────────────────────────

    def _look(self) -> None:
        on = self.previewing or any(told.shown and not told.on_hold for told in self.calls.values())
        if on != self._cameras.on:
            self._cameras = replace(self._cameras, on=on)
            self._tell(self._cameras)

    def _need(self, call: str) -> VideoCall:
        told = self.calls.get(call)
        if told is None:
            raise VideoError("no_call", "there is no such call now")
        return told

    def _change(self, call: str, **changes: object) -> None:
        told = self._need(call)
        changed: VideoCall = replace(told, **changes)  # type: ignore[arg-type]  # the fields' types are the callers'
        if not may_link(told.link, changed.link):
            raise VideoError("failed", f"a connection cannot go from {told.link} to {changed.link}")
        if changed.link is not told.link:
            changed = replace(changed, since=timestamp(self._now()))
        self.calls[call] = changed
        self._tell(changed)

    def _end(self, call: str, problem: str = "") -> None:
        told = self.calls.pop(call)
        ended = replace(told, link=VideoLink.ENDED, sees=False, text=False, problem=problem)
        self._tell(replace(ended, since=timestamp(self._now())))
        self._look()

    def _tell(self, telling: Telling) -> None:
        asyncio.get_running_loop()  # the real one tells on the desk's loop only
        for listener in list(self._listeners):
            listener(telling)
