"""How loud it was: the peak between two looks."""

from __future__ import annotations

import threading

import numpy as np

FULL_SCALE = 32_768


class Meter:
    """Frames are added on one thread, looked at on another."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._peak = 0

    def add(self, frame: bytes) -> None:
        """Measure a frame of s16."""
        samples = np.frombuffer(frame, np.int16)
        peak = max(int(samples.max()), -int(samples.min())) if len(samples) else 0
        with self._lock:
            self._peak = max(self._peak, peak)

    def take(self) -> tuple[float, bool]:
        """(peak 0–1 since the last look, whether anything but digital zero came)."""
        with self._lock:
            peak, self._peak = self._peak, 0
        return peak / FULL_SCALE, peak > 0
