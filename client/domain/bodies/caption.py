"""What is said, as recognition heard it and as the agent read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from client.domain.bodies.body import Body
from client.domain.words import Party, Retention


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One recognised word: milliseconds from the start of its leg's media, confidence 0–1."""

    text: str
    start_ms: int
    end_ms: int
    confidence: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Caption(Body):
    """One finished utterance of one leg.

    `party` — who spoke; `heard_by` — who could hear it (a caption follows the ear: the citizen's page shows it only if
    `citizen` is named); `engine` — `whisper` or `vosk`; `rough` — recognised by an engine known to be poor here.
    """

    type: ClassVar[str] = "caption.said"
    retention: ClassVar[Retention] = Retention.CONTENT
    utterance: str
    party: Party
    text: str
    words: tuple[Word, ...] = ()
    language: str = "ko"
    engine: str = ""
    start_ms: int = 0
    end_ms: int = 0
    rough: bool = False
    heard_by: tuple[Party, ...] = (Party.CITIZEN, Party.AGENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptionCorrected(Body):
    """The agent's reading of an earlier caption, named by its event id."""

    type: ClassVar[str] = "caption.corrected"
    retention: ClassVar[Retention] = Retention.CONTENT
    caption: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptionGap(Body):
    """Speech between two moments of a leg was not recognised, and why."""

    type: ClassVar[str] = "caption.gap"
    start_ms: int
    end_ms: int
    reason: str = ""
