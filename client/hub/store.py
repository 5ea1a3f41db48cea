"""The log in SQLite. Runs its decisions in the writer's thread, where nobody else can change the session meanwhile."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from client.domain.event import BODIES, Event, SessionOpened, event_from_json
from client.domain.session_log import (
    Appended,
    Decide,
    Draft,
    Opening,
    SessionFacts,
    Taken,
    Twin,
    after,
    emptied,
    id_reused,
    not_of_session,
    to_text,
    unknown_session,
)
from client.hub.database import Database
from client.hub.log_store import Listener

_FACTS = "id, opened, opener, owner, owner_name, former, last_seq, closed"


def _facts(row: tuple[str, str, str, str | None, str, str, int, str | None]) -> SessionFacts:
    id_, opened, opener, owner, owner_name, former, last_seq, closed = row
    return SessionFacts(
        id=id_,
        opened=opened,
        opener=opener,
        owner=owner,
        owner_name=owner_name,
        former=json.loads(former),
        last_seq=last_seq,
        closed=closed,
    )


def _taken(id_: str, text: str, *, duplicate: bool = False) -> Taken:
    return Taken(id=id_, event=event_from_json(json.loads(text)), text=text, duplicate=duplicate)


@dataclass(slots=True)
class _Session:
    """A session inside a transaction."""

    connection: sqlite3.Connection
    facts: SessionFacts

    def get(self, id_: str) -> Event | None:
        """An event of this session by id."""
        row = self.connection.execute(
            "SELECT text FROM event WHERE id = ? AND session = ?", (id_, self.facts.id)
        ).fetchone()
        return event_from_json(json.loads(row[0])) if row else None

    def having(self, *types: str) -> Sequence[Event]:
        """The events of these types, by seq."""
        marks = ",".join("?" * len(types))
        rows = self.connection.execute(
            f"SELECT text FROM event WHERE session = ? AND type IN ({marks}) ORDER BY seq",  # noqa: S608 — question marks
            (self.facts.id, *types),
        )
        return [event_from_json(json.loads(text)) for (text,) in rows]


class SqliteLog:
    """`LogStore` in a `Database`. `now` gives the hub's time as RFC 3339 text."""

    def __init__(self, database: Database, now: Callable[[], str]) -> None:
        self._database = database
        self._now = now
        self._listeners: list[Listener] = []

    def listen(self, listener: Listener) -> None:
        """Hand everything that was stored to `listener`."""
        self._listeners.append(listener)

    async def open(self, opening: Opening) -> Appended:
        """Open or join."""
        return await self._database.write(lambda connection: self._open(connection, opening), self._tell)

    async def append(self, session: str, decide: Decide) -> Appended:
        """Store what `decide` says."""
        return await self._database.write(lambda connection: self._append(connection, session, decide), self._tell)

    async def erase(self, session: str, ids: Sequence[str], say: Draft) -> Appended:
        """Empty these events and say so."""

        def work(connection: sqlite3.Connection) -> Appended:
            for id_ in ids:
                _empty(connection, session, id_)
            return self._append(connection, session, lambda _view: [say])

        return await self._database.write(work, self._tell)

    async def events(self, session: str, after: int, limit: int) -> Sequence[Taken]:
        """A page of events."""
        rows = await self._database.read(
            lambda connection: connection.execute(
                "SELECT id, text FROM event WHERE session = ? AND seq > ? ORDER BY seq LIMIT ?", (session, after, limit)
            ).fetchall()
        )
        return [_taken(id_, text) for id_, text in rows]

    async def facts(self, session: str) -> SessionFacts:
        """One session's facts."""
        return await self._database.read(lambda connection: _require(connection, session))

    async def recent(self, since: str) -> Sequence[SessionFacts]:
        """Open or lately closed sessions."""
        rows = await self._database.read(
            lambda connection: connection.execute(
                f"SELECT {_FACTS} FROM session WHERE closed IS NULL OR closed > ? ORDER BY opened DESC, id DESC",  # noqa: S608 — a constant
                (since,),
            ).fetchall()
        )
        return [_facts(row) for row in rows]

    async def number(self, session: str) -> str:
        """The citizen's whole number."""
        row = await self._database.read(
            lambda connection: connection.execute("SELECT number FROM number WHERE session = ?", (session,)).fetchone()
        )
        return str(row[0]) if row else ""

    def close(self) -> None:
        """Finish and let go."""
        self._database.close()

    def _tell(self, appended: Appended) -> None:
        for listener in self._listeners:
            listener(appended)

    def _open(self, connection: sqlite3.Connection, opening: Opening) -> Appended:
        known = _known(connection, opening)
        done = self._create(connection, opening) if known is None else _joined(connection, known, opening)
        if opening.allowed(done.facts):
            connection.executemany(
                "INSERT INTO session_key VALUES (?, ?) ON CONFLICT DO NOTHING",
                [(key, done.facts.id) for key in opening.keys],
            )
        return done

    def _create(self, connection: sqlite3.Connection, opening: Opening) -> Appended:
        connection.execute(
            "INSERT INTO session VALUES (?, ?, ?, NULL, '', '{}', 0, NULL)",
            (opening.session, self._now(), opening.draft.actor),
        )
        if opening.number:
            connection.execute("INSERT INTO number VALUES (?, ?)", (opening.session, opening.number))
        return replace(self._append(connection, opening.session, lambda _view: [opening.draft]), before=None)

    def _append(self, connection: sqlite3.Connection, session: str, decide: Decide) -> Appended:
        held = _Session(connection, _require(connection, session))
        before = held.facts
        taken = tuple(self._take(held, item) for item in decide(held))
        if held.facts is not before:
            _save(connection, held.facts)
        return Appended(before=before, facts=held.facts, taken=taken)

    def _take(self, held: _Session, item: Draft | Twin) -> Taken:
        if isinstance(item, Twin):
            return Taken(id=item.id, event=item.of, text=to_text(item.of), duplicate=True)
        if (known := _duplicate(held, item)) is not None:
            return known
        event = item.event.numbered(held.facts.last_seq + 1, self._now(), item.actor)
        text = f'{item.text[:-1]},"seq":{event.seq},"recorded":"{event.recorded}","actor":{json.dumps(item.actor)}}}'
        held.connection.execute(
            "INSERT INTO event (session, seq, id, type, retention, recorded, text, fingerprint) VALUES (?,?,?,?,?,?,?,?)",
            (
                held.facts.id,
                event.seq,
                event.id,
                event.type,
                event.body.retention,
                event.recorded,
                text,
                item.fingerprint,
            ),
        )
        held.facts = after(held.facts, event)
        return Taken(id=event.id, event=event, text=text)


def _require(connection: sqlite3.Connection, session: str) -> SessionFacts:
    row = connection.execute(f"SELECT {_FACTS} FROM session WHERE id = ?", (session,)).fetchone()  # noqa: S608 — a constant
    if row is None:
        raise unknown_session()
    return _facts(row)


def _save(connection: sqlite3.Connection, facts: SessionFacts) -> None:
    connection.execute(
        "UPDATE session SET owner = ?, owner_name = ?, former = ?, last_seq = ?, closed = ? WHERE id = ?",
        (facts.owner, facts.owner_name, json.dumps(dict(facts.former)), facts.last_seq, facts.closed, facts.id),
    )


def _known(connection: sqlite3.Connection, opening: Opening) -> SessionFacts | None:
    row = connection.execute(f"SELECT {_FACTS} FROM session WHERE id = ?", (opening.session,)).fetchone()  # noqa: S608 — a constant
    for key in opening.keys:
        if row is not None:
            break
        row = connection.execute(
            f"SELECT {_FACTS} FROM session WHERE id = (SELECT session FROM session_key WHERE key = ?)",  # noqa: S608 — a constant
            (key,),
        ).fetchone()
    return _facts(row) if row else None


def _joined(connection: sqlite3.Connection, known: SessionFacts, opening: Opening) -> Appended:
    row = connection.execute(
        "SELECT session, fingerprint, text FROM event WHERE id = ?", (opening.draft.event.id,)
    ).fetchone()
    if row is None:
        return Appended(before=known, facts=known, taken=())
    if row[0] != known.id or row[1] not in (None, opening.draft.fingerprint):
        raise id_reused()
    taken = _taken(opening.draft.event.id, row[2], duplicate=True)
    return Appended(before=known, facts=known, taken=(taken,))


def _duplicate(held: _Session, item: Draft) -> Taken | None:
    row = held.connection.execute(
        "SELECT session, fingerprint, text FROM event WHERE id = ?", (item.event.id,)
    ).fetchone()
    if row is None:
        return None
    if row[0] != held.facts.id or row[1] not in (None, item.fingerprint):
        raise id_reused()
    return _taken(item.event.id, row[2], duplicate=True)


def _empty(connection: sqlite3.Connection, session: str, id_: str) -> None:
    row = connection.execute("SELECT text FROM event WHERE id = ? AND session = ?", (id_, session)).fetchone()
    if row is None:
        raise not_of_session()
    whole = event_from_json(json.loads(row[0]))
    if isinstance(whole.body, SessionOpened):
        connection.execute("DELETE FROM number WHERE session = ?", (session,))
    event = emptied(whole)
    connection.execute(
        "UPDATE event SET type = ?, text = ?, fingerprint = NULL, retention = ? WHERE id = ?",
        (event.type, to_text(event), BODIES[event.type].retention, id_),
    )
