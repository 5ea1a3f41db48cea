"""Speech recognition from a script: says the given texts as partials and finals, without sound."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from client.domain.call import Telling
from client.domain.recognition import NO_LANGUAGE, FinalText, PartialText, RecognitionReady, SpokenWord, TextGap

WORD_MS = 400
LANGUAGES = frozenset({"ko", "en", "ja", "zh", "vi", "th", "mn", "ru", "uz", "id"})


@dataclass(slots=True)
class FakeLeg:
    """Attributes: `language`, `open_` — its gate; `at_ms` — how far its speech has come; `refused` — it is not heard."""

    language: str
    wide_band: bool
    open_: bool = True
    at_ms: int = 0
    refused: bool = False


class FakeSpeech:
    """The `Speech` port. `say` is the test's voice; `legs` — what is attached; `detached` — what was."""

    def __init__(self) -> None:
        self.legs: dict[str, FakeLeg] = {}
        self.detached: list[str] = []
        self._ready = RecognitionReady(engines=("fake",))
        self._listeners: list[Callable[[Telling], None]] = []
        self._running: dict[str, list[str]] = {}

    def listen(self, listener: Callable[[Telling], None]) -> None:
        """Hand every fact to `listener`."""
        self._listeners.append(listener)
        listener(self._ready)

    async def attach(
        self,
        leg: str,
        source: tuple[int, str],
        *,
        language: str,
        wide_band: bool,
        from_sample: int = 0,
    ) -> None:
        """Take the leg."""
        if leg not in self.legs:
            refused = language not in LANGUAGES
            self.legs[leg] = FakeLeg(language, wide_band, at_ms=from_sample // 16, refused=refused)
            if refused:
                self._miss(leg)

    async def gate(self, leg: str, *, open_: bool, at_sample: int | None = None) -> None:
        """Close or open the gate; the running utterance is finished first."""
        if leg in self.legs:
            self._finish(leg)
            self.legs[leg].open_ = open_

    async def set_language(self, leg: str, language: str) -> None:
        """Recognise in another language from the next utterance on."""
        if leg not in self.legs:
            return
        if language in LANGUAGES:
            self.legs[leg].language, self.legs[leg].refused = language, False
        else:
            self._miss(leg)

    def _miss(self, leg: str) -> None:
        at = self.legs[leg].at_ms
        self._tell(TextGap(leg=leg, start_ms=at, end_ms=at, reason=NO_LANGUAGE))

    async def detach(self, leg: str) -> None:
        """Finish the running utterance and drop the leg."""
        self._finish(leg)
        if self.legs.pop(leg, None):
            self.detached.append(leg)

    # ── the script ───────────────────────────────────────────────────────────────────────────────

    def say(self, leg: str, *texts: str) -> None:
        """Speak whole utterances, without any end the running one; nothing is heard while the gate is closed or the leg is not attached."""
        for text in texts:
            for word in text.split():
                self.say_word(leg, word)
            self._finish(leg)
        self._finish(leg)

    def say_word(self, leg: str, word: str) -> None:
        """Speak one word of a running utterance: the words before it become stable."""
        known = self.legs.get(leg)
        if known is None or known.refused or not known.open_:
            return
        words = self._running.setdefault(leg, [])
        words.append(word)
        self._tell(
            PartialText(
                leg=leg,
                utterance=f"{leg}@{known.at_ms * 16}",
                stable=" ".join(words[:-1]),
                provisional=(" " if words[:-1] else "") + word,
                start_ms=known.at_ms,
                language=known.language,
                engine="fake",
            )
        )

    def hear(self, leg: str, stable: str, provisional: str = "") -> None:
        """A partial with just this text; nothing while the gate is closed."""
        known = self.legs[leg]
        if known.open_ and not known.refused:
            self._running[leg] = f"{stable}{provisional}".split()
            self._tell(
                PartialText(
                    leg=leg,
                    utterance=f"{leg}@{known.at_ms * 16}",
                    stable=stable,
                    provisional=provisional,
                    start_ms=known.at_ms,
                    language=known.language,
                    engine="fake",
                )
            )

    def finish(self, leg: str, text: str, confidence: float = 1.0) -> None:
        """A final with just this text, whatever ran before; nothing while the gate is closed."""
        if self.legs[leg].open_ and not self.legs[leg].refused:
            self._running[leg] = text.split()
            self._finish(leg, confidence)

    def go(self, *, rough: bool = False, away: bool = False, broken: bool = False, detail: str = "") -> None:
        """The engine comes back, goes, loses whisper or has no model; attached legs go on where their last final ended."""
        self._running.clear()
        engines = () if away or broken else ("fake",)
        self._ready = RecognitionReady(engines=engines, rough=rough, detail=detail, broken=broken)
        self._tell(self._ready)

    def _finish(self, leg: str, confidence: float = 1.0) -> None:
        words: Sequence[str] = self._running.pop(leg, [])
        if not words:
            return
        known = self.legs[leg]
        start, end = known.at_ms, known.at_ms + WORD_MS * len(words)
        self._tell(
            FinalText(
                leg=leg,
                utterance=f"{leg}@{start * 16}",
                text=" ".join(words),
                words=tuple(
                    SpokenWord(
                        text=word,
                        start_ms=start + n * WORD_MS,
                        end_ms=start + (n + 1) * WORD_MS,
                        confidence=confidence,
                    )
                    for n, word in enumerate(words)
                ),
                start_ms=start,
                end_ms=end,
                language=known.language,
                engine="fake",
            )
        )
        known.at_ms = end + WORD_MS

    def _tell(self, telling: Telling) -> None:
        for listener in self._listeners:
            listener(telling)
