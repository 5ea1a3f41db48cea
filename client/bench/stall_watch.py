"""How long a loop does not answer: asked on a fixed grid of moments, so that no stall falls between two questions."""

from __future__ import annotations

import asyncio
import sys
import threading
import time
import traceback

PING_S = 0.01
WAIT_S = 60.0


def late_ms(begun: float, first: int, answered: float) -> list[float]:
    """How late the loop was for each moment of the grid from the `first`-th on that had come when it answered.

    A stall of 100 ms is ten moments at which a person could have pressed a key: the first waited longest.
    """
    last = int((answered - begun) / PING_S)
    return [(answered - begun - n * PING_S) * 1000 for n in range(first, max(first, last) + 1)]


class StallWatch(threading.Thread):
    """Asks the loop on which it is made every 10 ms. `limit_s` > 0 prints the loop's stack when it is silent for so long."""

    def __init__(self, limit_s: float = 0.0) -> None:
        super().__init__(daemon=True)
        self._loop = asyncio.get_running_loop()
        self._limit_s = limit_s
        self._watched = threading.get_ident()
        self._answered = threading.Event()
        self._answered_at = 0.0
        self._over = threading.Event()
        self._stalls: list[float] = []

    def run(self) -> None:
        """Until finished."""
        begun = time.perf_counter()
        moment = 1
        while not self._over.wait(max(0.0, begun + moment * PING_S - time.perf_counter())):
            self._answered.clear()
            self._loop.call_soon_threadsafe(self._answer)
            if self._limit_s and not self._answered.wait(self._limit_s):
                print("".join(traceback.format_stack(sys._current_frames()[self._watched])[-12:]), file=sys.stderr)  # noqa: SLF001 — the one way to see another thread's stack
            if not self._answered.wait(WAIT_S):
                return
            stalls = late_ms(begun, moment, self._answered_at)
            self._stalls += stalls
            moment += len(stalls)

    def _answer(self) -> None:
        self._answered_at = time.perf_counter()
        self._answered.set()

    def so_far(self) -> list[float]:
        """Every stall until now, in milliseconds."""
        return list(self._stalls)

    def finish(self) -> list[float]:
        """Ask no more. Every stall, in milliseconds; called on the loop, so the last question may stay open."""
        self._over.set()
        return list(self._stalls)
