"""Which of the centre's six languages a text is written in: ko, en, ja, zh, vi, mn, or "" where that cannot be told.

A script that only one of the six is written in tells at once: Hangul, kana, Han, Cyrillic (of the six only Mongolian, so that
Russian is taken for it). English and Vietnamese share the Latin letters: that is asked of lingua, which loads its two models beside
the loop, once, when the first such text comes. It knows no third language, so "" means that it prefers neither clearly.
"""

from __future__ import annotations

import asyncio
import re
import unicodedata
from typing import Any

FEWEST = 4  # letters of the Latin script below which a guess is none
SURE = 0.75  # confidence below which nothing is said: Korean typed on English keys gets 0.73 for Vietnamese
READ = 1_000  # characters that are enough to tell
_LINK = re.compile(r"https?://\S+")
_HANGUL = re.compile(r"[가-힣]")
_KANA = re.compile(r"[\u3041-\u3096\u30a1-\u30fa\u30fc]")
_HAN = re.compile(r"[\u4e00-\u9fff]")
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff]")
_OF_JAPAN = re.compile("[駅円庁働込畑峠広売読済転図単戦価桜県発様対応検処]")  # shapes that neither Chinese script has


class WrittenLanguage:
    """`of(text)` — a BCP 47 tag or ""."""

    def __init__(self) -> None:
        self._detector: Any = None
        self._loading = asyncio.Lock()

    async def of(self, text: str) -> str:
        """The language of a text; takes less than a millisecond, the first time of a Latin text about a second."""
        plain = unicodedata.normalize("NFC", _LINK.sub(" ", text[:READ]))  # a Mac writes syllables as their parts
        quick = by_script(plain)
        if quick is not None:
            return quick
        async with self._loading:
            if self._detector is None:
                self._detector = await asyncio.to_thread(_load)
        return await asyncio.to_thread(_ask, self._detector, plain)


def by_script(text: str) -> str | None:
    """The language by its script alone, "" where no script tells; None: the letters are Latin and have to be read."""
    hangul, kana, han, cyrillic, latin = (
        len(script.findall(text)) for script in (_HANGUL, _KANA, _HAN, _CYRILLIC, _LATIN)
    )
    if hangul and hangul * 2 >= latin and hangul >= han * 2:  # a syllable says as much as two letters
        return "ko"
    if kana and kana * 4 >= han and kana * 4 >= latin:  # one ツ in a face of signs is no Japanese
        return "ja"
    if han and han * 2 >= latin:
        return "ja" if _OF_JAPAN.search(text) else "zh"
    if cyrillic and cyrillic >= latin:
        return "mn"
    return None if latin >= FEWEST else ""


def _load() -> Any:
    from lingua import Language, LanguageDetectorBuilder

    latin = (Language.ENGLISH, Language.VIETNAMESE)
    return LanguageDetectorBuilder.from_languages(*latin).with_preloaded_language_models().build()


def _ask(detector: Any, text: str) -> str:
    best = detector.compute_language_confidence_values(text)[0]
    return str(best.language.iso_code_639_1.name).lower() if best.value >= SURE else ""
