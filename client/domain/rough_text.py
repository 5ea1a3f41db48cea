"""Text of the small recogniser, cleaned: it writes symbols, bracketed numbers and readings between the words."""

from __future__ import annotations

import re

JUNK = re.compile(r"\[[^\]]*\]|\([^)]*\)|<[^>]*>|[+*_=|~^]+")
SPACES = re.compile(r"\s+")


def cleaned(text: str) -> str:
    """`text` without `[7]`, `+`, `(십)` and the like; empty if nothing else was in it."""
    return SPACES.sub(" ", JUNK.sub(" ", text)).strip()
