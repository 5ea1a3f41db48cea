"""The append-only access log (안전성 확보조치 기준 8): who, when, from where, whose data, what, why."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence

from client.hub.database import Database
from client.wire import AccessEntry

PAGE = 1_000  # entries in one answer


class AccessLog:
    """Entries are on the disk before the data that they tell of is given out."""

    def __init__(self, database: Database, now: Callable[[], str]) -> None:
        self._database = database
        self._now = now

    async def write(
        self, *, principal: str, origin: str, sessions: Sequence[str], action: str, reason: str = ""
    ) -> None:
        """One look, a line for each session. `origin` is the asker's address; "" stands for no session of its own."""
        rows = [(self._now(), principal, origin, session, action, reason) for session in sessions]

        def work(connection: sqlite3.Connection) -> None:
            connection.executemany(
                "INSERT INTO access (at, principal, origin, session, action, reason) VALUES (?, ?, ?, ?, ?, ?)", rows
            )

        await self._database.write(work)

    async def entries(self, after: int) -> Sequence[AccessEntry]:
        """Entries with `n` > `after`, oldest first, at most a page."""
        rows = await self._database.read(
            lambda c: c.execute(
                "SELECT n, at, principal, origin, session, action, reason FROM access WHERE n > ? ORDER BY n LIMIT ?",
                (after, PAGE),
            ).fetchall()
        )
        names = ("n", "at", "principal", "origin", "session", "action", "reason")
        return [AccessEntry(**dict(zip(names, row, strict=True))) for row in rows]

    async def sweep(self, before: str) -> int:
        """Forget entries older than `before` by the one marked path that the triggers let through; how many."""

        def work(connection: sqlite3.Connection) -> int:
            connection.execute("INSERT INTO access_sweep VALUES (?)", (before,))
            gone = connection.execute("DELETE FROM access WHERE at < ?", (before,)).rowcount
            connection.execute("DELETE FROM access_sweep")
            return gone

        return await self._database.write(work, erases=True)
