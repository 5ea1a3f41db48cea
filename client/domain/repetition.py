"""Runaway repetitions: a decoder that has lost the speech says the same words or syllables over and over.

The rule is how often people say something in a row: a phrase twice, a word three times, a syllable or two written
together five times (네네네네, はいはいはい, 공공공공). A figure may have more alike digits. What goes beyond is a loop,
of which its first saying is kept.
"""

from __future__ import annotations

from collections.abc import Sequence

from client.domain.agreement import plain

SYLLABLES = 5
WORD = 3
PHRASE = 2
DIGITS = 9
LONGEST_PHRASE = 16  # words
SYLLABLE_LETTERS = 2  # where words are not parted, letters tell what it is
WORD_LETTERS = 6
LONGEST_RUN = 60  # letters


def loop_start(words: Sequence[str], *, hurried: bool = False, known: int = 0) -> int | None:
    """Index from which `words` only repeats what stood before; None without a loop.

    `hurried` — more was heard than the time allows, so any repetition is one too many; a loop that ends within the
    first `known` words was let through before and is none. Words before the index, the cycle said once, may be kept.
    """
    keys = [plain(word) for word in words]
    for first in range(len(keys)):
        for cycle in range(1, min(LONGEST_PHRASE, (len(keys) - first) // 2) + 1):
            unit = keys[first : first + cycle]
            times = _times(keys, first, cycle)
            if any(unit) and times > _said_words(unit, hurried=hurried) and first + times * cycle > known:
                return first + cycle
    return None


def run_start(letters: str, *, known: int = 0) -> int | None:
    """As `loop_start`, for letters without gaps: one word, or a text whose script does not part words."""
    for first in range(len(letters)):
        for cycle in range(1, min(LONGEST_RUN, (len(letters) - first) // 2) + 1):
            if letters[first] != letters[first + cycle]:
                continue
            times = _times(letters, first, cycle)
            if times > _said_letters(letters[first : first + cycle]) and first + times * cycle > known:
                return first + cycle
    return None


def without_run(word: str) -> str:
    """The word with a run of syllables in it said once."""
    start = run_start(plain(word))
    if start is None:
        return word
    kept = 0
    for at, letter in enumerate(word):
        if kept >= start:
            return word[:at]
        kept += len(plain(letter))
    return word


def _said_words(unit: Sequence[str], *, hurried: bool) -> int:
    if all(word.isdigit() for word in unit):
        return DIGITS
    if hurried:
        return 1
    return WORD if len(unit) == 1 else PHRASE


def _said_letters(unit: str) -> int:
    if unit.isdigit():
        return DIGITS
    if len(unit) <= SYLLABLE_LETTERS:
        return SYLLABLES
    return WORD if len(unit) <= WORD_LETTERS else PHRASE


def _times(items: Sequence[str], first: int, cycle: int) -> int:
    unit = items[first : first + cycle]
    times = 1
    while items[first + times * cycle : first + (times + 1) * cycle] == unit:
        times += 1
    return times
