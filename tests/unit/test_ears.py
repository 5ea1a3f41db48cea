"""One thread hears for all legs: finals first, several legs in one pass, and more rarely when the machine is slow."""

from __future__ import annotations

import asyncio
import contextlib
import threading

import pytest

from client.domain.recognition import FinalText, TextGap
from client.engines.speech.ears import SLOWEST_S, Ears, Pace
from client.engines.speech.leg import STEP_S, Leg
from tests.doubles.spoken_levels import LevelVoice, hear, say, text
from tests.waiting import until

FRAME = 640  # bytes


def test_an_idle_machine_hears_at_the_full_rate():
    pace = Pace()
    assert pace.step_s == STEP_S
    pace.took(0.1)
    assert pace.step_s == STEP_S


def test_a_slow_machine_hears_more_rarely_and_recovers():
    pace = Pace()
    for _ in range(20):
        pace.took(1.0)
    slow = pace.step_s
    assert 1.0 < slow < SLOWEST_S
    for _ in range(20):
        pace.took(30.0)
    assert pace.step_s == SLOWEST_S
    for _ in range(40):
        pace.took(0.1)
    assert pace.step_s == STEP_S


@contextlib.asynccontextmanager
async def listening(legs, hear_with):
    told: list = []
    ears = Ears(legs, hear_with, told.append)
    task = asyncio.ensure_future(ears.listen())
    try:
        yield ears, told
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def leg(name: str) -> Leg:
    return Leg(name, language="ko", wide_band=False, voice=LevelVoice())


def feed(one: Leg, pcm: bytes) -> list:
    start = one.end_sample
    return [t for at in range(0, len(pcm), FRAME) for t in one.feed(start + at // 2, pcm[at : at + FRAME])]


async def test_two_legs_are_heard_in_one_pass():
    sizes: list[int] = []

    def counting(stretches):
        sizes.append(len(stretches))
        return hear(stretches)

    legs = {name: leg(name) for name in ("a", "b")}
    for one in legs.values():
        feed(one, say(0, 1, 2))
    async with listening(legs, counting) as (ears, told):
        ears.wake()
        await until(lambda: {fact.leg for fact in told} == {"a", "b"})
    assert sizes[0] == 2


async def test_sound_goes_on_while_a_pass_takes_long_and_nothing_is_lost():
    held = threading.Event()
    started = threading.Event()

    def slow(stretches):
        started.set()
        assert held.wait(10)
        return hear(stretches)

    one = leg("a")
    words = range(12)
    pcm = say(*words, silence_s=1.5)
    async with listening({"a": one}, slow) as (ears, told):
        for at in range(0, len(pcm), FRAME):
            told.extend(one.feed(at // 2, pcm[at : at + FRAME]))
            ears.wake()
            await asyncio.sleep(0)
        await until(started.is_set)
        held.set()
        told.extend(one.end())
        ears.wake()
        await asyncio.wait_for(ears.drained(one), 10)
        assert ears.passes <= 4  # at the full rate it would have been a dozen
    assert [fact.text for fact in told if isinstance(fact, FinalText)] == [text(*words)]


async def test_finals_go_before_running_utterances():
    order: list[float] = []

    def noting(stretches):
        order.append(len(stretches[0].audio))
        return hear(stretches)

    over, running = leg("over"), leg("running")
    feed(over, say(0, 1, silence_s=1.2))
    feed(running, say(0, 1, 2, 3, 4, 5, 6, 7))
    async with listening({"running": running, "over": over}, noting) as (ears, told):
        ears.wake()
        await until(lambda: len({fact.leg for fact in told}) == 2)
    first = told[0]
    assert isinstance(first, FinalText)
    assert first.leg == "over"


async def test_a_pass_that_fails_does_not_end_all_captions():
    calls: list[int] = []

    def failing(stretches):
        calls.append(1)
        if len(calls) == 1:
            raise RuntimeError("the model broke")
        return hear(stretches)

    one = leg("a")
    async with listening({"a": one}, failing) as (ears, told):
        told.extend(feed(one, say(0, 1, 2, silence_s=1.2)))
        ears.wake()
        await until(lambda: any(isinstance(fact, FinalText) and fact.text == text(0, 1, 2) for fact in told))


async def test_what_cannot_be_heard_at_all_is_told_as_missing():
    def broken(_stretches):
        raise RuntimeError("the model broke")

    one = leg("a")
    async with listening({"a": one}, broken) as (ears, told):
        told.extend(feed(one, say(0, 1, 2, silence_s=1.2)))
        ears.wake()
        gap = await until(lambda: next((fact for fact in told if isinstance(fact, TextGap)), None))
    assert (gap.start_ms, gap.end_ms) == (0, pytest.approx(1_800, abs=100))


@pytest.fixture(autouse=True)
def _no_thread_is_left():
    before = threading.active_count()
    yield
    assert threading.active_count() <= before + 1
