"""What is written: to the citizen, by the citizen, and for colleagues alone; and how far a message came."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from client.domain.attachment import MAX_ATTACHMENTS, Attachment
from client.domain.bodies.body import MAX_TEXT, Body, require_text
from client.domain.codec import BadInput
from client.domain.ids import is_id
from client.domain.words import Audience, Channel, Party, Retention

MAX_SUBJECT = 200  # characters
MAX_BUTTONS = 5  # KakaoTalk consultation talk


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkButton:
    """A button under a message that opens `url` (http or https)."""

    label: str
    url: str

    def __post_init__(self) -> None:
        require_text("label", self.label)
        if not self.url.startswith(("http://", "https://")):
            raise BadInput("url", "must be an http:// or https:// address")


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageSent(Body):
    """Words typed by the citizen or the agent, for both to read; `text` may be empty where something is attached.

    `via` — the channel by which it came or goes; None: the citizen's page. Of the agent's own words `via` a channel of a
    gateway the hub tells by `message.delivery` how far they came; `sender` — the registered number it goes by, "" for the first. `language` — of the words, where it was identified.
    """

    type: ClassVar[str] = "message.sent"
    retention: ClassVar[Retention] = Retention.CONTENT
    audience: ClassVar[Audience] = Audience.CITIZEN
    from_citizen: ClassVar[bool] = True
    party: Party
    text: str
    language: str = ""
    via: Channel | None = None
    subject: str = ""
    sender: str = ""
    attachments: tuple[Attachment, ...] = ()
    buttons: tuple[LinkButton, ...] = ()

    def __post_init__(self) -> None:
        if not self.attachments:
            require_text("text", self.text)
        elif len(self.text) > MAX_TEXT:
            raise BadInput("text", f"must be at most {MAX_TEXT} characters")
        for name, held, most in (
            ("subject", len(self.subject), MAX_SUBJECT),
            ("attachments", len(self.attachments), MAX_ATTACHMENTS),
            ("buttons", len(self.buttons), MAX_BUTTONS),
        ):
            if held > most:
                raise BadInput(name, f"must be at most {most}")


LEFT = "left as it is by the agent"  # the reason of a failure that is decided


class DeliveryState(StrEnum):
    """How far a message to the outside came. The transition table is `client.domain.delivery`."""

    QUEUED = "queued"
    SENDING = "sending"
    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageDelivery(Body):
    """How far the message with event id `message` came; `reason` as the provider said it, `text_kind` SMS|LMS|MMS.

    `uncertain`: it was given to the provider and no answer came. It is not sent again until a person says so.
    """

    type: ClassVar[str] = "message.delivery"
    message: str
    state: DeliveryState
    reason: str = ""
    gateway: str = ""
    text_kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageWithdrawn(Body):
    """The agent took back a message that had not left the centre: on the citizen's page its words are no longer shown."""

    type: ClassVar[str] = "message.withdrawn"
    audience: ClassVar[Audience] = Audience.CITIZEN
    message: str

    def __post_init__(self) -> None:
        if not is_id(self.message):
            raise BadInput("message", "must be an event's id")


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRead(Body):
    """`party` has seen everything up to and with `message`, an event's id."""

    type: ClassVar[str] = "message.read"
    audience: ClassVar[Audience] = Audience.CITIZEN
    from_citizen: ClassVar[bool] = True
    message: str
    party: Party

    def __post_init__(self) -> None:
        if not is_id(self.message):
            raise BadInput("message", "must be an event's id")


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteWritten(Body):
    """An internal note (내부 메모): never shown to the citizen."""

    type: ClassVar[str] = "note.written"
    retention: ClassVar[Retention] = Retention.CONTENT
    text: str

    def __post_init__(self) -> None:
        require_text("text", self.text)
