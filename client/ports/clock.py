"""Time, so that tests can hold it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Protocol


class Timer(Protocol):
    """A running timer."""

    def cancel(self) -> None:
        """Never call back."""


class Clock(Protocol):
    """Wall time in UTC, and later calls."""

    def now(self) -> datetime:
        """The moment, corrected by the hub's offset once it is known."""

    def later(self, seconds: float, act: Callable[[], None]) -> Timer:
        """Call `act` after `seconds`, on the thread of the desk."""
