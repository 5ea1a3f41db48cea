"""The written channels of the hub's fake: the same rules in memory, and the outside as a test tells it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from client.domain import queueing
from client.domain.access import Permission, Person
from client.domain.attachment import Attachment
from client.domain.event import (
    LEFT,
    CitizenConfirmed,
    DeliveryState,
    MessageSent,
    SessionClosed,
    SessionMerged,
    WrapUpSaved,
    event_to_json,
    new_event,
    timestamp,
)
from client.domain.session_log import LogRefused, draft
from client.domain.telephone import national
from client.domain.words import Channel
from client.fakes.hub_server import SharedHub, state_of
from client.ports.hub import Found, GatewayState, HubRefused, PastSession, SessionState

OPEN = (DeliveryState.FAILED, DeliveryState.UNCERTAIN)


class WrittenFake:
    """The other half of `FakeHub`; needs `server`, `person`, `_reach`, `_seen` and `_in_hand`."""

    server: SharedHub
    person: Person

    async def next_waiting(self, channels: Sequence[Channel], languages: Sequence[str]) -> SessionState | None:
        """Claim the longest waiting session."""
        self._reach(Permission.CLAIM)
        facts = queueing.longest_waiting(self.server.ledger.facts(), channels, languages)
        return None if facts is None else await self.claim(facts.id)

    def _require_room(self, channel: Channel) -> None:
        held = queueing.load(self.server.ledger.facts(), self.person.id, self.server.weights)
        try:
            queueing.refuse_over_capacity(held, channel, self.server.weights, self.server.capacity)
        except LogRefused as error:
            raise HubRefused(error.status, error.code, error.detail) from error

    async def merge(self, session: str, target: str) -> SessionState:
        """`session` goes on in `target`."""
        self._reach(Permission.CLAIM)
        for one in (session, target):
            self._seen(one)
            if self.server.ledger.facts_of(one).owner != self.person.id:
                raise HubRefused(409, "not-owner", "both sessions must be yours")
        merged = SessionMerged(source=session, target=target)
        for one, bodies in ((target, [merged]), (session, [merged, SessionClosed(reason="merged")])):
            events = [new_event(one, body, at=self.server.now()) for body in bodies]
            said = [draft(event, self.person.id) for event in events]
            self.server.tell(self.server.ledger.append(one, lambda _view, said=said: said))  # type: ignore[misc]  # bound now
        return state_of(self.server.ledger.facts_of(target))

    async def history(self, session: str) -> Sequence[PastSession]:
        """Earlier sessions of the same number."""
        self._reach()
        self._seen(session)
        if self.server.confirm_citizen and not self._confirmed(session):
            raise HubRefused(403, "not-confirmed", "make sure first who writes")
        number = national(self.server.ledger.number(session))
        same = [
            facts
            for facts in self.server.ledger.facts()
            if facts.id != session and number and national(self.server.ledger.number(facts.id)) == number
        ]
        return [
            PastSession(
                id=facts.id,
                channel=facts.channel,
                opened=facts.opened,
                closed=facts.closed or "",
                owner_name=facts.owner_name,
                **self._wrapped_up(facts.id),
            )
            for facts in sorted(same, key=lambda facts: facts.opened, reverse=True)
        ]

    def _wrapped_up(self, session: str) -> dict[str, Any]:
        bodies = [taken.event.body for taken in self.server.ledger.events(session, 0, 1_000_000)]
        saved = [body for body in bodies if isinstance(body, WrapUpSaved)]
        return {"codes": saved[-1].codes, "summary": saved[-1].summary} if saved else {}

    def _confirmed(self, session: str) -> bool:
        events = self.server.ledger.events(session, 0, 1_000_000)
        return any(isinstance(taken.event.body, CitizenConfirmed) for taken in events)

    async def gateways(self) -> Sequence[GatewayState]:
        """As the test set them."""
        self._reach()
        return tuple(self.server.gateways)

    async def settle(self, session: str, message: str, *, again: bool) -> None:
        """Send it again, or leave it."""
        self._reach(Permission.APPEND)
        self._seen(session)
        self._in_hand(session)
        state = self.server.delivery(session, message)
        if state is None:
            raise HubRefused(404, "unknown-message", "nothing with this id was sent from this session")
        if state not in OPEN:
            raise HubRefused(409, "not-open", f"it is {state}: there is nothing to decide")
        then = (DeliveryState.QUEUED, "") if again else (DeliveryState.FAILED, LEFT)
        self.server.deliver(session, message, *then)

    async def upload(self, session: str, attachment: str, name: str, data: bytes) -> Attachment:
        """Keep a file as it is: the fake checks nothing but that there is something."""
        self._reach(Permission.APPEND)
        self._seen(session)
        self._in_hand(session)
        if not data:
            raise HubRefused(422, "bad-input", "is empty")
        known = self.server.files.get(attachment)
        if known is not None and known[2] != data:
            raise HubRefused(409, "id-reused", "another attachment has this id")
        kind = "image/png" if data.startswith(b"\x89PNG") else "text/plain"
        kept = Attachment(id=attachment, name=name, media_type=kind, size=len(data))
        self.server.files[attachment] = (session, kept, data)
        return kept

    async def download(self, session: str, attachment: str) -> bytes:
        """A file's bytes."""
        self._reach()
        self._seen(session)
        held = self.server.files.get(attachment)
        if held is None or held[0] != session:
            raise HubRefused(404, "unknown-attachment", "there is no such attachment in this session")
        return held[2]

    async def search(self, words: str) -> Sequence[Found]:
        """Events in which the words stand, newest first."""
        self._reach(Permission.SEARCH)
        found = [
            Found(session=facts.id, id=taken.id, at=taken.event.at, excerpt=text)
            for facts in self.server.ledger.facts()
            if self.server.sees(self.person, facts)
            for taken in self.server.ledger.events(facts.id, 0, 1_000_000)
            if words.lower() in (text := str(getattr(taken.event.body, "text", ""))).lower() and text
        ]
        return sorted(found, key=lambda one: one.at, reverse=True)

    async def export(self, session: str, form: str, reason: str) -> bytes:
        """The log as JSON; other forms hold the same words without their looks."""
        self._reach(Permission.EXPORT)
        self._seen(session)
        _require(reason)
        events = [taken.event for taken in self.server.ledger.events(session, 0, 1_000_000)]
        if form == "json":
            return json.dumps([event_to_json(event) for event in events], ensure_ascii=False).encode()
        return "\n".join(e.body.text for e in events if isinstance(e.body, MessageSent)).encode()

    async def export_rows(self, since: datetime, until: datetime, reason: str) -> bytes:
        """One row per session."""
        self._reach(Permission.EXPORT)
        _require(reason)
        out = io.StringIO()
        rows = csv.writer(out)
        rows.writerow(["session", "channel", "opened", "closed"])
        for facts in self.server.ledger.facts():
            if facts.owner == self.person.id and timestamp(since) <= facts.opened < timestamp(until):
                rows.writerow([facts.id, facts.channel, facts.opened, facts.closed or ""])
        return out.getvalue().encode("utf-8-sig")

    # ── of the connection ────────────────────────────────────────────────────────────────────────

    async def claim(self, session: str) -> SessionState:
        """See `FakeHub`."""
        raise NotImplementedError

    def _reach(self, permission: Permission | None = None) -> None:
        raise NotImplementedError

    def _seen(self, session: str) -> None:
        raise NotImplementedError

    def _in_hand(self, session: str) -> None:
        raise NotImplementedError


def _require(reason: str) -> None:
    if not reason.strip():
        raise HubRefused(422, "bad-input", "must not be empty")
