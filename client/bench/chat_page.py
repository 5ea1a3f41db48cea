"""The citizen's page of the chat benchmark, in a process and a Chromium of its own.

Reads a round's name a line; types `ask NAME` and Enter; prints `round` with the moments (ms since 1970) of Enter and of the
frame after `answer NAME` stands in the page. Ends when its standard input does.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from typing import Any

from client.demo.browser import FLAGS

ROUND = """(name) => new Promise((resolve) => {
    const now = () => performance.timeOrigin + performance.now();
    const field = document.querySelector('#message');
    const list = document.querySelector('.messages');
    let begun = 0;
    const watch = new MutationObserver(() => {
        const last = [...list.querySelectorAll('.theirs .text')].at(-1);
        if (last?.textContent !== `answer ${name}`) return;
        watch.disconnect();
        requestAnimationFrame(() => resolve({ begun_ms: begun, ended_ms: now() }));
    });
    watch.observe(list, { childList: true, subtree: true, characterData: true });
    field.value = `ask ${name}`;
    begun = now();
    field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }));
})"""


async def _be_the_citizen(origin: str, chromium: str) -> None:
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--headless=new", *FLAGS])
        page = await browser.new_page(viewport={"width": 360, "height": 740}, locale="ko-KR")
        await page.goto(f"{origin}/c/chat?lang=ko")
        await page.click("button[type=submit]")
        await page.wait_for_selector("#message")
        _say("entered")
        while line := await asyncio.to_thread(sys.stdin.readline):
            name = line.strip()
            _say("round", name=name, **await page.evaluate(ROUND, name))
        await browser.close()


def _say(event: str, **facts: Any) -> None:
    sys.stdout.write(json.dumps({"event": event, **facts}) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("origin")
    parser.add_argument("--chromium", required=True)
    given = parser.parse_args()
    asyncio.run(_be_the_citizen(given.origin, given.chromium))
