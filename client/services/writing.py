"""What the agent writes: to the citizen, for colleagues, and what is not finished yet."""

from __future__ import annotations

from collections.abc import Callable

from client.domain import event as e
from client.domain.codec import BadInput
from client.domain.words import Channel, Party
from client.ports.outbox import Outbox, OutboxFull
from client.services.errors import NotPossible
from client.services.log import EventLog
from client.services.sessions import SessionBook


class WritingService:
    """Messages, notes and drafts of each session."""

    def __init__(self, log: EventLog, outbox: Outbox, sessions: SessionBook) -> None:
        self._log = log
        self._outbox = outbox
        self._sessions = sessions

    def reachable(self, session: str) -> bool:
        """True if the citizen can read: their page was entered, or the session is a written one."""
        view = self._sessions.get(session)
        return view.page_entered or view.channel not in (Channel.PHONE, Channel.SIGN_VIDEO)

    def send(self, session: str, text: str) -> None:
        """Write to the citizen. Raises `NotPossible`; the text stays where it is then."""
        if not self.reachable(session):
            raise NotPossible("page_not_open")
        if not self._sessions.may_write(session):
            raise NotPossible("not_yours")
        self._say(session, "message", lambda: e.MessageSent(party=Party.AGENT, text=text.strip()))

    def note(self, session: str, text: str) -> None:
        """Write an internal note."""
        self._say(session, "note", lambda: e.NoteWritten(text=text.strip()))

    def _say(self, session: str, field: str, body: Callable[[], e.Body]) -> None:
        try:
            self._log.say(session, body())
        except BadInput as error:
            raise NotPossible("bad_text", error.why) from error
        self.draft(session, field, "")

    def draft(self, session: str, field: str, text: str) -> None:
        """Keep what is being written in `message`, `note` or `wrapup`; raises `NotPossible` when the store is full."""
        try:
            self._outbox.save_draft(session, field, text)
        except OutboxFull as error:
            raise NotPossible("store_full", str(error)) from error

    def drafts(self, session: str) -> dict[str, str]:
        """Field → text."""
        return self._outbox.drafts(session)
