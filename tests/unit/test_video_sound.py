"""The citizen's sound as a leg that counts time, and the lips that go with it."""

from __future__ import annotations

import fractions

import av
import numpy as np
import pytest

from client.engines.video.far_sound import FRAME_BYTES, LEAST_S, MOST_S, SILENCE, TOO_MUCH_S, FarSound
from client.engines.video.lips import Lips
from client.engines.video.near_sound import LegReader

LOUD = 8_000


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Leg:
    """A far sound with a clock in our hands, and what it published."""

    def __init__(self, samples: int = 0) -> None:
        self.clock = Clock()
        self.out: list[tuple[int, bytes]] = []
        self.sound = FarSound(lambda sample, pcm: self.out.append((sample, pcm)), samples, self.clock)
        self.packets = 0

    def packet(self, level: int = LOUD, when: float | None = None) -> None:
        """20 ms as Opus is decoded: 48 kHz, stereo."""
        frame = av.AudioFrame.from_ndarray(np.full((1, 960 * 2), level, np.int16), format="s16", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = 48_000, self.packets * 960, fractions.Fraction(1, 48_000)
        self.packets += 1
        self.sound.take(frame, when)

    def run(self, seconds: float, *, packets: bool = True, level: int = LOUD) -> None:
        for _ in range(round(seconds / 0.02)):
            if packets:
                self.packet(level, self.clock.now - 0.03)
            self.clock.now += 0.02
            self.sound.tick()

    @property
    def heard(self) -> list[bool]:
        return [pcm != SILENCE for _, pcm in self.out]


def test_frames_are_of_20_ms_and_their_number_is_time():
    leg = Leg()
    leg.run(1.0)
    leg.run(0.5, packets=False)
    leg.run(0.5)
    assert [sample for sample, _ in leg.out] == [320 * number for number in range(100)]
    assert {len(pcm) for _, pcm in leg.out} == {FRAME_BYTES}
    assert all(leg.heard[3:48])
    assert not any(leg.heard[55:74])
    assert all(leg.heard[80:])


def test_a_loop_that_was_held_up_makes_up_for_it():
    leg = Leg()
    leg.run(0.2)
    leg.clock.now += 0.3
    leg.sound.tick()
    assert leg.out[-1][0] == 320 * 24


def test_counting_goes_on_where_another_connection_left_off():
    leg = Leg(samples=16_000)
    leg.run(0.1)
    assert leg.out[0][0] == 16_000


def test_sound_waits_no_longer_than_it_must():
    leg = Leg()
    leg.run(1.0)
    assert leg.sound.lag_s == pytest.approx(0.03 + LEAST_S, abs=0.021)
    for _ in range(12):
        leg.packet()  # a network that let go of 240 ms at once
    assert len(leg.sound._waiting) / 32_000 <= LEAST_S + TOO_MUCH_S


def test_an_uneven_network_is_waited_for_and_a_steady_one_no_longer():
    leg = Leg()
    for _ in range(5):
        leg.run(0.1, packets=False)
        for _ in range(5):
            leg.packet()
        leg.run(0.1)
    worse = leg.sound.least_s
    assert worse > LEAST_S
    for _ in range(120):
        leg.run(1.0)
        leg.sound.calm_down()
    assert leg.sound.least_s < worse


def test_sound_is_brought_later_in_a_quiet_moment_and_earlier_again():
    leg = Leg()
    leg.run(1.0)
    leg.sound.wait_s = 0.12
    leg.run(0.5)
    assert all(leg.heard[-20:])  # not in the middle of a word
    leg.run(0.5, level=3)
    later = leg.sound.lag_s
    assert later > 0.11
    leg.sound.wait_s = LEAST_S
    leg.run(0.5, level=3)
    assert leg.sound.lag_s < later - 0.05


def test_lips_move_what_is_early_and_the_picture_least_of_all():
    lips = Lips()
    lips.seen(0.2, None)
    assert lips.offset_s is None
    assert lips.sound_wait(0.02, 0.02) == 0.02
    for _ in range(60):
        lips.seen(0.25, 0.05)  # the picture is 200 ms late
    wait = 0.02
    for _ in range(10):
        wait = lips.sound_wait(wait, 0.02)
    assert wait == MOST_S
    assert lips.picture_wait(0.05, wait, 0.02) == pytest.approx(0.04)


def test_a_picture_waits_for_late_sound_only_where_sound_cannot_be_earlier():
    lips = Lips()
    for _ in range(60):
        lips.seen(0.01, 0.15)
    assert lips.picture_wait(0.0, 0.08, 0.02) == 0.0
    waits = [0.0]
    for _ in range(10):
        waits.append(lips.picture_wait(waits[-1], 0.02, 0.02))
    assert waits[-1] == 0.06
    near = Lips(offset_s=-0.05)
    assert near.picture_wait(0.0, 0.02, 0.02) == 0.0
    assert near.sound_wait(0.02, 0.04) == 0.04


def test_the_leg_that_leaves_is_silent_until_enough_waits_and_never_far_behind():
    reader = LegReader()
    loud = b"\x01\x02" * 320
    reader._waiting += loud
    assert reader.frame() == SILENCE
    reader._waiting += loud
    assert reader.frame() == loud
    reader._waiting += loud * 9
    reader.frame()
    assert len(reader._waiting) <= FRAME_BYTES * 2
    reader.close()
    assert reader.frame() == SILENCE
