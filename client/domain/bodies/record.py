"""Wrap-up, and what the log says of itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from client.domain.bodies.body import Body
from client.domain.codec import BadInput
from client.domain.words import Retention


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
