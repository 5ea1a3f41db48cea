"""What speech recognition tells: partial and final texts of a leg. The speech engine says them, services listen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from client.domain.call import Telling
from client.domain.hlang import SIGNED

NO_LANGUAGE = "this language is not recognised"
"""The reason of a gap that ends only when another language is chosen."""


def spoken_language(tag: str) -> str:
    """The language of a BCP 47 tag (`en` of `en-US`), as recognition knows it; empty for none, any (`*`) or a signed one."""
    primary = tag.strip().replace("_", "-").partition("-")[0].lower()
    return primary if primary.isascii() and primary.isalpha() and primary not in SIGNED else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecognitionReady(Telling):
    """Which engines are loaded; `rough` when whisper is absent, `broken` if nothing can be, with what to do in `detail`."""

    name: ClassVar[str] = "speech.ready"
    engines: tuple[str, ...]
    rough: bool = False
    detail: str = ""
    broken: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PartialText(Telling):
    """The running utterance of a leg. `stable` only ever grows until its final; the whole is `stable + provisional`."""

    name: ClassVar[str] = "partial"
    lasting: ClassVar[bool] = False
    leg: str
    utterance: str
    stable: str
    provisional: str
    start_ms: int
    language: str
    engine: str
    rough: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SpokenWord:
    """A word of a final: milliseconds from the leg's first sample, confidence 0–1."""

    text: str
    start_ms: int
    end_ms: int
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FinalText(Telling):
    """One finished utterance. Text may be empty: the partial was nothing after all."""

    name: ClassVar[str] = "final"
    leg: str
    utterance: str
    text: str
    words: tuple[SpokenWord, ...]
    start_ms: int
    end_ms: int
    language: str
    engine: str
    rough: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundStopped(Telling):
    """The connection that brought a leg's sound broke, though the leg goes on: another one is needed."""

    name: ClassVar[str] = "sound.stopped"
    leg: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TextGap(Telling):
    """A stretch of a leg's audio could not be had or recognised."""

    name: ClassVar[str] = "gap"
    leg: str
    start_ms: int
    end_ms: int
    reason: str
