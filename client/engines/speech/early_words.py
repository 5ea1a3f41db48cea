"""First words of an utterance on wide band, from the quicker recogniser, until whisper has any."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from client.domain.call import Telling
from client.engines.speech.leg import Leg
from client.engines.speech.vosk import CHUNK, VoskModel, VoskStream


@dataclass(slots=True)
class _Ear:
    """A leg's recogniser, made by the thread when it is first needed, and the utterance it is in."""

    stream: VoskStream | None = None
    utterance: str = ""


class EarlyWords:
    """One recogniser a leg, all on one thread of their own."""

    def __init__(self, model: VoskModel) -> None:
        self._model = model
        self._ears: dict[str, _Ear] = {}
        self._busy: set[str] = set()
        self._thread = ThreadPoolExecutor(1, "early words")

    async def hear(self, leg: Leg) -> list[Telling]:
        """Hear what is new of a leg's utterance; at once empty if nothing is wanted or its last audio is not done."""
        if leg.name in self._busy:
            return []
        wanted = leg.early_audio(CHUNK)
        if wanted is None:
            return []
        self._busy.add(leg.name)
        ear = self._ears.setdefault(leg.name, _Ear())
        try:
            text = await asyncio.get_running_loop().run_in_executor(self._thread, self._hear, ear, *wanted)
        finally:
            self._busy.discard(leg.name)
        return leg.early_text(wanted[0], text)

    def _hear(self, ear: _Ear, utterance: str, pcm: bytes) -> str:
        """On the thread, where it may wait until after its leg was dropped: then nobody else holds `ear`."""
        if ear.stream is None:
            ear.stream = self._model.recogniser()
        elif ear.utterance != utterance:
            ear.stream.reset()
        ear.utterance = utterance
        return ear.stream.hear(pcm).text

    def drop(self, name: str) -> None:
        """The leg has ended: its recogniser has grown and is not used again."""
        self._ears.pop(name, None)

    def close(self) -> None:
        """End the thread."""
        self._thread.shutdown(wait=False, cancel_futures=True)
