"""How much picture the way and this machine carry: the rate of frames is kept, their size gives way.

EN 301 549, 6.5.3: signing is read off movement, so resolution goes first.
"""

from __future__ import annotations

from dataclasses import dataclass

HALF_SECOND, TEN_SECONDS = 15, 300  # pictures
DEFAULT_BPS, MIN_BPS = 1_500_000, 150_000  # stock: 0.5 Mbit/s, and nothing below 0.25
MAX_BPS, MAX_BPS_LARGE = 2_500_000, 4_000_000
LARGE = 800 * 600  # pixels: above, more is of use
FLOORS = (
    0.9,
    0.4,
    0.0,
)  # bits per second and pixel of the full size: below, the next smaller picture is the sharper one
EASE = 1.25  # above a floor by so much a picture may grow again
SLOW_MS, QUICK_MS = 24.0, 9.0  # of 33 ms a frame; between, nothing changes
RUNGS = (1.0, 0.75, 0.5)
AGE = 0.9  # of what is known of the time that a frame takes


def bounded(bps: int, pixels: int) -> int:
    """A rate that makes sense for pictures of this size."""
    return max(MIN_BPS, min(bps, MAX_BPS_LARGE if pixels > LARGE else MAX_BPS))


@dataclass(frozen=True, slots=True)
class Plan:
    """How to encode: size in pixels (even numbers) and bits per second."""

    width: int
    height: int
    bps: int


class Pace:
    """Decides for one stream; `took` tells it how long a frame took."""

    def __init__(self) -> None:
        self._ms = 0.0
        self._machine = 0  # rung that this machine can hold
        self._way = 0  # rung that the way can hold
        self._rested = 0

    def took(self, ms: float) -> None:
        """A frame was encoded in so many milliseconds."""
        self._ms = ms if not self._ms else AGE * self._ms + (1 - AGE) * ms
        self._rested += 1
        if self._ms > SLOW_MS and self._machine < len(RUNGS) - 1 and self._rested > HALF_SECOND:
            self._machine, self._ms, self._rested = self._machine + 1, 0.0, 0
        elif self._ms < QUICK_MS and self._machine and self._rested > TEN_SECONDS:
            self._machine, self._ms, self._rested = self._machine - 1, 0.0, 0

    def plan(self, bps: int, width: int, height: int) -> Plan:
        """How to send pictures of this size while so much is let through."""
        bps = bounded(bps, width * height)
        self._follow_way(bps / (width * height))
        scale = RUNGS[max(self._way, self._machine)]
        return Plan(int(width * scale) & ~1, int(height * scale) & ~1, bps)

    def _follow_way(self, per_pixel: float) -> None:
        while per_pixel < FLOORS[self._way]:
            self._way += 1
        while self._way and per_pixel > FLOORS[self._way - 1] * EASE:
            self._way -= 1
