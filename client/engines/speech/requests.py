"""What a desk may ask of the speech engine: the arguments of each request."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Configure:
    """`vocabulary` — names that recognition should know."""

    vocabulary: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Attach:
    """Recognise `leg`, read from `port` with the one-time `token`, from sample `from_sample` on.

    `closed` — stretches (first sample, sample after the last) that nobody was to hear; `live` — from the newest sample on.
    """

    leg: str
    port: int
    token: str
    language: str = "ko"
    wide_band: bool = True
    from_sample: int = 0
    live: bool = False
    closed: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Sound:
    """Read `leg` from `port` with the one-time `token` again: its connection broke."""

    leg: str
    port: int
    token: str


@dataclass(frozen=True, kw_only=True)
class Gate:
    """What is said on `leg` from `at_sample` on (now, if none is named) is heard or not."""

    leg: str
    open: bool
    at_sample: int | None = None


@dataclass(frozen=True, kw_only=True)
class LegLanguage:
    """Recognise `leg` in `language` from the next utterance on."""

    leg: str
    language: str


@dataclass(frozen=True, kw_only=True)
class LegName:
    """One leg."""

    leg: str
