"""The kept files: on the disk first (written apart, synced, renamed), then the row that names them."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import logging
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from weakref import WeakValueDictionary

from client import platform
from client.domain.attachment import Attachment
from client.domain.codec import BadInput
from client.domain.event import timestamp
from client.domain.ids import is_id, new_id
from client.domain.session_log import LogRefused
from client.hub.attachments.checking import check
from client.hub.attachments.clean import Clean, Limits
from client.hub.clock import Now
from client.hub.database import Database, StoreFull
from client.settings import Settings

logger = logging.getLogger(__name__)

FULL = (errno.ENOSPC, errno.EDQUOT)
AT_A_TIME = 2  # files that are looked into: each may need 400 MB (pictures.py) for a moment
_COLUMNS = "id, name, media_type, size, width, height"


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What one session may hold."""

    files: int = 200
    total_bytes: int = 500_000_000


def limits_of(settings: Settings) -> Limits:
    """As the settings have it."""
    return Limits(size=settings.attachment_mb * 1_000_000)


class Attachments:
    """Files in `directory/attachments`, named by their id alone; table `attachment` says whose and what."""

    def __init__(self, directory: Path, database: Database, now: Now, limits: Limits, room: Room | None = None) -> None:
        self._place = directory / "attachments"
        self._database = database
        self._now = now
        self._limits = limits
        self._room = room or Room()
        self._looking = asyncio.Semaphore(AT_A_TIME)
        self._doors: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()  # of ids that are being written

    async def add(
        self, session: str, data: bytes, name: str, claimed: str, by: str, id_: str | None = None
    ) -> Attachment:
        """Check and keep a file. The same id with the same bytes again is one; with others 409 `id-reused`.

        Raises `BadInput` for what is refused (`file`, why), 409 `too-many` when the session holds enough, `StoreFull`.
        """
        id_ = id_ or new_id()
        if not is_id(id_):  # it names a file on the disk
            raise BadInput("id", "must be a UUIDv7")
        door = self._doors.setdefault(id_, asyncio.Lock())
        async with door:  # two uploads of one id must not write one file
            return await self._add(session, data, name, claimed, by, id_)

    async def _add(self, session: str, data: bytes, name: str, claimed: str, by: str, id_: str) -> Attachment:
        given = await asyncio.to_thread(lambda: hashlib.sha256(data).digest())
        if (known := await self._database.read(lambda c: _known(c, session, id_, given))) is not None:
            return known
        await self._database.read(lambda c: _require_room(c, session, self._room, len(data)))
        async with self._looking:
            clean = await asyncio.to_thread(check, data, name, claimed, self._limits)
        await asyncio.to_thread(self._write, id_, clean.data)
        kept = _attachment(id_, clean)
        made = timestamp(self._now())
        try:
            await self._database.write(lambda c: _insert(c, session, kept, given, made, by, self._room))
        except (LogRefused, StoreFull):
            await asyncio.to_thread(self._remove, [id_])  # a full disk gets its room back at once
            raise
        return kept

    async def adopt(self, session: str, kept: Attachment, file: Path, by: str) -> None:
        """Keep a file that stands on this disk and was looked at by others; again changes nothing. It is moved: the row
        first, so that a hub that dies between the two finds the file where it was."""
        made = timestamp(self._now())
        row = (kept.id, session, kept.name, kept.media_type, kept.size, b"", made, by, kept.width, kept.height)
        statement = "INSERT OR IGNORE INTO attachment VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        await self._database.write(lambda c: c.execute(statement, row).rowcount)
        await asyncio.to_thread(self._move, file, kept.id)

    async def films(self, session: str) -> Sequence[str]:
        """Ids of a session's video messages."""
        return await self._database.read(
            lambda c: [
                id_
                for (id_,) in c.execute(
                    "SELECT id FROM attachment WHERE session = ? AND media_type LIKE 'video/%'", (session,)
                )
            ]
        )

    async def read(self, session: str, id_: str) -> tuple[Attachment, Path]:
        """A file of this session and where its bytes are; 404 `unknown-attachment`, also where the disk has lost it."""
        found = await self._database.read(lambda c: _find(c, session, id_))
        path = self._place / id_
        if found is not None and await asyncio.to_thread(path.is_file):
            return found, path
        if found is not None:
            logger.error("attachment %s is named in the store and not on the disk", id_)
        raise LogRefused(404, "unknown-attachment", "there is no such attachment in this session")

    async def of(self, session: str) -> Sequence[tuple[str, str]]:
        """(id, when it was kept) of a session's files."""
        return await self._database.read(
            lambda c: c.execute("SELECT id, made FROM attachment WHERE session = ?", (session,)).fetchall()
        )

    async def erase(self, session: str, ids: Sequence[str] | None = None) -> int:
        """These of the session's files, or all, are gone; how many. The row first: nobody is offered what is not there."""
        gone = await self._database.write(lambda c: _delete(c, session, ids), erases=True)
        await asyncio.to_thread(self._remove, gone)
        return len(gone)

    async def orphans(self) -> int:
        """Remove files without a row (an upload or an erasure that died); how many. Rows without a file are logged."""
        files = await asyncio.to_thread(self._files)
        written = list(self._doors)  # now: what left its door before this has its row by the next line
        rows = await self._database.read(lambda c: {id_ for (id_,) in c.execute("SELECT id FROM attachment")})
        if missing := await asyncio.to_thread(self._missing, rows - files):
            logger.error("%d attachments are named in the store and not on the disk", missing)
        # a scratch file bears the id of what is being written
        stray = [name for name in files - rows if not any(id_ in name for id_ in written)]
        await asyncio.to_thread(self._remove, stray)
        return len(stray)

    # ── the disk ─────────────────────────────────────────────────────────────────────────────────

    def _write(self, id_: str, data: bytes) -> None:
        try:
            platform.write_private(self._place / id_, data)
        except OSError as error:
            if error.errno in FULL:
                raise StoreFull(str(error)) from error
            raise

    def _move(self, file: Path, id_: str) -> None:
        platform.private_dir(self._place)
        if file.exists():
            file.replace(self._place / id_)

    def _remove(self, names: Sequence[str]) -> None:
        for name in names:
            (self._place / name).unlink(missing_ok=True)

    def _files(self) -> set[str]:
        return {path.name for path in self._place.iterdir()} if self._place.exists() else set()

    def _missing(self, ids: set[str]) -> int:
        """Of what came or went meanwhile, how many are really not there."""
        return sum(not (self._place / id_).exists() for id_ in ids)


def _attachment(id_: str, clean: Clean) -> Attachment:
    return Attachment(
        id=id_,
        name=clean.name,
        media_type=clean.media_type,
        size=len(clean.data),
        width=clean.width,
        height=clean.height,
    )


def _insert(
    connection: sqlite3.Connection, session: str, kept: Attachment, given: bytes, made: str, by: str, room: Room
) -> None:
    _require_room(connection, session, room, kept.size)  # again: others of the session were written meanwhile
    row = (kept.id, session, kept.name, kept.media_type, kept.size, given, made, by, kept.width, kept.height)
    connection.execute("INSERT INTO attachment VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)


def _delete(connection: sqlite3.Connection, session: str, ids: Sequence[str] | None) -> list[str]:
    """The ids that were the session's."""
    if ids is None:
        rows = connection.execute("DELETE FROM attachment WHERE session = ? RETURNING id", (session,)).fetchall()
        return [id_ for (id_,) in rows]
    statement = "DELETE FROM attachment WHERE session = ? AND id = ?"
    return [id_ for id_ in ids if connection.execute(statement, (session, id_)).rowcount]


def _find(connection: sqlite3.Connection, session: str, id_: str) -> Attachment | None:
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM attachment WHERE id = ? AND session = ?",  # noqa: S608 — a constant
        (id_, session),
    ).fetchone()
    if row is None:
        return None
    return Attachment(id=row[0], name=row[1], media_type=row[2], size=row[3], width=row[4], height=row[5])


def _known(connection: sqlite3.Connection, session: str, id_: str, given: bytes) -> Attachment | None:
    row = connection.execute("SELECT session, sha256 FROM attachment WHERE id = ?", (id_,)).fetchone()
    if row is None:
        return None
    if (row[0], row[1]) != (session, given):
        raise LogRefused(409, "id-reused", "another attachment has this id")
    return _find(connection, session, id_)


def _require_room(connection: sqlite3.Connection, session: str, room: Room, size: int) -> None:
    (count, held) = connection.execute(
        "SELECT count(*), coalesce(sum(size), 0) FROM attachment WHERE session = ?", (session,)
    ).fetchone()
    if count >= room.files or held + size > room.total_bytes:
        raise LogRefused(409, "too-many", "this session holds as many attachments as it may")
