"""The desk's own store: events not yet acknowledged by the hub, and drafts. Survives the desk's death."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from client.domain.event import Event


class OutboxFull(Exception):
    """The store cannot take more (a full disk): what was to be kept is refused aloud."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A session to be opened at the hub before its first event."""

    keys: tuple[str, ...]
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """One event in the outbox, in the order it was put; `opening` is set for `session.opened`."""

    position: int
    event: Event
    opening: Opening | None = None


class Outbox(Protocol):
    """Every `put` is durable when it returns."""

    def put(self, event: Event, opening: Opening | None = None, *, drops: tuple[str, str] | None = None) -> None:
        """Keep an event, and forget the draft (session, field) that it was made of, both or neither; raises `OutboxFull`."""

    def waiting(self) -> Sequence[Waiting]:
        """All that the hub has not acknowledged, oldest first."""

    def acknowledged(self, ids: Sequence[str]) -> None:
        """The hub has these: forget them."""

    def refused(self, id_: str, why: str) -> None:
        """The hub will never take this one: set it aside, kept for a person to see."""

    def set_aside(self) -> Sequence[tuple[Event, str]]:
        """Events that the hub refused, with the reason."""

    def try_again(self) -> None:
        """What was set aside waits again, in the order in which it was said."""

    def save_draft(self, session: str, field: str, text: str, *, durable: bool = False) -> None:
        """Keep what is being written; an empty text forgets it. `durable`: it outlives a power cut too."""

    def all_drafts(self) -> Sequence[tuple[str, str, str]]:
        """(session, field, text) of everything that is being written."""

    def drafts(self, session: str) -> dict[str, str]:
        """Field → text."""
