"""Runaway repetitions: a decoder that has lost the speech says the same few words or syllables over and over."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

from client.domain.agreement import plain

MAX_COMPRESSION = 2.4  # Whisper's own limit (Radford et al. 2022, 4.5)
LONGEST_CYCLE = 8  # words
SPOKEN_WORD = 3  # times in a row
SPOKEN_PHRASE = 2


def compression_ratio(text: str) -> float:
    """How far the text can be compressed; beyond `MAX_COMPRESSION` it is a loop."""
    raw = text.encode()
    return len(raw) / len(zlib.compress(raw)) if raw else 0.0


def loop_start(words: Sequence[str], *, hurried: bool = False) -> int | None:
    """Index from which `words` only repeats what stood before; None without a loop.

    People do say a word three times and a phrase twice; `hurried` — more was heard than the time allows, so any
    repetition is one too many. The words before the index, with the cycle said once, are what may be kept.
    """
    keys = [plain(word) for word in words]
    for first in range(len(keys)):
        for cycle in range(1, min(LONGEST_CYCLE, (len(keys) - first) // 2) + 1):
            allowed = 1 if hurried else SPOKEN_WORD if cycle == 1 else SPOKEN_PHRASE
            if _times(keys, first, cycle) > allowed and any(keys[first : first + cycle]):
                return first + cycle
    return None


def _times(keys: Sequence[str], first: int, cycle: int) -> int:
    unit = list(keys[first : first + cycle])
    times = 1
    while list(keys[first + times * cycle : first + (times + 1) * cycle]) == unit:
        times += 1
    return times


def stuttering(text: str, longest: int = 12, allowed: int = 5) -> bool:
    """True if a run of up to `longest` characters is repeated more than `allowed` times without a break."""
    letters = plain(text)
    for size in range(1, longest + 1):
        run = 1
        for at in range(size, len(letters) - size + 1, size):
            run = run + 1 if letters[at : at + size] == letters[at - size : at] else 1
            if run > allowed:
                return True
    return False
