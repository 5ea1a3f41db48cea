"""Speech whose words are levels: a double for recognition that hears exactly what was said, and nothing else.

A word is 0.4 s of one constant level, 0.1 s of silence follows. A word that is cut by the edge of the heard audio is
misheard, as real words are.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from client.engines.speech.hearing import HeardWord, Hearing
from client.engines.speech.whisper import Stretch

RATE = 16_000
WORD = 6_400  # samples
PAUSE = 1_600
STEP = 0.01  # of full scale from one word's level to the next


def say(*numbers: int, silence_s: float = 0.0) -> bytes:
    """PCM of the words, then silence."""
    pieces = [np.concatenate([np.full(WORD, (n + 2) * STEP), np.zeros(PAUSE)]) for n in numbers]
    sound = np.concatenate([*pieces, np.zeros(int(silence_s * RATE))])
    return np.round(sound * 32_768).astype("<i2").tobytes()


def text(*numbers: int) -> str:
    return " ".join(f"말{n}" for n in numbers)


class LevelVoice:
    """Speech is whatever is not silent."""

    def speaks(self, frame) -> tuple[bool, bool]:
        loud = bool(np.abs(frame).mean() > STEP / 2)
        return loud, loud


def hear_one(stretch: Stretch) -> Hearing:
    words = []
    levels = np.round(stretch.audio / STEP).astype(int)
    edges = np.flatnonzero(np.diff(levels, prepend=0, append=0))
    for start, end in pairwise(edges):
        number = int(levels[start]) - 2
        if number < 0 or end - start < WORD // 8:
            continue
        whole = end - start >= WORD - 2
        spelt = f" 말{number}" if whole else f" 말{number}?{end - start}"
        words.append(
            HeardWord(
                text=spelt, tokens=(number,), start_s=start / RATE, end_s=end / RATE, confidence=1.0 if whole else 0.2
            )
        )
    known = [word.text for word in stretch.prefix]
    if [word.text for word in words[: len(known)]] != known:  # its beginning was cut: the prefix says what it was
        words = words[len(known) - 1 :] if known else words
    count = len(known)
    return Hearing(words=tuple(words[count:]), prefix=tuple(words[:count]), log_prob=-0.1, no_speech=0.0)


def hear(stretches: Sequence[Stretch]) -> list[Hearing]:
    return [hear_one(stretch) for stretch in stretches]
