"""Limits of rate: so many at once, so many a second from then on."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable
from time import monotonic

from client.hub.problems import Refused

MAX_KEYS = 10_000  # buckets in memory; the oldest goes


class RateLimit:
    """A token bucket per key: `burst` at once, refilled with `per_second`."""

    def __init__(self, burst: int, per_second: float, clock: Callable[[], float] = monotonic) -> None:
        self._burst = burst
        self._rate = per_second
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def _left(self, key: str) -> float:
        left, at = self._buckets.get(key, (float(self._burst), self._clock()))
        return min(self._burst, left + (self._clock() - at) * self._rate)

    def check(self, key: str) -> None:
        """Raise 429 where nothing is left; takes nothing."""
        if (left := self._left(key)) < 1:
            wait = math.ceil((1 - left) / self._rate)
            raise Refused(429, "too-many", "too many requests; try again later", {"Retry-After": str(wait)})

    def take(self, key: str, cost: int = 1) -> None:
        """Take `cost`, or raise 429 with `Retry-After`. One that costs more than the burst leaves a debt."""
        self.check(key)
        self._buckets[key] = (self._left(key) - cost, self._clock())
        self._buckets.move_to_end(key)
        while len(self._buckets) > MAX_KEYS:
            self._buckets.popitem(last=False)
