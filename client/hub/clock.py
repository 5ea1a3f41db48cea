"""The hub's time, so that tests can hold it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from client.domain.event import timestamp

Now = Callable[[], datetime]


def system_now() -> datetime:
    """The system's time in UTC."""
    return datetime.now(UTC)


def stamp_of(now: Now) -> Callable[[], str]:
    """The same clock as RFC 3339 text."""
    return lambda: timestamp(now())
