"""Speech recognition: one stream per leg. What it tells comes as `client.domain.recognition` facts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from client.domain.call import Telling


class Speech(Protocol):
    """Requests do not fail: what cannot be recognised is told as a `TextGap`.

    A `language` is an ISO 639-1 code; one that is not known, or a regional tag, is a gap (`NO_LANGUAGE`) until a known
    one is set.
    """

    def listen(self, listener: Callable[[Telling], None]) -> None:
        """Hand every fact to `listener`, on the desk's thread."""

    async def attach(
        self, leg: str, source: tuple[int, str], *, language: str, wide_band: bool, from_sample: int = 0
    ) -> None:
        """Recognise a leg from `source` (port and one-time token of a PCM publisher)."""

    async def gate(self, leg: str, *, open_: bool, at_sample: int | None = None) -> None:
        """Close the gate while the other party cannot hear: nothing said meanwhile is recognised.

        `at_sample` — the leg's sample from which on it holds; None: now.
        """

    async def set_language(self, leg: str, language: str) -> None:
        """Recognise in another language from the next utterance on."""

    async def detach(self, leg: str) -> None:
        """Finish the running utterance and drop the leg."""
