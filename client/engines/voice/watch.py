"""Sound that ought to arrive and does not: the microphone's and the far ends'."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from client.domain.call import Silence, Telling
from client.engines.voice.call_record import CallRecord

PATIENCE_S = 1.5  # with a look every quarter second, silence is said within two
LOOK_S = 0.25


class SilenceWatch:
    """One side. `look` says a change once: silent after `PATIENCE_S` without sound, back with the first sound."""

    def __init__(self, side: str, call: str = "") -> None:
        self.silent = False
        self._side = side
        self._call = call
        self._last: float | None = None

    def look(self, *, arrived: bool, now: float) -> Silence | None:
        """`arrived` — sound came since the last look; `now` in seconds of any steady clock."""
        if arrived or self._last is None:
            self._last = now
        silent = now - self._last >= PATIENCE_S
        if silent == self.silent:
            return None
        self.silent = silent
        return Silence(side=self._side, silent=silent, call=self._call)

    def rest(self) -> Silence | None:
        """Nothing need arrive now: forget how long it has been; what was said to be silent no longer is."""
        self._last = None
        if not self.silent:
            return None
        self.silent = False
        return Silence(side=self._side, silent=False, call=self._call)


class Calls(Protocol):
    """Whose far ends are watched."""

    records: dict[str, CallRecord]

    def packets(self, record: CallRecord) -> int | None:
        """How much has come from a far end so far; None while its sound is negotiated, or there is none."""


class FarEndWatch:
    """Counts the RTP packets of every call that ought to bring sound; one negotiated without any brings none."""

    def __init__(self, calls: Calls, tell: Callable[[Telling], None]) -> None:
        self._calls = calls
        self._tell = tell
        self._watches: dict[str, SilenceWatch] = {}
        self._packets: dict[str, int] = {}
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Look every quarter second."""
        loop = asyncio.get_running_loop()
        self.look(loop.time())
        self._timer = loop.call_later(LOOK_S, self.start)

    def stop(self) -> None:
        """Look no more."""
        if self._timer is not None:
            self._timer.cancel()

    def look(self, now: float) -> None:
        """Look at every call once."""
        records = self._calls.records
        for gone in set(self._watches) - set(records):
            del self._watches[gone]
            self._packets.pop(gone, None)
        for call, record in list(records.items()):
            watch = self._watches.setdefault(call, SilenceWatch("far_end", call))
            if record.hears and not record.held_by_remote:
                said = watch.look(arrived=self._arrived(record), now=now)
            else:
                said = watch.rest()
            if said is not None:
                self._tell(said)

    def _arrived(self, record: CallRecord) -> bool:
        packets = self._calls.packets(record)
        if packets is None:
            return False
        before, self._packets[record.call] = self._packets.get(record.call, 0), packets
        return packets != before
