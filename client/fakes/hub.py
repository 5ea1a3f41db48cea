"""The hub in memory: one `FakeHubServer`, a `FakeHub` per principal, under the same rules as the real one.

It does not mask what is said and has no citizen page; `citizen_says` speaks for the citizen.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import replace
from datetime import datetime

from client.domain import ownership
from client.domain.access import PERMISSIONS, Permission, Person, may_act
from client.domain.event import (
    HUB_ONLY,
    Body,
    ConsentAnswered,
    Event,
    LinkIssued,
    ScreenAnswered,
    ScreenDelivered,
    ScreenOpened,
    SessionOpened,
    new_event,
)
from client.domain.ids import new_id
from client.domain.masking import mask_number
from client.domain.session_log import (
    Appended,
    Draft,
    LogRefused,
    Opening,
    SessionFacts,
    SessionView,
    draft,
)
from client.domain.signal import (
    LiveText,
    MediaState,
    Mirror,
    PageState,
    PartialCaption,
    QueuePlace,
    Signal,
    VideoOffer,
    Working,
)
from client.domain.video import IceServer
from client.domain.words import Party, Role
from client.fakes.hub_server import SharedHub, shown, state_of
from client.fakes.hub_written import WrittenFake
from client.ports.hub import (
    Colleague,
    Connected,
    HubAway,
    HubRefused,
    Identity,
    SessionState,
    Stored,
    StreamItem,
)

_CITIZENS = (ConsentAnswered, ScreenAnswered, ScreenDelivered, ScreenOpened)


class FakeHub(WrittenFake):
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
            ownership.say(view, self.person, events)
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
            if isinstance(signal.body, Mirror | PageState | QueuePlace | VideoOffer):
                raise HubRefused(422, "bad-input", "is the citizen's own to say")
            if isinstance(signal.body, MediaState | LiveText) and signal.body.party is not Party.AGENT:
                raise HubRefused(422, "bad-input", "a desk speaks for its agent")
            if not isinstance(signal.body, PartialCaption | Working):
                self._in_hand(signal.session)
            self.server.pass_on(self._stamped(signal))

    async def stream(self) -> AsyncGenerator[StreamItem, None]:
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
        try:
            facts = self.server.ledger.facts_of(session)
        except LogRefused as error:
            raise HubRefused(error.status, error.code, error.detail) from error
        if facts.owner is None:
            self._require_room(facts.channel)
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
        self._in_hand(session)
        if session not in self.server.links:
            self.server.links[session] = f"http://hub.invalid/c/{new_id()}"
            self._decide(session, lambda _facts: LinkIssued(link=new_id()))
        return self.server.links[session]

    async def renew_link(self, session: str) -> str:
        """A new address for the citizen."""
        self._reach(Permission.APPEND)
        self._seen(session)
        self._in_hand(session)
        self.server.links.pop(session, None)
        return await self.link(session)

    async def unmask(self, session: str, reason: str) -> str:
        """The citizen's whole number."""
        self._reach(Permission.UNMASK)
        self._seen(session)
        if not reason.strip():
            raise HubRefused(422, "bad-input", "must not be empty")
        self.server.looks.append((self.person.id, session, reason))
        return self.server.ledger.number(session)

    async def opened(self, session: str, at: datetime) -> None:
        """The agent opened the session on the screen."""
        self._reach()
        self._seen(session)
        if self.server.full:
            raise _store_full()
        self.server.opened.append((self.person.id, session))

    async def ice(self) -> Sequence[IceServer]:
        """None: the fake's citizens are on this machine."""
        self._reach()
        return ()

    async def colleagues(self) -> Sequence[Colleague]:
        """Others who can take a session."""
        self._reach()
        return [
            Colleague(id=p.id, name=p.name, role=p.role, connected=self.server.connected(p.id), number=p.number)
            for p in self.server.people.values()
            if p.id != self.person.id and p.may(Permission.CLAIM)
        ]

    def _stamped(self, signal: Signal) -> Signal:
        if not isinstance(signal.body, Working):
            return signal
        body = replace(signal.body, principal=self.person.id, name=self.person.name)
        return Signal(session=signal.session, key=f"{Working.kind}:{self.person.id}", body=body)

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

    def _in_hand(self, session: str) -> None:
        if not may_act(self.person, self.server.ledger.facts_of(session)):
            error = ownership.not_in_hand()
            raise HubRefused(error.status, error.code, error.detail)

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
            raise _store_full()
        try:
            done = act()
        except LogRefused as error:
            raise HubRefused(error.status, error.code, error.detail) from error
        self.server.tell(done)
        return done


def _store_full() -> HubRefused:
    return HubRefused(507, "store-full", "the hub's disk is full; nothing of this request was stored")


def _masked(number: str) -> str:
    return number if "*" in number else mask_number(number)


class FakeHubServer(SharedHub):
    """The hub itself: where its clients come from."""

    def client(self, name: str, role: Role = Role.AGENT, number: str = "") -> FakeHub:
        """A new principal's connection."""
        person = Person(id=new_id(), name=name, role=role, number=number)
        self.people[person.id] = person
        return FakeHub(self, person)
