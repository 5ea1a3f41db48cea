"""A browser's sound in the bridge of the real engine: who hears it, what it hears, and what becomes of it."""

from __future__ import annotations

import time

import numpy as np
import pytest

from client.domain.call import CallState, mix_leg
from client.ports.telephony import TelephonyError
from tests.peers.browser_sound import BrowserSound
from tests.peers.sound import LOUD, tone_wav, tones_in
from tests.waiting import until


@pytest.fixture
async def browsers(tmp_path):
    """browsers(hz): a browser that sounds so."""
    made: list[BrowserSound] = []

    async def make(hz: float, **options: float) -> BrowserSound:
        made.append(await BrowserSound(tmp_path, hz, **options).start())
        return made[-1]

    yield make
    for browser in made:
        await browser.close()


@pytest.fixture
async def agent(desks, tmp_path):
    """A desk whose microphone sounds at 1000 Hz."""
    return await desks("1001", {"sound.microphone_wav": str(tone_wav(tmp_path / "agent.wav", 1000, 120))})


async def talking(agent, browser) -> str:
    call = await agent.phone.web("s", browser.source(), browser.leg)
    await agent.until_call(call=call, state=CallState.ACTIVE)
    return call


async def test_it_is_heard_and_hears_until_it_is_muted_held_or_over(agent, browsers, listen):
    browser = await browsers(440)
    call = await talking(agent, browser)
    citizen, own, mix = (listen(agent, leg) for leg in (f"{call}/citizen", f"{call}/agent", mix_leg(call)))
    await citizen.until_tones(440)
    await mix.until_tones(1000)
    await agent.phone.mute(call, True)
    await mix.until_tones()
    await own.until_tones()
    await citizen.until_tones(440)
    await agent.phone.mute(call, False)
    await mix.until_tones(1000)
    await agent.phone.hold(call)
    for leg in (citizen, own, mix):
        await leg.until_tones()
    await agent.phone.resume(call)
    await citizen.until_tones(440)
    await mix.until_tones(1000)
    await agent.phone.hang_up(call)
    for leg in (citizen, own, mix):
        await until(lambda leg=leg: leg.ended, 10, "the leg's end")
        assert not leg.holes


async def test_a_source_that_ends_or_dies_is_said_and_another_goes_on_in_the_same_call(agent, browsers, listen):
    browser = await browsers(440)
    call = await talking(agent, browser)
    citizen = listen(agent, f"{call}/citizen")
    await citizen.until_tones(440)
    await browser.end()
    await agent.until_told("silence", side="far_end", call=call, silent=True)
    await citizen.until_tones()
    second = await browsers(600)
    assert await agent.phone.web("s", second.source(), second.leg) == call
    await citizen.until_tones(600)
    await agent.until_told("silence", side="far_end", call=call, silent=False)
    third = await browsers(800)
    await agent.phone.web("s", third.source(), third.leg)
    await citizen.until_tones(800)
    await third.close()
    await citizen.until_tones()
    assert not citizen.holes
    assert agent.calls()[call].state is CallState.ACTIVE


async def test_a_browser_whose_clock_is_off_is_heard_without_a_gap(agent, browsers, listen):
    """A machine under load tears a sound now and then, in one stretch or another; two clocks that are apart tear each."""
    browser = await browsers(440, speed=1.001)
    call = await talking(agent, browser)
    citizen = listen(agent, f"{call}/citizen")
    await citizen.until_tones(440)
    torn = [await share_without_tone(citizen, 3)]
    while torn[-1] > 0.01 and len(torn) < 5:
        torn.append(await share_without_tone(citizen, 3))
    assert torn[-1] <= 0.01, torn


async def share_without_tone(leg, seconds: float) -> float:
    """Of the coming seconds, by hundredths."""
    start = leg.count
    await leg.more(seconds)
    heard = np.frombuffer(leg.part(start), np.int16).astype(float)
    return float((np.abs(heard[: len(heard) // 160 * 160].reshape(-1, 160)).max(1) < 4_000).mean())


async def test_what_the_browser_says_is_heard_soon(agent, browsers, listen):
    browser = await browsers(440)
    call = await talking(agent, browser)
    citizen = listen(agent, f"{call}/citizen")
    waits = []
    for _ in range(5):
        await citizen.until_tones(440)
        browser.quiet = True
        await citizen.until_tones()
        at = len(citizen.pcm)
        browser.quiet = False
        await until(lambda at=at: np.frombuffer(citizen.pcm[at:], np.int16).max(initial=0) > LOUD, 5, "the tone")
        waits.append(time.monotonic() - browser.loud_at)
    assert min(waits) < 0.1, waits  # 60 ms of waiting, a frame of the bridge, and our own looking; a busy machine adds


async def test_the_office_hears_the_citizen_only_when_it_is_no_longer_confided(
    tmp_path, agent, desks, browsers, listen
):
    office = await desks("3001", {"sound.microphone_wav": str(tone_wav(tmp_path / "office.wav", 700, 120))})
    browser = await browsers(440)
    call = await talking(agent, browser)
    await agent.phone.confide(call, True)
    out = await agent.phone.dial("3001", {}, join=call)
    there = (await office.answered()).call
    await agent.until_call(call=out, state=CallState.ACTIVE, conference=(call,))
    at_office, mix = listen(office, f"{there}/citizen"), listen(agent, mix_leg(call))
    await at_office.until_tones(1000)
    await mix.until_tones(700, 1000)
    await at_office.more(0.6)
    assert tones_in(at_office.pcm) == {1000}
    await agent.phone.confide(call, False)
    await at_office.until_tones(440, 1000)
    await agent.phone.confide(call, True)
    await at_office.until_tones(1000)
    await agent.phone.confide(out, True)
    await mix.until_tones(1000)
    await agent.phone.confide(out, False)
    await office.phone.hang_up(there)
    await agent.until_call(call=out, state=CallState.ENDED)
    await agent.until_call(call=call, state=CallState.ACTIVE, conference=())
    await mix.until_tones(1000)


async def test_a_volume_is_that_of_the_agents_ear_alone(agent, browsers, listen):
    browser = await browsers(440)
    call = await talking(agent, browser)
    citizen = listen(agent, f"{call}/citizen")
    await citizen.until_tones(440)
    await until(lambda: heard(agent) > 0.15, 10, "the browser in the agent's ear")
    full = heard(agent)
    await agent.phone.volume(call, 0)
    await until(lambda: heard(agent) < 0.01, 10, "silence in the agent's ear")
    await citizen.until_tones(440)
    await agent.phone.volume(call, 200)
    await until(lambda: heard(agent) > 1.6 * full, 10, f"twice of {full}: {heard(agent)}")
    with pytest.raises(TelephonyError, match="200 percent"):
        await agent.phone.volume(call, 201)
    assert agent.calls()[call].volume == 200


def heard(agent) -> float:
    return next((told.far_end for told in reversed(agent.told) if told.name == "level"), 0.0)
