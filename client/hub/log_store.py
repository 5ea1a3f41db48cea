"""What the hub needs of a log: one way to open, one to append, one to erase; everything else is read off it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from typing import Protocol

from client.domain.session_log import Appended, Decide, Draft, Opening, SessionFacts, Taken

Listener = Callable[[Appended], None]
Beside = Callable[[sqlite3.Connection, Appended], None]
"""What else is stored with the events, in the hub's other tables. May raise `LogRefused`: nothing is stored then."""


class LogStore(Protocol):
    """Every method raises `LogRefused`; those that write also `StoreFull`, and then nothing of the request is stored."""

    def listen(self, listener: Listener) -> None:
        """Hand everything that was stored to `listener`, on the loop, in the order it was stored."""

    async def open(self, opening: Opening, beside: Beside | None = None) -> Appended:
        """Open a session, or join the one that has its id or one of its keys (`before` is set then).

        `beside` is done in the same transaction: both or neither. A log without a database refuses it (501).
        """

    async def append(self, session: str, decide: Decide, beside: Beside | None = None) -> Appended:
        """Store what `decide` says of the session, all of it or nothing; `beside` as in `open`."""

    async def erase(self, session: str, ids: Sequence[str], say: Draft) -> Appended:
        """Empty these events and store `say` in one act; the whole number and the keys go with `session.opened`."""

    async def events(self, session: str, after: int, limit: int) -> Sequence[Taken]:
        """At most `limit` events with seq > `after`, by seq."""

    async def facts(self, session: str) -> SessionFacts:
        """One session's facts."""

    async def recent(self, since: str) -> Sequence[SessionFacts]:
        """Sessions that are open or were closed after `since` (RFC 3339), newest first."""

    async def number(self, session: str) -> str:
        """The citizen's whole number, or nothing."""

    def close(self) -> None:
        """Finish and let go."""
