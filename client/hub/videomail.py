"""Video messages: uploaded in pieces, checked, left as a session that waits, kept for a time, erased.

What was asked for is on the disk (`videomail_shelf.Note`) before it is done, each step of it may be done again, and upkeep
finishes what a dead hub began.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta

from client.domain.attachment import Attachment
from client.domain.codec import BadInput
from client.domain.event import (
    Body,
    EventsErased,
    PageEntered,
    SessionClosed,
    SessionOpened,
    VideomailLeft,
    new_event,
    parse_timestamp,
    timestamp,
)
from client.domain.ids import new_id
from client.domain.session_log import Draft, LogRefused, Opening, SessionView
from client.domain.telephone import national
from client.domain.words import VIDEOMAIL, Channel
from client.hub import intake
from client.hub.core import Hub
from client.hub.film import MP4, WEBM, Film, look
from client.hub.problems import Refused
from client.hub.videomail_shelf import Note, Shelf, finished, hashed

ACTOR = "gateway:videomail"
SIGN_LANGUAGE = "kvk"  # BCP 47, Korean Sign Language
PIECE = 1_000_000  # bytes of one piece
SPARE_S = 10.0  # by which a recorder may run over its limit
UNFINISHED = timedelta(days=1)  # then what was uploaded and never sent goes
MOST_UNFINISHED = 200
LEAST_NUMBER = 8  # digits


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the page says of its message: `bytes` and `seconds` as it recorded them, a number to be reached at, or ""."""

    bytes: int
    seconds: float
    number: str = ""
    name: str = ""
    language: str = "ko"


class Videomails:
    """All video messages of one hub; made where it is needed, what they share is the hub's shelf."""

    def __init__(self, hub: Hub) -> None:
        self.shelf: Shelf = hub.videomail
        self._hub = hub

    async def begin(self, id_: str, key: str, media_type: str) -> int:
        """A place for a message; the same id and key again is the same. How many bytes are there.

        Raises 409 `id-reused`, 409 `already-sent`, 503 `full`, `BadInput`, `StoreFull`.
        """
        if media_type.split(";", maxsplit=1)[0].strip().lower() not in (WEBM, MP4):
            raise BadInput("media_type", f"must be {WEBM} or {MP4}")
        async with self._door(id_):
            return await asyncio.to_thread(self._begin, id_, key)

    def _begin(self, id_: str, key: str) -> int:
        known = self.shelf.get(id_)
        if known is not None:
            self.shelf.open(id_, key) if known.key == hashed(key) else _reused()
            _require_unsent(known)
            return self.shelf.size(id_)
        if sum(not note.session for note in self.shelf.all()) >= MOST_UNFINISHED:
            raise Refused(503, "full", "too many messages are being uploaded", {"Retry-After": "300"})
        self.shelf.put(Note(id=id_, key=hashed(key), made=self._hub.stamp()))
        return 0

    async def append(self, id_: str, key: str, offset: int, data: bytes) -> int:
        """One more piece; how many bytes there are then. Raises 404, 409 `wrong-offset`, 413 `too-large`."""
        if len(data) > PIECE or offset + len(data) > self._most:
            raise LogRefused(413, "too-large", f"a message may have {self._most} bytes, in pieces of {PIECE}")
        async with self._door(id_):
            _require_unsent(await asyncio.to_thread(self.shelf.open, id_, key))
            return await asyncio.to_thread(self.shelf.append, id_, offset, data)

    async def offset(self, id_: str, key: str) -> int:
        """How many bytes are there."""
        return await self.offset_of(await asyncio.to_thread(self.shelf.open, id_, key))

    async def offset_of(self, note: Note) -> int:
        """How many bytes of it are there, or were sent."""
        return note.size or await asyncio.to_thread(self.shelf.size, note.id)

    async def note(self, id_: str, key: str) -> Note:
        """How it stands."""
        return await asyncio.to_thread(self.shelf.open, id_, key)

    # ── sending ──────────────────────────────────────────────────────────────────────────────────

    async def finish(self, id_: str, key: str, wish: Wish) -> Note:
        """All of it is there: check it and leave it for a counselor; again is the same.

        Raises 409 `incomplete` with the offset, `BadInput` on `file`, `seconds`, `number`.
        """
        async with self._door(id_):
            note = await asyncio.to_thread(self.shelf.open, id_, key)
            if not note.session:
                note = await self._accepted(note, wish)
            return note if note.done else await self._leave(note)

    async def _accepted(self, note: Note, wish: Wish) -> Note:
        size = await asyncio.to_thread(self.shelf.size, note.id)
        if size != wish.bytes or not size:
            raise Refused(409, "incomplete", f"{size} bytes are there", {"Upload-Offset": str(size)})
        film = await asyncio.to_thread(look, self.shelf.bytes_of(note.id))
        until = self._hub.now() + timedelta(days=self._hub.settings.videomail_days)
        accepted = replace(
            note,
            session=new_id(),
            opened=new_id(),
            left=new_id(),
            media_type=film.media_type,
            seconds=self._seconds(film, wish.seconds),
            size=size,
            number=_number(wish.number),
            name=wish.name,
            language=wish.language,
            keep_until=timestamp(until),
            sent=self._hub.stamp(),
        )
        await asyncio.to_thread(self.shelf.put, accepted)
        return accepted

    def _seconds(self, film: Film, said: float) -> float:
        seconds = film.seconds or said
        if not 0 < seconds <= self._hub.settings.videomail_seconds + SPARE_S:
            raise BadInput("seconds", f"must be at most {self._hub.settings.videomail_seconds}")
        return round(seconds, 1)

    async def _leave(self, note: Note) -> Note:
        hub = self._hub
        self.shelf.sessions.add(note.session)  # before any queue hears of it
        opened = SessionOpened(
            channel=Channel.SIGN_VIDEO, language=SIGN_LANGUAGE, number=note.number, name=note.name, queue=VIDEOMAIL
        )
        said = self._draft(note, opened, note.opened)
        await hub.log.open(
            Opening(session=note.session, keys=(f"{VIDEOMAIL}:{note.id}",), draft=said, number=note.number)
        )
        attachment = _attachment(note)
        await hub.attachments.adopt(note.session, attachment, self.shelf.bytes_of(note.id), ACTOR)
        left = VideomailLeft(attachment=attachment, seconds=note.seconds, keep_until=note.keep_until)
        await self._say_once(note, PageEntered(language=note.language))
        await self._say_once(note, left, note.left)
        await hub.links.issue(note.session)
        done = finished(note)
        await asyncio.to_thread(self.shelf.put, done)
        return done

    async def _say_once(self, note: Note, body: Body, id_: str = "") -> None:
        said = self._draft(note, body, id_)
        await self._hub.log.append(note.session, lambda view: [] if view.having(body.type) else [said])

    def _draft(self, note: Note, body: Body, id_: str = "") -> Draft:
        # said again after a crash it must be the same, its time too
        at = parse_timestamp(note.sent) if id_ else self._hub.now()
        event = new_event(note.session, body, at=at)
        return intake.one_draft(self._hub, replace(event, id=id_) if id_ else event, ACTOR)

    # ── taking away ──────────────────────────────────────────────────────────────────────────────

    async def discard(self, id_: str, key: str) -> None:
        """The citizen does not want it any more: what was not sent is gone, what was sent is erased."""
        async with self._door(id_):
            note = await asyncio.to_thread(self.shelf.open, id_, key)
            if not note.session:
                await asyncio.to_thread(self.shelf.drop, id_)
                return
            note = note if note.done else await self._leave(note)
            await self.erase(note, "the citizen took it back")
            await self._close(note, "citizen")

    async def erase(self, note: Note, reason: str) -> None:
        """Its event and its bytes are gone, and the log says so; again changes nothing."""
        if not note.gone:
            say = self._draft(note, EventsErased(events=(note.left,), reason=reason))
            await self._hub.log.erase(note.session, [note.left], say)
            await self._hub.attachments.erase(note.session, [note.id])
            await asyncio.to_thread(self.shelf.put, replace(note, gone=True))

    async def _close(self, note: Note, reason: str) -> None:
        """Nobody's session is over with its message; a counselor's is for the counselor to finish."""

        def decide(view: SessionView) -> list[Draft]:
            if view.facts.owner or view.facts.closed:
                return []
            return [self._draft(note, SessionClosed(reason=reason))]

        await self._hub.log.append(note.session, decide)

    async def upkeep(self) -> int:
        """Finish what was begun, erase what is due, sweep what nobody sent; how many were erased."""
        erased = 0
        for note in await asyncio.to_thread(lambda: list(self.shelf.all())):
            async with self._door(note.id):
                erased += await self._keep_up(note.id)
        await asyncio.to_thread(self.shelf.orphans)
        return erased

    async def _keep_up(self, id_: str) -> int:
        note, now = await asyncio.to_thread(self.shelf.get, id_), self._hub.now()
        if note is None:
            return 0
        if not note.session:
            if now - parse_timestamp(note.made) > UNFINISHED:
                await asyncio.to_thread(self.shelf.drop, id_)
            return 0
        note = note if note.done else await self._leave(note)
        if now <= parse_timestamp(note.keep_until):
            return 0
        was = not note.gone
        await self.erase(note, "retention: video message")
        await self._close(note, "retention")
        await asyncio.to_thread(self.shelf.drop, id_)
        return int(was)

    @property
    def _most(self) -> int:
        return self._hub.settings.videomail_mb * 1_000_000

    def _door(self, id_: str) -> asyncio.Lock:
        return self.shelf.doors.setdefault(id_, asyncio.Lock())


def _attachment(note: Note) -> Attachment:
    ending = "webm" if note.media_type == WEBM else "mp4"
    return Attachment(id=note.id, name=f"videomail.{ending}", media_type=note.media_type, size=note.size)


def _number(said: str) -> str:
    digits = national(said)
    if said.strip() and not LEAST_NUMBER <= len(digits) <= 15:  # noqa: PLR2004 — E.164
        raise BadInput("number", "is no telephone number")
    return digits


def _require_unsent(note: Note) -> None:
    if note.session:
        raise LogRefused(409, "already-sent", "this message was sent")


def _reused() -> None:
    raise LogRefused(409, "id-reused", "another message has this id")
