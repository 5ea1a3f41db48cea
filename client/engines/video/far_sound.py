"""The citizen's sound as a PCM leg: steady frames of 20 ms whose number is time, whatever the network does."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import av
import numpy as np

from client.engine_protocol import FRAME_SAMPLES, SAMPLE_RATE
from client.engines.voice.meter import Meter

FRAME_BYTES = FRAME_SAMPLES * 2
FRAME_S = FRAME_SAMPLES / SAMPLE_RATE
SILENCE = bytes(FRAME_BYTES)
LEAST_S = 0.02  # waits before it is published: one packet, on a good network
STUTTER_S, CALM_S, CALMER_S = 0.02, 10.0, 0.01  # each time it ran dry it waits longer; after a while without, less
MOST_S = 0.16  # of both reasons together
DRIEST_S = 0.12
TOO_MUCH_S = 0.12  # above what is meant to wait: the oldest is left out
ROUNDING_S = 1e-5
QUIET = 400  # of 32,768: where nobody hears 20 ms more or less
Publish = Callable[[int, bytes], None]


class FarSound:
    """`take` decoded sound, `tick` every 20 ms or so. Attributes: `samples` — published so far; `meter`; `wait_s` — how
    long sound is meant to wait here, `least_s` for the network's jitter alone, the rest for the lips."""

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
        self.least_s = LEAST_S
        self._dry = now()
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
        while self.due_s == 0.0:
            pcm = self._next()
            self._publish(self.samples, pcm)
            self.samples += FRAME_SAMPLES

    @property
    def due_s(self) -> float:
        """How long until the next frame is due."""
        left = self._began + (self.samples + FRAME_SAMPLES) / SAMPLE_RATE - self._now()
        return left if left > ROUNDING_S else 0.0

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
        if self._flowing and len(self._waiting) < FRAME_BYTES:
            self._flowing = False
            self._ran_dry()
        if not self._flowing or self._steered():
            return SILENCE
        pcm = bytes(self._waiting[:FRAME_BYTES])
        self._drop(FRAME_BYTES)
        self.meter.add(pcm)
        return pcm

    def _steered(self) -> bool:
        """In a quiet moment what waits is brought to what should: a frame is left out, or (true) one of silence put in."""
        ahead = len(self._waiting) - _size(self.wait_s)
        if -FRAME_BYTES <= ahead <= 2 * FRAME_BYTES or not _quiet(self._waiting[:FRAME_BYTES]):
            return False
        if ahead > 0:
            self._drop(FRAME_BYTES)
        return ahead < 0

    def _ran_dry(self) -> None:
        self._dry = self._now()
        self.least_s = min(DRIEST_S, self.least_s + STUTTER_S)
        self.wait_s = max(self.wait_s, self.least_s)

    def calm_down(self) -> None:
        """Asked once a second: a network that has become steady needs no long wait."""
        if self._now() - self._dry > CALM_S and self.least_s > LEAST_S:
            self.least_s, self._dry = max(LEAST_S, self.least_s - CALMER_S), self._now()

    def _drop(self, count: int) -> None:
        count -= count % 2
        del self._waiting[:count]
        self._given += count


def _size(seconds: float) -> int:
    return int(seconds * SAMPLE_RATE) * 2


def _quiet(pcm: bytearray) -> bool:
    return int(np.abs(np.frombuffer(pcm, np.int16)).max(initial=0)) < QUIET
