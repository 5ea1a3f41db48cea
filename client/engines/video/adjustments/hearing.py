"""When something was last heard of the far end, connectivity checks included: a text-only connection is silent otherwise."""

from __future__ import annotations

import time
from typing import Any

import aioice.ice


class HearingProtocol(aioice.ice.StunProtocol):
    """Dates every datagram on its `Connection`, as `heard` (steady seconds)."""

    def datagram_received(self, data: bytes | str, addr: tuple[Any, ...]) -> None:
        """A datagram came."""
        self.receiver.heard = time.monotonic()  # type: ignore[attr-defined]
        super().datagram_received(data, addr)


def last_heard(connection: aioice.ice.Connection) -> float:
    """Steady seconds of the newest datagram, 0.0 before the first."""
    return float(getattr(connection, "heard", 0.0))
