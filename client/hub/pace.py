"""How fast a provider may be asked: so many a second, so many at once."""

from __future__ import annotations

import asyncio


class Pace:
    """`enter` waits until one more may be asked; `leave` when it has answered. On one loop."""

    def __init__(self, per_second: float, at_once: int) -> None:
        self._every = 1 / per_second
        self._room = asyncio.Semaphore(at_once)
        self._next = 0.0

    async def enter(self) -> None:
        """Wait for a place and for the moment."""
        await self._room.acquire()
        loop = asyncio.get_running_loop()
        now = loop.time()
        self._next = max(self._next, now) + self._every
        if (wait := self._next - self._every - now) > 0:
            await asyncio.sleep(wait)

    def leave(self) -> None:
        """The place is free."""
        self._room.release()
