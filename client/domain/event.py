"""The session log: an envelope and one frozen body per type. Everything that happens in a session is one of these."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar

from client.domain.codec import BadInput, decode, encode
from client.domain.ids import is_id, new_id
from client.domain.screen import Screen
from client.domain.words import Audience, Channel, Party, Retention

VERSION = 1
MAX_TEXT = 8_000  # characters of one text in one event


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """What an event says. A subclass sets `type` (its name in the log), `retention` and the usual `audience`.

    `from_citizen` marks the types that a citizen's own credential may write.
    """

    type: ClassVar[str] = ""
    retention: ClassVar[Retention] = Retention.TRACE
    audience: ClassVar[Audience] = Audience.AGENTS
    from_citizen: ClassVar[bool] = False


def _require_text(name: str, text: str) -> None:
    if not text.strip():
        raise BadInput(name, "must not be empty")
    if len(text) > MAX_TEXT:
        raise BadInput(name, f"must be at most {MAX_TEXT} characters")


# ── the session ──────────────────────────────────────────────────────────────────────────────────


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


# ── legs and the call ────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class LegJoined(Body):
    """A party's media began. The envelope's `leg` names it."""

    type: ClassVar[str] = "leg.joined"
    party: Party
    name: str = ""
    wide_band: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LegLeft(Body):
    """A party's media ended."""

    type: ClassVar[str] = "leg.left"
    party: Party
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallOffered(Body):
    """The call rings at a desk."""

    type: ClassVar[str] = "call.offered"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallAnswered(Body):
    """The agent took the call."""

    type: ClassVar[str] = "call.answered"
    retention: ClassVar[Retention] = Retention.RECORD


@dataclass(frozen=True, slots=True, kw_only=True)
class CallHeld(Body):
    """The citizen no longer hears the agent; `reason` is `hold`, `consultation` or `other_call`."""

    type: ClassVar[str] = "call.held"
    audience: ClassVar[Audience] = Audience.CITIZEN
    reason: str = "hold"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallResumed(Body):
    """The hold is over."""

    type: ClassVar[str] = "call.resumed"
    audience: ClassVar[Audience] = Audience.CITIZEN


@dataclass(frozen=True, slots=True, kw_only=True)
class CallMuted(Body):
    """The agent's microphone goes to nobody and is not recognised."""

    type: ClassVar[str] = "call.muted"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallUnmuted(Body):
    """The agent's microphone is open again."""

    type: ClassVar[str] = "call.unmuted"


@dataclass(frozen=True, slots=True, kw_only=True)
class TonesSent(Body):
    """The agent sent DTMF (RFC 4733): how many digits, never which: they may be a card number."""

    type: ClassVar[str] = "call.tones_sent"
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TonesReceived(Body):
    """The citizen pressed keys; `digits` is empty where a run of four or more was hidden."""

    type: ClassVar[str] = "call.tones_received"
    retention: ClassVar[Retention] = Retention.CONTENT
    digits: str = ""
    count: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class CallTransferred(Body):
    """The citizen's call went to `to`, blind or after a consultation."""

    type: ClassVar[str] = "call.transferred"
    retention: ClassVar[Retention] = Retention.RECORD
    to: str
    attended: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ConferenceStarted(Body):
    """A third party hears and is heard; `emergency` marks a hand-over (119, 112, 109) that keeps the citizen."""

    type: ClassVar[str] = "call.conference_started"
    retention: ClassVar[Retention] = Retention.RECORD
    with_name: str
    party: Party = Party.OFFICE
    emergency: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ConferenceEnded(Body):
    """The third party left."""

    type: ClassVar[str] = "call.conference_ended"
    with_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayMarked(Body):
    """The call is relayed (107): an operator speaks for the citizen. `by` is `number` or `hand`."""

    type: ClassVar[str] = "call.relay_marked"
    retention: ClassVar[Retention] = Retention.RECORD
    by: str = "hand"
    on: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEnded(Body):
    """The call is over. `by` is `citizen`, `agent` or `failure`; `lost` says that no party wished it."""

    type: ClassVar[str] = "call.ended"
    retention: ClassVar[Retention] = Retention.RECORD
    by: str = ""
    reason: str = ""
    lost: bool = False


# ── what is said and written ─────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One recognised word: milliseconds from the start of its leg's media, confidence 0–1."""

    text: str
    start_ms: int
    end_ms: int
    confidence: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Caption(Body):
    """One finished utterance of one leg.

    `party` — who spoke; `heard_by` — who could hear it (a caption follows the ear: the citizen's page shows it only if
    `citizen` is named); `engine` — `whisper` or `vosk`; `rough` — recognised by an engine known to be poor here.
    """

    type: ClassVar[str] = "caption.said"
    retention: ClassVar[Retention] = Retention.CONTENT
    utterance: str
    party: Party
    text: str
    words: tuple[Word, ...] = ()
    language: str = "ko"
    engine: str = ""
    start_ms: int = 0
    end_ms: int = 0
    rough: bool = False
    heard_by: tuple[Party, ...] = (Party.CITIZEN, Party.AGENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptionCorrected(Body):
    """The agent's reading of an earlier caption, named by its event id."""

    type: ClassVar[str] = "caption.corrected"
    retention: ClassVar[Retention] = Retention.CONTENT
    caption: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptionGap(Body):
    """Speech between two moments of a leg was not recognised, and why."""

    type: ClassVar[str] = "caption.gap"
    start_ms: int
    end_ms: int
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageSent(Body):
    """Words typed by the citizen or the agent, for both to read."""

    type: ClassVar[str] = "message.sent"
    retention: ClassVar[Retention] = Retention.CONTENT
    audience: ClassVar[Audience] = Audience.CITIZEN
    from_citizen: ClassVar[bool] = True
    party: Party
    text: str
    language: str = ""

    def __post_init__(self) -> None:
        _require_text("text", self.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteWritten(Body):
    """An internal note (내부 메모): never shown to the citizen."""

    type: ClassVar[str] = "note.written"
    retention: ClassVar[Retention] = Retention.CONTENT
    text: str

    def __post_init__(self) -> None:
        _require_text("text", self.text)


# ── screens ──────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenPushed(Body):
    """The agent pushed a screen. `push` names this push in what follows."""

    type: ClassVar[str] = "screen.pushed"
    retention: ClassVar[Retention] = Retention.CONTENT
    audience: ClassVar[Audience] = Audience.CITIZEN
    push: str
    screen: Screen


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenDelivered(Body):
    """The citizen's page has the screen."""

    type: ClassVar[str] = "screen.delivered"
    audience: ClassVar[Audience] = Audience.CITIZEN
    from_citizen: ClassVar[bool] = True
    push: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenOpened(Body):
    """The page showed the screen while visible (시민 열람): said by the page's script, never by a preview robot."""

    type: ClassVar[str] = "screen.opened"
    audience: ClassVar[Audience] = Audience.CITIZEN
    from_citizen: ClassVar[bool] = True
    push: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenAnswered(Body):
    """The citizen answered; for the shape of `answers` see `client.domain.screen.check_answers`."""

    type: ClassVar[str] = "screen.answered"
    retention: ClassVar[Retention] = Retention.CONTENT
    audience: ClassVar[Audience] = Audience.CITIZEN
    from_citizen: ClassVar[bool] = True
    push: str
    answers: dict[str, str | tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenWithdrawn(Body):
    """The screen is no longer offered: by the agent, or closed by the citizen."""

    type: ClassVar[str] = "screen.withdrawn"
    audience: ClassVar[Audience] = Audience.CITIZEN
    from_citizen: ClassVar[bool] = True
    push: str
    party: Party = Party.AGENT


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkIssued(Body):
    """A citizen link was made; the token itself is never in the log."""

    type: ClassVar[str] = "link.issued"
    link: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PageEntered(Body):
    """The citizen's page exchanged its token for a cookie: a person's browser, not a robot."""

    type: ClassVar[str] = "page.entered"
    audience: ClassVar[Audience] = Audience.CITIZEN
    language: str = "ko"


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRefused(Body):
    """Another browser opened the link while the citizen's was on the page, and was not let in."""

    type: ClassVar[str] = "page.refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentAnswered(Body):
    """The citizen's decision for one purpose: `share_screen`, `keep_captions`, `form:<push>`.

    `version` is that of the text which was shown, `language` its language. Withdrawing is `given=False`.
    """

    type: ClassVar[str] = "consent.answered"
    retention: ClassVar[Retention] = Retention.RECORD
    audience: ClassVar[Audience] = Audience.CITIZEN
    from_citizen: ClassVar[bool] = True
    purpose: str
    given: bool
    version: str
    language: str = "ko"

    def __post_init__(self) -> None:
        if not re.fullmatch(r"share_screen|keep_captions|form:[0-9a-f-]{36}", self.purpose):
            raise BadInput("purpose", "must be share_screen, keep_captions or form:<push>")


# ── wrap-up and the log itself ───────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class WrapUpStarted(Body):
    """후처리 began, with the seconds it may take before the agent is asked."""

    type: ClassVar[str] = "wrapup.started"
    limit_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WrapUpExtended(Body):
    """The agent took more time."""

    type: ClassVar[str] = "wrapup.extended"
    by_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WrapUpSaved(Body):
    """What the session was about: codes of the centre's tree and a summary."""

    type: ClassVar[str] = "wrapup.saved"
    retention: ClassVar[Retention] = Retention.RECORD
    codes: tuple[str, ...]
    summary: str = ""

    def __post_init__(self) -> None:
        if not self.codes:
            raise BadInput("codes", "at least one code is required")


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineFailed(Body):
    """An engine died: `back` when it works again."""

    type: ClassVar[str] = "engine.failed"
    engine: str
    back: bool = False
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventsErased(Body):
    """The bodies of these events were emptied, by retention or at the citizen's wish."""

    type: ClassVar[str] = "log.erased"
    retention: ClassVar[Retention] = Retention.RECORD
    events: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Emptied(Body):
    """What stands where an erased body stood; `was` is its type."""

    type: ClassVar[str] = "log.emptied"
    retention: ClassVar[Retention] = Retention.RECORD
    was: str


BODIES: dict[str, type[Body]] = {cls.type: cls for cls in Body.__subclasses__()}
"""Every body by its name in the log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown(Body):
    """What a newer program said and this one does not know; `was` is its type. Only ever read: no log takes it."""

    type: ClassVar[str] = "log.unknown"
    was: str


HUB_ONLY = (SessionClaimed, SessionTransferred, PageEntered, PageRefused, LinkIssued, EventsErased, Emptied)
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
