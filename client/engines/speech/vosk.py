"""Vosk: quick and rough. First words on wide band until whisper has any, and everything where whisper is absent."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from client.domain.recognition import SpokenWord
from client.domain.rough_text import cleaned
from client.engine_protocol import SAMPLE_RATE

CHUNK = SAMPLE_RATE // 10  # samples: 100 ms chunks give the earliest words


@dataclass(frozen=True, slots=True)
class RoughText:
    """What was heard so far; `words` and `ended` at the end of an utterance, times from the stream's beginning."""

    text: str
    ended: bool = False
    words: tuple[SpokenWord, ...] = ()


class VoskModel:
    """One loaded model for all legs."""

    def __init__(self, directory: Path) -> None:
        import vosk

        vosk.SetLogLevel(-1)
        self._vosk = vosk
        self._model: Any = vosk.Model(str(directory))

    def recogniser(self, *, words: bool = False) -> VoskStream:
        """A recogniser for one leg. It grows by 100-250 MB over minutes: drop it when its leg ends."""
        made = self._vosk.KaldiRecognizer(self._model, SAMPLE_RATE)
        made.SetWords(words)
        return VoskStream(made)


class VoskStream:
    """One stream of audio."""

    def __init__(self, recogniser: Any) -> None:
        self._recogniser = recogniser

    def hear(self, pcm: bytes) -> RoughText:
        """16 kHz mono s16le that follows the last."""
        if self._recogniser.AcceptWaveform(pcm):
            return _ended(self._recogniser.Result())
        return RoughText(cleaned(json.loads(self._recogniser.PartialResult()).get("partial", "")))

    def finish(self) -> RoughText:
        """The rest, at the end of the stream."""
        return _ended(self._recogniser.FinalResult())

    def reset(self) -> None:
        """Begin a new utterance."""
        self._recogniser.Reset()


def _ended(result: str) -> RoughText:
    heard = json.loads(result)
    words = tuple(
        SpokenWord(
            text=text,
            start_ms=round(word["start"] * 1000),
            end_ms=round(word["end"] * 1000),
            confidence=round(min(1.0, word.get("conf", 0.0)), 3),
        )
        for word in heard.get("result", ())
        if (text := cleaned(word["word"]))
    )
    return RoughText(cleaned(heard.get("text", "")), ended=True, words=words)
