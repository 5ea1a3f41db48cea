"""Finding Korean by its initial consonants (초성), and while a syllable is still being typed.

A query becomes a regular expression, once, so that a keystroke can ask it of hundreds of texts.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

FIRST, LAST = 0xAC00, 0xD7A3  # 가 … 힣 (Unicode 3.12, Conjoining Jamo Behavior)
MEDIALS, FINALS = 21, 28
INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
CLUSTERS = {  # two keys that a keyboard joins into one sign: ㄱ and ㅅ typed for 감사 stand in the field as ㄳ
    "ㄳ": "ㄱㅅ",
    "ㄵ": "ㄴㅈ",
    "ㄶ": "ㄴㅎ",
    "ㄺ": "ㄹㄱ",
    "ㄻ": "ㄹㅁ",
    "ㄼ": "ㄹㅂ",
    "ㄽ": "ㄹㅅ",
    "ㄾ": "ㄹㅌ",
    "ㄿ": "ㄹㅍ",
    "ㅀ": "ㄹㅎ",
    "ㅄ": "ㅂㅅ",
}
FINAL_SPLIT = ["", *(CLUSTERS.get(final, final) for final in "ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ")]
VOWELS = {8: (9, 10, 11), 13: (14, 15, 16), 18: (19,)}  # what a vowel may still become: ㅗ → ㅘ ㅙ ㅚ, ㅜ, ㅡ
_SPACE = " ?"  # spacing between the words of a compound is a matter of taste: 도로파손 is 도로 파손
_CONJOINING = {0x1100 + n: letter for n, letter in enumerate(INITIALS)}  # how some keyboards give a lone consonant


def initial(char: str) -> str:
    """The initial consonant of a syllable; any other character as it is."""
    code = ord(char)
    return INITIALS[(code - FIRST) // (MEDIALS * FINALS)] if FIRST <= code <= LAST else char


def initials(text: str) -> str:
    """`도로 파손` → `ㄷㄹ ㅍㅅ`."""
    return "".join(initial(char) for char in folded(text, case=True))


def is_initials(text: str) -> bool:
    """True if nothing but consonants stands there, joined ones too."""
    return all(char in INITIALS or char in CLUSTERS for char in folded(text))


@lru_cache(maxsize=8_192)
def folded(text: str, *, case: bool = False) -> str:
    """Composed syllables, lone consonants as a keyboard gives them, small letters unless `case`: what `pattern` reads."""
    composed = unicodedata.normalize("NFC", text).translate(_CONJOINING)
    return composed if case else composed.casefold()


def find(query: str, text: str) -> int:
    """Where `query` stands in `folded(text)` (character index), by letters, initial consonants, or both; -1: nowhere.

    The last syllable may be half typed: `파소` finds `파손`, `달` finds `닭`, `팟` finds `파손` (its final is the next initial).
    """
    found = pattern(query).search(folded(text))
    return found.start() if found else -1


def matches(query: str, text: str) -> bool:
    """True if `find` finds it."""
    return find(query, text) >= 0


@lru_cache(maxsize=64)
def pattern(query: str) -> re.Pattern[str]:
    """What `find` looks for, to be asked of `folded` texts."""
    signs = [*folded(query)]
    if not signs:
        return re.compile("")
    return re.compile(_SPACE.join([*(_whole(sign) for sign in signs[:-1]), _growing(signs[-1])]))


def _whole(sign: str) -> str:
    """A sign that is typed to its end: itself, or as a consonant any syllable that begins with it."""
    if sign in CLUSTERS:
        return f"(?:{sign}|{_SPACE.join(map(_whole, CLUSTERS[sign]))})"
    if sign not in INITIALS:
        return re.escape(sign)
    first = FIRST + INITIALS.index(sign) * MEDIALS * FINALS
    return f"[{sign}{chr(first)}-{chr(first + MEDIALS * FINALS - 1)}]"


def _growing(sign: str) -> str:
    """The last sign: as a syllable also what typing on can make of it."""
    code = ord(sign) - FIRST
    if not 0 <= code <= LAST - FIRST:
        return _whole(sign)
    opened, final = code - code % FINALS, code % FINALS
    return _with_any_final(opened) if final == 0 else _with_final(opened, final)


def _with_any_final(opened: int) -> str:
    medial = opened // FINALS % MEDIALS
    grown = VOWELS.get(medial, ())
    starts = [opened, *(opened + (vowel - medial) * FINALS for vowel in grown)]
    return "[" + "".join(f"{chr(FIRST + start)}-{chr(FIRST + start + FINALS - 1)}" for start in starts) + "]"


def _with_final(opened: int, final: int) -> str:
    """With this final, with a double one that begins so (달 → 닭), or with its last letter gone to the next syllable."""
    split = FINAL_SPLIT[final]
    longer = [n for n, parts in enumerate(FINAL_SPLIT) if n == final or (len(parts) > 1 and parts[0] == split)]
    here = "".join(chr(FIRST + opened + n) for n in longer)
    kept = chr(FIRST + opened + FINAL_SPLIT.index(split[:-1]))
    return f"(?:[{here}]|{kept}{_SPACE}{_whole(split[-1])})"
