"""The sound that leaves: a PCM leg of the voice engine's bridge, or silence."""

from __future__ import annotations

import asyncio
import contextlib
import fractions
import time
from typing import Any, cast

import av
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack

from client.engine_protocol import FRAME_SAMPLES, SAMPLE_RATE
from client.engines.pcm_client import read_leg

FRAME_BYTES = FRAME_SAMPLES * 2
FRAME_S = FRAME_SAMPLES / SAMPLE_RATE
SILENCE = bytes(FRAME_BYTES)
LEAST, MOST = 2, 5  # frames that wait: below, sound would stutter; above, the oldest is left out
BEHIND_S = 0.2  # a loop that was held up begins to count anew


class LegReader:
    """Reads one leg; several tracks may take from it in turn (one connection replaces another)."""

    def __init__(self) -> None:
        self._waiting = bytearray()
        self._flowing = False
        self._task: asyncio.Task[None] | None = None

    def read(self, port: int, token: str, leg: str) -> None:
        """Take this leg from now on; port 0: nothing."""
        self.close()
        if port:
            self._task = asyncio.ensure_future(self._read(port, token, leg))

    def close(self) -> None:
        """Nothing more is read."""
        if self._task is not None:
            self._task.cancel()
        self._task = None
        self._waiting.clear()
        self._flowing = False

    def frame(self) -> bytes:
        """The next 20 ms, silence where there is nothing."""
        have = len(self._waiting) // FRAME_BYTES
        self._flowing = have > 0 if self._flowing else have >= LEAST
        if not self._flowing:
            return SILENCE
        if have > MOST:
            del self._waiting[: (have - LEAST) * FRAME_BYTES]
        pcm = bytes(self._waiting[:FRAME_BYTES])
        del self._waiting[:FRAME_BYTES]
        return pcm

    async def _read(self, port: int, token: str, leg: str) -> None:
        live = 2**62  # what was said before we came is past: only what comes from now on
        with contextlib.suppress(OSError):  # the bridge is gone: silence until the desk names another
            async for _, pcm in read_leg(port, token, leg, live):
                self._waiting += pcm


class OutgoingSound(MediaStreamTrack):
    """Attributes: `silent` — muted or on hold."""

    kind = "audio"

    def __init__(self, reader: LegReader) -> None:
        super().__init__()
        self.silent = False
        self._reader = reader
        self._due = 0.0
        self._samples = 0

    async def recv(self) -> av.AudioFrame:
        """20 ms of sound, when it is due."""
        now = time.monotonic()
        self._due = now if not self._due or now - self._due > BEHIND_S else self._due + FRAME_S
        await asyncio.sleep(max(0.0, self._due - now))
        if self.readyState != "live":
            raise MediaStreamError
        pcm = self._reader.frame()
        frame = _frame(SILENCE if self.silent else pcm)
        frame.pts = self._samples
        self._samples += FRAME_SAMPLES
        return frame


def _frame(pcm: bytes) -> av.AudioFrame:
    frame: Any = av.AudioFrame(format="s16", layout="mono", samples=FRAME_SAMPLES)
    frame.planes[0].update(pcm)
    frame.sample_rate = SAMPLE_RATE
    frame.time_base = fractions.Fraction(1, SAMPLE_RATE)
    return cast(av.AudioFrame, frame)
