"""Captions as files: WebVTT (W3C), SubRip, JSON and plain text, from final texts with word times."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from client.domain.codec import encode
from client.domain.recognition import FinalText, SpokenWord

LONGEST_MS = 7_000  # a caption stands no longer …
LONGEST_LETTERS = 60  # … and holds no more than two lines of Korean
SHORTEST_MS = 500


@dataclass(frozen=True, slots=True)
class Cue:
    """One caption on screen, in milliseconds from the beginning."""

    start_ms: int
    end_ms: int
    text: str


def cues(finals: Iterable[FinalText]) -> list[Cue]:
    """Captions of readable length; an utterance without word times is one caption."""
    made: list[Cue] = []
    for final in finals:
        if not final.text:
            continue
        if final.words:
            made += [_cue(group) for group in _groups(final.words)]
        else:
            made.append(Cue(final.start_ms, max(final.end_ms, final.start_ms + SHORTEST_MS), final.text))
    return made


def _groups(words: Iterable[SpokenWord]) -> Iterator[list[SpokenWord]]:
    group: list[SpokenWord] = []
    for word in words:
        letters = sum(len(each.text) + 1 for each in group) + len(word.text)
        if group and (letters > LONGEST_LETTERS or word.end_ms - group[0].start_ms > LONGEST_MS):
            yield group
            group = []
        group.append(word)
    if group:
        yield group


def _cue(words: list[SpokenWord]) -> Cue:
    start = words[0].start_ms
    return Cue(start, max(words[-1].end_ms, start + SHORTEST_MS), " ".join(word.text for word in words))


def to_vtt(finals: Iterable[FinalText]) -> str:
    """WebVTT; `&`, `<` and `>` are escaped, so that no text can be taken for a tag or a timing line."""
    blocks = [
        f"{_time(cue.start_ms, '.')} --> {_time(cue.end_ms, '.')}\n"
        + _one_line(cue.text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        for cue in cues(finals)
    ]
    return "\n\n".join(["WEBVTT", *blocks]) + "\n"


def to_srt(finals: Iterable[FinalText]) -> str:
    """SubRip. It has no escapes: angle brackets, which players take for tags, become single quotation marks."""
    blocks = [
        f"{number}\n{_time(cue.start_ms, ',')} --> {_time(cue.end_ms, ',')}\n"
        + _one_line(cue.text).replace("<", "‹").replace(">", "›")
        for number, cue in enumerate(cues(finals), 1)
    ]
    return "\n\n".join(blocks) + "\n" if blocks else ""


def to_json(finals: Iterable[FinalText]) -> str:
    """Every final with its words, times and confidence."""
    return json.dumps({"captions": [encode(final) for final in finals]}, ensure_ascii=False, indent=1) + "\n"


def to_txt(finals: Iterable[FinalText]) -> str:
    """One utterance a line."""
    return "".join(f"{_one_line(final.text)}\n" for final in finals if final.text)


FORMATS: dict[str, Callable[[Iterable[FinalText]], str]] = {
    "vtt": to_vtt,
    "srt": to_srt,
    "json": to_json,
    "txt": to_txt,
}


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _time(ms: int, point: str) -> str:
    seconds, ms = divmod(ms, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{point}{ms:03}"
