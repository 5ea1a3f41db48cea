"""Citizen links: a random token opens one session's page, and the page's cookie stands for it from then on.

A link is good while its session is open and for a grace after; an open form renews it, for a day at most (WCAG 2.2.1
asks for no less than 20 hours). Tokens and cookies are stored as hashes; the token also sealed with the hub's own key,
so that asking again gives the same address.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta

from client.domain.event import parse_timestamp, timestamp
from client.domain.ids import new_id
from client.hub.clock import Now
from client.hub.database import Database
from client.hub.secret import HubKey, hashed, new_token

LONGEST = timedelta(hours=24)  # after the session's end, however long a form is open


@dataclass(slots=True)
class Link:
    """One link. `until` is None while its session is open; `ended` when the session was closed."""

    id: str
    session: str
    sealed: bytes
    until: datetime | None = None
    ended: datetime | None = None


class Links:
    """All links that are still good, in memory and in the store."""

    def __init__(self, database: Database, key: HubKey, now: Now, grace_s: float) -> None:
        self._database = database
        self._key = key
        self._now = now
        self._grace = timedelta(seconds=grace_s)
        self._links: dict[str, Link] = {}
        self._by_session: dict[str, str] = {}
        self._tokens: dict[bytes, str] = {}
        self._cookies: dict[bytes, str] = {}
        database.read_now(self._load)

    def _load(self, connection: sqlite3.Connection) -> None:
        rows = connection.execute(
            "SELECT link.id, link.session, link.token, link.sealed, link.until, session.closed FROM link "
            "JOIN session ON session.id = link.session"
        )
        for id_, session, token, sealed, until, closed in rows:
            link = Link(id=id_, session=session, sealed=sealed)
            link.until = parse_timestamp(until) if until else None
            link.ended = parse_timestamp(closed) if closed else None
            if link.ended and link.until is None:  # the hub died between closing and noting the end
                link.until = link.ended + self._grace
            self._remember(link, token)
        self._cookies.update(connection.execute("SELECT value, link FROM cookie").fetchall())

    def _remember(self, link: Link, token: bytes) -> None:
        self._links[link.id] = link
        self._tokens[token] = link.id
        self._by_session[link.session] = link.id

    async def issue(self, session: str) -> tuple[Link, str, bool]:
        """The session's live link, its token, and whether it was made just now."""
        known = self._links.get(self._by_session.get(session, ""))
        if known is not None and self.alive(known):
            return known, self._key.unseal(known.sealed), False
        token = new_token()
        link = Link(id=new_id(), session=session, sealed=self._key.seal(token))
        row = (link.id, session, hashed(token), link.sealed, timestamp(self._now()), None)
        self._remember(link, hashed(token))
        await self._database.write(lambda c: c.execute("INSERT INTO link VALUES (?, ?, ?, ?, ?, ?)", row).rowcount)
        return link, token, True

    def by_token(self, token: str) -> Link | None:
        """The link that a token opens, alive or not."""
        return self._links.get(self._tokens.get(hashed(token), ""))

    def by_cookie(self, value: str) -> Link | None:
        """The link that a page's cookie stands for, alive or not."""
        return self._links.get(self._cookies.get(hashed(value), ""))

    def alive(self, link: Link) -> bool:
        """True while the link opens its session."""
        return link.until is None or self._now() <= link.until

    async def enter(self, link: Link) -> str:
        """A new cookie for this link."""
        value = new_token()
        row = (hashed(value), link.id, timestamp(self._now()))
        await self._database.write(lambda c: c.execute("INSERT INTO cookie VALUES (?, ?, ?)", row).rowcount)
        self._cookies[hashed(value)] = link.id
        return value

    async def leave(self, value: str) -> None:
        """The cookie opens nothing any more."""
        self._cookies.pop(hashed(value), None)
        await self._database.write(lambda c: c.execute("DELETE FROM cookie WHERE value = ?", (hashed(value),)).rowcount)

    async def session_closed(self, session: str) -> None:
        """The grace begins."""
        link = self._links.get(self._by_session.get(session, ""))
        if link is not None and link.ended is None:
            link.ended = self._now()
            await self._extend(link, link.ended + self._grace)

    async def renew(self, link: Link) -> None:
        """A form is open on the page: the grace begins anew, at most once a minute."""
        if link.until is None or link.ended is None:
            return
        until = min(self._now() + self._grace, link.ended + LONGEST)
        if until - link.until > timedelta(minutes=1):
            await self._extend(link, until)

    async def _extend(self, link: Link, until: datetime) -> None:
        link.until = until
        row = (timestamp(until), link.id)
        await self._database.write(lambda c: c.execute("UPDATE link SET until = ? WHERE id = ?", row).rowcount)

    async def sweep(self) -> int:
        """Forget dead links and their cookies; how many."""
        dead = {id_ for id_, link in self._links.items() if not self.alive(link)}
        for id_ in dead:
            self._by_session = {s: i for s, i in self._by_session.items() if i != id_}
            del self._links[id_]
        self._tokens = {token: id_ for token, id_ in self._tokens.items() if id_ not in dead}
        self._cookies = {cookie: id_ for cookie, id_ in self._cookies.items() if id_ not in dead}

        def work(connection: sqlite3.Connection) -> int:
            connection.executemany("DELETE FROM cookie WHERE link = ?", [(id_,) for id_ in dead])
            connection.executemany("DELETE FROM link WHERE id = ?", [(id_,) for id_ in dead])
            return len(dead)

        return await self._database.write(work)
