"""What the desk's timeline shows of a call's legs, and when: the eyes of the captions benchmark."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from client.bench.caption_score import Shown, ShownUtterance
from client.domain.call import Telling
from client.domain.recognition import FinalText
from client.domain.timeline import CaptionLine, Change, Timeline


@dataclass
class Leg:
    """What was shown of one leg, by utterance; `began` is the wall's time of its first sample."""

    began: float
    utterances: dict[str, ShownUtterance] = field(default_factory=dict)

    def now_ms(self) -> float:
        """The stream's own time."""
        return (time.monotonic() - self.began) * 1000

    def take(self, line: CaptionLine) -> None:
        """The timeline has changed this line now. What changes after its final (a masked number) is no recognition."""
        shown = self.utterances.setdefault(line.id, ShownUtterance(line.start_ms))
        if shown.final_at_ms is not None:
            return
        now = self.now_ms()
        if line.final:
            shown.final, shown.final_at_ms = line.stable, now
        else:
            shown.states.append(Shown(now, line.stable, line.provisional))
            shown.end_ms = now

    def heard(self, final: FinalText) -> None:
        """Where the utterance ended, which the timeline does not say; without text its line has just been taken away."""
        shown = self.utterances.get(final.utterance)
        if shown is None:
            return
        shown.end_ms = final.end_ms
        if not final.text:
            shown.final_at_ms = self.now_ms()

    @property
    def text(self) -> str:
        """All finals in their order."""
        said = sorted(self.utterances.values(), key=lambda shown: shown.start_ms)
        return " ".join(shown.final for shown in said if shown.final)

    @property
    def complete(self) -> bool:
        """Every utterance has its final."""
        return all(shown.final_at_ms is not None for shown in self.utterances.values())


class ShownCaptions:
    """Watches one timeline. Attributes: `legs` — by name, in the order in which their sound began."""

    def __init__(self) -> None:
        self.legs: dict[str, Leg] = {}

    def begin(self, name: str) -> Leg:
        """The leg's first sample is said now."""
        self.legs[name] = leg = Leg(time.monotonic())
        return leg

    def watch(self, timeline: Timeline) -> None:
        """Note what it shows from now on."""

        def changed(change: Change, index: int) -> None:
            line = None if change is Change.REMOVED else timeline.lines[index]
            if isinstance(line, CaptionLine) and line.leg in self.legs:
                self.legs[line.leg].take(line)

        timeline.listen(changed)

    def take(self, telling: Telling) -> None:
        """What recognition told, after the desk has taken it."""
        if isinstance(telling, FinalText) and telling.leg in self.legs:
            self.legs[telling.leg].heard(telling)
