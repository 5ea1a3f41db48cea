"""The real speech engine on real models, with this process in the voice engine's place."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import numpy as np

from client import models
from client.adapters.speech import SpeechEngine
from client.bench.captions import Publisher
from client.domain.call import Telling
from client.domain.recognition import FinalText, PartialText, RecognitionReady
from client.engines.server import EngineServer
from tests.peers.recorded import RATE, korean
from tests.waiting import until

FRAME = 320


def passage(number: int, seconds: float = 0.0) -> tuple[np.ndarray, str]:
    """(16 kHz mono s16, its words) of a Korean passage, or of its first seconds."""
    found = korean(number)
    return found.samples[: int(seconds * RATE) or None], found.words


def silence(seconds: float) -> np.ndarray:
    return np.zeros(int(seconds * RATE), np.int16)


class SpeechRig:
    """Attributes: `speech` — the port; `told` — everything it said, with the wall's time in `times`."""

    def __init__(self, directory: Path, environment: dict[str, str] | None = None) -> None:
        self.told: list[Telling] = []
        self.at: dict[str, int] = {}
        self._publisher = EngineServer(directory / "pcm.json", Publisher(), keep_s=3_600)  # no desk will come
        self.speech = SpeechEngine(
            directory, self.source, environment={"IEUM_MODELS": str(models.directory()), **(environment or {})}
        )
        self.speech.listen(self.told.append)
        self._serving: asyncio.Task | None = None

    async def start(self) -> SpeechRig:
        self._serving = asyncio.ensure_future(self._publisher.serve())
        self.speech.start()
        await until(lambda: self.ready, 60, "the models are loaded")
        return self

    async def close(self) -> None:
        await self.speech.close(end_engine=True)
        if self._serving is not None:
            self._serving.cancel()
            await asyncio.gather(self._serving, return_exceptions=True)

    @property
    def ready(self) -> list[RecognitionReady]:
        return [fact for fact in self.told if isinstance(fact, RecognitionReady)]

    async def source(self) -> tuple[int, str]:
        return self._publisher.port, self._publisher.grant()

    async def attach(self, leg: str, *, language: str = "ko", wide_band: bool = True) -> None:
        await self.speech.attach(leg, await self.source(), language=language, wide_band=wide_band)

    def publish(self, leg: str, samples: np.ndarray) -> None:
        """All at once."""
        for at in range(0, len(samples), FRAME):
            frame = samples[at : at + FRAME]
            self._publisher.publish_pcm(leg, self.at.setdefault(leg, 0), frame.astype("<i2").tobytes())
            self.at[leg] += len(frame)

    async def play(self, leg: str, samples: np.ndarray) -> None:
        """At its own pace."""
        began = time.monotonic()
        for at in range(0, len(samples), FRAME):
            await asyncio.sleep(max(0.0, began + at / RATE - time.monotonic()))
            self.publish(leg, samples[at : at + FRAME])

    def end(self, leg: str) -> None:
        self._publisher.end_leg(leg)

    def finals(self, leg: str) -> list[FinalText]:
        return [fact for fact in self.told if isinstance(fact, FinalText) and fact.leg == leg]

    def partials(self, leg: str) -> list[PartialText]:
        return [fact for fact in self.told if isinstance(fact, PartialText) and fact.leg == leg]


def assert_lawful(told: list[Telling]) -> None:
    """Stable text only grows until its final, which comes once and is the last of its utterance."""
    stable: dict[str, str] = {}
    over: set[str] = set()
    for fact in told:
        if isinstance(fact, PartialText | FinalText):
            assert fact.utterance not in over, f"{fact.utterance} goes on after its final"
        if isinstance(fact, PartialText):
            before = stable.get(fact.utterance, "")
            assert fact.stable.startswith(before), f"{before!r} became {fact.stable!r}"
            stable[fact.utterance] = fact.stable
        elif isinstance(fact, FinalText):
            over.add(fact.utterance)
