"""Video messages on the hub's disk while they are being uploaded, and the note that each one leaves there.

Two files a message in `videomail`: its bytes so far (what is written is synced before it is acknowledged, so a killed hub
goes on where it was) and a note as JSON. The note stays until the message is no longer kept; the bytes become a file of
the session's attachments.
"""

from __future__ import annotations

import asyncio
import errno
import hashlib
import json
import logging
import os
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from hmac import compare_digest
from pathlib import Path
from weakref import WeakValueDictionary

from client import platform
from client.domain.codec import BadInput, decode
from client.domain.session_log import LogRefused
from client.hub.database import StoreFull
from client.hub.problems import Refused

logger = logging.getLogger(__name__)

OLD_S = 3600.0
FULL = (errno.ENOSPC, errno.EDQUOT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What the hub knows of one message. `key` — hash of what opens it; `made` — RFC 3339; from `session` on it was sent:
    ids of its session and events, `seconds`, `keep_until`, `sent` (RFC 3339); `number` only until `done`; `gone` — erased."""

    id: str
    key: str
    made: str
    media_type: str = ""
    session: str = ""
    opened: str = ""
    left: str = ""
    seconds: float = 0.0
    size: int = 0
    language: str = "ko"
    name: str = ""
    number: str = ""
    keep_until: str = ""
    sent: str = ""
    done: bool = False
    gone: bool = False


class Shelf:
    """The directory. Every method reads or writes the disk: for a thread.

    Attributes: `sessions` — those that hold a message, so that no queue of people who wait counts them; `doors` — of
    messages that are being worked at.
    """

    def __init__(self, directory: Path) -> None:
        self.place = directory / "videomail"
        self.sessions = {note.session for note in self.all() if note.session}
        self.doors: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def bytes_of(self, id_: str) -> Path:
        """Where a message's bytes are while it is uploaded."""
        return self.place / f"{id_}.part"

    def put(self, note: Note) -> None:
        """Keep a note; raises `StoreFull`."""
        try:
            platform.write_private(self.place / f"{note.id}.json", json.dumps(asdict(note)).encode())
        except OSError as error:
            raise _full(error) from error

    def get(self, id_: str) -> Note | None:
        """The note, if there is one."""
        try:
            return decode(Note, json.loads((self.place / f"{id_}.json").read_bytes()))
        except FileNotFoundError:
            return None
        except (ValueError, BadInput):
            logger.exception("the note of video message %s cannot be read", id_)
            return None

    def all(self) -> Iterator[Note]:
        """Every note."""
        for file in sorted(self.place.glob("*.json")) if self.place.exists() else ():
            if (note := self.get(file.stem)) is not None:
                yield note

    def open(self, id_: str, key: str) -> Note:
        """The note, for whoever has its key. Raises 404 `unknown-videomail`, also where the key is another's."""
        note = self.get(id_)
        if note is None or not compare_digest(note.key, hashed(key)):
            raise LogRefused(404, "unknown-videomail", "there is no such video message")
        return note

    def size(self, id_: str) -> int:
        """Bytes so far."""
        try:
            return self.bytes_of(id_).stat().st_size
        except FileNotFoundError:
            return 0

    def append(self, id_: str, offset: int, data: bytes) -> int:
        """Write a piece; the same piece again changes nothing. How many bytes there are then.

        Raises 409 `wrong-offset` (header `Upload-Offset` says the right one), `StoreFull`.
        """
        there = self.size(id_)
        if offset != there and not self._is_there(id_, offset, data):
            raise Refused(409, "wrong-offset", f"go on at {there}", {"Upload-Offset": str(there)})
        if offset == there:
            self._write(id_, there, data)
        return max(there, offset + len(data))

    def _is_there(self, id_: str, offset: int, data: bytes) -> bool:
        if not self.bytes_of(id_).exists():
            return False
        with self.bytes_of(id_).open("rb") as file:
            file.seek(offset)
            return bool(data) and file.read(len(data)) == data

    def _write(self, id_: str, there: int, data: bytes) -> None:
        platform.private_dir(self.place)
        try:
            with self.bytes_of(id_).open("ab") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            with self.bytes_of(id_).open("r+b") as file:
                file.truncate(there)  # half a piece is none
            raise _full(error) from error

    def drop_bytes(self, id_: str) -> None:
        """Remove what was uploaded."""
        self.bytes_of(id_).unlink(missing_ok=True)

    def drop(self, id_: str) -> None:
        """Remove bytes and note."""
        self.drop_bytes(id_)
        (self.place / f"{id_}.json").unlink(missing_ok=True)

    def orphans(self) -> None:
        """Remove bytes without a note, and notes that were never finished being written."""
        names = {file.name for file in self.place.iterdir()} if self.place.exists() else set()
        for name in names:
            stray = name.endswith(".part") and f"{name.removesuffix('.part')}.json" not in names
            if (stray or name.startswith(".")) and _is_old(self.place / name):
                (self.place / name).unlink(missing_ok=True)


def finished(note: Note) -> Note:
    """Without what is needed no longer once it stands in the log."""
    return replace(note, done=True, number="", name="")


def _is_old(file: Path) -> bool:
    """True for what nobody is writing now."""
    try:
        return time.time() - file.stat().st_mtime > OLD_S
    except FileNotFoundError:
        return False


def hashed(key: str) -> str:
    """A key as it is kept."""
    return hashlib.sha256(key.encode()).hexdigest()


def _full(error: OSError) -> Exception:
    return StoreFull(str(error)) if error.errno in FULL else error
