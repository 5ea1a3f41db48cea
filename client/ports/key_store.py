"""Where secrets rest: the key of the desk's own store, a SIP password, a hub token."""

from __future__ import annotations

from typing import Protocol


class KeyStore(Protocol):
    """Names are ours (`outbox`, `hub.token`, `sip:<user>@<domain>`), values are text.

    `kind` — `system` (the operating system's key store) or `file` (owner-only rights); `problem` — why it is not the
    system's, for `ieum doctor`, or empty.
    """

    kind: str
    problem: str

    def get(self, name: str) -> str | None:
        """The secret of this name."""

    def all(self, name: str) -> tuple[str, ...]:
        """Every value known under this name, the one in force first: a file's from days without a key store too."""

    def put(self, name: str, secret: str) -> None:
        """Keep a secret in place of the one before."""

    def forget(self, name: str) -> None:
        """Remove it; unknown names are no error."""
