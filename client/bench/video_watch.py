"""The desk's eyes and ears in the video benchmark, in a process of its own: the picture ring, and the citizen's sound.

The ring is looked at every 8 ms, as the window does; a picture's time is when a window would begin to paint it. A beep's
time is when its first sample comes out of the far leg, where the voice engine takes it up.

    {"op": "open", "directory", "call", "port", "token"} → {"event": "open"}
    {"op": "begin"} → {"event": "begun"} · {"op": "finish"} → {"event": "seen", …}
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from client.bench.orders import orders, say
from client.domain.video import far_leg
from client.engine_protocol import SAMPLE_RATE
from client.engines.pcm_client import read_leg
from client.engines.video import clock_code
from client.picture_ring import PictureReader, RingPicture, ring_file

LOOK_S = 0.008
LOUD = 0.08 * 32767  # as the browser's listener
QUIET_MS = 400


def now_ms() -> float:
    """Milliseconds since 1970."""
    return time.time_ns() / 1e6


class Eye:
    """Reads the clocks in a ring. Attributes: `shown` — (when, stamp or None); `sizes` — pictures by size."""

    def __init__(self, file: Path) -> None:
        self.shown: list[tuple[float, int | None]] = []
        self.sizes: Counter[str] = Counter()
        self._file = file
        self._ring: PictureReader | None = None
        self._last = 0

    def forget(self) -> None:
        """Begin to measure."""
        self.shown, self.sizes = [], Counter()

    def look(self) -> None:
        """Take the newest picture, if there is a new one."""
        if self._ring is None:
            with contextlib.suppress(OSError):
                self._ring = PictureReader(self._file)
        elif (picture := self._ring.newest(self._last)) is not None:
            self._take(picture)

    def close(self) -> None:
        """Let go."""
        if self._ring is not None:
            self._ring.close()

    def _take(self, picture: RingPicture) -> None:
        at, self._last = now_ms(), picture.number
        pixels = np.frombuffer(picture.pixels, np.uint8).reshape(picture.height, picture.width, 4)
        self.shown.append((at, clock_code.decode(pixels)))
        self.sizes[f"{picture.width}x{picture.height}"] += 1


class Ear:
    """Finds beeps. `heard` — when each began."""

    def __init__(self) -> None:
        self.heard: list[float] = []
        self._last = 0.0

    def take(self, at_ms: float, pcm: bytes) -> None:
        """16 kHz s16le that came at this time."""
        loud = np.flatnonzero(np.abs(np.frombuffer(pcm, np.int16).astype(np.int32)) > LOUD)
        if not loud.size:
            return
        if at_ms - self._last > QUIET_MS:
            self.heard.append(at_ms + float(loud[0]) * 1000 / SAMPLE_RATE)
        self._last = at_ms


class Watch:
    """One call's pictures and sound."""

    def __init__(self) -> None:
        self._eye: Eye | None = None
        self._ear = Ear()
        self._begun = 0.0
        self._tasks: list[asyncio.Task[None]] = []

    def order(self, order: dict[str, Any]) -> dict[str, Any]:
        """Do what one line says; what is told about it."""
        if order["op"] == "open":
            self._eye = Eye(ring_file(Path(order["directory"]), order["call"]))
            self._tasks = [asyncio.ensure_future(self._look()), asyncio.ensure_future(self._listen(order))]
            return {"event": "open"}
        assert self._eye is not None
        if order["op"] == "begin":
            self._begun = now_ms()
            self._eye.forget()
            self._ear.heard = []
            return {"event": "begun", "seen": self._eye is not None}
        told = {"pictures": self._eye.shown, "sizes": dict(self._eye.sizes), "heard": self._ear.heard}
        return {"event": "seen", "begun": self._begun, "ended": now_ms(), **told}

    def close(self) -> None:
        """No more."""
        for task in self._tasks:
            task.cancel()
        if self._eye is not None:
            self._eye.close()

    async def _look(self) -> None:
        assert self._eye is not None
        while True:
            self._eye.look()
            await asyncio.sleep(LOOK_S)

    async def _listen(self, order: dict[str, Any]) -> None:
        with contextlib.suppress(ConnectionError):
            async for _, pcm in read_leg(order["port"], order["token"], far_leg(order["call"])):
                self._ear.take(now_ms(), pcm)


async def _serve() -> None:
    watch = Watch()
    async for order in orders():
        say(**watch.order(order))
    watch.close()


if __name__ == "__main__":
    asyncio.run(_serve())
