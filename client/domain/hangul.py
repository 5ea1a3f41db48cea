"""Finding Korean by its initial consonants (초성), and while a syllable is still being typed."""

from __future__ import annotations

import unicodedata

FIRST, LAST = 0xAC00, 0xD7A3  # 가 … 힣 (Unicode 3.12, Conjoining Jamo Behavior)
MEDIALS, FINALS = 21, 28
INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
FINAL_SPLIT = [
    "",
    "ㄱ",
    "ㄲ",
    "ㄱㅅ",
    "ㄴ",
    "ㄴㅈ",
    "ㄴㅎ",
    "ㄷ",
    "ㄹ",
    "ㄹㄱ",
    "ㄹㅁ",
    "ㄹㅂ",
    "ㄹㅅ",
    "ㄹㅌ",
    "ㄹㅍ",
    "ㄹㅎ",
]
FINAL_SPLIT += ["ㅁ", "ㅂ", "ㅂㅅ", "ㅅ", "ㅆ", "ㅇ", "ㅈ", "ㅊ", "ㅋ", "ㅌ", "ㅍ", "ㅎ"]
VOWELS = {"ㅗ": (8, 9, 10, 11), "ㅜ": (13, 14, 15, 16), "ㅡ": (18, 19)}  # what a vowel may still become: ㅗ → ㅘ ㅙ ㅚ


def initial(char: str) -> str:
    """The initial consonant of a syllable; any other character as it is."""
    code = ord(char)
    return INITIALS[(code - FIRST) // (MEDIALS * FINALS)] if FIRST <= code <= LAST else char


def initials(text: str) -> str:
    """`도로 파손` → `ㄷㄹ ㅍㅅ`."""
    return "".join(initial(char) for char in unicodedata.normalize("NFC", text))


def find(query: str, text: str) -> int:
    """Where `query` stands in `text` (character index), by letters, initial consonants, or both mixed; -1: nowhere.

    The last syllable may be half typed: `파소` finds `파손`, `팟` finds `파손` (its final is the next initial).
    """
    wanted = unicodedata.normalize("NFC", query).casefold()
    words = unicodedata.normalize("NFC", text).casefold()
    if not wanted:
        return 0
    for start in range(len(words) - len(wanted) + 1):
        if _stands(wanted, words, start):
            return start
    return -1


def _stands(wanted: str, words: str, start: int) -> bool:
    sure, last = wanted[:-1], wanted[-1]
    if not all(_same(char, words[start + n]) for n, char in enumerate(sure)):
        return False
    at = start + len(sure)
    return _same(last, words[at]) or _grows(last, words, at)


def _same(typed: str, there: str) -> bool:
    return typed == there or (typed in INITIALS and typed == initial(there))


def _grows(typed: str, words: str, at: int) -> bool:
    """True if the half typed syllable can become what stands there by typing on."""
    code, there = ord(typed) - FIRST, ord(words[at]) - FIRST
    if not 0 <= code <= LAST - FIRST or not 0 <= there <= LAST - FIRST:
        return False
    final, open_ = code % FINALS, code // FINALS
    if final == 0:
        return open_ in (there // FINALS, *_shorter(there // FINALS))
    kept, moved = FINAL_SPLIT[final][:-1], FINAL_SPLIT[final][-1]
    following = words[at + 1 : at + 2]
    kept_final = FINAL_SPLIT.index(kept)
    return bool(following) and there == open_ * FINALS + kept_final and initial(following) == moved


def _shorter(open_: int) -> tuple[int, ...]:
    """Syllables without a final whose vowel may still become this one's."""
    medial = open_ % MEDIALS
    return tuple(open_ - medial + grown[0] for grown in VOWELS.values() if medial in grown[1:])
