"""The running line of a leg, across a restart of recognition.

A restarted engine hears the running utterance again and gives it a name of its own. On screen it is still the same line:
it keeps its name, its stable text stays as it is until the final, and a final is told once.
"""

from __future__ import annotations

from dataclasses import replace

from client.domain.recognition import FinalText, PartialText

SAME_MS = 1_500  # an utterance heard again may begin this much earlier or later


class CaptionLine:
    """Attributes: `running` — what is on screen now, None between utterances."""

    def __init__(self) -> None:
        self.running: PartialText | None = None
        self._interrupted = False
        self._new_name = ""

    def interrupted(self) -> None:
        """Recognition starts again."""
        self._interrupted = self.running is not None
        self._new_name = ""

    def take(self, fact: PartialText | FinalText) -> list[PartialText | FinalText]:
        """What is to be told for a fact of the engine."""
        told: list[PartialText | FinalText] = []
        before = self.running
        if self._interrupted and before is not None:
            if not self._new_name and abs(fact.start_ms - before.start_ms) <= SAME_MS:
                self._new_name = fact.utterance
            if fact.utterance == self._new_name:
                fact = replace(fact, utterance=before.utterance)
                if isinstance(fact, PartialText) and not fact.stable.startswith(before.stable):
                    return []
            else:
                told = self.ended()
        if isinstance(fact, FinalText):
            self._over()
        else:
            self.running = fact
        return [*told, fact]

    def ended(self) -> list[PartialText | FinalText]:
        """No more will come for the running line: it is taken back."""
        line = self.running
        self._over()
        if line is None:
            return []
        return [
            FinalText(
                leg=line.leg,
                utterance=line.utterance,
                text="",
                words=(),
                start_ms=line.start_ms,
                end_ms=line.start_ms,
                language=line.language,
                engine=line.engine,
            )
        ]

    def _over(self) -> None:
        self.running = None
        self._interrupted = False
        self._new_name = ""
