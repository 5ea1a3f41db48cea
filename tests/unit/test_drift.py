"""The buffer between the card's clock and SIP's, on a device double."""

from __future__ import annotations

import heapq
import itertools
import random

import numpy as np
import pytest

from client.engines.voice.device_double import DeviceDouble
from client.engines.voice.drift import DriftBuffer

RATE, BLOCK = 16_000, 320
TEN_MINUTES = 600.0


def ticks(period: float, jitter: float, seed: int):
    """Moments `period` apart, each late by up to `jitter`."""
    late = random.Random(seed)
    return (n * period + late.uniform(0, jitter) for n in itertools.count())


def simulate(ppm: float, seconds: float, jitter: float = 0.004, blocks: int = BLOCK):
    """A microphone whose clock is `ppm` off, read every 20 ms: (buffer, delays in s, what was read)."""
    clock = [0.0]
    buffer = DriftBuffer(lambda: clock[0])
    card = DeviceDouble()
    starts = itertools.count(0, blocks)
    card.says = lambda count: ((next(starts) + np.arange(count)) % 20_000).astype(np.int16)
    card.open_input("Headset", buffer.write)
    card_clock = ((moment, 0) for moment in ticks(blocks / RATE / (1 + ppm * 1e-6), jitter, 1))
    sip_clock = ((moment, 1) for moment in ticks(BLOCK / RATE, jitter, 2))
    delays, heard = [], []
    for moment, who in heapq.merge(card_clock, sip_clock):
        clock[0] = moment
        if moment > seconds:
            return buffer, delays, np.concatenate(heard)
        if who == 0:
            card.run(blocks)
        else:
            delays.append(buffer.delay_s)
            heard.append(buffer.read(BLOCK))
    raise AssertionError


@pytest.mark.parametrize("ppm", [200, -200])
def test_ten_minutes_at_200_ppm_without_a_gap_and_within_60_ms(ppm):
    buffer, delays, heard = simulate(ppm, TEN_MINUTES)
    assert (buffer.gaps, buffer.drops) == (0, 0)
    assert max(delays) < 0.060
    assert buffer.correction * 1e6 == pytest.approx(ppm, abs=60)
    steps = np.diff(heard.astype(np.int32)) % 20_000
    started = np.flatnonzero(heard)[0]
    assert (
        np.isin(steps[started:], (0, 1, 2)).mean() > 0.999
    )  # a ramp goes on as a ramp: nothing left out, nothing twice


def test_without_correction_the_same_clock_would_leave_gaps(monkeypatch):
    monkeypatch.setattr("client.engines.voice.drift.GAIN", 0.0)
    slow, _, _ = simulate(-200, TEN_MINUTES / 2)
    assert slow.gaps > 0


class Clock:
    """Moves 20 ms with each step."""

    def __init__(self) -> None:
        self.now = 0.0
        self.buffer = DriftBuffer(lambda: self.now)

    def step(self, block=None, *, read: bool = True):
        self.now += BLOCK / RATE
        if block is not None:
            self.buffer.write(block)
        return self.buffer.read(BLOCK) if read else None


def test_a_tone_stays_a_tone():
    clock = Clock()
    times = np.arange(RATE * 4) / RATE
    sound = (8_000 * np.sin(2 * np.pi * 440 * times)).astype(np.int16)
    heard = [clock.step(sound[at : at + BLOCK]) for at in range(0, len(sound), BLOCK)]
    tail = np.concatenate(heard)[-RATE:].astype(float)
    spectrum = np.abs(np.fft.rfft(tail * np.hanning(len(tail))))
    assert np.argmax(spectrum) == pytest.approx(440, abs=1)
    noise = np.delete(spectrum, range(430, 451))
    assert 20 * np.log10(spectrum.max() / noise.max()) > 40


def test_a_stalled_writer_leaves_one_gap_and_the_delay_comes_back():
    clock = Clock()
    block = np.full(BLOCK, 7, np.int16)
    for _ in range(10):
        clock.step(block)
    for _ in range(10):
        silent = clock.step()
    assert clock.buffer.gaps == 1
    assert not silent.any()
    for _ in range(10):
        back = clock.step(block)
    assert back.any()
    assert clock.buffer.delay_s < 0.06


@pytest.mark.parametrize("late", range(5, 12))
def test_what_a_stalled_writer_brings_at_once_does_not_make_the_rest_late(late):
    clock = Clock()
    block = np.full(BLOCK, 7, np.int16)
    for _ in range(10):
        clock.step(block)
    for _ in range(late):
        clock.step()
    for _ in range(late):
        clock.buffer.write(block)
    for _ in range(5):
        back = clock.step(block)
    assert back.any()
    assert clock.buffer.delay_s < 0.06


def test_a_burst_is_cut_to_the_target_instead_of_making_the_call_late():
    clock = Clock()
    for _ in range(40):
        clock.step(np.ones(BLOCK, np.int16), read=False)
    assert clock.buffer.drops > 0
    clock.step()
    assert clock.buffer.delay_s < 0.15
    for _ in range(100 * 50):
        clock.step(np.ones(BLOCK, np.int16))
    assert clock.buffer.delay_s < 0.06


def test_large_blocks_of_a_card_do_not_starve_the_call():
    buffer, delays, _ = simulate(100, 60, blocks=480)
    assert buffer.gaps <= 1  # the first block says how large they are
    assert np.median(delays) < 0.06


def test_another_device_does_not_inherit_the_delay_of_the_last_one_s_large_blocks():
    clock = Clock()
    for _ in range(50):
        clock.buffer.write(np.ones(1_600, np.int16))
        for _ in range(5):
            clock.step()
    clock.buffer.clear()
    for _ in range(50):
        clock.step(np.ones(BLOCK, np.int16))
    assert clock.buffer.gaps == 0
    assert clock.buffer.delay_s < 0.06
