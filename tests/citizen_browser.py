"""A citizen's browser for tests: Debian's Chromium with a fresh profile, and a page that fails on noise."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, Request

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE = {"width": 360, "height": 740}


async def launch(playwright: Playwright) -> Browser:
    return await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)


class CitizenBrowser:
    """Pages of one test. What a page logs as an error, throws or asks of another host is a `complaint`."""

    def __init__(self, browser: Browser, origin: str) -> None:
        self._browser = browser
        self._origin = origin
        self._contexts: list[BrowserContext] = []
        self.complaints: list[str] = []
        self.offline_allowed = False

    async def page(self, *, language: str = "ko-KR", scheme: str = "light", **more: Any) -> Page:
        """A new page in a profile of its own."""
        options = {"viewport": PHONE, "locale": language, "color_scheme": scheme, **more}
        context = await self._browser.new_context(**options)
        context.set_default_timeout(10_000)
        self._contexts.append(context)
        page = await context.new_page()
        self.watch(page)
        return page

    def watch(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(f"thrown: {error}"))
        page.on("request", self._request)

    def _console(self, message: ConsoleMessage) -> None:
        network = "Failed to load resource" in message.text or "net::ERR" in message.text
        if message.type in ("error", "warning") and not (network and self.offline_allowed):
            self.complaints.append(f"console: {message.text}")

    def _request(self, request: Request) -> None:
        if not request.url.startswith((self._origin, "data:", "blob:")):
            self.complaints.append(f"asked another host: {request.url}")

    async def close(self) -> None:
        for context in self._contexts:
            await context.close()


async def enter(page: Page, address: str) -> None:
    """Open a citizen's link and go in."""
    await page.goto(address)
    await page.click("#enter button")
    await page.wait_for_selector(".top")
    await page.wait_for_selector("body[data-connected=true]")
