"""People as the interface may name them; it does not import ports."""

from __future__ import annotations

from client.ports.hub import Colleague

__all__ = ["Colleague"]
