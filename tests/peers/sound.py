"""Tones to send and to find again."""

from __future__ import annotations

import asyncio
import contextlib
import wave
from pathlib import Path

import numpy as np

from client.engines.pcm_client import read_leg
from tests.waiting import until

RATE = 16_000
LOUD = 300  # of 32,768: well above a room's floor and a codec's noise


def tone_wav(file: Path, hz: float, seconds: float = 4.0, rate: int = RATE) -> Path:
    times = np.arange(int(seconds * rate)) / rate
    with wave.open(str(file), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes((8_000 * np.sin(2 * np.pi * hz * times)).astype(np.int16).tobytes())
    return file


def tones_in(pcm: bytes, rate: int = RATE) -> set[int]:
    """The tones in the last half second, to 20 Hz, that are within 15 dB of the loudest; none in silence."""
    samples = np.frombuffer(pcm[-rate:], np.int16).astype(float)
    if len(samples) < rate // 2 or np.abs(samples).max() < LOUD:
        return set()
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    step = rate / len(samples)
    found = set()
    for n in range(2, len(spectrum) - 2):
        if spectrum[n] == spectrum[n - 2 : n + 3].max() and spectrum[n] > spectrum.max() / 5.6:
            found.add(round(n * step / 20) * 20)
    return found


def tones_over_time(file: Path) -> list[set[int]]:
    """The tones of each half second of a 16 kHz recording, read at every tenth."""
    with wave.open(str(file)) as heard:
        sound = heard.readframes(heard.getnframes())
    return [tones_in(sound[at : at + RATE]) for at in range(0, len(sound) - RATE, RATE // 5)]


class Listener:
    """Subscribes to a leg: `pcm` grows; `holes` — places where the sample numbers jump."""

    def __init__(self, desk, leg: str, from_sample: int = 0) -> None:
        self.pcm = b""
        self.first: int | None = None
        self.holes: list[tuple[int, int]] = []
        self.ended = False
        self._task = asyncio.ensure_future(self._listen(desk, leg, from_sample))

    async def _listen(self, desk, leg: str, from_sample: int) -> None:
        port, token = await desk.phone.subscribe()
        async for sample, pcm in read_leg(port, token, leg, from_sample):
            if self.first is None:
                self.first = sample
            if sample != self.count:
                self.holes.append((self.count, sample))
            self.pcm += pcm
        self.ended = True

    @property
    def count(self) -> int:
        """The number of the next sample."""
        return (self.first or 0) + len(self.pcm) // 2

    def part(self, start: int, end: int | None = None) -> bytes:
        """PCM by sample number."""
        base = self.first or 0
        return self.pcm[2 * (start - base) : None if end is None else 2 * (end - base)]

    async def until_tones(self, *hz: int, seconds: float = 8) -> None:
        await until(lambda: tones_in(self.pcm) == set(hz), seconds, f"{hz}, heard {tones_in(self.pcm)}")

    async def more(self, seconds: float) -> None:
        """So much more sound came."""
        wanted = self.count + int(seconds * RATE)
        await until(lambda: self.count >= wanted, seconds + 5, f"{wanted} samples, {self.count} are there")

    async def close(self) -> None:
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError, ConnectionError):
            await self._task
