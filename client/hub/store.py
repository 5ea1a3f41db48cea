"""The log in SQLite. Runs its decisions in the writer's thread, where nobody else can change the session meanwhile."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from client.domain.event import BODIES, Event, SessionOpened, event_from_json
from client.domain.session_log import (
    CHANGING,
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
from client.domain.telephone import national
from client.domain.words import Channel
from client.hub import delivery_table, threads
from client.hub.database import Database
from client.hub.log_store import Beside, Listener

MAX_KNOWN = 5_000  # sessions whose facts are remembered
_FACTS = "id, opened, opener, owner, owner_name, former, last_seq, closed, channel, language"


def _facts(row: tuple[str, str, str, str | None, str, str, int, str | None, str, str]) -> SessionFacts:
    id_, opened, opener, owner, owner_name, former, last_seq, closed, channel, language = row
    return SessionFacts(
        id=id_,
        opened=opened,
        opener=opener,
        owner=owner,
        owner_name=owner_name,
        former=json.loads(former),
        last_seq=last_seq,
        closed=closed,
        channel=Channel(channel),
        language=language,
    )


def _taken(id_: str, text: str, *, duplicate: bool = False) -> Taken:
    return Taken(id=id_, event=event_from_json(json.loads(text)), text=text, duplicate=duplicate)


@dataclass(slots=True)
class _Session:
    """A session inside a transaction. `seq` — the last number given."""

    connection: sqlite3.Connection
    facts: SessionFacts
    seq: int
    recorded: str

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
        self._known: dict[str, SessionFacts] = {}  # of the writer's thread; as the last commit left them
        database.on_lost = self._known.clear

    def listen(self, listener: Listener) -> None:
        """Hand everything that was stored to `listener`."""
        self._listeners.append(listener)

    async def open(self, opening: Opening, beside: Beside | None = None) -> Appended:
        """Open or join."""
        return await self._database.write(
            lambda connection: self._both(connection, self._open(connection, opening), beside), self._tell
        )

    async def append(self, session: str, decide: Decide, beside: Beside | None = None) -> Appended:
        """Store what `decide` says."""
        return await self._database.write(
            lambda connection: self._both(connection, self._append(connection, session, decide), beside), self._tell
        )

    def _both(self, connection: sqlite3.Connection, done: Appended, beside: Beside | None) -> Appended:
        if beside is not None:
            try:
                beside(connection, done)
            except BaseException:
                self._known.pop(done.facts.id, None)  # the events are undone too
                raise
        return done

    async def erase(self, session: str, ids: Sequence[str], say: Draft) -> Appended:
        """Empty these events and say so."""

        def work(connection: sqlite3.Connection) -> Appended:
            for id_ in ids:
                _empty(connection, session, id_)
            return self._append(connection, session, lambda _view: [say])

        return await self._database.write(work, self._tell, erases=True)

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
            "INSERT INTO session (id, opened, opener, owner_name, former, last_seq) VALUES (?, ?, ?, '', '{}', 0)",
            (opening.session, self._now(), opening.draft.actor),
        )
        if opening.number:
            connection.execute(
                "INSERT INTO number (session, number, plain) VALUES (?, ?, ?)",
                (opening.session, opening.number, national(opening.number)),
            )
        return replace(self._append(connection, opening.session, lambda _view: [opening.draft]), before=None)

    def _append(self, connection: sqlite3.Connection, session: str, decide: Decide) -> Appended:
        before = self._known.get(session) or _require(connection, session)
        held = _Session(connection, before, before.last_seq, self._now())
        taken = tuple(_take(held, item) for item in decide(held))
        if held.seq != before.last_seq:
            held.facts = replace(held.facts, last_seq=held.seq)
            _save(connection, held.facts)
        if len(self._known) >= MAX_KNOWN:
            self._known.clear()
        self._known[session] = held.facts
        return Appended(before=before, facts=held.facts, taken=taken)


def _take(held: _Session, item: Draft | Twin) -> Taken:
    if isinstance(item, Twin):
        return Taken(id=item.id, event=item.of, text=to_text(item.of), duplicate=True)
    seq = held.seq + 1
    stamped = f'"seq":{seq},"recorded":"{held.recorded}","actor":{_quoted(item.actor)}'
    text = f"{item.text[:-1]},{stamped}}}"
    body = item.event.body
    row = (held.facts.id, seq, item.event.id, body.type, body.retention, held.recorded, text, item.fingerprint)
    if not held.connection.execute(_INSERT, row).rowcount:
        return _duplicate(held, item)
    held.seq = seq
    event = item.event.numbered(seq, held.recorded, item.actor)
    if isinstance(body, CHANGING):
        held.facts = after(held.facts, event)
    return Taken(id=event.id, event=event, text=text)


_INSERT = (
    "INSERT INTO event (session, seq, id, type, retention, recorded, text, fingerprint) VALUES (?,?,?,?,?,?,?,?) "
    "ON CONFLICT (id) DO NOTHING"
)


@lru_cache(maxsize=1024)
def _quoted(actor: str) -> str:
    return json.dumps(actor)


def _require(connection: sqlite3.Connection, session: str) -> SessionFacts:
    row = connection.execute(f"SELECT {_FACTS} FROM session WHERE id = ?", (session,)).fetchone()  # noqa: S608 — a constant
    if row is None:
        raise unknown_session()
    return _facts(row)


def _save(connection: sqlite3.Connection, facts: SessionFacts) -> None:
    connection.execute(
        "UPDATE session SET owner = ?, owner_name = ?, former = ?, last_seq = ?, closed = ?, channel = ?, language = ? "
        "WHERE id = ?",
        (
            facts.owner,
            facts.owner_name,
            json.dumps(dict(facts.former)),
            facts.last_seq,
            facts.closed,
            facts.channel,
            facts.language,
            facts.id,
        ),
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


def _duplicate(held: _Session, item: Draft) -> Taken:
    row = held.connection.execute(
        "SELECT session, fingerprint, text FROM event WHERE id = ?", (item.event.id,)
    ).fetchone()
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
        connection.execute("DELETE FROM session_key WHERE session = ?", (session,))
        threads.forget(connection, session)
    delivery_table.forget(connection, session, None if isinstance(whole.body, SessionOpened) else [id_])
    event = emptied(whole)
    connection.execute(
        "UPDATE event SET type = ?, text = ?, fingerprint = NULL, retention = ? WHERE id = ?",
        (event.type, to_text(event), BODIES[event.type].retention, id_),
    )
