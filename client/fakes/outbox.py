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

    def put(self, event: Event, opening: Opening | None = None) -> None:
        """Keep an event."""
        if event.id in self.kept.waiting or event.id in self.kept.aside:
            return
        self._check_space()
        self.kept.positions += 1
        self.kept.waiting[event.id] = Waiting(position=self.kept.positions, event=event, opening=opening)

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

    def save_draft(self, session: str, field: str, text: str) -> None:
        """Keep what is being written."""
        self._check_space()
        if text:
            self.kept.drafts[session, field] = text
        else:
            self.kept.drafts.pop((session, field), None)

    def drafts(self, session: str) -> dict[str, str]:
        """Field → text."""
        return {field: text for (of, field), text in self.kept.drafts.items() if of == session}

    def _check_space(self) -> None:
        if self.kept.full:
            raise OutboxFull("the store is full")
