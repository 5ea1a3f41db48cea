"""The speech engine: legs attached to PCM streams, models, and one pair of ears for all of them."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from client.domain.call import Telling
from client.domain.codec import decode
from client.engines.pcm_client import read_leg
from client.engines.server import EngineRefusal
from client.engines.speech.ears import Ears
from client.engines.speech.leg import Leg
from client.engines.speech.recognisers import Recognisers

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Attach:
    """Recognise `leg`, read from `port` with the one-time `token`, from sample `from_sample` on."""

    leg: str
    port: int
    token: str
    language: str = "ko"
    wide_band: bool = True
    from_sample: int = 0


@dataclass(frozen=True, kw_only=True)
class Gate:
    """What is said on `leg` from `at_sample` on (now, if none is named) is heard or not."""

    leg: str
    open: bool
    at_sample: int | None = None


@dataclass(frozen=True, kw_only=True)
class Configure:
    """`models` — their directory; `vocabulary` — names that should be known; `languages` — to be ready for."""

    models: str = ""
    languages: tuple[str, ...] = ()
    vocabulary: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class LegLanguage:
    """Recognise `leg` in `language` from the next utterance on."""

    leg: str
    language: str


@dataclass(frozen=True, kw_only=True)
class LegName:
    """One leg."""

    leg: str


class SpeechEngine:
    """`tell` is where facts go; requests are met as soon as the models are loaded."""

    def __init__(self, models: Path) -> None:
        self.tell: Callable[[Telling], None] = _unheard
        self._models = models
        self._legs: dict[str, Leg] = {}
        self._readers: dict[str, asyncio.Task[None]] = {}
        self._recognisers: Recognisers | None = None
        self._ears: Ears | None = None
        self._listening: asyncio.Task[None] | None = None
        self._loading: asyncio.Task[None] | None = None

    async def request(self, op: str, args: dict[str, Any]) -> object:
        """Meet a desk's request."""
        match op:
            case "configure":
                await self._configure(decode(Configure, args))
            case "attach":
                await self._attach(decode(Attach, args))
            case "gate":
                gate = decode(Gate, args)
                if gate.leg in self._legs:
                    self._said(self._legs[gate.leg].gate(open_=gate.open, at_sample=gate.at_sample))
            case "language":
                chosen = decode(LegLanguage, args)
                if chosen.leg in self._legs:
                    self._legs[chosen.leg].language = chosen.language
            case "detach":
                await self._detach(decode(LegName, args).leg)
            case _:
                raise EngineRefusal(f"speech knows no request {op}")
        return None

    def snapshot(self) -> Iterable[Telling]:
        """What is loaded, once it is."""
        return [self._recognisers.ready()] if self._recognisers else []

    async def stop(self) -> None:
        """Drop all legs."""
        tasks = [*self._readers.values(), *(task for task in (self._listening, self._loading) if task)]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def start(self) -> None:
        """Begin to load the models, beside the running loop."""
        self._loading = asyncio.ensure_future(self._load(self._models))

    async def _load(self, directory: Path) -> None:
        self._recognisers = await asyncio.get_running_loop().run_in_executor(None, Recognisers, directory)
        self._ears = Ears(self._legs, self._recognisers.hear, self.tell)
        self._listening = asyncio.ensure_future(self._ears.listen())
        self.tell(self._recognisers.ready())

    async def _configure(self, wanted: Configure) -> None:
        if self._loading is not None:
            await self._loading

    async def _attach(self, wanted: Attach) -> None:
        await self._detach(wanted.leg)
        self._legs[wanted.leg] = Leg(
            wanted.leg, language=wanted.language, wide_band=wanted.wide_band, from_sample=wanted.from_sample
        )
        self._readers[wanted.leg] = asyncio.ensure_future(self._read(wanted))

    async def _detach(self, name: str) -> None:
        reader = self._readers.pop(name, None)
        if reader is not None and not reader.done():
            reader.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await reader
        leg = self._legs.get(name)
        if leg is None:
            return
        self._said(leg.end())
        if self._ears is not None:
            await self._ears.drained(leg)
        del self._legs[name]

    async def _read(self, wanted: Attach) -> None:
        leg = self._legs[wanted.leg]
        try:
            async for first, pcm in read_leg(wanted.port, wanted.token, wanted.leg, wanted.from_sample):
                self._said(leg.feed(first, pcm))
        except (ConnectionError, OSError) as error:
            log.warning("the sound of a leg stopped: %s", error)
        self._said(leg.end())

    def _said(self, tellings: Iterable[Telling]) -> None:
        for telling in tellings:
            self.tell(telling)
        if self._ears is not None:
            self._ears.wake()


def _unheard(telling: Telling) -> None:
    raise AssertionError(f"{telling.name} is told before the engine is connected")
