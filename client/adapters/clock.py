"""The desk's clock: the machine's time corrected by the hub's offset, and later calls on the running asyncio loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from client.ports.clock import Timer


class LoopClock:
    """`Clock` on the loop of the thread that made it. `offset_s` is the hub's clock minus ours."""

    def __init__(self, loop: asyncio.AbstractEventLoop | None = None) -> None:
        self._loop = loop or asyncio.get_running_loop()
        self._offset = timedelta()

    @property
    def offset_s(self) -> float:
        """Seconds that the hub is ahead of this machine."""
        return self._offset.total_seconds()

    def correct(self, offset_s: float) -> None:
        """Take the offset measured when the hub was reached."""
        self._offset = timedelta(seconds=offset_s)

    def now(self) -> datetime:
        """The moment in UTC, by the hub's clock once it is known."""
        return datetime.now(UTC) + self._offset

    def later(self, seconds: float, act: Callable[[], None]) -> Timer:
        """Call `act` after `seconds`."""
        return self._loop.call_later(seconds, act)
