"""What looking back finds, for the interface: it knows the services and not their ports."""

from __future__ import annotations

from client.ports.hub import Found, PastSession

__all__ = ["Found", "PastSession"]
