"""A clock that a test moves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class HeldTime:
    """Real time plus what the test has added."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def pass_(self, **units: float) -> None:
        self.ahead += timedelta(**units)
