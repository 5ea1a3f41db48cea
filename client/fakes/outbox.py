"""The outbox in memory. `kept` stands for the disk: a second `MemoryOutbox` on it is the restarted desk's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from client.domain.event import Event
from client.ports.outbox import Opening, OutboxFull, Waiting


@dataclass(slots=True)
class Kept:
    """What survives: waiting events, refused ones, drafts; `full` refuses every write."""

    waiting: dict[str, Waiting] = field(default_factory=dict)
    aside: dict[str, tuple[Waiting, str]] = field(default_factory=dict)
    drafts: dict[tuple[str, str], str] = field(default_factory=dict)
    positions: int = 0
    full: bool = False


class MemoryOutbox:
    """`Outbox` without a disk."""

    def __init__(self, kept: Kept | None = None) -> None:
        self.kept = kept or Kept()

    def put(self, event: Event, opening: Opening | None = None, *, drops: tuple[str, str] | None = None) -> None:
        """Keep an event, and forget the draft that it was made of."""
        if event.id in self.kept.waiting or event.id in self.kept.aside:
            return
        self._check_space()
        self.kept.positions += 1
        self.kept.waiting[event.id] = Waiting(position=self.kept.positions, event=event, opening=opening)
        if drops is not None:
            self.kept.drafts.pop(drops, None)

    def waiting(self) -> Sequence[Waiting]:
        """Oldest first."""
        return tuple(self.kept.waiting.values())

    def acknowledged(self, ids: Sequence[str]) -> None:
        """Forget these."""
        for id_ in ids:
            self.kept.waiting.pop(id_, None)

    def refused(self, id_: str, why: str) -> None:
        """Set one aside."""
        waiting = self.kept.waiting.pop(id_, None)
        if waiting:
            self.kept.aside[id_] = (waiting, why)

    def set_aside(self) -> Sequence[tuple[Event, str]]:
        """Event and reason, oldest first."""
        return tuple((waiting.event, why) for waiting, why in self.kept.aside.values())

    def try_again(self) -> None:
        """Wait again, in the order in which it was said."""
        again = [*self.kept.waiting.values(), *(waiting for waiting, _ in self.kept.aside.values())]
        self.kept.waiting = {one.event.id: one for one in sorted(again, key=lambda one: one.position)}
        self.kept.aside = {}

    def save_draft(self, session: str, field: str, text: str, *, durable: bool = False) -> None:
        """Keep what is being written."""
        self._check_space()
        if text:
            self.kept.drafts[session, field] = text
        else:
            self.kept.drafts.pop((session, field), None)

    def drafts(self, session: str) -> dict[str, str]:
        """Field → text."""
        return {field: text for (of, field), text in self.kept.drafts.items() if of == session}

    def all_drafts(self) -> Sequence[tuple[str, str, str]]:
        """Everything that is being written."""
        return [(session, field, text) for (session, field), text in self.kept.drafts.items()]

    def _check_space(self) -> None:
        if self.kept.full:
            raise OutboxFull("the store is full")
