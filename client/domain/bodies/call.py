"""Legs and the call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from client.domain.bodies.body import Body
from client.domain.words import Audience, Party, Retention


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
    """The call is relayed (107): an operator speaks for the citizen. `by` is `number`, `hand`, or `counselor`: we relay it
    to an office ourselves (`relay.started`)."""

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
