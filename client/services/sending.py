"""Messages that leave the centre wait a moment in which they can be undone, durably: after a crash they are drafts again.

A waiting message is a draft of its own (`held:<event id>`). Letting it go puts the event into the outbox and forgets that draft in one
transaction, so that whatever dies, it is one of the two and never both.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from client.domain import event as e
from client.domain.codec import BadInput, decode, encode
from client.domain.ids import new_id
from client.ports.clock import Clock, Timer
from client.ports.outbox import Outbox, OutboxFull
from client.services.errors import NotPossible
from client.services.log import EventLog
from client.services.notices import HeldChanged, Severity, Trouble, TroubleTold
from client.services.publisher import Publisher
from client.services.sessions import SessionBook

HELD = "held:"
MESSAGE, SUBJECT, ATTACHMENTS = "message", "subject", "attachments"


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldMessage:
    """One message that waits: `id` — of the event it becomes, `until` — when it goes."""

    id: str
    session: str
    body: e.MessageSent
    until: datetime


class SendingService:
    """Attributes: `undo_s` — how long a message waits; 0: it goes at once."""

    def __init__(
        self, log: EventLog, outbox: Outbox, sessions: SessionBook, clock: Clock, publisher: Publisher, undo_s: int
    ) -> None:
        self.undo_s = undo_s
        self._log = log
        self._outbox = outbox
        self._sessions = sessions
        self._clock = clock
        self._publisher = publisher
        self._held: dict[str, HeldMessage] = {}
        self._timers: dict[str, Timer] = {}

    def start(self) -> None:
        """What waited when an earlier desk died is a draft again, and the agent is told."""
        found = [(session, field, text) for session, field, text in self._outbox.all_drafts() if field.startswith(HELD)]
        for session, field, text in found:
            self._to_draft(session, field, _body(text))
        if found:
            self._publisher.publish(TroubleTold(Trouble.UNSENT, Severity.CAREFUL, str(len(found)), found[-1][0]))

    @property
    def held(self) -> tuple[HeldMessage, ...]:
        """Everything that waits, the next to go first."""
        return tuple(sorted(self._held.values(), key=lambda held: held.until))

    def left_s(self, held: HeldMessage) -> float:
        """Seconds until it goes."""
        return max(0.0, (held.until - self._clock.now()).total_seconds())

    def send(self, session: str, body: e.MessageSent) -> str:
        """Send it after the wait, or at once where there is none; the event's id. Raises `NotPossible`."""
        if self.undo_s <= 0 or body.via is None or not body.via.leaves_the_centre:
            return self._log.say(session, body).id
        held = HeldMessage(
            id=new_id(), session=session, body=body, until=self._clock.now() + timedelta(seconds=self.undo_s)
        )
        self._save(session, f"{HELD}{held.id}", json.dumps(encode(body), ensure_ascii=False))
        self._held[held.id] = held
        self._timers[held.id] = self._clock.later(self.undo_s, lambda: self._go(held.id))
        self._publisher.publish(HeldChanged())
        return held.id

    def send_now(self, id_: str) -> None:
        """Do not wait any longer."""
        self._go(id_)

    def cancel(self, id_: str) -> str:
        """Take it back into its own session's draft; that session. Too late is no mistake: then ""."""
        held = self._take(id_)
        if held is None:
            return ""
        self._back(held)
        self._publisher.publish(HeldChanged())
        return held.session

    def cancel_all(self) -> int:
        """The desk is leaving: everything that waits is a draft again; how many there were."""
        ids = list(self._held)
        for id_ in ids:
            self.cancel(id_)
        return len(ids)

    def _go(self, id_: str) -> None:
        held = self._take(id_)
        if held is None:
            return
        try:
            self._log.say(held.session, held.body, id_=id_, drops=f"{HELD}{id_}")
        except NotPossible:  # the disk is full, which the agent was told: it waits as a draft
            with suppress(NotPossible):
                self._back(held)
        self._publisher.publish(HeldChanged())

    def _back(self, held: HeldMessage) -> None:
        """A draft again. On a full disk it stays held without a time to go, so that it neither goes nor vanishes."""
        try:
            self._to_draft(held.session, f"{HELD}{held.id}", held.body)
        except NotPossible:
            self._held[held.id] = held
            raise

    def _take(self, id_: str) -> HeldMessage | None:
        timer = self._timers.pop(id_, None)
        if timer is not None:
            timer.cancel()
        return self._held.pop(id_, None)

    def _to_draft(self, session: str, field: str, body: e.MessageSent | None) -> None:
        """Below what is being written there by now. The copy is forgotten last: a crash in between shows it twice, not never."""
        if body is not None:
            drafts = self._outbox.drafts(session)
            self._save(session, MESSAGE, _joined(drafts.get(MESSAGE, ""), body.text))
            if body.subject and not drafts.get(SUBJECT):
                self._save(session, SUBJECT, body.subject)
            if body.attachments:
                kept = json.loads(drafts.get(ATTACHMENTS, "[]")) + [encode(one) for one in body.attachments]
                self._save(session, ATTACHMENTS, json.dumps(kept, ensure_ascii=False))
        self._save(session, field, "")
        self._publisher.publish(HeldChanged(session))

    def _save(self, session: str, field: str, text: str) -> None:
        try:
            self._outbox.save_draft(session, field, text, durable=True)
        except OutboxFull as error:
            raise NotPossible("store_full", str(error)) from error


def _joined(before: str, text: str) -> str:
    return f"{before.rstrip()}\n{text}" if before.strip() else text


def _body(text: str) -> e.MessageSent | None:
    try:
        return decode(e.MessageSent, json.loads(text))
    except (BadInput, ValueError):
        return None
