"""What arrives live from the hub, for those who must react to it; history that is fetched at start is not live."""

from __future__ import annotations

from dataclasses import dataclass

from client.domain.event import Event


@dataclass(frozen=True, slots=True)
class EventSeen:
    """An event of another principal that has just happened."""

    event: Event
