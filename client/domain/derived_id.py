"""Ids of facts that may be said twice: the same fact, said again after a crash, has the same id and is one event."""

from __future__ import annotations

import hashlib
import uuid
from datetime import datetime


def derived_id(moment: datetime, *parts: str) -> str:
    """A UUIDv7 whose time is `moment` and whose other 74 bits are a SHA-256 over `parts`."""
    stamp = int(moment.timestamp() * 1000) & ((1 << 48) - 1)
    digest = int.from_bytes(hashlib.sha256("\x1f".join(parts).encode()).digest()[:10], "big")
    value = stamp << 80 | 7 << 76 | (digest >> 64 & 0xFFF) << 64 | 0b10 << 62 | digest & ((1 << 62) - 1)
    return str(uuid.UUID(int=value))
