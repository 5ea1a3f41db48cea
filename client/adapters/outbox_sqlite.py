"""The desk's outbox in SQLite: WAL with full sync, each entry sealed, emptied when the hub has acknowledged.

What waits is also held in memory, so that draining never reads the disk; this process is the file's one writer.
Only what must outlive a power cut waits for the disk: a forgotten acknowledgement is sent again and does no harm, and
a draft outlives the process without it. The caller's thread is the window's.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from client.adapters.outbox_file import Notice, open_store
from client.adapters.seal import Unreadable
from client.domain.codec import BadInput, decode, encode
from client.domain.event import Event, event_from_json, event_to_json
from client.ports.outbox import Opening, OutboxFull, Waiting

SWEEP_AFTER_S = 0.5  # after the last acknowledgement: while events come and go, the disk is left alone


class SqliteOutbox:
    """`Outbox` on disk. `notices` says what a person must know about the store (moved aside, recovered, unreadable)."""

    def __init__(self, file: Path, keys: Sequence[bytes]) -> None:
        store = open_store(file, keys)
        self._file = file
        self._connection = store.connection
        self._seal = store.seal
        self._notices = store.notices
        self._lock = threading.Lock()
        self._waiting: dict[str, Waiting] = {}
        self._aside: dict[str, tuple[Waiting, str]] = {}
        self._late: dict[str, str | None] = {}  # told by the hub, not yet written down for want of space
        self._again: set[str] = set()  # not set aside any more, not yet written down for want of space
        self._sweeping: threading.Timer | None = None
        self._load()

    @property
    def notices(self) -> tuple[Notice, ...]:
        """In the order found."""
        return tuple(self._notices)

    def put(self, event: Event, opening: Opening | None = None, *, drops: tuple[str, str] | None = None) -> None:
        """Keep an event, durably, and forget the draft it was made of; raises `OutboxFull` and changes nothing then."""
        if event.id in self._waiting or event.id in self._aside:
            return
        text = json.dumps({"event": event_to_json(event), "opening": encode(opening)}, ensure_ascii=False)
        sealed = self._seal.close(text, f"event:{event.id}")
        with self._writing(durable=True):
            added = self._connection.execute("INSERT INTO events (id, sealed) VALUES (?, ?)", (event.id, sealed))
            position = added.lastrowid or 0
            if drops is not None:
                self._connection.execute("DELETE FROM drafts WHERE session = ? AND field = ?", drops)
        self._waiting[event.id] = Waiting(position=position, event=event, opening=opening)

    def waiting(self) -> Sequence[Waiting]:
        """Oldest first."""
        return tuple(self._waiting.values())

    def acknowledged(self, ids: Sequence[str]) -> None:
        """Forget these. On a full disk they are forgotten in memory now and on disk later: sending twice is harmless."""
        for id_ in ids:
            if self._waiting.pop(id_, None):
                self._late[id_] = None
        self._try_to_settle()

    def refused(self, id_: str, why: str) -> None:
        """Set one aside."""
        waiting = self._waiting.pop(id_, None)
        if waiting:
            self._aside[id_] = (waiting, why)
            self._late[id_] = why
        self._try_to_settle()

    def set_aside(self) -> Sequence[tuple[Event, str]]:
        """Event and reason, oldest first."""
        return tuple((waiting.event, why) for waiting, why in self._aside.values())

    def try_again(self) -> None:
        """Wait again. Until that is on the disk a restarted desk finds them set aside, as they were."""
        again = [*self._waiting.values(), *(waiting for waiting, _ in self._aside.values())]
        self._waiting = {one.event.id: one for one in sorted(again, key=lambda one: one.position)}
        self._again |= self._aside.keys()
        self._late = {id_: why for id_, why in self._late.items() if id_ not in self._aside}
        self._aside = {}
        self._try_to_settle()

    def save_draft(self, session: str, field: str, text: str, *, durable: bool = False) -> None:
        """Keep what is being written; raises `OutboxFull`."""
        with self._writing(durable=durable):
            if text:
                sealed = self._seal.close(text, f"draft:{session}:{field}")
                self._connection.execute("INSERT OR REPLACE INTO drafts VALUES (?, ?, ?)", (session, field, sealed))
            else:
                self._connection.execute("DELETE FROM drafts WHERE session = ? AND field = ?", (session, field))

    def drafts(self, session: str) -> dict[str, str]:
        """Field → text."""
        with self._lock:
            rows = self._connection.execute("SELECT field, sealed FROM drafts WHERE session = ?", (session,)).fetchall()
        found = {}
        for field, sealed in rows:
            with contextlib.suppress(Unreadable):  # counted when the store was opened
                found[field] = self._seal.open(sealed, f"draft:{session}:{field}")
        return found

    def all_drafts(self) -> Sequence[tuple[str, str, str]]:
        """Everything that is being written."""
        with self._lock:
            rows = self._connection.execute("SELECT session, field, sealed FROM drafts ORDER BY rowid").fetchall()
        found = []
        for session, field, sealed in rows:
            with contextlib.suppress(Unreadable):
                found.append((session, field, self._seal.open(sealed, f"draft:{session}:{field}")))
        return found

    def close(self) -> None:
        """Let go of the file, swept."""
        self._try_to_settle()
        if self._sweeping:
            self._sweeping.cancel()
            self._sweep()
        with self._lock:
            self._connection.close()

    def _load(self) -> None:
        unreadable = 0
        rows = self._connection.execute("SELECT position, id, sealed, why FROM events ORDER BY position").fetchall()
        for position, id_, sealed, why in rows:
            try:
                self._take(position, id_, sealed, why)
            except (Unreadable, BadInput):
                unreadable += 1
        for session, field, sealed in self._connection.execute("SELECT session, field, sealed FROM drafts"):
            try:
                self._seal.open(sealed, f"draft:{session}:{field}")
            except Unreadable:
                unreadable += 1
        if unreadable:
            self._notices.append(Notice(kind="unreadable", file=str(self._file), entries=unreadable))

    def _take(self, position: int, id_: str, sealed: bytes, why: bytes | None) -> None:
        data = json.loads(self._seal.open(sealed, f"event:{id_}"))
        opening = decode(Opening, data["opening"]) if data["opening"] else None
        waiting = Waiting(position=position, event=event_from_json(data["event"]), opening=opening)
        if why is None:
            self._waiting[id_] = waiting
        else:
            self._aside[id_] = (waiting, self._seal.open(why, f"why:{id_}"))

    @contextlib.contextmanager
    def _writing(self, *, durable: bool) -> Iterator[None]:
        """One transaction, whole or not at all; a `durable` one is on the disk when it is done."""
        with self._lock:
            try:
                self._connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
                self._connection.execute("BEGIN IMMEDIATE")
                yield
                self._connection.execute("COMMIT")
            except sqlite3.Error as error:
                with contextlib.suppress(sqlite3.Error):  # SQLite has often rolled back by itself
                    self._connection.execute("ROLLBACK")
                raise OutboxFull(f"{self._file} cannot be written: {error}") from error

    def _try_to_settle(self) -> None:
        with contextlib.suppress(OutboxFull):
            if self._late or self._again:
                with self._writing(durable=any(why is not None for why in self._late.values())):
                    self._settle()
                self._late.clear()
                self._again.clear()
        if not self._waiting:
            self._sweep_soon()

    def _settle(self) -> None:
        """Write down what the hub has told, and what is tried again."""
        for id_ in self._again:
            self._connection.execute("UPDATE events SET why = NULL WHERE id = ?", (id_,))
        for id_, why in self._late.items():
            if why is None:
                self._connection.execute("DELETE FROM events WHERE id = ?", (id_,))
            else:
                sealed = self._seal.close(why, f"why:{id_}")
                self._connection.execute("UPDATE events SET why = ? WHERE id = ?", (sealed, id_))

    def _sweep_soon(self) -> None:
        if self._sweeping:
            self._sweeping.cancel()
        self._sweeping = threading.Timer(SWEEP_AFTER_S, self._sweep)
        self._sweeping.daemon = True
        self._sweeping.start()

    def _sweep(self) -> None:
        """Copy the WAL into the file and cut it to nothing, so that deleted entries are gone from both."""
        with self._lock, contextlib.suppress(sqlite3.OperationalError, sqlite3.ProgrammingError):
            # a full disk: the next sweep does it; a closed file was swept when it was closed
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
