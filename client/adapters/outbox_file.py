"""The outbox's file: opened, checked, and moved aside when it cannot be read. Nothing is ever silently dropped.

A store sealed with a key that is not here (a key store that stays locked, a profile copied from elsewhere) is moved
beside itself and adopted again as soon as its key is. What can be read of a damaged store is carried over.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from client import platform
from client.adapters.seal import Seal, Unreadable
from client.ports.outbox import OutboxFull

VERSION = 1
_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS events (
    position INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, sealed BLOB NOT NULL, why BLOB);
CREATE TABLE IF NOT EXISTS drafts (
    session TEXT NOT NULL, field TEXT NOT NULL, sealed BLOB NOT NULL, PRIMARY KEY (session, field));
"""


class OutboxBusy(Exception):
    """Another desk of this user has the store open."""


class _Damaged(Exception):
    """SQLite cannot read the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What a person must be told about the store.

    `kind` — `foreign` (sealed with a key that is not here), `damaged`, `unreadable` (single entries), `recovered`;
    `file` — where it stands now; `entries` — how many it concerns (0: unknown).
    """

    kind: str
    file: str
    entries: int = 0

    def __str__(self) -> str:
        texts = {
            "foreign": "was sealed with a key that is not here; it is kept and read again when its key is back",
            "damaged": "is damaged; it is kept, and what could be read was carried over",
            "unreadable": "holds entries that cannot be read; they are kept",
            "recovered": "was read again",
        }
        return f"{self.file} {texts[self.kind]} ({self.entries} entries)"


@dataclass(slots=True)
class Store:
    """An open store: its connection, the seal it is written with, and what is to be told."""

    connection: sqlite3.Connection
    seal: Seal
    notices: list[Notice]


def open_store(file: Path, keys: Sequence[bytes]) -> Store:
    """Open or make the store. `keys[0]` seals a new one; any of them may open an old one.

    Raises `OutboxBusy` if another desk has it, `OutboxFull` if it cannot be made.
    """
    platform.private_dir(file.parent)
    seals = {seal.fingerprint: seal for seal in map(Seal, keys)}
    newest = Seal(keys[0])
    notices: list[Notice] = []
    try:
        connection = _open_or_move_aside(file, seals, newest, notices)
    except sqlite3.OperationalError as error:
        raise _refusal(error, file) from error
    store = Store(connection, seals[_fingerprint(connection)], notices)
    for aside in sorted(file.parent.glob(f"{file.stem}-*.db")):
        with contextlib.suppress(sqlite3.OperationalError):  # no space to carry it over: the next start tries again
            _adopt(aside, seals, store)
    return store


def _refusal(error: sqlite3.OperationalError, file: Path) -> Exception:
    if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return OutboxBusy(f"another desk has {file} open")
    return OutboxFull(f"{file} cannot be written: {error}")


def _open_or_move_aside(
    file: Path, seals: dict[bytes, Seal], newest: Seal, notices: list[Notice]
) -> sqlite3.Connection:
    try:
        connection = _connect(file, newest)
        if _fingerprint(connection) in seals:
            return connection
        connection.close()
        kind = "foreign"
    except _Damaged:
        kind = "damaged"
    aside = _move_aside(file, kind)
    if kind == "foreign":
        notices.append(Notice(kind=kind, file=str(aside)))
    return _connect(file, newest)


def _connect(file: Path, newest: Seal) -> sqlite3.Connection:
    """A connection that owns the file; raises `_Damaged` when it is not a sound store of this version."""
    connection = sqlite3.connect(file, timeout=1.0, isolation_level=None, check_same_thread=False)
    try:
        _prepare(connection, newest)
        sound = connection.execute("PRAGMA quick_check").fetchone() == ("ok",)
    except sqlite3.OperationalError:
        connection.close()
        raise
    except sqlite3.DatabaseError:
        sound = False
    if not sound:
        connection.close()
        raise _Damaged
    return connection


def _prepare(connection: sqlite3.Connection, newest: Seal) -> None:
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA secure_delete = ON")
    connection.execute("BEGIN IMMEDIATE")  # takes the file for as long as we live
    for statement in filter(str.strip, _SCHEMA.split(";")):
        connection.execute(statement)
    connection.execute("INSERT OR IGNORE INTO meta VALUES ('key', ?)", (newest.fingerprint,))
    connection.execute("INSERT OR IGNORE INTO meta VALUES ('version', ?)", (VERSION,))
    connection.execute("COMMIT")


def _fingerprint(connection: sqlite3.Connection) -> bytes:
    (value,) = connection.execute("SELECT value FROM meta WHERE name = 'key'").fetchone()
    return bytes(value)


def _move_aside(file: Path, kind: str) -> Path:
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
    aside = file.with_name(f"{file.stem}-{stamp}-{kind}.db")
    wal = file.with_name(f"{file.name}-wal")
    if wal.exists():
        wal.replace(aside.with_name(f"{aside.name}-wal"))
    file.with_name(f"{file.name}-shm").unlink(missing_ok=True)
    file.replace(aside)
    return aside


@dataclass(slots=True)
class _Found:
    """What an aside store holds, sealed anew: rows of `events` and `drafts`; `whole` — that is all of it."""

    events: list[tuple[str, bytes, bytes | None]] = field(default_factory=list)
    drafts: list[tuple[str, str, bytes]] = field(default_factory=list)
    whole: bool = False


def _adopt(aside: Path, seals: dict[bytes, Seal], store: Store) -> None:
    """Carry over what can be read from a store that stands aside; a damaged one is then put to rest under `.kept`."""
    found = _read(aside, seals, store.seal)
    if found is None:  # its key is not here, this time either
        return
    with _transaction(store.connection):
        store.connection.executemany("INSERT OR IGNORE INTO events (id, sealed, why) VALUES (?, ?, ?)", found.events)
        store.connection.executemany("INSERT OR IGNORE INTO drafts VALUES (?, ?, ?)", found.drafts)
    if found.whole:
        aside.unlink()
        store.notices.append(Notice(kind="recovered", file=str(aside), entries=len(found.events)))
    else:
        kept = aside.replace(aside.with_suffix(".kept"))
        store.notices.append(Notice(kind="damaged", file=str(kept), entries=len(found.events)))
    aside.with_name(f"{aside.name}-wal").unlink(missing_ok=True)


@contextlib.contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except sqlite3.Error:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _read(aside: Path, seals: dict[bytes, Seal], seal: Seal) -> _Found | None:
    found = _Found()
    connection = sqlite3.connect(aside, timeout=1.0, isolation_level=None)
    try:
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        old = seals.get(_fingerprint(connection))
        if old is None:
            return None
        unreadable = _read_rows(connection, old, seal, found)
        sound = connection.execute("PRAGMA quick_check").fetchone() == ("ok",)
        found.whole = sound and not unreadable
    except sqlite3.DatabaseError:
        found.whole = False
    finally:
        connection.close()
    return found


def _read_rows(connection: sqlite3.Connection, old: Seal, new: Seal, found: _Found) -> int:
    """How many rows cannot be opened."""
    unreadable = 0
    for id_, sealed, why in connection.execute("SELECT id, sealed, why FROM events ORDER BY position"):
        try:
            event = _reseal(sealed, f"event:{id_}", old, new)
            found.events.append((id_, event, why and _reseal(why, f"why:{id_}", old, new)))
        except Unreadable:
            unreadable += 1
    for session, name, sealed in connection.execute("SELECT session, field, sealed FROM drafts"):
        try:
            found.drafts.append((session, name, _reseal(sealed, f"draft:{session}:{name}", old, new)))
        except Unreadable:
            unreadable += 1
    return unreadable


def _reseal(sealed: bytes, place: str, old: Seal, new: Seal) -> bytes:
    return new.close(old.open(sealed, place), place)
