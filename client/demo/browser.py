"""The demo's citizen at a browser, as a process of its own: enters the page, agrees, fills a screen, answers.

Prints one JSON object a line for each step, and ends when its standard input does.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from client.demo.needs import CHROMIUM

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE_MS = 30_000


def main() -> int:
    """Be the citizen of one link; 0 if a screen was answered."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("address")
    parser.add_argument("--picture", type=Path, required=True, help="where to leave the page as PNG")
    parser.add_argument("--locale", default="ko-KR")
    arguments = parser.parse_args()

    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 360, "height": 740}, locale=arguments.locale)
        page.set_default_timeout(PATIENCE_MS)
        page.goto(arguments.address)
        page.click("#enter button")
        page.wait_for_selector(".top")
        _say("entered")
        page.click("[data-consent=yes]")
        _say("agreed")
        page.wait_for_selector("article.screen h2")
        _say("shown", title=page.inner_text("article.screen h2"))
        for box in page.query_selector_all("article.screen input[type=checkbox], article.screen input[type=radio]")[:2]:
            box.check()
        page.screenshot(path=arguments.picture)
        page.click("article.screen button.primary")
        page.wait_for_selector("article.screen button.primary", state="hidden")
        _say("answered")
        sys.stdin.read()  # the demo closes it when the session is over: the page stays open until then
        browser.close()
    return 0


def _say(event: str, **facts: object) -> None:
    print(json.dumps({"event": event, **facts}, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    sys.exit(main())
