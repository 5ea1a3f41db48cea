"""What every event body is, and what text in one may be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from client.domain.codec import BadInput
from client.domain.words import Audience, Retention

MAX_TEXT = 8_000  # characters of one text in one event


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """What an event says. A subclass sets `type` (its name in the log), `retention` and the usual `audience`.

    `from_citizen` marks the types that a citizen's own credential may write.
    """

    type: ClassVar[str] = ""
    retention: ClassVar[Retention] = Retention.TRACE
    audience: ClassVar[Audience] = Audience.AGENTS
    from_citizen: ClassVar[bool] = False


def require_text(name: str, text: str) -> None:
    """Refuse a text that says nothing or is too long."""
    if not text.strip():
        raise BadInput(name, "must not be empty")
    if len(text) > MAX_TEXT:
        raise BadInput(name, f"must be at most {MAX_TEXT} characters")
