"""The tones that call the agent: a ring for its own device, and one soft note for the ear in a call."""

from __future__ import annotations

import numpy as np

from client.engine_protocol import SAMPLE_RATE
from client.engines.voice.wav import Samples, to_samples

RING_HZ = (440, 480)  # the Korean ringing tone: one second on, two off
RING_ON_S, RING_OFF_S = 1.0, 2.0
SOFT_HZ, SOFT_S, SOFT_LEVEL = 660, 0.25, 0.06
EDGE_S = 0.02  # faded in and out: no click
FULL_VOLUME = 100


def _faded(seconds: float, *frequencies: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    times = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    edge = np.minimum(1, np.minimum(times, seconds - times) / EDGE_S)
    sum_: np.ndarray[tuple[int], np.dtype[np.float64]] = edge * sum(np.sin(2 * np.pi * f * times) for f in frequencies)
    return sum_ / len(frequencies)


def ring_period(volume: int) -> Samples:
    """One period of ringing; `volume` 0–100."""
    sound = np.concatenate([_faded(RING_ON_S, *RING_HZ), np.zeros(int(RING_OFF_S * SAMPLE_RATE))])
    return to_samples(sound * max(0, min(volume, FULL_VOLUME)) / FULL_VOLUME)


def soft_note() -> Samples:
    """The note that says in a call: somebody waits."""
    return to_samples(_faded(SOFT_S, SOFT_HZ) * SOFT_LEVEL)


class Player:
    """Gives a sound piece by piece, once or again and again; zeros after its end."""

    def __init__(self, sound: Samples, *, again: bool) -> None:
        self._sound = sound
        self._again = again
        self._at = 0

    def give(self, count: int) -> Samples:
        """The next `count` samples."""
        if self._again:
            places = (self._at + np.arange(count)) % len(self._sound)
            self._at = (self._at + count) % len(self._sound)
            return self._sound[places]
        part = self._sound[self._at : self._at + count]
        self._at += len(part)
        return np.concatenate([part, np.zeros(count - len(part), np.int16)])
