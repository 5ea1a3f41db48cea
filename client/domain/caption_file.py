"""Captions as files: WebVTT (W3C), SubRip, JSON and plain text, from final texts with word times."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from client.domain.codec import encode
from client.domain.recognition import FinalText, SpokenWord

LONGEST_MS = 7_000  # a caption stands no longer …
LONGEST_LETTERS = 60  # … and holds no more than two lines of Korean
SHORTEST_MS = 500


@dataclass(frozen=True, slots=True)
class Cue:
    """One caption on screen, in milliseconds from the beginning; `voice` — who says it, if it is to be named."""

    start_ms: int
    end_ms: int
    text: str
    voice: str = ""


def cues(finals: Iterable[FinalText]) -> list[Cue]:
    """Captions of readable length; an utterance whose words have no times or are not its text's is one caption."""
    made: list[Cue] = []
    for final in finals:
        if not final.text:
            continue
        if places := _places(final):
            made += _groups(final.text, places)
        else:
            made.append(Cue(final.start_ms, max(final.end_ms, final.start_ms + SHORTEST_MS), final.text))
    return made


def _groups(text: str, places: Iterable[Placed]) -> Iterator[Cue]:
    """The text in pieces; between words stands what stands there in the text, which in many scripts is nothing."""
    group: list[Placed] = []
    for placed in places:
        word = placed.word
        letters = placed.end - group[0].start if group else 0
        if group and (letters > LONGEST_LETTERS or word.end_ms - group[0].word.start_ms > LONGEST_MS):
            yield _cue(text, group)
            group = []
        group.append(placed)
    if group:
        yield _cue(text, group)


@dataclass(frozen=True, slots=True)
class Placed:
    """A word and where it stands in its text."""

    word: SpokenWord
    start: int
    end: int


def _places(final: FinalText) -> list[Placed]:
    """Where its words stand; nothing if one of them does not."""
    places, at = [], 0
    for word in final.words:
        start = final.text.find(word.text, at)
        if start < 0:
            return []
        at = start + len(word.text)
        places.append(Placed(word, start, at))
    return places


def _cue(text: str, group: Sequence[Placed]) -> Cue:
    start = group[0].word.start_ms
    return Cue(start, max(group[-1].word.end_ms, start + SHORTEST_MS), text[group[0].start : group[-1].end])


def vtt(captions: Iterable[Cue]) -> str:
    """WebVTT; `&`, `<` and `>` are escaped, so that no text can be taken for a tag or a timing line (4.2.2)."""
    blocks = [
        f"{_time(cue.start_ms, '.')} --> {_time(max(cue.end_ms, cue.start_ms + 1), '.')}\n"
        + (f"<v {_escaped(cue.voice)}>" if cue.voice else "")
        + _escaped(cue.text)
        for cue in captions
    ]
    return "\n\n".join(["WEBVTT", *blocks]) + "\n"


def _escaped(text: str) -> str:
    return _one_line(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def to_vtt(finals: Iterable[FinalText]) -> str:
    """WebVTT."""
    return vtt(cues(finals))


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
