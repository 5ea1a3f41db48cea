"""A WAV file in the microphone's place, frame by frame."""

from __future__ import annotations

import numpy as np

from client.engine_protocol import FRAME_SAMPLES, SAMPLE_RATE
from client.engines.voice.wav import Samples


class WavSource:
    """Plays from its beginning after each `rewind`; beyond its end comes a room's floor of ±1, or the file again.

    A floor, not digital zero: that would be a dead microphone. Attributes: `over` — the file has been played; `seconds` — how long it is.
    """

    def __init__(self, samples: Samples, *, loop: bool = False) -> None:
        self._samples = samples
        self._loop = loop
        self._at = len(samples)
        self.seconds = len(samples) / SAMPLE_RATE
        self._noise = np.random.default_rng(1)

    @property
    def over(self) -> bool:
        """The whole file has been said once and is not repeated."""
        return self._at >= len(self._samples)

    def rewind(self) -> None:
        """Begin again."""
        self._at = 0

    def frame(self) -> bytes:
        """The next 20 ms."""
        part = self._samples[self._at : self._at + FRAME_SAMPLES]
        self._at += len(part)
        if self._loop and self.over:
            self._at = 0
        if len(part) < FRAME_SAMPLES:
            floor = self._noise.integers(-1, 2, FRAME_SAMPLES - len(part)).astype(np.int16)
            part = np.concatenate([part, floor])
        return part.tobytes()
