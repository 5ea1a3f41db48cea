"""What a principal at a desk can do with sessions: every rule is checked in the transaction that stores what follows."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from client.domain import ownership, queueing
from client.domain.access import Permission, Person, may_act, may_see
from client.domain.codec import BadInput
from client.domain.event import (
    Body,
    Event,
    EventsErased,
    LinkIssued,
    SessionOpened,
    SessionTransferred,
    WrapUpSaved,
    new_event,
    parse_timestamp,
    timestamp,
)
from client.domain.ids import is_id
from client.domain.session_log import Appended, Decide, Draft, LogRefused, Opening, SessionFacts, SessionView, Taken
from client.domain.signal import PartialCaption, Signal, Working
from client.domain.words import Channel, Retention
from client.hub import intake
from client.hub.auth import Asker
from client.hub.citizen_streams import ALL
from client.hub.core import Hub
from client.hub.desk_streams import event_for
from client.hub.kept_files import with_kept_files
from client.hub.masking import masked_again
from client.hub.sending import outward, refuse_foreign_withdrawals
from client.wire import EventBatch, NextWish, Opened, OpenSession, Reason, SignalBatch

MAX_KEYS = 10
MAX_KEY = 200  # characters
MAX_NUMBER = 200  # characters
MAX_REASON = 1_000  # characters
NEED_REASON = ("unmask", "erase", "export")
LATE = timedelta(minutes=1)  # an act told later than that is logged with its own time


class Desk:
    """One request's view of the hub: `asker` is who asks."""

    def __init__(self, hub: Hub, asker: Asker) -> None:
        self.hub = hub
        self.asker = asker
        self.person: Person = asker.person

    def require_sight(self, facts: SessionFacts) -> None:
        """Refuse a stranger."""
        if not may_see(self.person, facts, self.hub.now(), self.hub.settings.link_grace_s):
            raise LogRefused(403, "not-yours", "this session is another's")

    def require_hand(self, facts: SessionFacts) -> None:
        """Refuse who only looks on: what speaks to the citizen is for whoever has the session in hand."""
        if not may_act(self.person, facts):
            raise ownership.not_in_hand()

    async def seen(self, session: str) -> SessionFacts:
        """The facts of a session that this principal may see."""
        facts = await self.hub.facts(session)
        self.require_sight(facts)
        return facts

    async def open(self, request: OpenSession) -> Appended:
        """Open a session or join the one that has a key."""
        self.asker.require(Permission.OPEN)
        event = _opening_event(request)
        number = request.number or _body_of(event).number
        draft = intake.one_draft(self.hub, event, self.person.id)
        opening = Opening(
            session=request.id,
            keys=request.keys,
            draft=draft,
            number="" if "*" in number else number,
            allowed=lambda facts: may_see(self.person, facts, self.hub.now(), self.hub.settings.link_grace_s),
        )
        return await self.hub.log.open(opening)

    async def append(self, session: str, batch: EventBatch, size: int) -> Appended:
        """Store a batch."""
        self.asker.require(Permission.APPEND)
        events = intake.parse_events(batch.events, session)
        intake.refuse_citizens_words(events)
        events = await with_kept_files(self.hub.attachments, events)
        drafts = await intake.drafts(self.hub, events, self.person.id, size)
        out = await outward(self.hub, session, events)

        def decide(view: SessionView) -> Sequence[Draft]:
            self.require_sight(view.facts)
            ownership.say(view, self.person, events)
            refuse_foreign_withdrawals(view, events)
            return drafts

        done = await self.hub.log.append(session, decide, out.beside)
        out.wake()
        return done

    async def events(self, session: str, after: int, limit: int) -> Sequence[Taken]:
        """A page of events."""
        await self.watched(session)
        return await self.hub.log.events(session, after, limit)

    async def watched(self, session: str) -> SessionFacts:
        """The facts of a session that this principal is about to read; another's is logged first.

        One's own is what one owns, and what one opened while it is nobody's: a desk follows its calls by itself.
        """
        facts = await self.seen(session)
        if self.person.id not in (facts.owner, facts.opener if facts.owner is None else None):
            await self.note(session, "open")
        return facts

    async def note(self, session: str, action: str) -> None:
        """Log that this principal reads, once an hour."""
        await self.hub.looks.note(principal=self.person.id, origin=self.asker.origin, session=session, action=action)

    async def opened(self, session: str, wish: Opened) -> None:
        """The person opened it on the screen: an act, and not what a desk does by itself."""
        at = parse_timestamp(wish.at)
        await self.seen(session)
        late = abs(self.hub.now() - at) > LATE
        await self.log_access(session, "opened", reason=f"at {timestamp(at)}" if late else "")

    async def signal(self, session: str, batch: SignalBatch) -> None:
        """Pass signals on."""
        self.asker.require(Permission.APPEND)
        facts = await self.seen(session)
        signals = intake.parse_signals(batch.signals, session)
        intake.refuse_citizens_signals(signals)
        if any(not isinstance(signal.body, PartialCaption | Working) for signal in signals):
            self.require_hand(facts)
        for signal in signals:
            self.hub.signal(self._stamped(signal))

    def _stamped(self, signal: Signal) -> Signal:
        """Who looks on is never believed from the body."""
        if isinstance(signal.body, Working):
            body = replace(signal.body, principal=self.person.id, name=self.person.name)
            return Signal(session=signal.session, key=f"{Working.kind}:{self.person.id}", body=body)
        return replace(signal, body=self.hub.masker.signal(signal.body))

    async def claim(self, session: str) -> Appended:
        """Become the one owner; of a written session within one's capacity."""
        self.asker.require(Permission.CLAIM)
        async with self.hub.claims[self.person.id]:  # two requests of one desk must not both find room
            facts = await self.hub.facts(session)
            if facts.owner is None:
                self._require_room(facts.channel)
            return await self._decide(session, lambda facts: ownership.claim(facts, self.person), sight=False)

    async def claim_next(self, wish: NextWish) -> SessionFacts | None:
        """Claim the longest waiting session; another desk that was faster is no matter, the next one is tried."""
        self.asker.require(Permission.CLAIM)
        async with self.hub.claims[self.person.id]:
            while (facts := queueing.longest_waiting(self._free(), wish.channels, wish.languages)) is not None:
                self._require_room(facts.channel)
                if (done := await self._claim_waiting(facts.id)) is not None:
                    return done.facts
        return None

    def _free(self) -> Iterable[SessionFacts]:
        """Sessions that wait and that no other request is just about to get."""
        return (facts for facts in self.hub.rooms.waiting() if facts.id not in self.hub.being_claimed)

    async def _claim_waiting(self, session: str) -> Appended | None:
        """None: it was claimed or closed a moment ago."""
        self.hub.being_claimed.add(session)
        try:
            with suppress(LogRefused):
                return await self._decide(session, lambda held: ownership.claim(held, self.person), sight=False)
        finally:
            self.hub.being_claimed.discard(session)
        return None

    def _require_room(self, channel: Channel) -> None:
        settings = self.hub.settings
        held = queueing.load(self.hub.rooms.owned(self.person.id), self.person.id, settings.weights)
        queueing.refuse_over_capacity(held, channel, settings.weights, settings.capacity)

    async def transfer(self, session: str, to: str, note: str) -> Appended:
        """Hand the session to a colleague."""
        self.asker.require(Permission.CLAIM)
        colleague = self.hub.principals.get(to)
        if colleague is None:
            raise BadInput("to", "is nobody here")
        return await self._decide(session, lambda facts: ownership.transfer(facts, self.person, colleague, note))

    async def release(self, session: str, reason: str) -> Appended:
        """Back to the queue."""
        self.asker.require(Permission.CLAIM)
        if len(reason) > MAX_REASON:
            raise BadInput("reason", f"must be at most {MAX_REASON} characters")
        return await self._decide(session, lambda facts: ownership.release(facts, self.person, reason))

    async def close(self, session: str) -> Appended:
        """Nothing more is expected."""
        self.asker.require(Permission.APPEND)
        return await self._decide(session, lambda facts: ownership.close(facts, self.person))

    async def link(self, session: str) -> tuple[str, str]:
        """The token of the session's live link and until when it is good (RFC 3339; empty: while the session is open)."""
        self.asker.require(Permission.APPEND)
        facts = await self.seen(session)
        self.require_hand(facts)
        link, token, fresh = await self.hub.links.issue(session)
        if fresh:
            await self._decide(session, lambda _facts: LinkIssued(link=link.id))
            if facts.closed:
                await self.hub.links.session_closed(session)
        return token, self.hub.stamp_time(link.until) if link.until else ""

    async def renew_link(self, session: str) -> tuple[str, str]:
        """As `link`, but a new one: the one before, which others may have got hold of, opens nothing any more."""
        self.asker.require(Permission.APPEND)
        self.require_hand(await self.seen(session))
        await self.hub.links.end(session)
        return await self.link(session)

    async def unmask(self, session: str, reason: Reason) -> str:
        """The citizen's whole number; the look is on the disk before the answer."""
        self.asker.require(Permission.UNMASK)
        await self.seen(session)
        await self.log_access(session, "unmask", reason.reason)
        return await self.hub.log.number(session)

    async def erase(self, session: str, reason: Reason) -> Appended:
        """Empty the named events, or all that holds the citizen's words and name."""
        self.asker.require(Permission.ERASE)
        await self.seen(session)
        await self.log_access(session, "erase", reason.reason)
        ids = reason.events or tuple(
            taken.id for taken in await self.hub.log.events(session, 0, ALL) if _is_personal(taken.event.body)
        )
        say = self._say(session, EventsErased(events=ids, reason=reason.reason))
        return await self.hub.log.erase(session, ids, say)

    async def export(self, session: str, reason: Reason) -> Sequence[Event]:
        """The whole log as this principal may read it, for taking away; masked by the rule of today."""
        self.asker.require(Permission.EXPORT)
        await self.seen(session)
        await self.log_access(session, "export", reason.reason)
        events = [self.shown(taken.event) for taken in await self.hub.log.events(session, 0, ALL)]
        return await asyncio.to_thread(masked_again, events, self.hub.settings)

    def shown(self, event: Event) -> Event:
        """An event as this principal may read it."""
        return event_for(event, self.person)

    async def log_found(self, words: str, sessions: Iterable[str]) -> None:
        """Log a search with whom it found. Of the words their first character: they may be a name."""
        await self.hub.access.write(
            principal=self.person.id,
            origin=self.asker.origin,
            sessions=tuple(dict.fromkeys(sessions)) or ("",),
            action="search",
            reason=words[0] + "*" * (len(words) - 1),
        )

    async def log_access(self, session: str, action: str, reason: str = "") -> None:
        """Write into the access log; acts that need a reason are refused without one."""
        if action in NEED_REASON and not reason.strip():
            raise BadInput("reason", "must not be empty")
        if len(reason) > MAX_REASON:
            raise BadInput("reason", f"must be at most {MAX_REASON} characters")
        await self.hub.access.write(
            principal=self.person.id,
            origin=self.asker.origin,
            sessions=(session,),
            action=action,
            reason=reason if is_id(reason) else self.hub.masker.text(reason),
        )

    async def _decide(
        self, session: str, rule: Callable[[SessionFacts], Body | None], *, sight: bool = True
    ) -> Appended:
        def decide(view: SessionView) -> Sequence[Draft]:
            if sight:
                self.require_sight(view.facts)
            body = rule(view.facts)
            return [] if body is None else [self._say(session, body)]

        typed: Decide = decide
        return await self.hub.log.append(session, typed)

    def _say(self, session: str, body: Body) -> Draft:
        return intake.one_draft(self.hub, new_event(session, body, at=self.hub.now()), self.person.id)


def _opening_event(request: OpenSession) -> Event:
    if not is_id(request.id):
        raise BadInput("id", "must be a UUIDv7")
    if len(request.keys) > MAX_KEYS or any(not key or len(key) > MAX_KEY for key in request.keys):
        raise BadInput("keys", f"must be at most {MAX_KEYS}, each of 1 to {MAX_KEY} characters")
    if len(request.number) > MAX_NUMBER:
        raise BadInput("number", f"must be at most {MAX_NUMBER} characters")
    try:
        (event,) = intake.parse_events([request.event], request.id)
    except BadInput as error:
        raise BadInput(error.path.replace("events.0", "event", 1), error.why) from error
    if not isinstance(event.body, SessionOpened):
        raise BadInput("event.type", "must be session.opened")
    return event


def _body_of(event: Event) -> SessionOpened:
    assert isinstance(event.body, SessionOpened)
    return event.body


def _is_personal(body: Body) -> bool:
    """True for what a citizen can have erased: words, answers, who they are, and what was written about them."""
    if isinstance(body, WrapUpSaved):
        return bool(body.summary)
    if isinstance(body, SessionTransferred):
        return bool(body.note)
    return body.retention is Retention.CONTENT or isinstance(body, SessionOpened)
