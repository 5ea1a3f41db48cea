"""The last 30 s of PCM of every leg, so that a restarted subscriber catches up without a gap."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from client.engine_protocol import SAMPLE_RATE

BYTES_PER_SAMPLE = 2


@dataclass(slots=True)
class _Leg:
    frames: deque[tuple[int, bytes]] = field(default_factory=deque)
    ended: bool = False


class PcmStore:
    """Frames by leg, oldest dropped once `keep_s` seconds are held."""

    def __init__(self, keep_s: float) -> None:
        self._keep_samples = int(keep_s * SAMPLE_RATE)
        self._legs: dict[str, _Leg] = {}

    def add(self, leg: str, sample: int, pcm: bytes) -> None:
        """Keep one frame; `sample` is the number of its first sample."""
        frames = self._legs.setdefault(leg, _Leg()).frames
        frames.append((sample, pcm))
        while frames[0][0] < sample - self._keep_samples:
            frames.popleft()

    def since(self, leg: str, sample: int) -> Iterator[tuple[int, bytes]]:
        """Frames from `sample` on, the first one cut to start there."""
        for at, pcm in list(self._legs[leg].frames) if leg in self._legs else ():
            skip = max(0, sample - at) * BYTES_PER_SAMPLE
            if skip < len(pcm):
                yield (max(at, sample), pcm[skip:]) if skip else (at, pcm)

    def end(self, leg: str) -> None:
        """No more frames will come."""
        self._legs.setdefault(leg, _Leg()).ended = True

    def ended(self, leg: str) -> bool:
        """True once no more frames will come."""
        return leg in self._legs and self._legs[leg].ended

    def drop(self, leg: str) -> None:
        """Forget the leg."""
        self._legs.pop(leg, None)
