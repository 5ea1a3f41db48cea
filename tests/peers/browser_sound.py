"""A browser's sound as a video engine publishes it: a PCM leg with a tone, on a server of our own."""

from __future__ import annotations

import asyncio
import contextlib
import time
from pathlib import Path

import numpy as np

from client.engine_protocol import FRAME_SAMPLES, SAMPLE_RATE
from client.engines.server import EngineServer

FRAME_S = FRAME_SAMPLES / SAMPLE_RATE


class _Silent:
    async def request(self, op: str, args: dict) -> None:
        raise AssertionError(f"nobody asks {op} of this engine")

    def snapshot(self) -> tuple:
        return ()

    async def stop(self) -> None:
        pass


class BrowserSound:
    """Publishes a tone every 20 ms until `close`. Attributes: `sample` — the number of the next one; `speed` — of its clock;
    `quiet` — the tone pauses; `loud_at` — when it last began."""

    def __init__(self, directory: Path, hz: float, leg: str = "s/far", speed: float = 1.0) -> None:
        self.leg = leg
        self.sample = 0
        self.speed = speed
        self.quiet = False
        self.loud_at = 0.0
        self._hz = hz
        self._server = EngineServer(directory / f"browser{int(hz)}.json", _Silent())
        self._tasks: list[asyncio.Task] = []

    async def start(self) -> BrowserSound:
        self._tasks.append(asyncio.ensure_future(self._server.serve()))
        while not self._server.port:  # noqa: ASYNC110 — the server has no event for it
            await asyncio.sleep(0)
        self._tasks.append(asyncio.ensure_future(self._speak()))
        return self

    def source(self) -> tuple[int, str]:
        """(port, one-time token) of one subscription."""
        return self._server.port, self._server.grant()

    async def end(self) -> None:
        """The engine says that the leg is over."""
        self._tasks.pop().cancel()
        self._server.end_leg(self.leg)

    async def close(self) -> None:
        """The engine is gone."""
        for task in self._tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        self._tasks.clear()

    async def _speak(self) -> None:
        began = time.monotonic()
        while True:
            due = began + (self.sample + FRAME_SAMPLES) / SAMPLE_RATE / self.speed
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            times = (self.sample + np.arange(FRAME_SAMPLES)) / SAMPLE_RATE
            pcm = ((0 if self.quiet else 8_000) * np.sin(2 * np.pi * self._hz * times)).astype(np.int16)
            if self.quiet:
                self.loud_at = 0.0
            elif not self.loud_at:
                self.loud_at = time.monotonic()
            self._server.publish_pcm(self.leg, self.sample, pcm.tobytes())
            self.sample += FRAME_SAMPLES
