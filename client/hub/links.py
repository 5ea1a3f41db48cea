"""Citizen links: a random token opens one session's page, and the page's cookie stands for it from then on.

A link is good while its session is open and for a grace after; an open form renews it, for a day at most (WCAG 2.2.1
asks for no less than 20 hours). Tokens and cookies are stored as hashes; the token also sealed with the hub's own key,
so that asking again gives the same address.

A link is one browser's at a time: who has only got hold of the address does not read along. Another browser may enter
when the first has gone, whose cookie ends then; `end` ends a link and all that came of it.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from client.domain.event import parse_timestamp, timestamp
from client.domain.ids import new_id
from client.hub.browsers import Browsers
from client.hub.clock import Now
from client.hub.database import Database
from client.hub.reader import Reader
from client.hub.secret import HubKey, hashed, new_token

LONGEST = timedelta(hours=24)  # after the session's end, however long a form is open
TELL_EVERY = timedelta(minutes=1)  # that another browser was refused


@dataclass(slots=True)
class Link:
    """One link. `until` is None while its session is open; `ended` when the session was closed; `cookies` — hashes.

    `door` is held by whoever is entering; `told` — when the agent last heard that another browser was refused.
    """

    id: str
    session: str
    sealed: bytes
    until: datetime | None = None
    ended: datetime | None = None
    cookies: set[bytes] = field(default_factory=set)
    door: asyncio.Lock = field(default_factory=asyncio.Lock)
    told: datetime | None = None


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
        self._browsers = Browsers(now)
        self._making = asyncio.Lock()
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
        for cookie, id_ in connection.execute("SELECT value, link FROM cookie").fetchall():
            if id_ in self._links:
                self._let_in(self._links[id_], cookie)
        self._browsers.expect(self._cookies)

    def _remember(self, link: Link, token: bytes) -> None:
        self._links[link.id] = link
        self._tokens[token] = link.id
        self._by_session[link.session] = link.id

    def _let_in(self, link: Link, cookie: bytes) -> None:
        self._cookies[cookie] = link.id
        link.cookies.add(cookie)

    async def issue(self, session: str) -> tuple[Link, str, bool]:
        """The session's live link, its token, and whether it was made just now."""
        async with self._making:
            known = self._links.get(self._by_session.get(session, ""))
            if known is not None and self.alive(known):
                return known, self._key.unseal(known.sealed), False
            token = new_token()
            link = Link(id=new_id(), session=session, sealed=self._key.seal(token))
            row = (link.id, session, hashed(token), link.sealed, timestamp(self._now()), None)
            # on the disk first: a link that was not stored would end with this hub
            await self._database.write(lambda c: c.execute("INSERT INTO link VALUES (?, ?, ?, ?, ?, ?)", row).rowcount)
            self._remember(link, hashed(token))
            return link, token, True

    async def end(self, session: str) -> None:
        """The session's link opens nothing any more, and who came in by it is out."""
        async with self._making:
            if (id_ := self._by_session.get(session)) is not None:
                await self._database.write(lambda c: _delete(c, [id_]))
                self._forget([id_])

    def by_token(self, token: str) -> Link | None:
        """The link that a token opens, alive or not."""
        return self._links.get(self._tokens.get(hashed(token), ""))

    def by_cookie(self, value: str) -> Link | None:
        """The link that a page's cookie stands for, alive or not."""
        return self._links.get(self._cookies.get(hashed(value), ""))

    def alive(self, link: Link) -> bool:
        """True while the link opens its session."""
        return link.until is None or self._now() <= link.until

    def in_use(self, link: Link) -> bool:
        """True while a browser that entered is there."""
        return any(self._browsers.there(cookie) for cookie in link.cookies)

    def refusal_is_news(self, link: Link) -> bool:
        """True when the agent has not been told lately that another browser was refused."""
        if link.told is not None and self._now() - link.told < TELL_EVERY:
            return False
        link.told = self._now()
        return True

    async def enter(self, link: Link, before: str = "") -> str:
        """A new cookie, the only one of this link. `before` is the browser's cookie until now: its other page ends."""
        value = new_token()
        row = (hashed(value), link.id, timestamp(self._now()))
        ended = [cookie for cookie in {*link.cookies, hashed(before)} if cookie in self._cookies]

        def work(connection: sqlite3.Connection) -> int:
            connection.executemany("DELETE FROM cookie WHERE value = ?", [(cookie,) for cookie in ended])
            return connection.execute("INSERT INTO cookie VALUES (?, ?, ?)", row).rowcount

        await self._database.write(work)
        for cookie in ended:
            self._end(cookie)
        self._let_in(link, hashed(value))
        return value

    async def leave(self, value: str) -> None:
        """The cookie opens nothing any more."""
        self._end(hashed(value))
        await self._database.write(lambda c: c.execute("DELETE FROM cookie WHERE value = ?", (hashed(value),)).rowcount)

    def joined(self, value: str, reader: Reader) -> None:
        """A page with this cookie has its stream open. One whose cookie ended meanwhile gets no more."""
        if hashed(value) in self._cookies:
            self._browsers.joined(hashed(value), reader)
        else:
            reader.end()

    def left(self, value: str, reader: Reader) -> None:
        """That stream is over."""
        self._browsers.left(hashed(value), reader)

    def _end(self, cookie: bytes) -> None:
        link = self._links.get(self._cookies.pop(cookie, ""))
        if link is not None:
            link.cookies.discard(cookie)
        self._browsers.end(cookie)

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
        dead = [id_ for id_, link in self._links.items() if not self.alive(link)]
        self._forget(dead)
        return await self._database.write(lambda c: _delete(c, dead))

    def _forget(self, dead: Iterable[str]) -> None:
        for id_ in dead:
            link = self._links.pop(id_, None)
            if link is None:
                continue
            if self._by_session.get(link.session) == id_:
                del self._by_session[link.session]
            for cookie in link.cookies:
                self._cookies.pop(cookie, None)
                self._browsers.end(cookie)
        self._tokens = {token: id_ for token, id_ in self._tokens.items() if id_ in self._links}


def _delete(connection: sqlite3.Connection, links: Iterable[str]) -> int:
    rows = [(id_,) for id_ in links]
    connection.executemany("DELETE FROM cookie WHERE link = ?", rows)
    connection.executemany("DELETE FROM link WHERE id = ?", rows)
    return len(rows)
