"""Whole sessions on real parts: Kamailio, the real desk as a process, the real models, Chromium."""

from __future__ import annotations

from pathlib import Path

import pytest
import soundfile
from playwright.async_api import async_playwright

from tests.citizen_browser import CitizenBrowser, launch
from tests.peers.citizen import Citizen
from tests.peers.driven import DrivenDesk
from tests.peers.kamailio import Kamailio
from tests.peers.recorded import RATE, Recorded, korean, spoken


@pytest.fixture(scope="module")
def kamailio(tmp_path_factory):
    proxy = Kamailio(tmp_path_factory.mktemp("proxy")).start()
    yield proxy
    proxy.stop()


@pytest.fixture
def desks(tmp_path, kamailio):
    """desks(user, settings): a driven desk that registers at the proxy."""
    made: list[DrivenDesk] = []

    def make(user: str = "1001", settings: dict | None = None) -> DrivenDesk:
        chosen = {"phone.accounts": [kamailio.account(user)], **(settings or {})}
        made.append(DrivenDesk(tmp_path / f"desk-{user}", chosen))
        return made[-1]

    yield make
    for desk in made:
        desk.close()


@pytest.fixture
def citizens(tmp_path, kamailio):
    """citizens(*options): a citizen who calls q120."""
    made: list[Citizen] = []

    def make(*options: str) -> Citizen:
        to = "sip:q120@dasan.test"
        made.append(Citizen(tmp_path, "--proxy", kamailio.address, *options, to=to, name=f"citizen{len(made)}"))
        return made[-1]

    yield make
    for citizen in made:
        citizen.peer.kill()


@pytest.fixture
def speech(tmp_path):
    """speech(n): (WAV file, reference text) of a Korean passage."""

    def passage(number: int) -> tuple[Path, str]:
        found = korean(number)
        return wav_file(tmp_path / f"speech-{number:02d}.wav", found), found.words

    return passage


@pytest.fixture
def talk(tmp_path):
    """talk(n): the options of a citizen who says passage n, in a language that is there."""

    def options(number: int) -> list[str]:
        found = spoken(number)
        file = wav_file(tmp_path / f"talk-{number:02d}.wav", found)
        return ["--wav", str(file), "--header", f"Accept-Language={found.language}"]

    return options


def wav_file(file: Path, speech: Recorded) -> Path:
    soundfile.write(file, speech.samples, RATE, subtype="PCM_16")
    return file


@pytest.fixture
async def pages():
    """pages(address): a citizen's phone browser, entered."""
    async with async_playwright() as playwright:
        browser = await launch(playwright)
        made: list[CitizenBrowser] = []

        async def make(address: str):
            made.append(CitizenBrowser(browser, address.split("/c/", maxsplit=1)[0]))
            made[-1].offline_allowed = True
            page = await made[-1].page()
            await page.goto(address)
            await page.click("#enter button")
            await page.wait_for_selector(".top")
            return page

        yield make
        complaints = [complaint for one in made for complaint in one.complaints]
        for one in made:
            await one.close()
        await browser.close()
        assert complaints == []
