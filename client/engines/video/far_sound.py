"""The citizen's sound as a PCM leg: steady frames of 20 ms whose number is time, whatever the network does."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import av

from client.engine_protocol import FRAME_SAMPLES, SAMPLE_RATE
from client.engines.voice.meter import Meter

FRAME_BYTES = FRAME_SAMPLES * 2
FRAME_S = FRAME_SAMPLES / SAMPLE_RATE
SILENCE = bytes(FRAME_BYTES)
LEAST_S = 0.04  # waits before it is published: the jitter of a good network
MOST_S = 0.16
TOO_MUCH_S = 0.12  # above what is meant to wait: the oldest is left out
Publish = Callable[[int, bytes], None]


class FarSound:
    """`take` decoded sound, `tick` every 20 ms or so. Attributes: `samples` — published so far; `meter`; `wait_s` — how
    long sound is meant to wait here, for the network's jitter and for the lips."""

    def __init__(self, publish: Publish, samples: int = 0, now: Callable[[], float] = time.monotonic) -> None:
        self.samples = samples
        self.meter = Meter()
        self.wait_s = LEAST_S
        self._publish = publish
        self._now = now
        self._began = now() - samples / SAMPLE_RATE
        self._resampler: Any = av.AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE)
        self._waiting = bytearray()
        self._flowing = False
        self._said: tuple[float, float] | None = None  # (sender's clock at its end, bytes taken till then)
        self._taken = 0
        self._given = 0

    def take(self, frame: av.AudioFrame, when: float | None = None) -> None:
        """Decoded sound came; `when` — the sender's clock at its beginning, in seconds, if it is known."""
        for part in self._resampler.resample(frame):
            piece = bytes(part.planes[0])[: part.samples * 2]
            self._waiting += piece
            self._taken += len(piece)
        if when is not None:
            self._said = (when + frame.samples / frame.sample_rate, self._taken)
        spare = len(self._waiting) - _size(self.wait_s + TOO_MUCH_S)
        if spare > 0:
            self._drop(len(self._waiting) - _size(self.wait_s))

    def tick(self) -> None:
        """Publish what is due by the clock, silence where nothing came."""
        while self.samples + FRAME_SAMPLES <= (self._now() - self._began) * SAMPLE_RATE:
            pcm = self._next()
            self._publish(self.samples, pcm)
            self.samples += FRAME_SAMPLES

    @property
    def lag_s(self) -> float | None:
        """Now on our clock less the sender's clock of the sound that is published now; None if it is not known."""
        if self._said is None:
            return None
        sent, taken = self._said
        return self._now() - (sent - (taken - self._given) / 2 / SAMPLE_RATE)

    def _next(self) -> bytes:
        if not self._flowing and len(self._waiting) >= _size(self.wait_s):
            self._flowing = True
        if not self._flowing or len(self._waiting) < FRAME_BYTES:
            self._flowing = False
            return SILENCE
        pcm = bytes(self._waiting[:FRAME_BYTES])
        self._drop(FRAME_BYTES)
        self.meter.add(pcm)
        return pcm

    def _drop(self, count: int) -> None:
        count -= count % 2
        del self._waiting[:count]
        self._given += count


def _size(seconds: float) -> int:
    return int(seconds * SAMPLE_RATE) * 2
