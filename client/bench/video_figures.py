"""What is made of what two ends of a video call saw, heard and read. Times are ms since 1970, on one machine's clock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from client.bench.figures import percentile
from client.engines.video.clock_code import age_ms

Summary = dict[str, float | int | str | None]
BEEP_PATIENCE_MS = 900  # they come each second: what is heard later is of the next one
TOO_EARLY_MS = 20  # a browser renders sound in blocks and dates a beep within one, so it can seem to come early
GLIMPSE_MS = 8  # no screen shows a picture whose successor is there sooner


@dataclass(frozen=True, slots=True)
class Pictures:
    """`shown` — (when it was seen, the clock in it or None where it could not be read), between `begun` and `ended`."""

    shown: list[tuple[float, int | None]]
    begun: float
    ended: float

    @property
    def new(self) -> list[tuple[float, int]]:
        """(when, stamp) of each picture that shows a later moment than all before it and stays: no repetition is one, and of
        those that come at once only the last."""
        kept: list[tuple[float, int]] = []
        for at, stamp in self.shown:
            if stamp is None or (kept and age_ms(stamp, kept[-1][1]) <= 0):
                continue
            if kept and at - kept[-1][0] < GLIMPSE_MS:
                kept.pop()
            kept.append((at, stamp))
        return kept

    @property
    def fps(self) -> float:
        """New pictures a second."""
        return len(self.new) * 1000 / (self.ended - self.begun)

    @property
    def delays(self) -> list[float]:
        """ms from the making of each new picture to its being seen."""
        return [_age(at, stamp) for at, stamp in self.new]

    @property
    def longest_freeze_ms(self) -> float:
        """The longest time without a new picture; beginning and end of the measurement count."""
        return _longest_gap([self.begun, *(at for at, _ in self.new), self.ended])

    @property
    def unread(self) -> float:
        """Share (0–1) of pictures whose clock could not be read: torn, smeared or without one."""
        return sum(stamp is None for _, stamp in self.shown) / len(self.shown) if self.shown else 1.0


@dataclass(slots=True)
class End:
    """One end: what it saw, the delays of the text that it read (ms), its own `beeps` and those that it `heard`; `waits` — ms
    that sound and pictures (`audio`, `video`) waited in a browser's buffers before they were given out."""

    pictures: Pictures
    texts: list[float] = field(default_factory=list)
    beeps: list[float] = field(default_factory=list)
    heard: list[float] = field(default_factory=list)
    waits: dict[str, float] = field(default_factory=dict)
    sent_kbps: float = 0.0
    size: str = ""
    core_share: float = 0.0


def _age(at: float, stamp: int) -> float:
    whole = int(at)
    return age_ms(whole, stamp) + (at - whole)


def _longest_gap(times: Iterable[float]) -> float:
    return max(after - before for before, after in pairwise(times))


def sound_delays(beeps: Sequence[float], heard: Sequence[float]) -> list[tuple[float, float]]:
    """(when a beep was made, ms until it was heard) of each that was heard."""
    found = []
    for at in heard:
        made = max((beep for beep in beeps if beep <= at + TOO_EARLY_MS), default=None)
        if made is not None and at - made <= BEEP_PATIENCE_MS:
            found.append((made, at - made))
    return found


def av_offsets(pictures: Pictures, sounds: Sequence[tuple[float, float]]) -> list[float]:
    """ms by which sound comes later (+) or earlier (−) than the picture of the same moment, one a beep."""
    seen = [(at - _age(at, stamp), _age(at, stamp)) for at, stamp in pictures.new]
    return [delay - min(seen, key=lambda each: abs(each[0] - made))[1] for made, delay in sounds] if seen else []


def figures_of(citizen: End, desk: End) -> Summary:
    """The figures of one run, by name without the run's suffix. In: citizen to desk; where a name has no direction, the worse
    of the two counts, and both stand beside it."""
    seen, back = desk.pictures, citizen.pictures
    offsets = [abs(each) for each in av_offsets(seen, sound_delays(citizen.beeps, desk.heard))]
    return {
        "fps_in": round(seen.fps, 2),
        "fps_out": round(back.fps, 2),
        **_both("delay_ms_p50", percentile(seen.delays, 0.5), percentile(back.delays, 0.5)),
        **_both("delay_ms_p95", percentile(seen.delays, 0.95), percentile(back.delays, 0.95)),
        **_both("longest_freeze_ms", seen.longest_freeze_ms, back.longest_freeze_ms),
        "kbps_in": round(citizen.sent_kbps, 1),
        "engine_core_share": round(desk.core_share, 3),
        **_both("text_ms_p95", percentile(desk.texts, 0.95), percentile(citizen.texts, 0.95)),
        "av_offset_ms_p95": _round(percentile(offsets, 0.95)),
        **_both("unread", seen.unread, back.unread, digits=4),
        "picture_wait_ms_out": _round(citizen.waits.get("video")),
        "sound_wait_ms_out": _round(citizen.waits.get("audio")),
        "size_in": desk.size,
        "size_out": citizen.size,
    }


def _both(name: str, inward: float | None, outward: float | None, digits: int = 1) -> Summary:
    known = [each for each in (inward, outward) if each is not None]
    worse = max(known) if len(known) == 2 else None  # noqa: PLR2004 — one that is missing is no good figure
    return {
        name: _round(worse, digits),
        f"{name}_in": _round(inward, digits),
        f"{name}_out": _round(outward, digits),
    }


def _round(value: float | None, digits: int = 1) -> float | None:
    return None if value is None else round(value, digits)
