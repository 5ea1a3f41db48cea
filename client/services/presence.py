"""The agent's own state: what they chose, which outlives the desk, and what their work makes of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from enum import Enum

from client.domain.event import parse_timestamp, timestamp
from client.ports.clock import Clock
from client.ports.outbox import Outbox, OutboxFull
from client.services.notices import PresenceChanged
from client.services.publisher import Publisher

PLACE, FIELD = "desk", "presence"  # the place of the choice among the outbox's drafts


class Presence(Enum):
    """What the agent chooses. Only `AVAILABLE` is offered calls."""

    AVAILABLE = "available"
    BUSY = "busy"
    BREAK = "break"
    MEAL = "meal"
    TRAINING = "training"
    OFFLINE = "offline"


class PresenceService:
    """Attributes: `state` — the choice; `since` — when it was made."""

    def __init__(self, outbox: Outbox, clock: Clock, publisher: Publisher) -> None:
        self.state = Presence.AVAILABLE
        self.since: datetime = clock.now()
        self._outbox = outbox
        self._clock = clock
        self._publisher = publisher
        self._talking: Callable[[], bool] = bool
        self._wrapping: Callable[[], bool] = bool
        self._recall()

    def _recall(self) -> None:
        """An agent at a break is still at a break when the desk is started again, after a crash too."""
        kept = self._outbox.drafts(PLACE).get(FIELD, "")
        try:
            state, since = kept.split(" ")
            self.state, self.since = Presence(state), parse_timestamp(since)
        except ValueError:  # nothing yet, or another version's words
            return

    def _keep(self) -> None:
        """A full store loses the choice only with the desk: the choice itself holds now."""
        try:
            self._outbox.save_draft(PLACE, FIELD, f"{self.state.value} {timestamp(self.since)}")
        except OutboxFull:
            return

    def follow(self, talking: Callable[[], bool], wrapping: Callable[[], bool]) -> None:
        """Know whether a call runs and whether a wrap-up waits."""
        self._talking, self._wrapping = talking, wrapping

    def set(self, state: Presence) -> None:
        """Choose a state."""
        if state is not self.state:
            self.state = state
            self.since = self._clock.now()
            self._keep()
            self._publisher.publish(PresenceChanged())

    @property
    def shown(self) -> str:
        """`talking`, `wrap_up`, or the choice: what the window's head says."""
        if self._talking():
            return "talking"
        return "wrap_up" if self._wrapping() and self.state is Presence.AVAILABLE else self.state.value

    def may_be_offered(self) -> bool:
        """True if a call may ring here, as far as the agent's own state goes."""
        return self.state is Presence.AVAILABLE and not self._wrapping()
