"""One real hub and one real Chromium for all tests of the citizen page; a session and a profile for each."""

from __future__ import annotations

import pytest_asyncio
from playwright.async_api import async_playwright

from client.hub.server import HubServer
from client.settings import Settings
from tests.citizen_browser import PHONE, CitizenBrowser, enter, launch
from tests.citizen_desk import CitizenDesk


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium():
    async with async_playwright() as playwright:
        browser = await launch(playwright)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def server(tmp_path_factory):
    hub = HubServer(Settings(), tmp_path_factory.mktemp("hub"))
    await hub.start()
    yield hub
    await hub.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def desk(server):
    agent = await CitizenDesk.open(server)
    yield agent
    await agent.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def profile(chromium):
    """One profile for its cache: a page has some thirty modules."""
    context = await chromium.new_context(viewport=PHONE, locale="ko-KR", color_scheme="light")
    yield context
    await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def citizen(chromium, profile, server):
    browser = CitizenBrowser(chromium, server.citizen_url, profile)
    yield browser
    await browser.close()
    assert browser.complaints == []


@pytest_asyncio.fixture(loop_scope="session")
async def page(citizen, desk):
    """A Korean phone, entered."""
    opened = await citizen.page()
    await enter(opened, await desk.link())
    return opened
