"""Which look at a citizen's data stands in the access log already: one line an hour says that somebody reads."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from client.hub.access_log import AccessLog
from client.hub.clock import Now
from client.hub.reader import Reader

HOUR = timedelta(hours=1)
Pair = tuple[str, str]
"""(session, principal)"""


class Looks:
    """What was noted is remembered once it is on the disk, and not before."""

    def __init__(self, access: AccessLog, now: Now) -> None:
        self._access = access
        self._now = now
        self._noted: dict[tuple[str, str, str], datetime] = {}
        self._mirrored: set[Pair] = set()
        self._beginning: set[Pair] = set()

    async def note(self, *, principal: str, origin: str, session: str, action: str) -> None:
        """Log that `principal` reads, unless that was logged within the hour."""
        key, now = (principal, session, action), self._now()
        if now - self._noted.get(key, now - HOUR) >= HOUR:
            await self._access.write(principal=principal, origin=origin, sessions=(session,), action=action)
            self._noted[key] = now

    def sweep(self) -> None:
        """Forget what an hour has passed over."""
        now = self._now()
        self._noted = {key: at for key, at in self._noted.items() if now - at < HOUR}

    # ── the mirror ───────────────────────────────────────────────────────────────────────────────

    def may_mirror(self, session: str, reader: Reader) -> bool:
        """True if it is logged that this reader's person sees what the session's citizen does."""
        return (session, reader.asker) in self._mirrored

    def begin(self, session: str, readers: Iterable[Reader]) -> list[Reader]:
        """Those of `readers` for whom a line has to be written now; nobody else begins it meanwhile."""
        found: dict[Pair, Reader] = {}
        for reader in readers:
            pair = (session, reader.asker)
            if pair not in self._mirrored | self._beginning:
                found[pair] = reader
        self._beginning |= set(found)
        return list(found.values())

    async def mirror(self, session: str, reader: Reader) -> None:
        """Log that this reader's person begins to see what the citizen does."""
        pair = (session, reader.asker)
        try:
            await self._access.write(principal=reader.asker, origin=reader.origin, sessions=(session,), action="mirror")
            if pair in self._beginning:  # the sharing may have ended meanwhile
                self._mirrored.add(pair)
        finally:
            self._beginning.discard(pair)

    def end_mirror(self, session: str) -> None:
        """The sharing is over: whoever sees the next one is logged anew."""
        self._mirrored = {pair for pair in self._mirrored if pair[0] != session}
        self._beginning = {pair for pair in self._beginning if pair[0] != session}
