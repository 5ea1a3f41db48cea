"""What arrives live from the hub, for those who must react to it; history that is fetched at start is not live."""

from __future__ import annotations

from dataclasses import dataclass

from client.domain.event import Event
from client.domain.signal import Signal


@dataclass(frozen=True, slots=True)
class EventSeen:
    """An event of another principal that has just happened."""

    event: Event


@dataclass(frozen=True, slots=True)
class SignalSeen:
    """A signal about video, of any party of a session."""

    signal: Signal
