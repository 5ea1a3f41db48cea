"""The citizen's page of the push benchmark, in a process and a Chromium of its own.

Prints one JSON object a line: `entered`, then `painted` with the push and the moment (ms since 1970) at which the second
animation frame that shows it began. Ends when its standard input does.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from typing import Any

from client.demo.browser import FLAGS

WATCH = """(() => {
    const seen = new Set();
    const tell = (push) => window.painted(push, performance.timeOrigin + performance.now());
    new MutationObserver(() => {
        for (const title of document.querySelectorAll('article h2[id^=title-]')) {
            if (seen.has(title.id)) continue;
            seen.add(title.id);
            requestAnimationFrame(() => requestAnimationFrame(() => tell(title.id.slice('title-'.length))));
        }
    }).observe(document, { childList: true, subtree: true });
})()"""


async def _watch(address: str, chromium: str) -> None:
    """Be the page, on a phone's screen."""
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--headless=new", *FLAGS])
        page = await browser.new_page(viewport={"width": 360, "height": 740}, locale="ko-KR")
        await page.expose_function("painted", lambda push, at_ms: _say("painted", push=push, at_ms=at_ms))
        await page.add_init_script(WATCH)
        await page.goto(address)
        await page.click("#enter button")
        await page.wait_for_selector("body[data-connected=true]")
        _say("entered")
        await asyncio.to_thread(sys.stdin.read)
        await browser.close()


def _say(event: str, **facts: Any) -> None:
    sys.stdout.write(json.dumps({"event": event, **facts}) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("address")
    parser.add_argument("--chromium", required=True)
    given = parser.parse_args()
    asyncio.run(_watch(given.address, given.chromium))
