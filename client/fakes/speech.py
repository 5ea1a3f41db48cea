"""Recognition in memory: it says what it is told to have heard."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from client.domain.call import Telling
from client.domain.recognition import FinalText, PartialText, RecognitionReady, SpokenWord


@dataclass(slots=True)
class FakeLeg:
    """An attached leg."""

    language: str
    wide_band: bool
    open: bool = True
    utterances: int = 0
    running: str = ""
    heard_ms: int = 0


class FakeSpeech:
    """`Speech` whose ears are `hear` and `finish`. Attributes: `legs` — what is attached; `detached` — what was."""

    def __init__(self) -> None:
        self.legs: dict[str, FakeLeg] = {}
        self.detached: list[str] = []
        self._listeners: list[Callable[[Telling], None]] = []
        self._ready = RecognitionReady(engines=("whisper",))

    def listen(self, listener: Callable[[Telling], None]) -> None:
        """Hand every fact to `listener`."""
        self._listeners.append(listener)
        listener(self._ready)

    async def attach(
        self, leg: str, source: tuple[int, str], *, language: str, wide_band: bool, from_sample: int = 0
    ) -> None:
        """Listen to a leg; a leg that is attached already goes on."""
        self.legs.setdefault(leg, FakeLeg(language, wide_band, heard_ms=from_sample // 16))

    async def gate(self, leg: str, *, open_: bool) -> None:
        """Close or open a leg's gate; what ran before is finished first."""
        if leg in self.legs:
            if not open_ and self.legs[leg].running:
                self.finish(leg, self.legs[leg].running)
            self.legs[leg].open = open_

    async def set_language(self, leg: str, language: str) -> None:
        """From the next utterance on."""
        if leg in self.legs:
            self.legs[leg].language = language

    async def detach(self, leg: str) -> None:
        """Finish what runs and let go."""
        if leg in self.legs:
            if self.legs[leg].running:
                self.finish(leg, self.legs[leg].running)
            del self.legs[leg]
            self.detached.append(leg)

    def hear(self, leg: str, stable: str, provisional: str = "") -> None:
        """A partial; nothing while the gate is closed."""
        heard = self.legs[leg]
        if heard.open:
            heard.running = f"{stable} {provisional}".strip()
            self._tell(
                PartialText(
                    leg=leg,
                    utterance=self._utterance(leg),
                    stable=stable,
                    provisional=provisional,
                    start_ms=heard.heard_ms,
                    language=heard.language,
                    engine="whisper",
                )
            )

    def finish(self, leg: str, text: str, confidence: float = 0.9, length_ms: int = 1000) -> None:
        """A final; nothing while the gate is closed."""
        heard = self.legs[leg]
        if not heard.open:
            return
        start, end = heard.heard_ms, heard.heard_ms + length_ms
        words = tuple(SpokenWord(text=word, start_ms=start, end_ms=end, confidence=confidence) for word in text.split())
        self._tell(
            FinalText(
                leg=leg,
                utterance=self._utterance(leg),
                text=text,
                words=words,
                start_ms=start,
                end_ms=end,
                language=heard.language,
                engine="whisper",
            )
        )
        heard.utterances += 1
        heard.running = ""
        heard.heard_ms = end

    def go(self, *, rough: bool = False, away: bool = False, detail: str = "") -> None:
        """The engine comes back, goes, or loses whisper; a fresh one knows no legs."""
        self.legs.clear()
        engines = () if away else (("vosk",) if rough else ("whisper",))
        self._ready = RecognitionReady(engines=engines, rough=rough, detail=detail)
        self._tell(self._ready)

    def _utterance(self, leg: str) -> str:
        return f"{leg}@{self.legs[leg].heard_ms * 16}"

    def _tell(self, telling: Telling) -> None:
        for listener in list(self._listeners):
            listener(telling)
