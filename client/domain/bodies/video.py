"""A session by video: who shows what, breaks of the connection, the relay to an office, marks and video messages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from client.domain.attachment import Attachment
from client.domain.bodies.body import Body
from client.domain.words import Audience, Party, Retention

MAX_MARK = 200  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureShown(Body):
    """The agent's camera is seen by the citizen (`on`), or a card stands in its place."""

    type: ClassVar[str] = "video.picture"
    audience: ClassVar[Audience] = Audience.CITIZEN
    party: Party
    on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoInterrupted(Body):
    """Picture and sound no longer pass; text goes on. `reason` — network, engine, page."""

    type: ClassVar[str] = "video.interrupted"
    audience: ClassVar[Audience] = Audience.CITIZEN
    reason: str = "network"


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoRestored(Body):
    """Picture and sound pass again."""

    type: ClassVar[str] = "video.restored"
    audience: ClassVar[Audience] = Audience.CITIZEN


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkSet(Body):
    """The agent marked this moment for the wrap-up note."""

    type: ClassVar[str] = "mark.set"
    retention: ClassVar[Retention] = Retention.CONTENT
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotTaken(Body):
    """A still picture of the citizen, after consent for `snapshot` (`consent.answered`) only."""

    type: ClassVar[str] = "video.snapshot"
    retention: ClassVar[Retention] = Retention.CONTENT
    attachment: Attachment


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayStarted(Body):
    """An office is called for the citizen. `voice` — who speaks with it: `counselor` or a hearing `colleague`."""

    type: ClassVar[str] = "relay.started"
    audience: ClassVar[Audience] = Audience.CITIZEN
    retention: ClassVar[Retention] = Retention.RECORD
    office: str
    voice: str = "counselor"


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayAgreed(Body):
    """The office was told that an interpreter relays and that its speech is captioned, and agreed."""

    type: ClassVar[str] = "relay.agreed"
    audience: ClassVar[Audience] = Audience.CITIZEN
    retention: ClassVar[Retention] = Retention.RECORD


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayEnded(Body):
    """The office's leg is over. `by` — agent, office or failure; `refused`: it did not want to be relayed."""

    type: ClassVar[str] = "relay.ended"
    audience: ClassVar[Audience] = Audience.CITIZEN
    retention: ClassVar[Retention] = Retention.RECORD
    by: str
    refused: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class VideomailLeft(Body):
    """A citizen left a signed video message. `keep_until` — RFC 3339 of its erasure, as the citizen was told."""

    type: ClassVar[str] = "videomail.left"
    audience: ClassVar[Audience] = Audience.CITIZEN
    retention: ClassVar[Retention] = Retention.CONTENT
    attachment: Attachment
    seconds: float
    keep_until: str
