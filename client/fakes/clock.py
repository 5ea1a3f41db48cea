"""A clock that stands still until told to go on."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from client.ports.clock import Timer

START = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)


@dataclass(order=True)
class _Due:
    at: datetime
    turn: int
    act: Callable[[], None] | None = field(compare=False)

    def cancel(self) -> None:
        """Never call back."""
        self.act = None


class HeldClock:
    """`Clock` in the hands of a test: `advance` moves it and fires what becomes due, in order."""

    def __init__(self, start: datetime = START) -> None:
        self._now = start
        self._due: list[_Due] = []
        self._turns = itertools.count()

    def now(self) -> datetime:
        """The moment it was moved to."""
        return self._now

    def correct(self, offset_s: float) -> None:
        """Take the hub's offset: the moment jumps, timers keep their length."""
        jump = timedelta(seconds=offset_s)
        self._now += jump
        for due in self._due:
            due.at += jump

    def later(self, seconds: float, act: Callable[[], None]) -> Timer:
        """Call `act` when the clock has been moved on by `seconds`."""
        due = _Due(self._now + timedelta(seconds=seconds), next(self._turns), act)
        heapq.heappush(self._due, due)
        return due

    def advance(self, seconds: float) -> None:
        """Move on; what is due is called at its own moment, also what a callback adds on the way."""
        end = self._now + timedelta(seconds=seconds)
        while self._due and self._due[0].at <= end:
            due = heapq.heappop(self._due)
            self._now = max(self._now, due.at)
            if due.act:
                due.act()
        self._now = end
