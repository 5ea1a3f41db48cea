"""The agent's own state: what they chose, and what their work makes of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from enum import Enum

from client.ports.clock import Clock
from client.services.notices import PresenceChanged
from client.services.publisher import Publisher


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

    def __init__(self, clock: Clock, publisher: Publisher) -> None:
        self.state = Presence.AVAILABLE
        self.since: datetime = clock.now()
        self._clock = clock
        self._publisher = publisher
        self._talking: Callable[[], bool] = bool
        self._wrapping: Callable[[], bool] = bool

    def follow(self, talking: Callable[[], bool], wrapping: Callable[[], bool]) -> None:
        """Know whether a call runs and whether a wrap-up waits."""
        self._talking, self._wrapping = talking, wrapping

    def set(self, state: Presence) -> None:
        """Choose a state."""
        if state is not self.state:
            self.state = state
            self.since = self._clock.now()
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
