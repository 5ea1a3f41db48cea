"""The log without a disk: for a training hub and for tests; the same contract as the one in SQLite."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from client.domain.ledger import Ledger
from client.domain.session_log import Appended, Decide, Draft, LogRefused, Opening, SessionFacts, Taken
from client.hub.log_store import Beside, Listener


class MemoryLog:
    """`LogStore` over the domain's `Ledger`."""

    def __init__(self, now: Callable[[], str]) -> None:
        self._ledger = Ledger(now)
        self._listeners: list[Listener] = []

    def listen(self, listener: Listener) -> None:
        """Hand everything that was stored to `listener`."""
        self._listeners.append(listener)

    async def open(self, opening: Opening, beside: Beside | None = None) -> Appended:
        """Open or join."""
        _refuse(beside)
        return self._told(self._ledger.open(opening))

    async def append(self, session: str, decide: Decide, beside: Beside | None = None) -> Appended:
        """Store what `decide` says."""
        _refuse(beside)
        return self._told(self._ledger.append(session, decide))

    async def erase(self, session: str, ids: Sequence[str], say: Draft) -> Appended:
        """Empty these events and say so."""
        return self._told(self._ledger.erase(session, ids, say))

    async def events(self, session: str, after: int, limit: int) -> Sequence[Taken]:
        """A page of events."""
        return self._ledger.events(session, after, limit)

    async def facts(self, session: str) -> SessionFacts:
        """One session's facts."""
        return self._ledger.facts_of(session)

    async def recent(self, since: str) -> Sequence[SessionFacts]:
        """Open or lately closed sessions."""
        return [facts for facts in self._ledger.facts() if facts.closed is None or facts.closed > since]

    async def number(self, session: str) -> str:
        """The citizen's whole number."""
        return self._ledger.number(session)

    def close(self) -> None:
        """Nothing to let go."""

    def _told(self, appended: Appended) -> Appended:
        for listener in self._listeners:
            listener(appended)
        return appended


def _refuse(beside: Beside | None) -> None:
    if beside is not None:
        raise LogRefused(501, "no-gateways", "a log in memory has no tables beside it: nothing can go out or come in")
