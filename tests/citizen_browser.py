"""A citizen's browser for tests: Debian's Chromium with a fresh profile, and a page that fails on noise."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Error, Page, Playwright, Request, Route

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",  # a camera and a microphone for pages that were given leave
]
PHONE = {"width": 360, "height": 740}
PATIENCE_MS = 15_000


async def launch(playwright: Playwright) -> Browser:
    return await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)


class CitizenBrowser:
    """Pages of one test. What a page logs as an error, throws or asks of another host is a `complaint`.

    `usual` is a profile that tests share for its cache alone: cookies and storage are wiped after each.
    """

    def __init__(self, browser: Browser, origin: str, usual: BrowserContext | None = None) -> None:
        self._browser = browser
        self._usual = usual
        self._contexts: list[BrowserContext] = []
        self.origin = origin
        self.complaints: list[str] = []
        self.offline_allowed = False

    async def page(self, *, language: str = "ko-KR", scheme: str = "light", **more: Any) -> Page:
        """A new page; in a profile of its own unless it is a Korean phone by daylight."""
        options = {"locale": language, "color_scheme": scheme, **more}
        if self._usual and options == {"locale": "ko-KR", "color_scheme": "light"}:
            context = self._usual
        else:
            context = await self._browser.new_context(**{"viewport": PHONE, **options})
            self._contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        page = await context.new_page()
        self.watch(page)
        return page

    def watch(self, page: Page) -> None:
        """Hear what a page complains about."""
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(f"thrown: {error}"))
        page.on("request", self._request)

    def _console(self, message: ConsoleMessage) -> None:
        network = "Failed to load resource" in message.text or "net::ERR" in message.text
        if message.type in ("error", "warning") and not (network and self.offline_allowed):
            self.complaints.append(f"console: {message.text}")

    def _request(self, request: Request) -> None:
        if not request.url.startswith((self.origin, "data:", "blob:")):
            self.complaints.append(f"asked another host: {request.url}")

    async def close(self) -> None:
        for context in self._contexts:
            await context.close()
        if self._usual:
            await wipe(self._usual)


async def wipe(context: BrowserContext) -> None:
    """Leave nothing of a test in a shared profile but the cache."""
    await context.set_offline(False)
    for page in context.pages:
        with suppress(Error):  # not on a page of ours
            await page.evaluate("() => localStorage.clear()")
        await page.close()
    await context.clear_cookies()


class Gate:
    """Stands between a page and some of its requests: shut, `act` answers them; open, they pass."""

    def __init__(self, act: Callable[[Route], Awaitable[None]]) -> None:
        self._act = act
        self.shut = True

    @classmethod
    async def close(cls, page: Page, pattern: str, act: Callable[[Route], Awaitable[None]]) -> Gate:
        """Shut a new gate before requests that match `pattern`."""
        gate = cls(act)
        await page.route(pattern, gate._handle)
        return gate

    def open(self) -> None:
        """Let everything through from now on."""
        self.shut = False

    async def _handle(self, route: Route) -> None:
        with suppress(Error):  # the page went away while it asked
            await (self._act(route) if self.shut else route.continue_())


async def enter(page: Page, address: str) -> None:
    """Open a citizen's link and go in."""
    await page.goto(address)
    await page.click("#enter button")
    await page.wait_for_selector("body[data-connected=true]")
