"""The hub in memory: one `FakeHubServer`, a `FakeHub` per principal, under the same rules as the real one.

It does not mask what is said and has no citizen page; `citizen_says` speaks for the citizen.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from client.domain import ownership
from client.domain.access import PERMISSIONS, Permission, Person, may_see
from client.domain.event import (
    HUB_ONLY,
    Body,
    ConsentAnswered,
    Event,
    LinkIssued,
    ScreenAnswered,
    ScreenDelivered,
    ScreenOpened,
    SessionClosed,
    SessionOpened,
    new_event,
    timestamp,
)
from client.domain.ids import new_id
from client.domain.ledger import Ledger
from client.domain.masking import mask_number
from client.domain.session_log import (
    Appended,
    Draft,
    LogRefused,
    Opening,
    SessionFacts,
    SessionView,
    draft,
    emptied,
)
from client.domain.signal import Mirror, PageState, Signal
from client.domain.words import Audience, Role
from client.ports.hub import (
    Colleague,
    Connected,
    Heads,
    HubAway,
    HubRefused,
    Identity,
    SessionState,
    Stored,
    StreamItem,
)

GRACE_S = 1800.0
_CITIZENS = (ConsentAnswered, ScreenAnswered, ScreenDelivered, ScreenOpened)


def system_now() -> datetime:
    """The system's time."""
    return datetime.now(UTC)


class FakeHubServer:
    """What all principals share. `away` makes it unreachable; `full` its disk; `looks` is the access log."""

    def __init__(self, now: Callable[[], datetime] = system_now) -> None:
        self.now = now
        self.full = False
        self.looks: list[tuple[str, str, str]] = []
        self.ledger = Ledger(lambda: timestamp(now()))
        self.people: dict[str, Person] = {}
        self.links: dict[str, str] = {}
        self._signals: dict[tuple[str, str], Signal] = {}
        self._streams: list[tuple[Person, asyncio.Queue[StreamItem | None]]] = []
        self._away = False

    def client(self, name: str, role: Role = Role.AGENT, number: str = "") -> FakeHub:
        """A new principal's connection."""
        person = Person(id=new_id(), name=name, role=role, number=number)
        self.people[person.id] = person
        return FakeHub(self, person)

    @property
    def away(self) -> bool:
        """Whether the hub is unreachable; setting it ends every stream."""
        return self._away

    @away.setter
    def away(self, away: bool) -> None:
        self._away = away
        if away:
            for _, queue in self._streams:
                queue.put_nowait(None)

    def citizen_says(self, session: str, *bodies: Body) -> None:
        """What the citizen's page would post."""
        events = [new_event(session, body, at=self.now()) for body in bodies]
        self.tell(self.ledger.append(session, lambda _view: [draft(event, "citizen") for event in events]))

    def citizen_signals(self, signal: Signal) -> None:
        """What the citizen's page would signal."""
        self.pass_on(signal)

    def tell(self, done: Appended) -> None:
        """Let every stream that may know it know what was stored."""
        before, facts = done.before, done.facts
        changed = before is None or (before.owner, before.closed) != (facts.owner, facts.closed)
        for person, queue in self._streams:
            sees = self.sees(person, facts)
            for taken in done.fresh if sees else ():
                queue.put_nowait(shown(taken.event, person))
            if changed and (sees or (before is not None and self.sees(person, before))):
                queue.put_nowait(state_of(facts))

    def tell_heads(self) -> None:
        """What the real hub does every 10 s."""
        for person, queue in self._streams:
            queue.put_nowait(self.heads_of(person))

    def pass_on(self, signal: Signal) -> None:
        """Keep a signal and hand it to whoever sees its session."""
        facts = self.ledger.facts_of(signal.session)
        if facts.closed is None:
            self._signals[signal.session, signal.key] = signal
        for person, queue in self._streams:
            if self.sees(person, facts):
                queue.put_nowait(signal)

    def sees(self, person: Person, facts: SessionFacts) -> bool:
        """Whether this person may see this session now."""
        return may_see(person, facts, self.now(), GRACE_S)

    def heads_of(self, person: Person) -> Heads:
        """Session → last seq of all that this person may see."""
        return Heads(heads={facts.id: facts.last_seq for facts in self.ledger.facts() if self.sees(person, facts)})

    def connect(self, person: Person) -> asyncio.Queue[StreamItem | None]:
        """A new stream with its heads and the newest signals."""
        queue: asyncio.Queue[StreamItem | None] = asyncio.Queue()
        queue.put_nowait(self.heads_of(person))
        for signal in self._signals.values():
            facts = self.ledger.facts_of(signal.session)
            if facts.closed is None and self.sees(person, facts):
                queue.put_nowait(signal)
        self._streams.append((person, queue))
        return queue

    def disconnect(self, queue: asyncio.Queue[StreamItem | None]) -> None:
        """The stream is over."""
        self._streams = [(person, held) for person, held in self._streams if held is not queue]

    def connected(self, person: str) -> bool:
        """Whether this person's stream is open."""
        return any(held.id == person for held, _ in self._streams)


def state_of(facts: SessionFacts) -> SessionState:
    """The facts as a desk knows them."""
    return SessionState(
        id=facts.id,
        owner=facts.owner,
        owner_name=facts.owner_name,
        last_seq=facts.last_seq,
        closed=facts.closed is not None,
    )


def shown(event: Event, person: Person) -> Event:
    """The event, or its envelope where only supervisors may read it."""
    hidden = event.audience is Audience.SUPERVISORS and not person.may(Permission.SEE_ALL)
    return emptied(event) if hidden else event


class FakeHub:
    """`Hub` for one principal."""

    def __init__(self, server: FakeHubServer, person: Person) -> None:
        self.server = server
        self.person = person

    async def open_session(self, event: Event, keys: Sequence[str], number: str) -> SessionState:
        """Open or join."""
        self._reach(Permission.OPEN)
        if not isinstance(event.body, SessionOpened):
            raise HubRefused(422, "bad-input", "must be session.opened")
        whole = number or event.body.number
        masked = replace(event, body=replace(event.body, number=_masked(event.body.number)))
        opening = Opening(
            session=event.session,
            keys=tuple(keys),
            draft=draft(masked, self.person.id, said=event),
            number="" if "*" in whole else whole,
            allowed=lambda facts: self.server.sees(self.person, facts),
        )
        return state_of(self._tell(lambda: self.server.ledger.open(opening)).facts)

    async def sessions(self) -> Sequence[SessionState]:
        """All sessions this principal may see."""
        self._reach()
        return [state_of(f) for f in self.server.ledger.facts() if self.server.sees(self.person, f)]

    async def append(self, session: str, events: Sequence[Event]) -> Sequence[Stored]:
        """Store events."""
        self._reach(Permission.APPEND)
        for event in events:
            self._check(session, event)

        def decide(view: SessionView) -> Sequence[Draft]:
            self._require_sight(view.facts)
            if any(isinstance(event.body, SessionClosed) for event in events):
                ownership.close(view.facts, self.person)
            return [draft(event, self.person.id) for event in events]

        done = self._tell(lambda: self.server.ledger.append(session, decide))
        return [Stored(id=t.id, seq=t.event.seq or 0, recorded=t.event.recorded or "") for t in done.taken]

    async def events(self, session: str, after: int) -> Sequence[Event]:
        """The session's events."""
        self._reach()
        self._seen(session)
        return [shown(t.event, self.person) for t in self.server.ledger.events(session, after, 1_000_000)]

    async def signal(self, signals: Sequence[Signal]) -> None:
        """Send signals."""
        self._reach(Permission.APPEND)
        for signal in signals:
            self._seen(signal.session)
            if isinstance(signal.body, Mirror | PageState):
                raise HubRefused(422, "bad-input", "is the citizen's own to say")
            self.server.pass_on(signal)

    async def stream(self) -> AsyncIterator[StreamItem]:
        """Everything that happens from now on."""
        self._reach()
        queue = self.server.connect(self.person)
        try:
            yield Connected(identity=self._identity())
            while (item := await queue.get()) is not None:
                yield item
        finally:
            self.server.disconnect(queue)
        raise HubAway("the hub ended the stream")

    async def claim(self, session: str) -> SessionState:
        """Become the one owner."""
        self._reach(Permission.CLAIM)
        return self._decide(session, lambda facts: ownership.claim(facts, self.person), sight=False)

    async def transfer(self, session: str, to: str, note: str) -> SessionState:
        """Hand the session to a colleague."""
        self._reach(Permission.CLAIM)
        if to not in self.server.people:
            raise HubRefused(422, "bad-input", "is nobody here")
        colleague = self.server.people[to]
        return self._decide(session, lambda facts: ownership.transfer(facts, self.person, colleague, note))

    async def release(self, session: str, reason: str) -> SessionState:
        """Back to the queue."""
        self._reach(Permission.CLAIM)
        return self._decide(session, lambda facts: ownership.release(facts, self.person, reason))

    async def close(self, session: str) -> SessionState:
        """Nothing more is expected."""
        self._reach(Permission.APPEND)
        return self._decide(session, lambda facts: ownership.close(facts, self.person))

    async def link(self, session: str) -> str:
        """The citizen's address."""
        self._reach(Permission.APPEND)
        self._seen(session)
        if session not in self.server.links:
            self.server.links[session] = f"http://hub.invalid/c/{new_id()}"
            self._decide(session, lambda _facts: LinkIssued(link=new_id()))
        return self.server.links[session]

    async def unmask(self, session: str, reason: str) -> str:
        """The citizen's whole number."""
        self._reach(Permission.UNMASK)
        self._seen(session)
        if not reason.strip():
            raise HubRefused(422, "bad-input", "must not be empty")
        self.server.looks.append((self.person.id, session, reason))
        return self.server.ledger.number(session)

    async def colleagues(self) -> Sequence[Colleague]:
        """Others who can take a session."""
        self._reach()
        return [
            Colleague(id=p.id, name=p.name, role=p.role, connected=self.server.connected(p.id), number=p.number)
            for p in self.server.people.values()
            if p.id != self.person.id and p.may(Permission.CLAIM)
        ]

    def _identity(self) -> Identity:
        permissions = tuple(sorted(PERMISSIONS[self.person.role]))
        return Identity(
            principal=self.person.id,
            name=self.person.name,
            role=self.person.role,
            permissions=permissions,
            offset_s=0.0,
        )

    def _reach(self, permission: Permission | None = None) -> None:
        if self.server.away:
            raise HubAway("the hub is away")
        if permission is not None and not self.person.may(permission):
            raise HubRefused(403, "not-permitted", f"your role does not give the permission {permission}")

    def _require_sight(self, facts: SessionFacts) -> None:
        if not self.server.sees(self.person, facts):
            raise LogRefused(403, "not-yours", "this session is another's")

    def _seen(self, session: str) -> None:
        try:
            self._require_sight(self.server.ledger.facts_of(session))
        except LogRefused as error:
            raise HubRefused(error.status, error.code, error.detail) from error

    def _check(self, session: str, event: Event) -> None:
        if event.session != session:
            raise HubRefused(422, "bad-input", "is not the session of this address")
        if event.actor is not None or event.seq is not None or event.recorded is not None:
            raise HubRefused(422, "bad-input", "is stamped by the hub and cannot be said")
        if isinstance(event.body, (*HUB_ONLY, *_CITIZENS)):
            raise HubRefused(422, "bad-input", "is not a desk's to say")

    def _decide(self, session: str, rule: Callable[[SessionFacts], Body | None], *, sight: bool = True) -> SessionState:
        def decide(view: SessionView) -> Sequence[Draft]:
            if sight:
                self._require_sight(view.facts)
            body = rule(view.facts)
            return [] if body is None else [draft(new_event(session, body, at=self.server.now()), self.person.id)]

        return state_of(self._tell(lambda: self.server.ledger.append(session, decide)).facts)

    def _tell(self, act: Callable[[], Appended]) -> Appended:
        if self.server.full:
            raise HubRefused(507, "store-full", "the hub's disk is full; nothing of this request was stored")
        try:
            done = act()
        except LogRefused as error:
            raise HubRefused(error.status, error.code, error.detail) from error
        self.server.tell(done)
        return done


def _masked(number: str) -> str:
    return number if "*" in number else mask_number(number)
