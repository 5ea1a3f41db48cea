"""Written sessions on real parts: the real desk as a process, a real SMSC with Kannel's phones, a real Chromium."""

from __future__ import annotations

import dataclasses

import pytest
from playwright.async_api import async_playwright

from client.bench.smpp_rig import Phones, Smsc
from tests.citizen_browser import CitizenBrowser, launch
from tests.peers.driven import DrivenDesk


@pytest.fixture
async def smsc(tmp_path):
    made = await Smsc(tmp_path).start()
    yield made
    made.stop()


@pytest.fixture
async def phones(tmp_path, smsc):
    made = Phones(tmp_path, smsc)
    await made.start()
    yield made
    made.stop()


@pytest.fixture
def desks(tmp_path):
    """desks(settings): a driven desk with its own hub."""
    made: list[DrivenDesk] = []

    def make(**settings: object) -> DrivenDesk:
        made.append(DrivenDesk(tmp_path / "desk", {"captions.on": False, **settings}))
        return made[-1]

    yield make
    for desk in made:
        desk.close()


@pytest.fixture
async def browser():
    async with async_playwright() as playwright:
        chromium = await launch(playwright)
        made: list[CitizenBrowser] = []

        def at(origin: str) -> CitizenBrowser:
            made.append(CitizenBrowser(chromium, origin))
            return made[-1]

        yield at
        for one in made:
            await one.close()
        await chromium.close()


def account(smsc: Smsc) -> dict:
    """The SMSC as a setting."""
    return {name: list(v) if isinstance(v, tuple) else v for name, v in dataclasses.asdict(smsc.account()).items()}
