"""A buffer between two clocks that are never quite equal: the sound card's and that of SIP.

The reader takes a hair more or less than it gives, steered by how full the buffer is; nobody hears a correction of some
hundred ppm, everybody hears a gap.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from client.engine_protocol import FRAME_SAMPLES, SAMPLE_RATE
from client.engines.voice.wav import Samples

MARGIN = 120  # samples held beyond one block of either side, against jitter (7.5 ms)
MOST = 3  # times the target: more is old sound and is dropped
GAIN = 1e-5  # correction per sample beyond the target: 200 ppm need 20 samples; settles in 6 s
LARGEST = 2e-3  # correction: 2,000 ppm, a fifth of what the ear can tell in pitch
SMOOTHING = 0.02  # of the fill, per read of 20 ms: about a second
Floats = npt.NDArray[np.float64]

EDGE = 3  # samples beyond the last read position that the cubic needs


class DriftBuffer:
    """Written in blocks by one clock, read in frames by another; both may be on their own thread.

    What waits is measured together with what the writer has but has not brought yet: the two sides' blocks slip past
    each other, and the jump that makes must not be taken for drift.
    Attributes: `gaps` — reads that found too little; `drops` — samples thrown away; `correction` — relative speed now.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self.gaps = 0
        self.drops = 0
        self.correction = 0.0
        self._now = now
        self._lock = threading.Lock()
        self._held: Samples = np.zeros(0, np.int16)
        self._at = 0.0
        self._fill = 0.0
        self._primed = False
        self._written_at = 0.0
        self._blocks = [FRAME_SAMPLES, FRAME_SAMPLES]  # the largest written and read

    @property
    def delay_s(self) -> float:
        """How long the newest sample will wait, seconds."""
        return self._waiting() / SAMPLE_RATE

    def write(self, samples: Samples) -> None:
        """Add what the writer's clock brought."""
        with self._lock:
            self._held = np.concatenate([self._held, samples])
            self._written_at = self._now()
            self._blocks[0] = max(self._blocks[0], len(samples))
            if self._waiting() > MOST * self._target():
                excess = int(self._waiting()) - self._target()
                self._held = self._held[excess:]
                self.drops += excess
                self._fill = float(self._target())

    def read(self, count: int) -> Samples:
        """Exactly `count` samples; zeros until the buffer has filled, at the start and after a gap."""
        with self._lock:
            self._blocks[1] = max(self._blocks[1], count)
            waiting, coming = self._waiting(), self._coming()
            if not self._primed:
                if waiting + coming < self._target():
                    return np.zeros(count, np.int16)
                waiting -= self._leave_behind(int(waiting + coming) - self._target(), count)
                self._primed, self._fill = True, waiting + coming
            if waiting < count * (1 + LARGEST) + EDGE:
                self.gaps += 1
                self._primed = False
                return np.zeros(count, np.int16)
            self._fill += SMOOTHING * (waiting + coming - self._fill)
            self.correction = float(np.clip(GAIN * (self._fill - self._target()), -LARGEST, LARGEST))
            return self._take(count, 1 + self.correction)

    def clear(self) -> None:
        """Forget everything held, and how large the blocks were: the next device has its own."""
        with self._lock:
            self._held, self._at, self._primed = np.zeros(0, np.int16), 0.0, False
            self._blocks = [FRAME_SAMPLES, FRAME_SAMPLES]

    def _leave_behind(self, surplus: int, count: int) -> int:
        """What came in a burst after a gap took its turn as silence: it would only make all that follows late."""
        if surplus <= count:
            return 0
        self._held = self._held[surplus:]
        self.drops += surplus
        return surplus

    def _target(self) -> int:
        return sum(self._blocks) + MARGIN

    def _coming(self) -> float:
        """Samples that the writer's clock has made since it last wrote, at most a block."""
        return min((self._now() - self._written_at) * SAMPLE_RATE, self._blocks[0])

    def _waiting(self) -> float:
        return len(self._held) - self._at

    def _take(self, count: int, speed: float) -> Samples:
        """Catmull-Rom interpolation at `speed`: four points, exact at whole positions."""
        places: Floats = self._at + speed * np.arange(count, dtype=np.float64)
        whole = places.astype(np.intp)
        part = places - whole
        near = self._held.astype(np.float64)
        before, here = near[np.maximum(whole - 1, 0)], near[whole]
        after, beyond = near[whole + 1], near[whole + 2]
        found = _catmull_rom(before, here, after, beyond, part)
        self._at += speed * count
        used = max(int(self._at) - 1, 0)  # one sample of history stays
        self._held, self._at = self._held[used:], self._at - used
        return np.clip(np.rint(found), -32_768, 32_767).astype(np.int16)


def _catmull_rom(before: Floats, here: Floats, after: Floats, beyond: Floats, part: Floats) -> Floats:
    slope = after - before
    bend = 2 * before - 5 * here + 4 * after - beyond
    twist = 3 * (here - after) + beyond - before
    return here + 0.5 * part * (slope + part * (bend + part * twist))
