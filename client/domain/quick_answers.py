"""Quick answers (빠른 답변): what an agent writes often, found by key, by any word or by initial consonants.

A file is TOML with a list `answers`: `key`, `title`, `text`, `category`, optionally `language` and `channels` (none: all). In a text
`{이름}` stands for a variable; `filled` puts in what is known and names what is not: nothing is sent with a hole in it. The desk
knows `{상담사}` (agent), `{기관}` (centre), `{시민}` (citizen) and `{오늘}` (today); any other is for the agent to fill.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from client.domain.codec import BadInput, decode
from client.domain.hangul import folded, is_initials, pattern
from client.domain.words import Channel

_VARIABLE = re.compile(r"\{([^{}\n]{1,30})\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class QuickAnswer:
    """One answer. `key` is what is typed after `/`."""

    key: str
    title: str
    text: str
    category: str
    language: str = "ko"
    channels: tuple[Channel, ...] = ()

    def __post_init__(self) -> None:
        for name in ("key", "title", "text", "category"):
            if not getattr(self, name).strip():
                raise BadInput(name, "must not be empty")
        if re.search(r"\s|/", self.key):
            raise BadInput("key", "must not hold a space or a slash")


def read_quick_answers(file: str, text: str) -> tuple[QuickAnswer, ...]:
    """The answers of a TOML text; raises `BadInput` naming the file and the field."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadInput(file, f"is not TOML: {error}") from None
    answers = decode(tuple[QuickAnswer, ...], data.get("answers"), f"{file}: answers")
    keys = [answer.key for answer in answers]
    if twice := {key for key in keys if keys.count(key) > 1}:
        raise BadInput(f"{file}: answers", f"the key {min(twice)} stands twice")
    return answers


def search(
    answers: Sequence[QuickAnswer], query: str, *, channel: Channel | None = None, language: str = ""
) -> list[QuickAnswer]:
    """Those that fit, the best first: by key, then title, category and text. All words of the query must stand somewhere.

    Answers in `language` come before others of the same rank; those for other channels are left out.
    """
    words = [_Word(word) for word in query.split()]
    ranked = []
    for n, answer in enumerate(answers):
        if answer.channels and channel is not None and channel not in answer.channels:
            continue
        rank = _sum_of_ranks(answer, words)
        if rank is not None:
            foreign = bool(language) and answer.language != language
            ranked.append((rank, foreign, n, answer))
    return [answer for *_, answer in sorted(ranked, key=lambda row: row[:3])]


class _Word:
    """One word of a query, made ready once for all answers."""

    __slots__ = ("folded", "in_texts", "search")

    def __init__(self, word: str) -> None:
        self.folded = folded(word)
        self.search = pattern(word).search
        self.in_texts = not is_initials(word)  # initials alone stand in nearly every long text


def _sum_of_ranks(answer: QuickAnswer, words: Sequence[_Word]) -> int | None:
    """How well all words fit (0 best); None: one of them not at all."""
    total = 0
    for word in words:
        rank = _rank(answer, word)
        if rank is None:
            return None
        total += rank
    return total


def _rank(answer: QuickAnswer, word: _Word) -> int | None:
    """How well a word fits (0 best); None: not at all."""
    key = folded(answer.key)
    if key == word.folded:
        return 0
    in_key = word.search(key)
    if in_key and in_key.start() == 0:
        return 1
    title = folded(answer.title)
    in_title = word.search(title)
    if in_title:
        return 2 if in_title.start() == 0 or title[in_title.start() - 1] == " " else 3
    if word.search(folded(answer.category)):
        return 4
    return 5 if word.in_texts and word.search(folded(answer.text)) else None


def filled(text: str, known: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    """The text with its variables put in, and the names of those that are not known (they stand there still)."""
    done = _VARIABLE.sub(lambda match: known.get(match[1]) or match[0], text)
    return done, holes(done)


def holes(text: str) -> tuple[str, ...]:
    """Variables that still stand in a text."""
    return tuple(dict.fromkeys(_VARIABLE.findall(text)))
