"""Between engine and server, which each need the other."""

from __future__ import annotations

from client.domain.call import Telling
from client.engines.server import EngineServer


class Relay:
    """Passes facts and sound on once `server` is there; before, nobody could have heard them."""

    def __init__(self) -> None:
        self.server: EngineServer | None = None

    def tell(self, telling: Telling) -> None:
        """Tell the desk."""
        if self.server is not None:
            self.server.tell(telling)

    def publish_pcm(self, leg: str, sample: int, pcm: bytes) -> None:
        """Publish a leg's audio."""
        if self.server is not None:
            self.server.publish_pcm(leg, sample, pcm)

    def end_leg(self, leg: str) -> None:
        """The leg is over."""
        if self.server is not None:
            self.server.end_leg(leg)
