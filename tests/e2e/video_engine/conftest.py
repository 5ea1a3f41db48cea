"""A desk's video engine, and Debian's Chromium as the citizen's browser."""

from __future__ import annotations

import pytest
from playwright.async_api import async_playwright

from tests.peers.video_browser import ChromiumCitizen, StockCitizen, launch
from tests.peers.video_desk import DeskVideo


@pytest.fixture
async def desk(tmp_path, request):
    made = await DeskVideo(tmp_path, getattr(request, "param", None)).start()
    yield made
    await made.close()
    assert "Traceback" not in made.engine_log


@pytest.fixture
async def chromium():
    async with async_playwright() as playwright:
        browser = await launch(playwright)
        yield await ChromiumCitizen.open(browser)
        await browser.close()


@pytest.fixture
async def stock():
    made = StockCitizen()
    yield made
    await made.close()
