"""SQLite for one machine: WAL, full sync, one writer thread that commits many requests' work at once; readers apart.

A unit of work is a function of the connection. Those that wait while a commit is under way share the next one, each
under its own savepoint, so that one refused request does not touch the others. What is answered is on the disk.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from client.hub.schema import SCHEMA_VERSION, STEPS

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]

MAX_GROUP = 512  # units of work in one commit
READERS = 2  # threads
PAGE_BYTES = 4096
BUSY_MS = 5_000
FOLD_MS = 200  # that a fold waits for a reader: everybody who writes waits with it
_FOLD = "PRAGMA wal_checkpoint(TRUNCATE)"


class StoreFull(Exception):
    """The disk did not take it: nothing of the request is stored, and it may be asked again when there is room."""


class StoreBroken(Exception):
    """The file is damaged, of a newer version, or another hub has it: this hub must not start on it."""


@dataclass(slots=True)
class _Unit:
    work: Work[Any]
    future: asyncio.Future[Any]
    loop: asyncio.AbstractEventLoop
    on_commit: Callable[[Any], None] | None
    erases: bool = False
    result: Any = None
    error: BaseException | None = None

    def tell(self) -> None:
        """On the loop: what was committed is published first, then the asker goes on."""
        if self.error is None and self.on_commit is not None:
            self.on_commit(self.result)
        if self.future.done():
            return
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.result)


class Database:
    """One file. `limit_mb` bounds its size (0: the disk does). `commits` counts the groups that were stored.

    `on_lost` is called in the writer's thread when a group was not: what was remembered of it is wrong.
    """

    def __init__(self, file: Path, *, limit_mb: int = 0) -> None:
        self._file = file
        self._lock = _only_one(file.with_suffix(".lock"))
        try:
            self._writer = _connect(file)
            _prepare(self._writer, limit_mb)
        except sqlite3.DatabaseError as error:
            self._lock.close()
            raise StoreBroken(f"{file}: {error}") from error
        except StoreBroken:
            self._lock.close()
            raise
        self._closed = False
        self._unfolded = False
        self.commits = 0
        self.on_lost: Callable[[], None] = lambda: None
        self._queue: SimpleQueue[_Unit | None] = SimpleQueue()
        self._local = threading.local()
        self._connections: list[sqlite3.Connection] = []
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="hub-reader")
        self._thread = threading.Thread(target=self._write_all, name="hub-writer", daemon=True)
        self._thread.start()

    async def write(self, work: Work[T], on_commit: Callable[[T], None] | None = None, *, erases: bool = False) -> T:
        """Run `work` in a transaction; returns when it is on the disk. `on_commit` runs on the loop, in commit order.

        `erases` — what stood there must be gone from the WAL too. Raises what `work` raises (its own changes are undone then), or `StoreFull`.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._queue.put(_Unit(work, future, loop, on_commit, erases))
        return await future

    async def read(self, work: Work[T]) -> T:
        """Run `work` on a reader's connection, apart from the writer."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, work)

    def read_now(self, work: Work[T]) -> T:
        """The same on this thread: for starting, before anybody is served."""
        return self._read(work)

    def _read(self, work: Work[T]) -> T:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = _connect(self._file)
            connection.execute("PRAGMA query_only = ON")
            self._connections.append(connection)
        return work(connection)

    def close(self) -> None:
        """Finish what was asked, fold the WAL into the file, close. Safe to call twice."""
        if self._closed:
            return
        self._closed = True
        self._queue.put(None)
        self._thread.join()
        self._readers.shutdown()
        for connection in self._connections:
            connection.close()
        with suppress(sqlite3.OperationalError):  # a full disk: the WAL stays and is read at the next start
            self._writer.execute(_FOLD)
        self._writer.close()
        self._lock.close()

    def _write_all(self) -> None:
        while (group := self._next_group()) is not None:
            self._commit(group)
            self._unfolded |= any(unit.erases and unit.error is None for unit in group)
            if self._unfolded:
                self._fold()
            for loop in {unit.loop for unit in group}:
                with suppress(RuntimeError):  # the loop has ended; the work is stored all the same
                    loop.call_soon_threadsafe(_tell_all, [unit for unit in group if unit.loop is loop])

    def _fold(self) -> None:
        """Empty the WAL: it holds pages as they were before. Where a reader is in the way, after the next commit."""
        with suppress(sqlite3.OperationalError):  # a full disk
            self._writer.execute(f"PRAGMA busy_timeout = {FOLD_MS}")
            busy, _, _ = self._writer.execute(_FOLD).fetchone()
            self._unfolded = bool(busy)
        self._writer.execute(f"PRAGMA busy_timeout = {BUSY_MS}")

    def _next_group(self) -> list[_Unit] | None:
        first = self._queue.get()
        if first is None:
            return None
        group = [first]
        with suppress(Empty):
            while len(group) < MAX_GROUP:
                unit = self._queue.get_nowait()
                if unit is None:
                    self._queue.put(None)
                    break
                group.append(unit)
        return group

    def _commit(self, group: Sequence[_Unit]) -> None:
        try:
            self._writer.execute("BEGIN IMMEDIATE")
            for unit in group:
                self._run(unit)
            self._writer.execute("COMMIT")
            self.commits += 1
        except sqlite3.Error as error:
            with suppress(sqlite3.OperationalError):  # SQLite may have rolled back by itself
                self._writer.execute("ROLLBACK")
            self.on_lost()
            for unit in group:
                if unit.error is None:
                    unit.error = StoreFull(str(error))

    def _run(self, unit: _Unit) -> None:
        """One unit under its savepoint; a failing disk is everybody's and is raised."""
        self._writer.execute("SAVEPOINT unit")
        try:
            unit.result = unit.work(self._writer)
        except sqlite3.OperationalError:
            raise
        except Exception as error:  # noqa: BLE001 — whatever it is, it is the asker's alone
            unit.error = error
            self._writer.execute("ROLLBACK TO unit")
        self._writer.execute("RELEASE unit")


def _tell_all(units: Sequence[_Unit]) -> None:
    for unit in units:
        unit.tell()


def _connect(file: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(file, isolation_level=None, check_same_thread=False, cached_statements=256)
    connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
    return connection


def _prepare(connection: sqlite3.Connection, limit_mb: int) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA secure_delete = ON")  # what is erased is overwritten, not only unlinked
    (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if found != "ok":
        raise StoreBroken(f"the hub's store is damaged: {found}")
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > SCHEMA_VERSION:
        raise StoreBroken(f"the hub's store is of version {version}, this program knows {SCHEMA_VERSION}")
    if version < SCHEMA_VERSION:
        steps = "".join(STEPS[version:])
        connection.executescript(f"BEGIN; {steps} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;")
    with suppress(sqlite3.OperationalError):  # a full disk
        connection.execute(_FOLD)  # a hub that died may have left erased words in its WAL
    if limit_mb:
        connection.execute(f"PRAGMA max_page_count = {limit_mb * 1_000_000 // PAGE_BYTES}")


def _only_one(file: Path) -> sqlite3.Connection:
    """A lock that the system drops with the process, the same way everywhere: SQLite's own."""
    lock = sqlite3.connect(file, isolation_level=None, check_same_thread=False, timeout=0)
    try:
        lock.execute("PRAGMA locking_mode = EXCLUSIVE")
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        lock.close()
        raise StoreBroken("another hub is running on this store") from error
    return lock
