"""Video sessions on real parts: Chromium with a known picture and voice, the real desk with its engines, Kamailio."""

from __future__ import annotations

import pytest
from playwright.async_api import async_playwright

from tests.citizen_browser import FLAGS, CitizenBrowser
from tests.peers.driven import DrivenDesk
from tests.peers.fake_media import known_video, voice_file
from tests.peers.kamailio import Kamailio
from tests.peers.recorded import spoken

FAKE_MEDIA = ("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream")


@pytest.fixture(scope="module")
def kamailio(tmp_path_factory):
    proxy = Kamailio(tmp_path_factory.mktemp("proxy")).start()
    yield proxy
    proxy.stop()


@pytest.fixture
def desks(tmp_path):
    """desks(name, **settings): a driven desk with its own hub, of a counselor whose camera is the drawn signer."""
    made: list[DrivenDesk] = []

    def make(name: str = "desk", **settings: object) -> DrivenDesk:
        chosen = {"video.signs": True, "video.camera": "signer", "captions.on": False, **settings}
        made.append(DrivenDesk(tmp_path / name, chosen))
        return made[-1]

    yield make
    for desk in made:
        desk.close()


@pytest.fixture
def office_voice(tmp_path):
    """A passage that the office says again and again."""
    return voice_file(tmp_path / "office.wav", spoken(5))


@pytest.fixture(scope="module")
def video_file(tmp_path_factory):
    return known_video(tmp_path_factory.mktemp("media") / "known.y4m")


@pytest.fixture
async def browser(tmp_path, video_file):
    """browser(origin): a citizen's Chromium whose camera and microphone play known files."""
    voice = voice_file(tmp_path / "voice.wav", spoken(7))
    async with async_playwright() as playwright:
        files = (f"--use-file-for-fake-video-capture={video_file}", f"--use-file-for-fake-audio-capture={voice}")
        chromium = await playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=[*FLAGS, *FAKE_MEDIA, *files]
        )
        made: list[CitizenBrowser] = []

        def at(origin: str) -> CitizenBrowser:
            made.append(CitizenBrowser(chromium, origin))
            return made[-1]

        yield at
        for one in made:
            await one.close()
        await chromium.close()
