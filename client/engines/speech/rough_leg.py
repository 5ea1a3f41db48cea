"""One leg where whisper is absent: vosk alone, marked as rough."""

from __future__ import annotations

from dataclasses import replace

from client.domain.call import Telling
from client.domain.recognition import FinalText, PartialText, TextGap
from client.engine_protocol import SAMPLE_RATE
from client.engines.speech.vosk import CHUNK, RoughText, VoskModel

MS = SAMPLE_RATE // 1000
GAP = SAMPLE_RATE // 5


class RoughLeg:
    """The same face as `Leg`, but it hears as it is fed. Nothing is stable before its final."""

    def __init__(self, name: str, model: VoskModel, *, language: str, from_sample: int = 0) -> None:
        self.name = name
        self.language = language
        self._stream = model.recogniser(words=True)
        self._origin = from_sample
        self._end = from_sample
        self._waiting = b""
        self._start: int | None = None
        self._shown = ""
        self._open = True

    def feed(self, first_sample: int, pcm: bytes) -> list[Telling]:
        """Audio that begins at `first_sample`."""
        told: list[Telling] = []
        missing = first_sample - self._end
        if missing > GAP:
            told = self._said(self._stream.finish())
            start, end = self._end // MS, first_sample // MS
            told.append(TextGap(leg=self.name, start_ms=start, end_ms=end, reason="the sound did not arrive"))
        pcm = bytes(2 * missing) + pcm if missing > 0 else pcm[-2 * missing :]
        self._end += len(pcm) // 2
        self._waiting += pcm if self._open else bytes(len(pcm))
        while len(self._waiting) >= 2 * CHUNK:
            chunk, self._waiting = self._waiting[: 2 * CHUNK], self._waiting[2 * CHUNK :]
            told += self._said(self._stream.hear(chunk))
        return told

    @property
    def end_sample(self) -> int:
        """The number of the next sample to come."""
        return self._end

    def gate(self, *, open_: bool, at_sample: int | None = None) -> list[Telling]:
        """Close or open the gate; what ran is finished first."""
        told: list[Telling] = []
        if self._open and not open_:
            late = 0 if at_sample is None else max(0, self._end - at_sample)
            kept = self._waiting[: max(0, len(self._waiting) - 2 * late)]
            told = self._said(self._stream.hear(kept)) if kept else []
            told += self._said(self._stream.finish())
            self._waiting = b""
            self._origin = self._end
        self._open = open_
        return told

    def end(self) -> list[Telling]:
        """No more audio."""
        return self._said(self._stream.finish())

    def _said(self, heard: RoughText) -> list[Telling]:
        if heard.ended:
            return self._final(heard)
        if not heard.text or heard.text == self._shown:
            return []
        self._shown = heard.text
        self._start = self._end - 2 * CHUNK if self._start is None else self._start
        return [
            PartialText(
                leg=self.name,
                utterance=f"{self.name}@{self._start}",
                stable="",
                provisional=heard.text,
                start_ms=self._start // MS,
                language=self.language,
                engine="vosk",
                rough=True,
            )
        ]

    def _final(self, heard: RoughText) -> list[Telling]:
        start, self._start = self._start, None
        self._shown = ""
        if start is None:
            return []
        offset = self._origin // MS
        words = tuple(
            replace(word, start_ms=word.start_ms + offset, end_ms=word.end_ms + offset) for word in heard.words
        )
        return [
            FinalText(
                leg=self.name,
                utterance=f"{self.name}@{start}",
                text=heard.text,
                words=words,
                start_ms=min(start // MS, words[0].start_ms) if words else start // MS,
                end_ms=words[-1].end_ms if words else self._end // MS,
                language=self.language,
                engine="vosk",
                rough=True,
            )
        ]
