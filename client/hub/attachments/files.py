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

from client import platform
from client.domain.attachment import Attachment
from client.domain.event import timestamp
from client.domain.ids import new_id
from client.domain.session_log import LogRefused
from client.hub.attachments.checking import Limits, check
from client.hub.clock import Now
from client.hub.database import Database, StoreFull
from client.settings import Settings

logger = logging.getLogger(__name__)

FULL = (errno.ENOSPC, errno.EDQUOT)
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

    async def add(
        self, session: str, data: bytes, name: str, claimed: str, by: str, id_: str | None = None
    ) -> Attachment:
        """Check and keep a file. The same id with the same bytes again is one; with others 409 `id-reused`.

        Raises `BadInput` for what is refused (`file`, why), 409 `too-many` when the session holds enough, `StoreFull`.
        """
        id_ = id_ or new_id()
        given = hashlib.sha256(data).digest()
        if (known := await self._database.read(lambda c: _known(c, session, id_, given))) is not None:
            return known
        await self._database.read(lambda c: _require_room(c, session, self._room, len(data)))
        clean = await asyncio.to_thread(check, data, name, claimed, self._limits)
        await asyncio.to_thread(self._write, id_, clean.data)
        kept = Attachment(
            id=id_,
            name=clean.name,
            media_type=clean.media_type,
            size=len(clean.data),
            width=clean.width,
            height=clean.height,
        )
        made = timestamp(self._now())
        await self._database.write(lambda c: _insert(c, session, kept, given, made, by))
        return kept

    async def read(self, session: str, id_: str) -> tuple[Attachment, Path]:
        """A file of this session and where its bytes are; 404 `unknown-attachment`."""
        found = await self._database.read(lambda c: _find(c, session, id_))
        if found is None:
            raise LogRefused(404, "unknown-attachment", "there is no such attachment in this session")
        return found, self._place / id_

    async def of(self, session: str) -> Sequence[tuple[str, str]]:
        """(id, when it was kept) of a session's files."""
        return await self._database.read(
            lambda c: c.execute("SELECT id, made FROM attachment WHERE session = ?", (session,)).fetchall()
        )

    async def erase(self, session: str, ids: Sequence[str]) -> None:
        """These are gone: the row first, so that nobody is offered what is not there."""
        marks = ",".join("?" * len(ids))
        await self._database.write(
            lambda c: (
                c.execute(
                    f"DELETE FROM attachment WHERE session = ? AND id IN ({marks})",  # noqa: S608 — question marks
                    (session, *ids),
                ).rowcount
            ),
            erases=True,
        )
        await asyncio.to_thread(self._remove, ids)

    async def orphans(self) -> int:
        """Remove files without a row (an upload or an erasure that died); how many. Rows without a file are logged."""
        rows = await self._database.read(lambda c: {id_ for (id_,) in c.execute("SELECT id FROM attachment")})
        before = self._now().timestamp() - 3600  # what is being written now has its row in a moment
        return await asyncio.to_thread(self._sweep, rows, before)

    # ── the disk ─────────────────────────────────────────────────────────────────────────────────

    def _write(self, id_: str, data: bytes) -> None:
        try:
            platform.write_private(self._place / id_, data)
        except OSError as error:
            if error.errno in FULL:
                raise StoreFull(str(error)) from error
            raise

    def _remove(self, ids: Sequence[str]) -> None:
        for id_ in ids:
            (self._place / id_).unlink(missing_ok=True)

    def _sweep(self, rows: set[str], before: float) -> int:
        if not self._place.exists():
            return 0
        files = {path.name: path for path in self._place.iterdir()}
        if missing := rows - set(files):
            logger.error("%d attachments are named in the store and not on the disk", len(missing))
        stray = [path for name, path in files.items() if name not in rows and path.stat().st_mtime < before]
        for path in stray:
            path.unlink(missing_ok=True)
        return len(stray)


def _insert(connection: sqlite3.Connection, session: str, kept: Attachment, given: bytes, made: str, by: str) -> None:
    row = (kept.id, session, kept.name, kept.media_type, kept.size, given, made, by, kept.width, kept.height)
    connection.execute("INSERT INTO attachment VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING", row)
    if _known(connection, session, kept.id, given) is None:
        raise LogRefused(409, "id-reused", "another attachment has this id")


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
