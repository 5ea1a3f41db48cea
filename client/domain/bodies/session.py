"""What became of a session: opened, claimed, handed over, closed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from client.domain.bodies.body import Body
from client.domain.words import Channel, Retention


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionOpened(Body):
    """A citizen reached the centre. `number` is masked before it is stored; the hub keeps the whole one apart."""

    type: ClassVar[str] = "session.opened"
    retention: ClassVar[Retention] = Retention.RECORD
    channel: Channel
    language: str = "ko"
    number: str = ""
    name: str = ""
    queue: str = ""
    ars: str = ""
    outbound: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionClaimed(Body):
    """A principal became the session's one owner."""

    type: ClassVar[str] = "session.claimed"
    retention: ClassVar[Retention] = Retention.RECORD
    agent: str
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionTransferred(Body):
    """The owner handed the session to another principal."""

    type: ClassVar[str] = "session.transferred"
    retention: ClassVar[Retention] = Retention.RECORD
    to: str
    name: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionOffered(Body):
    """The owner is sending the call to a colleague, who may look on from now; said before the call itself goes."""

    type: ClassVar[str] = "session.offered"
    retention: ClassVar[Retention] = Retention.RECORD
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionReleased(Body):
    """An offer or a claim went back to the queue: `declined`, `unanswered`, `released`."""

    type: ClassVar[str] = "session.released"
    reason: str = "released"


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionClosed(Body):
    """Nothing more is expected; late events are still taken."""

    type: ClassVar[str] = "session.closed"
    retention: ClassVar[Retention] = Retention.RECORD
    reason: str = ""
