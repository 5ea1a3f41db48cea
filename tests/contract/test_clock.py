"""What every clock does, the machine's and the one held by a test."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from client.adapters.clock import LoopClock
from client.fakes.clock import START, HeldClock


class Held:
    def __init__(self):
        self.clock = HeldClock()

    async def pass_(self, seconds):
        self.clock.advance(seconds)


class Real:
    def __init__(self):
        self.clock = LoopClock()

    async def pass_(self, seconds):
        """Waits for a timer set after the ones under test, of the same loop."""
        done = asyncio.Event()
        self.clock.later(seconds, done.set)
        await asyncio.wait_for(done.wait(), 10)


@pytest.fixture(params=[Held, Real])
async def time(request):
    return request.param()


async def test_later_calls_in_the_order_of_their_time(time):
    called = []
    time.clock.later(0.03, lambda: called.append("second"))
    time.clock.later(0.01, lambda: called.append("first"))
    time.clock.later(60, lambda: called.append("not yet"))
    await time.pass_(0.05)
    assert called == ["first", "second"]


async def test_a_cancelled_timer_never_calls(time):
    called = []
    timer = time.clock.later(0.01, lambda: called.append("never"))
    time.clock.later(0.02, lambda: called.append("yes"))
    timer.cancel()
    timer.cancel()
    await time.pass_(0.04)
    assert called == ["yes"]


async def test_what_a_callback_adds_is_called_too(time):
    called = []
    time.clock.later(0.01, lambda: time.clock.later(0.01, lambda: called.append("second")))
    await time.pass_(0.05)
    assert called == ["second"]


async def test_now_is_utc_and_follows_the_hub(time):
    before = time.clock.now()
    assert before.tzinfo is UTC
    time.clock.correct(-120.0)
    assert timedelta(seconds=-121) < time.clock.now() - before < timedelta(seconds=-119)


async def test_a_correction_keeps_the_length_of_a_timer(time):
    called = []
    time.clock.later(0.02, lambda: called.append("due"))
    time.clock.correct(3600.0)
    await time.pass_(0.05)
    assert called == ["due"]


async def test_the_real_clock_corrects_once_not_again_and_again():
    clock = LoopClock()
    clock.correct(5.0)
    clock.correct(7.0)
    assert clock.offset_s == pytest.approx(7.0)
    assert abs((clock.now() - datetime.now(UTC)).total_seconds() - 7.0) < 1


def test_the_held_clock_calls_at_the_timers_own_moment():
    clock = HeldClock()
    moments = []
    clock.later(2, lambda: moments.append(clock.now()))
    clock.advance(10)
    assert moments == [START + timedelta(seconds=2)]
    assert clock.now() == START + timedelta(seconds=10)
