"""The audio of a leg that may still be needed, by sample number since the leg began."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]
MOVE = 160_000  # samples: moving memory is dear, so only every 10 s


def shut(first: int, pcm: bytes, closed: Sequence[tuple[int, int]]) -> bytes:
    """`pcm`, which begins at sample `first`, with silence wherever it lies in a closed stretch."""
    heard = bytearray(pcm)
    for start, end in closed:
        low, high = max(0, start - first), min(len(pcm) // 2, end - first)
        if low < high:
            heard[2 * low : 2 * high] = bytes(2 * (high - low))
    return bytes(heard)


class LegAudio:
    """Attributes: `end` — the number of the next sample to come."""

    def __init__(self, start: int = 0) -> None:
        self._start = start
        self._held = np.zeros(0, np.int16)
        self._filled = 0
        self.end = start

    def begin(self, sample: int) -> None:
        """The first sample ever to come is this one."""
        if not self._filled:
            self._start = self.end = sample

    def append(self, pcm: bytes) -> None:
        """16-bit little-endian samples that follow the last ones."""
        new = np.frombuffer(pcm, "<i2")
        if self._filled + len(new) > len(self._held):
            room = np.zeros(max(2 * len(self._held), self._filled + len(new), 32_000), np.int16)
            room[: self._filled] = self._held[: self._filled]
            self._held = room
        self._held[self._filled : self._filled + len(new)] = new
        self._filled += len(new)
        self.end += len(new)

    def silence(self, count: int) -> None:
        """`count` samples that could not be had."""
        self.append(bytes(2 * count))

    def between(self, start: int, end: int) -> Samples:
        """Samples `start` to `end` (exclusive) as floats from -1 to 1; what is no longer held is left out."""
        first, last = max(0, start - self._start), max(0, min(end, self.end) - self._start)
        return self._held[first:last].astype(np.float32) / np.float32(32768)

    def forget_before(self, sample: int) -> None:
        """Samples before this one are not needed any more."""
        drop = min(max(0, sample - self._start), self._filled)
        if drop > MOVE:
            self._held = self._held[drop : self._filled].copy()
            self._filled -= drop
            self._start += drop

    def erase_from(self, sample: int) -> None:
        """What came from this sample on was not to be heard."""
        self._held[max(0, sample - self._start) : self._filled] = 0
