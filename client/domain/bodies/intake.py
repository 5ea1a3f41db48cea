"""How a written session came to the centre, and what becomes of it outside: bots, complaints, merged threads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from client.domain.bodies.body import Body
from client.domain.words import Audience, Retention


@dataclass(frozen=True, slots=True, kw_only=True)
class BotHandedOver(Body):
    """A chatbot gave the citizen to an agent. Its conversation stands before this as messages of `bot` and `citizen`."""

    type: ClassVar[str] = "bot.handed_over"
    retention: ClassVar[Retention] = Retention.CONTENT
    bot: str = ""
    reason: str = ""
    lines: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintFiled(Body):
    """A complaint (민원) as its form told it; words and pictures are the message before it.

    `latitude`, `longitude` in degrees (WGS 84); `district` one of the 25; `reference` — the app's own number of it.
    """

    type: ClassVar[str] = "complaint.filed"
    retention: ClassVar[Retention] = Retention.CONTENT
    category: str
    district: str = ""
    place: str = ""
    latitude: float | None = None
    longitude: float | None = None
    contact: str = ""
    reference: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintRouted(Body):
    """The complaint goes to `office`: by rule number `rule` and `why` in words, or by hand (`rule` is 0)."""

    type: ClassVar[str] = "complaint.routed"
    retention: ClassVar[Retention] = Retention.RECORD
    office: str
    rule: int = 0
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintStatus(Body):
    """What the citizen's app is told: `received`, `assigned`, `working`, `answered` or `closed`."""

    type: ClassVar[str] = "complaint.status"
    retention: ClassVar[Retention] = Retention.RECORD
    audience: ClassVar[Audience] = Audience.CITIZEN
    status: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadEnded(Body):
    """Nothing can be written on the citizen's thread any more. `reason`: `ended`, `blocked` or `expired`."""

    type: ClassVar[str] = "thread.ended"
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionMerged(Body):
    """`source` goes on in `target`: said in both; the source is closed, its citizen's thread now leads to the target."""

    type: ClassVar[str] = "session.merged"
    retention: ClassVar[Retention] = Retention.RECORD
    source: str
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CitizenConfirmed(Body):
    """The agent made sure who writes: what this number's sessions held before may be looked at."""

    type: ClassVar[str] = "citizen.confirmed"
    retention: ClassVar[Retention] = Retention.RECORD
    how: str = ""
