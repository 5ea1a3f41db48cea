"""Video through the video engine; pictures come beside it, through shared memory."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from client.adapters.engine_link import START_S, EngineAway, EngineLink, EngineRefused, LinkState
from client.domain.call import Telling
from client.domain.event import timestamp
from client.domain.video import MAIL, Cameras, IceServer, MailPlaying, Picture, VideoCall, VideoLink
from client.domain.words import Party
from client.picture_ring import PictureReader, ring_file
from client.ports.video import VideoError

CODES = ("no_codec", "bad_offer", "no_call", "no_camera", "failed")
ENGINE_AWAY = "the video is being brought back; try again in a moment"
ENGINE_DIED = "the video engine died"


class VideoThroughEngine:
    """`Video` over an engine that is adopted or started when it is first needed, and brought back when it dies.

    A dead engine took its connections along: they are told as ended as soon as a fresh one stands. Attributes: `link`.
    """

    def __init__(
        self,
        directory: Path,
        *,
        on_state: Callable[[LinkState], None] = lambda _: None,
        environment: dict[str, str] | None = None,
    ) -> None:
        self.link = EngineLink("video", directory, self._take, self._state_changed, environment)
        self._directory = directory
        self._awake = False
        self._met = asyncio.Event()  # the engine has answered once
        self._on_state = on_state
        self._listeners: list[Callable[[Telling], None]] = []
        self._calls: dict[str, VideoCall] = {}
        self._cameras: Cameras | None = None
        self._mail: MailPlaying | None = None
        self._rings: dict[str, PictureReader] = {}
        self._numbers: dict[str, int] = {}  # the newest given out of each source
        self._bases: dict[str, int] = {}  # what a ring's own numbers are added to: each new ring begins at 1

    def wake(self) -> None:
        """Begin to keep the engine connected."""
        if not self._awake:
            self._awake = True
            self.link.start()

    def adopt(self) -> None:
        """Go on with the connections of an engine that the desk before this one left; none is started."""
        if self.link.left_running:
            self.wake()

    async def stop(self, *, end_engine: bool) -> None:
        """Let go; `end_engine` ends its connections politely, otherwise they run on for 30 s for another desk."""
        await self.link.close(end_engine=end_engine)
        self._forget_rings()

    def listen(self, listener: Callable[[Telling], None]) -> None:
        """Hand every fact to `listener`, from the present state on."""
        self._listeners.append(listener)
        for telling in [*([self._cameras] if self._cameras else []), *self._calls.values()]:
            listener(telling)

    async def ready(self) -> None:
        """Return once the engine answers: what it holds is told before any answer."""
        await self._ask("configure")

    async def preview(self, on: bool) -> None:
        """Run the camera for the agent's own eyes."""
        await self._ask("preview", on=on)

    async def choose_camera(self, name: str) -> None:
        """Use this camera from now on."""
        await self._ask("configure", camera=name)

    async def answer(
        self, call: str, generation: int, sdp: str, ice: Sequence[IceServer], *, shown: bool, languages: Sequence[str]
    ) -> str:
        """Answer a browser's offer."""
        wish = {"call": call, "generation": generation, "sdp": sdp, "ice": tuple(ice), "shown": shown}
        return str((await self._ask("answer", **wish, languages=tuple(languages)))["sdp"])

    async def show(self, call: str, on: bool) -> None:
        """Let the camera's picture leave, or the card."""
        await self._ask("show", call=call, on=on)

    async def mute(self, call: str, on: bool) -> None:
        """Stop or resume sending sound."""
        await self._ask("mute", call=call, on=on)

    async def hold(self, call: str, on: bool) -> None:
        """Neither picture nor sound leaves."""
        await self._ask("hold", call=call, on=on)

    async def write(self, call: str, text: str) -> bool:
        """Send real-time text."""
        return bool((await self._ask("write", call=call, text=text))["sent"])

    async def sound(self, call: str, source: tuple[int, str] | None, leg: str = "") -> None:
        """Send this PCM leg to the citizen."""
        port, token = source or (0, "")
        await self._ask("sound", call=call, port=port, token=token, leg=leg)

    async def snapshot(self, call: str) -> bytes:
        """The citizen's newest picture as JPEG."""
        return base64.b64decode((await self._ask("snapshot", call=call))["jpeg"])

    async def close(self, call: str) -> None:
        """End the connection."""
        await self._ask("close", call=call)

    async def subscribe(self) -> tuple[int, str]:
        """(port, one-time token) for one subscriber of PCM."""
        answer = await self._ask("grant")
        return int(answer["port"]), str(answer["token"])

    async def play_mail(self, file: Path) -> None:
        """Open a video message and play it."""
        self._forget_ring(MAIL)
        await self._ask("mail_play", file=str(file))

    async def pause_mail(self, on: bool) -> None:
        """Stand still, or go on."""
        await self._ask("mail_pause", on=on)

    async def seek_mail(self, ms: int) -> None:
        """Go to a place in it."""
        await self._ask("mail_seek", ms=ms)

    async def rate_mail(self, rate: float) -> None:
        """Play it slower or faster."""
        await self._ask("mail_rate", rate=rate)

    async def stop_mail(self) -> None:
        """Close it."""
        await self._ask("mail_stop")

    def picture(self, call: str, party: Party, after: int = 0) -> Picture | None:
        """The newest picture of a source, if it is newer than `after`."""
        name = "" if party is Party.AGENT else call
        if name not in self._rings:
            try:
                self._rings[name] = PictureReader(ring_file(self._directory, name))
            except OSError:
                return None
            self._bases[name] = self._numbers.get(name, 0)
        base = self._bases[name]
        found = self._rings[name].newest(max(0, after - base))
        if found is None:
            return None
        number = self._numbers[name] = base + found.number
        return Picture(number, found.width, found.height, found.at_ms, found.pixels)

    async def _ask(self, op: str, **args: object) -> Any:
        self.wake()
        try:
            if not self._met.is_set():
                await asyncio.wait_for(self._met.wait(), START_S)
            return await self.link.request(op, **args)
        except (EngineAway, TimeoutError) as error:
            raise VideoError("engine_away", ENGINE_AWAY) from error
        except EngineRefused as error:
            code, _, detail = str(error).partition(": ")
            raise VideoError(code if code in CODES else "failed", detail or str(error)) from error

    # ── what the engine says ─────────────────────────────────────────────────────────────────────

    def _take(self, telling: Telling) -> None:
        if isinstance(telling, VideoCall):
            if telling.link is VideoLink.ENDED:
                self._calls.pop(telling.call, None)
                self._forget_ring(telling.call)
            else:
                self._calls[telling.call] = telling
        elif isinstance(telling, MailPlaying):
            if telling.over:
                self._forget_ring(MAIL)
            self._mail = None if telling.over else telling
        elif isinstance(telling, Cameras):
            if not telling.on:
                self._forget_ring("")
            self._cameras = telling
        for listener in list(self._listeners):
            listener(telling)

    def _state_changed(self, state: LinkState) -> None:
        if state in (LinkState.STARTED, LinkState.ADOPTED):
            self._met.set()
        if state is LinkState.STARTED:
            self._forget_rings()
            now = timestamp(datetime.now(UTC))
            for told in list(self._calls.values()):
                dead = replace(told, link=VideoLink.ENDED, sees=False, text=False, problem=ENGINE_DIED, since=now)
                self._take(dead)
            if self._mail is not None:
                self._take(MailPlaying(over=True, problem=ENGINE_DIED))
        self._on_state(state)

    def _forget_ring(self, name: str) -> None:
        if (ring := self._rings.pop(name, None)) is not None:
            ring.close()

    def _forget_rings(self) -> None:
        for name in list(self._rings):
            self._forget_ring(name)
