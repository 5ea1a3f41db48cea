"""Digits as people write and say them: 0-9, 공·영·일·이…, 하나·둘…, and the words and marks they put between.

A run is digits that only such separators stand between: "구공공일공일에 다시 일이삼사오육칠" is one run of thirteen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_VALUES = {
    **{str(n): n for n in range(10)},
    **{chr(0xFF10 + n): n for n in range(10)},
    "공": 0,
    "영": 0,
    "제로": 0,
    "빵": 0,
    "일": 1,
    "이": 2,
    "삼": 3,
    "사": 4,
    "오": 5,
    "육": 6,
    "륙": 6,
    "칠": 7,
    "팔": 8,
    "구": 9,
    "하나": 1,
    "둘": 2,
    "셋": 3,
    "넷": 4,
    "다섯": 5,
    "여섯": 6,
    "일곱": 7,
    "여덟": 8,
    "아홉": 9,
}
_ENGLISH = {
    word: n for n, word in enumerate(["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"])
} | {"oh": 0}
_UNITS = sorted(_VALUES, key=len, reverse=True)
_SEPARATORS = (
    "에서",
    "에",
    "다시",
    "대시",
    "하이픈",
    "그리고",
    "그다음",
    "다음",
    "이고",
    "이요",
    "요",
    "어",
    "음",
    "그",
    "네",
)
_UNIT = "|".join(map(re.escape, _UNITS)) + "|" + "|".join(rf"(?<![a-z]){word}(?![a-z])" for word in _ENGLISH)
_TOKEN = re.compile(
    rf"(?P<unit>{_UNIT})|(?P<gap>[\s\-–—.,·~…‐‑_()]|{'|'.join(_SEPARATORS)}|dash|and|then)", re.IGNORECASE
)
_ANY_UNIT = re.compile(_UNIT, re.IGNORECASE)
_FIRST = re.compile(f"[{''.join(sorted({unit[0] for unit in _UNITS}))}]")
_WORD = re.compile("|".join(_ENGLISH), re.IGNORECASE)
_LAST = 8  # characters at the end of a text in which a run that goes on has its last digit
MAX_GAP = 16  # characters between two digits of one run


@dataclass(frozen=True, slots=True)
class Run:
    """Digits that belong together and where each stands in the text.

    `from_start`, `to_end` — whether nothing but separators stands before, or after it: it may go on in the next utterance.
    """

    digits: str
    spans: tuple[tuple[int, int], ...]
    from_start: bool
    to_end: bool


def has_digits(text: str, at_least: int) -> bool:
    """True if so many digits could be in the text: a cheap look before a close one."""
    found = len(_FIRST.findall(text))
    return found >= at_least or found + len(_WORD.findall(text)) >= at_least


def only_digits(text: str) -> str:
    """The digits of a text that holds nothing else but separators; empty if there is more in it."""
    found = list(runs(text))
    return found[0].digits if len(found) == 1 and found[0].from_start and found[0].to_end else ""


def ends_in_digits(text: str) -> bool:
    """True if the text could end within a number: a cheap look before a close one."""
    return _ANY_UNIT.search(text, max(len(text) - _LAST, 0)) is not None


def runs(text: str) -> Iterator[Run]:
    """Every run of digits, in order."""
    digits: list[str] = []
    spans: list[tuple[int, int]] = []
    begun = at = gap_from = 0
    while at < len(text):
        token = _TOKEN.match(text, at)
        if token is not None and token["unit"] is not None:
            if not digits:
                begun = at
            digits.append(_value(token["unit"]))
            spans.append(token.span())
            at = gap_from = token.end()
            continue
        at = token.end() if token is not None else at + 1
        if digits and (token is None or at - gap_from > MAX_GAP):
            yield Run("".join(digits), tuple(spans), _only_gaps(text[:begun]), to_end=False)
            digits, spans = [], []
    if digits:
        yield Run("".join(digits), tuple(spans), _only_gaps(text[:begun]), to_end=True)


def _value(unit: str) -> str:
    lowered = unit.lower()
    return str(_VALUES[lowered] if lowered in _VALUES else _ENGLISH[lowered])


def _only_gaps(text: str) -> bool:
    at = 0
    while at < len(text):
        token = _TOKEN.match(text, at)
        if token is None or token["gap"] is None:
            return False
        at = token.end()
    return True
