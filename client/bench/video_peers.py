"""Who answers the browser's call in the video benchmark: our engine, another browser, or aiortc as it comes."""

from __future__ import annotations

import asyncio
import contextlib
import re
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import psutil

from client import settings
from client.adapters.engine_link import LinkState
from client.adapters.video import VideoThroughEngine
from client.bench.orders import Helper
from client.bench.video_figures import End, Pictures
from client.bench.video_page import VideoPage, cpu_seconds
from client.bench.video_runs import AWAY_EVERY_MS, AWAY_MS, SIZES, Run
from client.bench.video_watch import LOOK_S, Eye, now_ms
from client.bench.waiting import until
from client.domain.call import Telling
from client.domain.video import TextReceived, VideoCall
from client.picture_ring import ring_file

if TYPE_CHECKING:
    from playwright.async_api import Playwright

CALL = "bench"
CLOCK = {"IEUM_PICTURE_CLOCK": "1"}  # the engine's synthetic signer carries a clock
KEYSTROKE_S = 0.2
STAMP = re.compile(r"\d{13}")


class Answerer(Protocol):
    """One end. `extra` — figures that only this one has, by name."""

    extra: dict[str, float]

    async def answer(self, sdp: str) -> str:
        """Answer an offer, with all candidates."""

    async def begin(self) -> None:
        """Measure from now on."""

    async def finish(self) -> End:
        """What was measured."""

    async def close(self) -> None:
        """End it."""


class EnginePeer:
    """Our engine as a process, behind the desk's own adapter. This process is the desk: it writes and reads text, and busy
    it is blocked as its window would be; the pictures are looked at beside it, by `video_watch`.

    Busy, `extra` tells the longest time without a new picture in this blocked process: what a window can show at best.
    """

    def __init__(self, run: Run) -> None:
        self.extra: dict[str, float] = {}
        self._run = run
        self._place = tempfile.TemporaryDirectory(prefix="ieum-video-", ignore_cleanup_errors=True)
        self._directory = Path(self._place.name)
        self._video = VideoThroughEngine(self._directory, environment=CLOCK)
        self._watch = Helper("client.bench.video_watch")
        self._eye = Eye(ring_file(self._directory, CALL))
        self._texts: list[float] = []
        self._told: VideoCall | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._cpu = _Cpu(lambda: [psutil.Process(self._video.link.pid)])

    async def answer(self, sdp: str) -> str:
        """Start the engine, and let it answer."""
        settings.save_user({"video.camera": "signer", "video.picture": f"{self._run.size}p"})
        self._video.listen(self._take)
        self._video.wake()
        await until(lambda: self._video.link.state is LinkState.STARTED, "the video engine started")
        return await self._video.answer(CALL, 1, sdp, (), shown=True, languages=())

    async def begin(self) -> None:
        """Measure from now on."""
        if not self._tasks:
            await self._open()
        self._eye.forget()
        self._texts = []
        await self._watch.ask("begin", "begun")
        self._begun = now_ms()
        self._cpu.begin()

    async def finish(self) -> End:
        """What was measured."""
        share, ended = self._cpu.share(), now_ms()
        if self._run.busy:
            self.extra["desk_freeze_ms"] = Pictures(self._eye.shown, self._begun, ended).longest_freeze_ms
        return _end(await self._watch.ask("finish", "seen"), self._texts, share)

    async def close(self) -> None:
        """End the engine."""
        for task in self._tasks:
            task.cancel()
        self._eye.close()
        await self._watch.end()
        await self._video.stop(end_engine=True)
        self._place.cleanup()

    async def _open(self) -> None:
        """As soon as the connection stands: eyes, ears, fingers."""
        await until(lambda: self._told is not None and self._told.text, "the text channel opened at the desk")
        port, token = await self._video.subscribe()
        await self._watch.ask("open", "open", directory=str(self._directory), call=CALL, port=port, token=token)
        works = [self._type(), *([self._block(), self._look()] if self._run.busy else [])]
        self._tasks = [asyncio.ensure_future(work) for work in works]

    def _take(self, telling: Telling) -> None:
        if isinstance(telling, TextReceived):
            at = now_ms()
            self._texts += [at - int(stamp) for stamp in STAMP.findall(telling.text)]
        elif isinstance(telling, VideoCall):
            self._told = telling

    async def _type(self) -> None:
        while True:
            await self._video.write(CALL, f"{int(now_ms())} ")
            await asyncio.sleep(KEYSTROKE_S)

    async def _look(self) -> None:
        while True:
            self._eye.look()
            await asyncio.sleep(LOOK_S)

    async def _block(self) -> None:
        while True:
            await asyncio.sleep((AWAY_EVERY_MS - AWAY_MS) / 1000)
            time.sleep(AWAY_MS / 1000)  # noqa: ASYNC251 — this is what is measured


class ChromiumPeer:
    """A second browser. Busy, its page's thread is blocked: what it shows is read there, its camera runs on."""

    def __init__(self, run: Run, playwright: Playwright, chromium: str) -> None:
        self.extra: dict[str, float] = {}
        self._run = run
        self._playwright, self._chromium = playwright, chromium
        self._page = VideoPage("answers")
        self._cpu = _Cpu(self._page.processes)

    async def answer(self, sdp: str) -> str:
        """Open the browser, and let its page answer."""
        width, height, codec = SIZES[self._run.size]
        await self._page.open(self._playwright, self._chromium, codec=codec, width=width, height=height, calls=False)
        return str(await self._page.do("answer", sdp))

    async def begin(self) -> None:
        """Measure from now on."""
        await self._page.flows()
        if self._run.busy:
            await self._page.do("block", AWAY_MS, AWAY_EVERY_MS)
        await self._page.do("begin")
        self._cpu.begin()

    async def finish(self) -> End:
        """What was measured."""
        share = self._cpu.share()
        end = await self._page.finish()
        end.core_share = share
        return end

    async def close(self) -> None:
        """End the browser."""
        await self._page.close()


class StockPeer:
    """Unadjusted aiortc in a process of its own."""

    def __init__(self, run: Run) -> None:
        self.extra: dict[str, float] = {}
        self._run = run
        self._peer = Helper("client.bench.stock_peer")
        self._cpu = _Cpu(lambda: [psutil.Process(self._peer.pid)])

    async def answer(self, sdp: str) -> str:
        """Let it answer."""
        width, height, _ = SIZES[self._run.size]
        return str((await self._peer.ask("answer", "answer", sdp=sdp, width=width, height=height))["sdp"])

    async def begin(self) -> None:
        """Measure from now on."""
        if self._run.busy:
            await self._peer.ask("busy", "busy", ms=AWAY_MS, every_ms=AWAY_EVERY_MS)
        await self._peer.ask("begin", "begun")
        self._cpu.begin()

    async def finish(self) -> End:
        """What was measured."""
        share = self._cpu.share()
        told = await self._peer.ask("finish", "seen")
        return _end(told, told["texts"], share)

    async def close(self) -> None:
        """End the process."""
        await self._peer.end()


def answerer(run: Run, playwright: Playwright, chromium: str) -> Answerer:
    """The one that a run names."""
    if run.peer == "chromium":
        return ChromiumPeer(run, playwright, chromium)
    return StockPeer(run) if run.peer == "stock" else EnginePeer(run)


class _Cpu:
    """Cores that some processes use between `begin` and `share`: 1.0 is one core."""

    def __init__(self, processes: Callable[[], list[psutil.Process]]) -> None:
        self._processes = processes
        self._begun = self._before = 0.0

    def begin(self) -> None:
        self._begun, self._before = time.monotonic(), self._used()

    def share(self) -> float:
        return (self._used() - self._before) / (time.monotonic() - self._begun)

    def _used(self) -> float:
        with contextlib.suppress(psutil.Error):
            return sum(map(cpu_seconds, self._processes()))
        return self._before


def _end(told: dict[str, Any], texts: list[float], core_share: float) -> End:
    shown = [(at, stamp) for at, stamp in told["pictures"]]
    return End(
        pictures=Pictures(shown, told["begun"], told["ended"]),
        texts=texts,
        heard=told["heard"],
        size=max(told["sizes"], key=told["sizes"].__getitem__, default=""),
        core_share=core_share,
    )
