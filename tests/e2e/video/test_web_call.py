"""A call from the homepage: real Chromium with a known voice, the real desk and its engines; no picture either way."""

from __future__ import annotations

import time

from playwright.async_api import Page

from client.domain.agreement import plain
from tests.e2e.video.steps import arrives, says, texts_of, video
from tests.peers.driven import DrivenDesk
from tests.peers.recorded import spoken
from tests.peers.sound import tone_wav

AGENTS_HZ = 1_000
HEARD_DB = -60.0  # of the analyser's scale; nothing at all is far below -100
ENOUGH = 40  # letters of captions that can be judged
LIVE_CER = 0.4  # measured 0.21 to 0.24

EAR = """async () => {
  const context = new AudioContext();
  await context.resume();
  window.ear = context.createAnalyser();
  window.ear.fftSize = 4096;
  context.createMediaStreamSource(document.querySelector(".signer").srcObject).connect(window.ear);
}"""
LOUDEST = """() => {
  const levels = new Float32Array(window.ear.frequencyBinCount);
  window.ear.getFloatFrequencyData(levels);
  const at = levels.indexOf(Math.max(...levels));
  return [at * window.ear.context.sampleRate / window.ear.fftSize, levels[at]];
}"""


async def calls_from_the_homepage(desk: DrivenDesk, browser, language: str = "ko") -> tuple[Page, str]:
    page = await arrives(desk, browser, f"/c/call?lang={language}")
    offered = await video(desk, lambda v: v["offers"], what="the offer")
    session = await desk.do("video_do", method="answer", args=[offered["offers"][0]])
    await page.wait_for_selector("body[data-state=connected]")
    await video(desk, lambda v: v["link"] == "connected" and v["sound"], what="the connection")
    return page, session


async def hears(page: Page, hz: int | None) -> None:
    """The citizen hears this tone; None: hears nothing."""
    ends = time.monotonic() + 15
    while True:
        at, level = await page.evaluate(LOUDEST)
        level = level if level is not None else -1_000.0
        if (level < HEARD_DB) if hz is None else (level > HEARD_DB and abs(at - hz) < 30):
            return
        assert time.monotonic() < ends, f"{hz} Hz wanted, {at:.0f} Hz at {level:.0f} dB heard"


async def test_a_call_from_the_homepage_is_heard_muted_held_and_wrapped_up(desks, browser, tmp_path):
    desk = desks(**{"sound.microphone_wav": str(tone_wav(tmp_path / "agent.wav", AGENTS_HZ, 120))})
    page, session = await calls_from_the_homepage(desk, browser)
    stands = await desk.do("video")
    assert (stands["codec"], stands["sees"]) == ("", False)  # no camera at either end
    await page.evaluate(EAR)
    await hears(page, AGENTS_HZ)
    await desk.do("video_do", method="toggle_mute", args=[session])
    await hears(page, None)
    await desk.do("video_do", method="toggle_mute", args=[session])
    await hears(page, AGENTS_HZ)
    await desk.do("video_do", method="toggle_hold", args=[session])
    await page.wait_for_selector("body[data-state=held]")
    await hears(page, None)
    await says(page, "기다리는 동안")  # text goes on
    await desk.until_lines(session, lambda ls: texts_of(ls) == ["기다리는 동안"], what="the words")
    await desk.do("video_do", method="toggle_hold", args=[session])
    await page.wait_for_selector("body[data-state=connected]")
    await hears(page, AGENTS_HZ)

    await desk.do("video_do", method="hang_up", args=[])
    await page.wait_for_selector("body[data-state=over]")
    await desk.do("save", session=session, codes=["3-1"], summary="전화 안내")
    assert await desk.do("drained")
    assert (await desk.do("state"))["sessions"][session]["stage"] == "closed"
    kinds = [line["kind"] for line in await desk.do("lines", session=session)]
    said = ["call.answered", "call.held", "call.ended"]
    assert [kind for kind in kinds if kind in said] == said, kinds  # each once: the bridge says nothing of its own


async def test_an_agent_who_does_not_sign_goes_on_after_the_desk_died(desks, browser):
    desk = desks(**{"video.signs": False})
    page, session = await calls_from_the_homepage(desk, browser)
    before = (await desk.do("state"))["pids"]["video"]
    desk.peer.kill()
    await says(page, "들리세요?")
    desk.start()
    await desk.ready()
    back = await video(desk, lambda v: v["running"] == session and v["link"] == "connected", 40, "the session")
    assert (back["generation"], (await desk.do("state"))["pids"]["video"]) == (
        1,
        before,
    )  # its engine was not started anew
    await desk.until_lines(session, lambda ls: texts_of(ls) == ["들리세요?"], what="the words")


async def test_what_a_browser_says_is_captioned_for_the_agent(desks, browser):
    voice = spoken(7)
    desk = desks(**{"captions.on": True})
    await desk.ready("captions_on")
    _, session = await calls_from_the_homepage(desk, browser, voice.language)
    lines = await desk.until_lines(session, lambda ls: len(plain(captioned(ls))) > ENOUGH, 120, "captions")
    heard = plain(captioned(lines))
    rate = distance_within(plain(voice.words), heard) / len(heard)
    assert rate < LIVE_CER, f"{heard} of {voice.words}"


def captioned(lines: list[dict]) -> str:
    """What was recognised of the citizen, finished utterances alone."""
    return " ".join(x["text"] for x in lines if x["kind"] == "caption" and x["party"] == "citizen" and x["final"])


def distance_within(passage: str, heard: str) -> int:
    """Fewest edits that make `heard` a part of the passage said again and again, wherever it begins and ends."""
    said = passage * (len(heard) // len(passage) + 2)
    row = [0] * (len(said) + 1)
    for i, letter in enumerate(heard, 1):
        diagonal, row[0] = row[0], i
        for j, known in enumerate(said, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (letter != known))
    return min(row)
