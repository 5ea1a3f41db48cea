"""The session log: an envelope and one frozen body per type. Everything that happens in a session is one of these."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar

from client.domain.bodies.body import MAX_TEXT, Body
from client.domain.bodies.call import (
    CallAnswered,
    CallEnded,
    CallHeld,
    CallMuted,
    CallOffered,
    CallResumed,
    CallTransferred,
    CallUnmuted,
    ConferenceEnded,
    ConferenceStarted,
    LegJoined,
    LegLeft,
    RelayMarked,
    TonesReceived,
    TonesSent,
)
from client.domain.bodies.caption import Caption, CaptionCorrected, CaptionGap, Word
from client.domain.bodies.intake import (
    BotHandedOver,
    CitizenConfirmed,
    ComplaintFiled,
    ComplaintRouted,
    ComplaintStatus,
    SessionMerged,
    ThreadEnded,
)
from client.domain.bodies.record import Emptied, EngineFailed, EventsErased, WrapUpExtended, WrapUpSaved, WrapUpStarted
from client.domain.bodies.screens import (
    ConsentAnswered,
    LinkIssued,
    PageEntered,
    PageRefused,
    ScreenAnswered,
    ScreenDelivered,
    ScreenOpened,
    ScreenPushed,
    ScreenWithdrawn,
)
from client.domain.bodies.session import (
    SessionClaimed,
    SessionClosed,
    SessionOffered,
    SessionOpened,
    SessionReleased,
    SessionTransferred,
)
from client.domain.bodies.video import (
    MarkSet,
    PictureShown,
    RelayAgreed,
    RelayEnded,
    RelayStarted,
    SnapshotTaken,
    VideoInterrupted,
    VideomailLeft,
    VideoRestored,
)
from client.domain.bodies.written import (
    LEFT,
    DeliveryState,
    LinkButton,
    MessageDelivery,
    MessageRead,
    MessageSent,
    MessageWithdrawn,
    NoteWritten,
)
from client.domain.codec import BadInput, decode, encode
from client.domain.ids import is_id, new_id
from client.domain.words import Audience

VERSION = 1

BODIES: dict[str, type[Body]] = {cls.type: cls for cls in Body.__subclasses__()}
"""Every body by its name in the log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown(Body):
    """What a newer program said and this one does not know; `was` is its type. Only ever read: no log takes it."""

    type: ClassVar[str] = "log.unknown"
    was: str


HUB_ONLY = (
    SessionClaimed,
    SessionTransferred,
    SessionMerged,
    PageEntered,
    PageRefused,
    LinkIssued,
    MessageDelivery,
    BotHandedOver,
    ComplaintFiled,
    ThreadEnded,
    VideomailLeft,
    EventsErased,
    Emptied,
)
"""Types that only the hub itself writes: they follow from a request that it has checked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One immutable fact. `seq`, `recorded` and `actor` are the hub's; they are None until it has taken the event.

    `at` — RFC 3339 UTC, by the sayer's clock corrected by the hub offset; `media_ms` — position in the leg's media.
    """

    id: str
    session: str
    at: str
    body: Body
    v: int = VERSION
    leg: str | None = None
    media_ms: int | None = None
    audience: Audience = Audience.AGENTS
    seq: int | None = None
    recorded: str | None = None
    actor: str | None = None

    @property
    def type(self) -> str:
        """The body's name in the log."""
        return self.body.type

    def numbered(self, seq: int, recorded: str, actor: str) -> Event:
        """The same fact as the hub stored it."""
        return Event(
            id=self.id,
            session=self.session,
            at=self.at,
            body=self.body,
            v=self.v,
            leg=self.leg,
            media_ms=self.media_ms,
            audience=self.audience,
            seq=seq,
            recorded=recorded,
            actor=actor,
        )


def new_event(
    session: str,
    body: Body,
    *,
    at: datetime,
    leg: str | None = None,
    media_ms: int | None = None,
    audience: Audience | None = None,
) -> Event:
    """A fresh event with its own id and the body's usual audience."""
    return Event(
        id=new_id(),
        session=session,
        at=timestamp(at),
        body=body,
        leg=leg,
        media_ms=media_ms,
        audience=audience or body.audience,
    )


def timestamp(moment: datetime) -> str:
    """RFC 3339 in UTC with milliseconds: `2026-11-22T05:06:07.089Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_timestamp(text: str, path: str = "at") -> datetime:
    """The moment that an RFC 3339 text names; raises `BadInput`."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise BadInput(path, "must be an RFC 3339 time") from None
    if moment.tzinfo is None:
        raise BadInput(path, "must name its offset")
    return moment


def event_to_json(event: Event) -> dict[str, Any]:
    """The event as a JSON object, the body's type beside the body."""
    data: dict[str, Any] = encode(event)
    data["type"] = event.body.type
    return data


def event_from_json(data: Any) -> Event:
    """The event that a JSON object holds; raises `BadInput`."""
    if not isinstance(data, dict):
        raise BadInput("", "must be an object")
    fields = dict(data)
    kind = fields.pop("type", None)
    if not isinstance(kind, str) or kind not in BODIES:
        raise BadInput("type", "is not a known event type")
    body = decode(BODIES[kind], fields.pop("body", {}), "body")
    event = decode(Event, {**fields, "body": body})
    for name in ("id", "session"):
        if not is_id(getattr(event, name)):
            raise BadInput(name, "must be a UUIDv7")
    parse_timestamp(event.at)
    return event


_ENVELOPE = ("id", "session", "at", "seq", "recorded", "actor")


def event_as_told(data: Any) -> Event:
    """The same for a reader whose teller may be newer: what is not understood keeps its envelope, its body is `Unknown`.

    Its number matters: without it the session would have a hole for ever. `BadInput` where not even that can be read.
    """
    try:
        return event_from_json(data)
    except BadInput:
        kind = data.get("type") if isinstance(data, dict) else None
        if not isinstance(kind, str):
            raise
        known = {name: data[name] for name in _ENVELOPE if name in data}
        event = decode(Event, {**known, "body": Unknown(was=kind)})
        if event.seq is None:
            raise
        return event


__all__ = [
    "BODIES",
    "HUB_ONLY",
    "LEFT",
    "MAX_TEXT",
    "VERSION",
    "Body",
    "BotHandedOver",
    "CallAnswered",
    "CallEnded",
    "CallHeld",
    "CallMuted",
    "CallOffered",
    "CallResumed",
    "CallTransferred",
    "CallUnmuted",
    "Caption",
    "CaptionCorrected",
    "CaptionGap",
    "CitizenConfirmed",
    "ComplaintFiled",
    "ComplaintRouted",
    "ComplaintStatus",
    "ConferenceEnded",
    "ConferenceStarted",
    "ConsentAnswered",
    "DeliveryState",
    "Emptied",
    "EngineFailed",
    "Event",
    "EventsErased",
    "LegJoined",
    "LegLeft",
    "LinkButton",
    "LinkIssued",
    "MarkSet",
    "MessageDelivery",
    "MessageRead",
    "MessageSent",
    "MessageWithdrawn",
    "NoteWritten",
    "PageEntered",
    "PageRefused",
    "PictureShown",
    "RelayAgreed",
    "RelayEnded",
    "RelayMarked",
    "RelayStarted",
    "ScreenAnswered",
    "ScreenDelivered",
    "ScreenOpened",
    "ScreenPushed",
    "ScreenWithdrawn",
    "SessionClaimed",
    "SessionClosed",
    "SessionMerged",
    "SessionOffered",
    "SessionOpened",
    "SessionReleased",
    "SessionTransferred",
    "SnapshotTaken",
    "ThreadEnded",
    "TonesReceived",
    "TonesSent",
    "Unknown",
    "VideoInterrupted",
    "VideoRestored",
    "VideomailLeft",
    "Word",
    "WrapUpExtended",
    "WrapUpSaved",
    "WrapUpStarted",
    "event_as_told",
    "event_from_json",
    "event_to_json",
    "new_event",
    "parse_timestamp",
    "timestamp",
]
