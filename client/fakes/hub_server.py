"""What the principals of a fake hub share: log, people, streams."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

from client.domain.access import Permission, Person, may_see
from client.domain.attachment import Attachment
from client.domain.event import (
    Body,
    DeliveryState,
    Event,
    EventsErased,
    MessageDelivery,
    PageEntered,
    SessionOpened,
    VideomailLeft,
    new_event,
    timestamp,
)
from client.domain.ids import new_id
from client.domain.ledger import Ledger
from client.domain.session_log import (
    HUB,
    Appended,
    Opening,
    SessionFacts,
    draft,
    emptied,
)
from client.domain.signal import Signal
from client.domain.words import VIDEOMAIL, Audience, Channel
from client.ports.hub import (
    GatewayState,
    Heads,
    SessionState,
    StreamItem,
)

GRACE_S = 1800.0


def system_now() -> datetime:
    """The system's time."""
    return datetime.now(UTC)


class SharedHub:
    """What all principals share. `away` makes it unreachable; `full` its disk; `looks` and `opened` are the access log."""

    def __init__(self, now: Callable[[], datetime] = system_now) -> None:
        self.now = now
        self.full = False
        self.looks: list[tuple[str, str, str]] = []
        self.opened: list[tuple[str, str]] = []
        self.ledger = Ledger(lambda: timestamp(now()))
        self.people: dict[str, Person] = {}
        self.links: dict[str, str] = {}
        self.weights: dict[str, int] = {}
        self.capacity = 6
        self.confirm_citizen = False
        self.gateways: list[GatewayState] = []
        self.files: dict[str, tuple[str, Attachment, bytes]] = {}
        self._signals: dict[tuple[str, str], Signal] = {}
        self._streams: list[tuple[Person, asyncio.Queue[StreamItem | None]]] = []
        self._away = False

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

    def citizen_opens(
        self, channel: Channel, language: str = "ko", name: str = "", queue: str = "", number: str = ""
    ) -> str:
        """A citizen's page opens a session that waits; its id."""
        session = new_id()
        body = SessionOpened(channel=channel, language=language, name=name, queue=queue, number=number)
        opened = new_event(session, body, at=self.now())
        self.tell(self.ledger.open(Opening(session=session, keys=(), draft=draft(opened, "citizen"))))
        return session

    def citizen_says(self, session: str, *bodies: Body) -> None:
        """What the citizen's page would post."""
        events = [new_event(session, body, at=self.now()) for body in bodies]
        self.tell(self.ledger.append(session, lambda _view: [draft(event, "citizen") for event in events]))

    def citizen_leaves_mail(self, data: bytes, seconds: float, keep_until: str, number: str = "") -> str:
        """A citizen leaves a signed video message that waits; its session."""
        session = self.citizen_opens(Channel.SIGN_VIDEO, language="kvk", queue=VIDEOMAIL, number=number)
        kept = Attachment(id=new_id(), name="videomail.webm", media_type="video/webm", size=len(data))
        self.files[kept.id] = (session, kept, data)
        left = VideomailLeft(attachment=kept, seconds=seconds, keep_until=keep_until)
        self.citizen_says(session, PageEntered(language="ko"), left)
        return session

    def erase(self, session: str, *events: str) -> None:
        """A supervisor erases these events."""
        say = new_event(session, EventsErased(events=events, reason="asked"), at=self.now())
        self.tell(self.ledger.erase(session, events, draft(say, HUB)))

    def deliver(self, session: str, message: str, state: DeliveryState, reason: str = "") -> None:
        """What the queue to the outside would tell of a message."""
        event = new_event(session, MessageDelivery(message=message, state=state, reason=reason), at=self.now())
        self.tell(self.ledger.append(session, lambda _view: [draft(event, HUB)]))

    def delivery(self, session: str, message: str) -> DeliveryState | None:
        """How far it came; None: nothing is known of it."""
        bodies = [taken.event.body for taken in self.ledger.events(session, 0, 1_000_000)]
        states = [b.state for b in bodies if isinstance(b, MessageDelivery) and b.message == message]
        return states[-1] if states else None

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
