"""Video messages at the desk: fetched, played by the engine, called back from.

The bytes are in a private file of this machine only while a message is open, and gone with it.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Awaitable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from client.domain import event as e
from client.domain.attachment import Attachment
from client.domain.call import Telling
from client.domain.session import Stage
from client.domain.timeline import FactLine
from client.domain.video import MAIL, MailPlaying, Picture
from client.domain.words import Channel, Party
from client.ports.hub import Hub
from client.ports.video import Video, VideoError
from client.services.asking import ask_hub
from client.services.errors import NotPossible
from client.services.log import EventLog
from client.services.notices import MailChanged
from client.services.publisher import Publisher
from client.services.sessions import SessionBook
from client.services.writing import Way, WritingService

T = TypeVar("T")
SLOWER = {1.0: 0.75, 0.75: 0.5, 0.5: 0.25, 0.25: 1.0}
"""Signing is read slowly: each press is slower, then its own time again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailView:
    """A session's newest video message. `seconds` long; `keep_until` — RFC 3339 of its erasure; `playing` — as the engine
    tells it, None while it is not open; `fetching` — its bytes are on their way."""

    session: str
    attachment: Attachment
    seconds: float
    keep_until: str
    playing: MailPlaying | None = None
    fetching: bool = False


class VideomailService:
    """One message is open at a time. Raises `NotPossible`."""

    def __init__(
        self,
        video: Video,
        hub: Hub,
        log: EventLog,
        sessions: SessionBook,
        writing: WritingService,
        publisher: Publisher,
    ) -> None:
        self._video = video
        self._hub = hub
        self._log = log
        self._sessions = sessions
        self._writing = writing
        self._publisher = publisher
        self._open = ""
        self._fetching = ""
        self._file: Path | None = None
        self._playing: MailPlaying | None = None

    def start(self) -> None:
        """Listen to the engine."""
        self._video.listen(self._take)

    def view(self, session: str) -> MailView | None:
        """The session's message, unless it has none (any more)."""
        if session not in self._sessions:
            return None
        lines = [line for line in self._sessions.timeline(session).lines if isinstance(line, FactLine)]
        body = next((line.body for line in reversed(lines) if isinstance(line.body, e.VideomailLeft)), None)
        if not isinstance(body, e.VideomailLeft):
            return None
        return MailView(
            session=session,
            attachment=body.attachment,
            seconds=body.seconds,
            keep_until=body.keep_until,
            playing=self._playing if self._open == session else None,
            fetching=self._fetching == session,
        )

    def picture(self, after: int = 0) -> Picture | None:
        """The newest picture of the open message, if it is newer than number `after`."""
        return self._video.picture(MAIL, Party.CITIZEN, after)

    # ── playing ──────────────────────────────────────────────────────────────────────────────────

    async def toggle(self, session: str) -> None:
        """Fetch and play it; once it is open, stand still or go on."""
        if self._open == session and self._playing is not None:
            await self._ask(self._video.pause_mail(self._playing.playing))
        elif self._fetching != session:
            await self._fetch_and_play(session)

    async def _fetch_and_play(self, session: str) -> None:
        view = self.view(session)
        if view is None:
            raise NotPossible("no_mail")
        await self.close()
        self._fetching = session
        self._changed(session)
        try:
            data = await ask_hub(self._hub.download(session, view.attachment.id))
            file = await asyncio.to_thread(_private_file, data)
            if self._fetching != session:  # another one was opened meanwhile
                file.unlink(missing_ok=True)
                return
            self._open, self._file = session, file
            await self._ask(self._video.play_mail(file))
        except NotPossible:
            self._forget()
            raise
        finally:
            self._fetching = "" if self._fetching == session else self._fetching
            self._changed(session)

    async def jump(self, by_ms: int) -> None:
        """Back or forward."""
        playing = self._need()
        await self._ask(self._video.seek_mail(max(0, min(playing.position_ms + by_ms, playing.duration_ms))))

    async def slower(self) -> None:
        """Three steps slower, then its own time again."""
        await self._ask(self._video.rate_mail(SLOWER.get(self._need().rate, 1.0)))

    async def close(self) -> None:
        """Close it; its bytes are gone from this machine."""
        self._fetching = ""
        if self._open:
            try:
                await self._video.stop_mail()
            except VideoError:  # an engine that is away has closed it
                pass
            finally:
                self._forget()

    def _need(self) -> MailPlaying:
        if self._playing is None:
            raise NotPossible("no_mail")
        return self._playing

    def _forget(self) -> None:
        session, self._open, self._playing = self._open, "", None
        if self._file is not None:
            self._file.unlink(missing_ok=True)
            self._file = None
        self._changed(session)

    # ── calling back ─────────────────────────────────────────────────────────────────────────────

    def may_call_back(self, session: str) -> bool:
        """True for a message of ours that nobody has called back."""
        view = self._sessions.get(session) if session in self._sessions else None
        return view is not None and view.mail and view.owner == self._sessions.me and view.stage is Stage.TALKING

    async def call_back(self, session: str, words: str) -> bool:
        """Wait for the citizen by video in the message's own session. `words` with `{link}` go to the number that they left:
        true; without one they find the room where they look for the answer: false."""
        if not self.may_call_back(session):
            raise NotPossible("not_yours")
        way = self._by_sms(session)
        if way is not None:
            link = await ask_hub(self._hub.link(session))
            self._writing.send(session, words.replace("{link}", link), way=way)
        await self.close()
        self._log.say(session, e.CallAnswered())
        self._log.say(session, e.PictureShown(party=Party.AGENT, on=True))
        return way is not None

    def _by_sms(self, session: str) -> Way | None:
        return next((way for way in self._writing.ways(session) if way.via is Channel.SMS and way.open), None)

    # ── what the engine tells ────────────────────────────────────────────────────────────────────

    def _take(self, telling: Telling) -> None:
        if not isinstance(telling, MailPlaying) or not self._open:
            return
        if telling.over and telling.problem:  # the engine died with it
            self._forget()
        else:
            self._playing = None if telling.over else telling
            self._changed(self._open)

    def _changed(self, session: str) -> None:
        self._publisher.publish(MailChanged(session))

    @staticmethod
    async def _ask(request: Awaitable[T]) -> T:
        try:
            return await request
        except VideoError as error:
            raise NotPossible("video", str(error)) from error


def _private_file(data: bytes) -> Path:
    """In a file that only this user may read."""
    descriptor, name = tempfile.mkstemp(prefix="ieum-mail-")
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
    return Path(name)
