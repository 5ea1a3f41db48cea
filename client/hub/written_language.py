"""Which of the centre's six languages a text is written in: ko, en, ja, zh, vi, mn, or "" where that cannot be told.

Scripts that only one of the six is written in are told at once; the rest is asked of lingua, which loads its models
beside the loop, once, when the first such text comes.
"""

from __future__ import annotations

import asyncio
import re
from typing import Any

LETTERS = re.compile(r"[^\W\d_]", re.UNICODE)
FEWEST = 4  # letters of the Latin script below which a guess is none
SURE = 0.5  # confidence below which nothing is said
_HANGUL = re.compile(r"[가-힣]")
_KANA = re.compile(r"[\u3041-\u30ff]")
_HAN = re.compile(r"[\u4e00-\u9fff]")
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")


class WrittenLanguage:
    """`of(text)` — a BCP 47 tag or ""."""

    def __init__(self) -> None:
        self._detector: Any = None
        self._loading = asyncio.Lock()

    async def of(self, text: str) -> str:
        """The language of a text; takes milliseconds, the first time of a Latin text a second."""
        plain = re.sub(r"https?://\S+", " ", text)
        quick = by_script(plain)
        if quick is not None:
            return quick
        async with self._loading:
            if self._detector is None:
                self._detector = await asyncio.to_thread(_load)
        return await asyncio.to_thread(_ask, self._detector, plain[:1_000])


def by_script(text: str) -> str | None:
    """The language by its script alone; None: the letters are Latin and have to be read."""
    letters = len(LETTERS.findall(text))
    if not letters:
        return ""
    if len(_HANGUL.findall(text)) * 4 >= letters:
        return "ko"
    if _KANA.search(text):
        return "ja"
    if len(_HAN.findall(text)) * 2 >= letters:
        return "zh"
    if len(_CYRILLIC.findall(text)) * 2 >= letters:
        return "mn"  # of the six the only one in this script
    return None if letters >= FEWEST else ""


def _load() -> Any:
    from lingua import Language, LanguageDetectorBuilder

    latin = (Language.ENGLISH, Language.VIETNAMESE)
    return LanguageDetectorBuilder.from_languages(*latin).with_preloaded_language_models().build()


def _ask(detector: Any, text: str) -> str:
    best = detector.compute_language_confidence_values(text)[0]
    return str(best.language.iso_code_639_1.name).lower() if best.value > SURE else ""
