"""A real Chromium at one end of the video benchmark, in a browser of its own, so that its processor time can be told."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from client.bench.video_figures import End, Pictures
from client.bench.waiting import BenchFailed
from client.demo.browser import FLAGS

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page, Playwright, Route

HERE = Path(__file__).parent
SCRIPTS = ("clock", "page")
PAGE = """<!doctype html><meta charset=utf-8><title>video</title><video muted playsinline style="width:640px"></video>
<script src=/clock.js></script><script src=/page.js></script>"""
ORIGIN = "http://bench.localhost"  # nobody is asked: every request is answered below; localhost is a secure context
MARK = "--ieum-bench-video"
MEDIA_FLAGS = (
    "--headless=new",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-features=WebRtcHideLocalIpsWithMdns",  # the relay needs addresses, not names
)


class VideoPage:
    """One page. `name` tells its browser's processes from another's."""

    def __init__(self, name: str) -> None:
        self._mark = f"{MARK}={name}"
        self._browser: Browser | None = None
        self._page: Page | None = None

    async def open(self, playwright: Playwright, chromium: str, **wish: object) -> None:
        """Start it. `wish`: codec, width, height, calls — what it sends, and whether it is the one that offers."""
        flags = [*FLAGS, *MEDIA_FLAGS, self._mark]
        self._browser = await playwright.chromium.launch(executable_path=chromium, args=flags)
        self._page = await self._browser.new_page()
        await self._page.route("**/*", _serve)
        await self._page.goto(f"{ORIGIN}/")
        await self.do("prepare", wish)

    async def do(self, name: str, *arguments: object) -> Any:
        """Call a method of the page's `bench`."""
        assert self._page is not None
        return await self._page.evaluate("([name, given]) => bench[name](...given)", [name, list(arguments)])

    async def settles(self, width: int, least_s: float, most_s: float) -> None:
        """Wait until pictures of full width come and go, but no longer than `most_s`: a bad network never carries them."""
        await asyncio.sleep(least_s)
        with contextlib.suppress(BenchFailed):
            await until_async(lambda: self.do("full", width), most_s - least_s)

    async def flows(self) -> None:
        """Wait until pictures come and text can go. Raises `BenchFailed`."""
        missing = "everything"

        async def look() -> bool:
            nonlocal missing
            missing = await self.do("missing")
            return not missing

        try:
            await until_async(look)
        except BenchFailed as error:
            raise BenchFailed(f"a browser waits in vain for {missing}") from error

    async def finish(self) -> End:
        """What it saw, heard and read since `begin`, and what it sent."""
        told = await self.do("finish")
        if told["ended"] - told["begun"] <= 0:
            raise BenchFailed("the machine's clock was set back meanwhile")
        return End(
            pictures=Pictures([(shown, stamp) for shown, stamp in told["pictures"]], told["begun"], told["ended"]),
            texts=[shown - stamp for shown, stamp in told["texts"]],
            beeps=told["beeps"],
            heard=told["heard"],
            waits=told["waits"],
            sent_kbps=told["bytes"] * 8 / (told["ended"] - told["begun"]),
            size=max(told["sizes"], key=told["sizes"].__getitem__, default=""),
        )

    def processes(self) -> list[psutil.Process]:
        """Its browser's, all of them."""
        mine = [each for each in psutil.Process().children(recursive=True) if self._mark in _command(each)]
        return list({each.pid: each for one in mine for each in [one, *one.children(recursive=True)]}.values())

    async def close(self) -> None:
        """End the browser."""
        if self._browser is not None:
            await self._browser.close()


async def until_async(condition: Callable[[], Awaitable[bool]], seconds: float = 30.0) -> None:
    """`until` for what has to be awaited."""
    end = time.monotonic() + seconds
    while not await condition():
        if time.monotonic() > end:
            raise BenchFailed("in vain")
        await asyncio.sleep(0.1)


def cpu_seconds(process: psutil.Process) -> float:
    """Of one process that may have ended."""
    try:
        times = process.cpu_times()
    except psutil.Error:
        return 0.0
    return float(times.user + times.system)


def _command(process: psutil.Process) -> list[str]:
    try:
        return list(process.cmdline())
    except psutil.Error:
        return []


async def _serve(route: Route) -> None:
    """The page and its scripts, from here."""
    name = route.request.url.rpartition("/")[2].removesuffix(".js")
    if name in SCRIPTS:
        text = (HERE / f"video_{name}.js").read_text(encoding="utf-8")
        await route.fulfill(body=text, content_type="text/javascript; charset=utf-8")
    else:
        await route.fulfill(body=PAGE, content_type="text/html; charset=utf-8")
