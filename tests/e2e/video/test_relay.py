"""Who hears a citizen's microphone in a relay: real Chromium, the desk and its engines, an office's telephone behind Kamailio."""

from __future__ import annotations

import numpy as np
import pytest

from tests.e2e.video.steps import arrives, video
from tests.peers.desk import DeskPhone
from tests.peers.recorded import RATE, spoken
from tests.peers.sound import LOUD, Listener, tone_wav
from tests.waiting import until

AGENTS_HZ = 1_000
NEAR_HZ = 60  # around the agent's tone: what a codec and a window make of it
WINDOW = RATE // 10


@pytest.fixture
async def office(tmp_path, kamailio):
    """An office that is registered at the proxy as 3001."""
    settings = {"phone.accounts": [kamailio.account("3001")]}
    made = await DeskPhone(tmp_path / "office", settings).start()
    yield made
    await made.close()


def beside_the_agent(pcm: bytes) -> float:
    """The share of the last three seconds in which something sounds beside the agent's tone, by tenths of a second.

    A share, for a machine under load loses a frame now and then, and where a tone is torn all frequencies sound.
    """
    samples = np.frombuffer(pcm[-2 * 3 * RATE :], np.int16).astype(float)
    tenths = samples[: len(samples) // WINDOW * WINDOW].reshape(-1, WINDOW) * np.hanning(WINDOW)
    spectra = np.fft.rfft(tenths)
    spectra[:, np.abs(np.fft.rfftfreq(WINDOW, 1 / RATE) - AGENTS_HZ) < NEAR_HZ] = 0
    return float((np.abs(np.fft.irfft(spectra)).max(1) > LOUD).mean())


async def test_an_office_hears_the_citizens_microphone_by_consent_alone(desks, browser, kamailio, office, tmp_path):
    voice = str(tone_wav(tmp_path / "agent.wav", AGENTS_HZ, 300))
    desk = desks(**{"phone.accounts": [kamailio.account("1001")], "sound.microphone_wav": voice})
    await desk.ready()
    page = await arrives(desk, browser, f"/c/call?lang={spoken(7).language}")
    offered = await video(desk, lambda v: v["offers"], what="the offer")
    session = await desk.do("video_do", method="answer", args=[offered["offers"][0]])
    await page.wait_for_selector("body[data-state=connected]")
    await video(desk, lambda v: v["link"] == "connected" and v["sound"], what="the connection")

    # the office is called and told first: it hears the agent alone
    await desk.do("relay", method="start", args=[session, "3001", "은평구청"])
    there = (await office.answered()).call
    hears = Listener(office, f"{there}/citizen")
    await hears.until_tones(AGENTS_HZ, seconds=15)
    await desk._until("relay_state", lambda state: state == "announcing", 20, "the announcement", session=session)

    # it agrees: still the agent alone, while the citizen is asked on their page
    await desk.do("relay", method="agree", args=[])
    await page.wait_for_selector("[data-consent=yes]")
    await hears.more(3)
    assert beside_the_agent(hears.pcm) < 0.15

    # the citizen allows their microphone, and is heard
    await page.click("[data-consent=yes]")
    await until(lambda: beside_the_agent(hears.pcm) > 0.4, 20, "the citizen's voice at the office")

    # the office leaves: the session goes on
    await office.phone.hang_up(there)
    await desk.until_lines(session, lambda ls: "relay.ended" in [x["kind"] for x in ls], what="the relay's end")
    await until(lambda: hears.ended, 10, "the end of the office's leg")
    await hears.close()
    assert (await desk.do("video"))["running"] == session
    await desk.do("video_do", method="hang_up", args=[])
    await page.wait_for_selector("body[data-state=over]")
