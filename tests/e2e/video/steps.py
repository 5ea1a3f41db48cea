"""What every test of a whole video session does: the citizen arrives, the desk answers, both see each other."""

from __future__ import annotations

import time

from playwright.async_api import Page

from tests.peers.driven import DrivenDesk


async def arrives(desk: DrivenDesk, browser, path: str = "/c/sign", *, origin: str = "", **more) -> Page:
    """The citizen opens the page and begins; they wait now."""
    origin = origin or (await desk.ready())["citizens"]
    page = await browser(origin).page(**more)
    await page.goto(f"{origin}{path}")
    await page.click("button.primary")
    await page.wait_for_selector("body[data-state=waiting]")
    return page


async def video(desk: DrivenDesk, condition, seconds: float = 30, what: str = "") -> dict:
    """The first state of the desk's video for which this holds."""
    return await desk._until("video", condition, seconds, what)


async def answered(desk: DrivenDesk, page: Page) -> str:
    """The desk takes who waits; picture and text stand on both sides."""
    offered = await video(desk, lambda v: v["offers"], what="the offer")
    session = await desk.do("video_do", method="answer", args=[offered["offers"][0]])
    await page.wait_for_selector("body[data-state=connected]")
    await video(desk, lambda v: v["link"] == "connected" and v["text"], what="the connection")
    return session


async def seen(desk: DrivenDesk, session: str, beyond: int = 5) -> dict:
    """The citizen's picture at the desk, once this many came."""
    return await desk._until("picture", lambda p: p["number"] > beyond, 20, "pictures", session=session)


async def pictured(page: Page, selector: str) -> None:
    """A picture is shown there. (The page's policy forbids a browser's own waiting for expressions.)"""
    ends = time.monotonic() + 15
    while not await page.evaluate("selector => document.querySelector(selector).videoWidth", selector):
        assert time.monotonic() < ends, f"no picture at {selector}"


async def says(page: Page, text: str) -> None:
    """The citizen writes a line."""
    await page.locator("#line").press_sequentially(text)
    await page.keyboard.press("Enter")


def texts_of(lines: list[dict]) -> list[str]:
    """The messages in their order."""
    return [line["text"] for line in lines if line["kind"] == "message"]
