"""What services publish for the interface: small, frozen, named after what changed. Read the rest from the services."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class SessionChanged:
    """A session's row, header or call changed, or it is new."""

    session: str


@dataclass(frozen=True, slots=True)
class SessionGone:
    """The desk may no longer see this session."""

    session: str


@dataclass(frozen=True, slots=True)
class SourceMissing:
    """A session shown here goes on from this one, whose log is not here."""

    session: str


@dataclass(frozen=True, slots=True)
class CallsChanged:
    """A call's state, the running call or the offers changed."""


@dataclass(frozen=True, slots=True)
class MirrorChanged:
    """What the citizen's page shows changed."""

    session: str


@dataclass(frozen=True, slots=True)
class VideoChanged:
    """A video session's state, or its offers changed; read `VideoService`."""

    session: str = ""


@dataclass(frozen=True, slots=True)
class MailChanged:
    """The video message that is played, its state or its trouble changed; read `VideomailService`."""

    session: str = ""


@dataclass(frozen=True, slots=True)
class RelayChanged:
    """A relay began, its office answered, agreed or left, or who hears whom in it changed; read `RelayService`."""

    session: str


@dataclass(frozen=True, slots=True)
class QualityChanged:
    """The figures of a video session's last second are there."""

    session: str


@dataclass(frozen=True, slots=True)
class LiveTextChanged:
    """A line of real-time text changed; read `VideoService.live`."""

    session: str


@dataclass(frozen=True, slots=True)
class CamerasChanged:
    """A camera came, went, was taken or began to run; read `VideoService.cameras`."""


@dataclass(frozen=True, slots=True)
class LevelChanged:
    """Microphone and far-end level, 0–1."""

    microphone: float
    far_end: float


@dataclass(frozen=True, slots=True)
class HealthChanged:
    """One of the four states in the window's head changed."""


@dataclass(frozen=True, slots=True)
class PresenceChanged:
    """The agent's own state changed."""


@dataclass(frozen=True, slots=True)
class WrapUpChanged:
    """A wrap-up began, was extended, ran out or was saved."""

    session: str


@dataclass(frozen=True, slots=True)
class WrapUpAsked:
    """The time limit is reached: ask the agent, who may extend."""

    session: str


class Alarm(StrEnum):
    """What may call for the agent. Each has its own sound and text."""

    CALL_OFFERED = "call_offered"
    VIDEO_OFFERED = "video_offered"
    VIDEO_UNREADABLE = "video_unreadable"
    MESSAGE = "message"
    SCREEN_ANSWERED = "screen_answered"
    WRAPUP_TIME = "wrapup_time"
    MICROPHONE_SILENT = "microphone_silent"
    FAR_END_SILENT = "far_end_silent"
    CALL_LOST = "call_lost"
    TRANSFER_ARRIVED = "transfer_arrived"
    REPLY_LATE = "reply_late"
    MESSAGE_FAILED = "message_failed"


@dataclass(frozen=True, slots=True)
class AlertChanged:
    """An alert was raised, repeated or acknowledged; read `AlertService.active`."""


@dataclass(frozen=True, slots=True)
class HeldChanged:
    """Messages that wait to be sent came, went or were taken back; `session` whose draft has changed by it, or ""."""

    session: str = ""


@dataclass(frozen=True, slots=True)
class AttachmentsChanged:
    """A file beside a draft, or a picture in the timeline, changed."""

    session: str


@dataclass(frozen=True, slots=True)
class GatewaysChanged:
    """An outside service works, is slow or is down; read `GatewayService.states`."""


class Severity(StrEnum):
    """How much a trouble matters."""

    INFO = "info"
    CAREFUL = "careful"
    BAD = "bad"


class Trouble(StrEnum):
    """Troubles the agent is told of; the interface has the words and what to do for each."""

    HUB_AWAY = "hub_away"
    HUB_BACK = "hub_back"
    HUB_REFUSED = "hub_refused"
    HUB_DENIED = "hub_denied"
    STORE_FULL = "store_full"
    STORE_BROKEN = "store_broken"
    PHONE_AWAY = "phone_away"
    PHONE_BACK = "phone_back"
    NOT_REGISTERED = "not_registered"
    CALL_LOST = "call_lost"
    CALL_FAILED = "call_failed"
    CALL_ADOPTED = "call_adopted"
    CAPTIONS_AWAY = "captions_away"
    CAPTIONS_BACK = "captions_back"
    CAPTIONS_ROUGH = "captions_rough"
    CAPTIONS_MISSING = "captions_missing"
    DEVICE_LOST = "device_lost"
    OFFER_MISSED = "offer_missed"
    TRANSFER_FAILED = "transfer_failed"
    TRANSFER_DONE = "transfer_done"
    LAMP_FAILED = "lamp_failed"
    PEDAL_FAILED = "pedal_failed"
    PEDAL_UNKNOWN = "pedal_unknown"
    VIDEO_AWAY = "video_away"
    VIDEO_BACK = "video_back"
    VIDEO_FAILED = "video_failed"
    CAMERA_LOST = "camera_lost"
    RELAY_FAILED = "relay_failed"
    NOT_POSSIBLE = "not_possible"
    UNSENT = "unsent"
    GATEWAY_DOWN = "gateway_down"
    GATEWAY_BACK = "gateway_back"


@dataclass(frozen=True, slots=True)
class TroubleTold:
    """Something the agent should know now. `detail` is a short fact (a reason, a number of events), never citizen data."""

    trouble: Trouble
    severity: Severity = Severity.INFO
    detail: str = ""
    session: str = ""
