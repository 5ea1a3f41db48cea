"""Which of the centre's six languages a text is written in."""

from __future__ import annotations

import re


class WrittenLanguage:
    """`of(text)` — a BCP 47 tag, or "" where it cannot be told."""

    async def of(self, text: str) -> str:
        """By its script."""
        return "ko" if re.search(r"[가-힣]", text) else ""
