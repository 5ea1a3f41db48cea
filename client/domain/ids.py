"""Identifiers: UUIDv7 (RFC 9562, 5.7), made by whoever says a thing; they sort by time of making."""

from __future__ import annotations

import os
import re
import time
import uuid

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def new_id(unix_ms: int | None = None) -> str:
    """A fresh UUIDv7 as text: 48 bits of Unix milliseconds, then 74 random bits."""
    stamp = (time.time_ns() // 1_000_000 if unix_ms is None else unix_ms) & ((1 << 48) - 1)
    random = int.from_bytes(os.urandom(10), "big")
    value = stamp << 80 | 7 << 76 | (random >> 64 & 0xFFF) << 64 | 0b10 << 62 | random & ((1 << 62) - 1)
    return str(uuid.UUID(int=value))


def is_id(text: str) -> bool:
    """True for a UUIDv7 in its canonical lower-case form."""
    return _UUID.fullmatch(text) is not None
