"""What successive hearings of one utterance agree on: the words that may be shown as stable.

Recognition hears the running utterance again and again. A word is stable once several hearings in a row begin alike up
to it, and it does not stand at the very edge of the audio, where the next syllable may still change it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

LAST_ALPHABETIC = 0x2FFF  # syllabic and ideographic scripts stand above


def plain(word: str) -> str:
    """The word as it is compared: letters and digits only, one case."""
    folded = unicodedata.normalize("NFC", word).casefold()
    return "".join(c for c in folded if c.isalnum())


def spoken_letters(text: str) -> float:
    """Letters by the time they take: a Korean or Chinese letter is a syllable, three Latin ones are about one."""
    return sum(1.0 if ord(c) > LAST_ALPHABETIC else 0.35 for c in plain(text))


def common_words(one: Sequence[str], other: Sequence[str]) -> int:
    """How many leading words of both are alike."""
    count = 0
    for mine, theirs in zip(one, other, strict=False):
        if plain(mine) != plain(theirs):
            break
        count += 1
    return count


def agreed_words(hearings: Sequence[Sequence[str]], needed: int, edge: int) -> int:
    """How many leading words of the newest hearing are stable.

    `hearings` — words of successive hearings after the stable text, oldest first; `needed` — how many of the newest have
    to agree; `edge` — words at the end of the newest that are never stable yet (0 in a pause).
    """
    if len(hearings) < needed:
        return 0
    newest = hearings[-1]
    alike = len(newest) - edge
    for earlier in hearings[-needed:-1]:
        alike = min(alike, common_words(earlier, newest))
    return max(0, alike)
