"""The speech engine: legs attached to PCM streams, models, and one pair of ears for all of them."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from client.domain.call import Telling
from client.domain.codec import decode
from client.domain.recognition import NO_LANGUAGE, RecognitionReady, SoundStopped, TextGap
from client.engine_protocol import SAMPLE_RATE
from client.engines.pcm_client import read_leg
from client.engines.server import EngineRefusal
from client.engines.speech.early_words import EarlyWords
from client.engines.speech.ears import Ears
from client.engines.speech.leg import Leg
from client.engines.speech.leg_audio import shut
from client.engines.speech.recognisers import Recognisers
from client.engines.speech.requests import Attach, Configure, Gate, LegLanguage, LegName, Sound
from client.engines.speech.rough_leg import RoughLeg

log = logging.getLogger(__name__)

T = TypeVar("T")
NEWEST = 1 << 62  # no sample has this number: nothing of the past is sent
EARLY_LANGUAGE = "ko"
LAST_SOUND_S = 0.5  # what was published before a leg is dropped may still be on its way
LAST_SOUND_TRIES = 10
LIVE_PACE = 1.3  # quicker than this, a leg is catching up


class SpeechEngine:
    """`tell` is where facts go; requests are met once the models are loaded; `broken` is set if it cannot go on."""

    def __init__(self, models: Path, vocabulary: tuple[str, ...] = ()) -> None:
        self.tell: Callable[[Telling], None] = _unheard
        self.broken = asyncio.Event()
        self._models = models
        self._vocabulary = vocabulary
        self._legs: dict[str, Leg] = {}
        self._rough: dict[str, RoughLeg] = {}
        self._closed: dict[str, tuple[tuple[int, int], ...]] = {}
        self._readers: dict[str, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._recognisers: Recognisers | None = None
        self._ready: RecognitionReady | None = None
        self._ears: Ears | None = None
        self._early: EarlyWords | None = None
        self._listening: asyncio.Task[None] | None = None
        self._loading: asyncio.Task[None] | None = None
        self._at_work = 0
        self._thread = ThreadPoolExecutor(1, "rough")  # vosk, where it is all there is

    def start(self) -> None:
        """Begin to load the models, beside the running loop."""
        self._loading = asyncio.ensure_future(self._load())
        self._loading.add_done_callback(self._loaded)

    def snapshot(self) -> Iterable[Telling]:
        """What is loaded, once it is."""
        return [self._ready] if self._ready else []

    async def stop(self) -> None:
        """Drop all legs."""
        tasks = [*self._readers.values(), *self._tasks, *(t for t in (self._listening, self._loading) if t)]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._thread.shutdown(wait=False, cancel_futures=True)
        if self._early is not None:
            self._early.close()

    async def request(self, op: str, args: dict[str, Any]) -> object:
        """Meet a desk's request."""
        if self._loading is not None:
            await asyncio.wait({self._loading})
        match op:
            case "configure":
                self._configure(decode(Configure, args))
            case "attach":
                await self._attach(decode(Attach, args))
            case "sound":
                self._sound(decode(Sound, args))
            case "gate":
                return await self._gate(decode(Gate, args))
            case "language":
                self._set_language(decode(LegLanguage, args))
            case "detach":
                await self._detach(decode(LegName, args).leg)
            case _:
                raise EngineRefusal(f"speech knows no request {op}")
        return None

    async def _load(self) -> None:
        loop = asyncio.get_running_loop()
        self._recognisers = loaded = await loop.run_in_executor(None, Recognisers, self._models)
        if loaded.whisper is not None:
            loaded.whisper.vocabulary = self._vocabulary
            self._ears = Ears(self._legs, loaded.hear, self.tell)
            self._listening = asyncio.ensure_future(self._ears.listen())
            self._listening.add_done_callback(self._deaf)
            self._early = EarlyWords(loaded.vosk) if loaded.vosk else None
        self._ready = loaded.ready()
        self.tell(self._ready)

    def _loaded(self, loading: asyncio.Task[None]) -> None:
        """Models that cannot be loaded are told: to start again would not help, and silence would look like waiting."""
        if not loading.cancelled() and (error := loading.exception()):
            log.critical("the models cannot be loaded", exc_info=error)
            detail = f"the models cannot be loaded ({error}): run `ieum models verify`"
            self._ready = RecognitionReady(engines=(), detail=detail, broken=True)
            self.tell(self._ready)

    def _deaf(self, listening: asyncio.Task[None]) -> None:
        """Nobody listens any more: better to end and be started again than to stay without captions."""
        if not listening.cancelled() and (error := listening.exception()):
            log.critical("hearing has ended", exc_info=error)
            self.broken.set()

    def _configure(self, wanted: Configure) -> None:
        self._vocabulary = wanted.vocabulary
        if self._recognisers is not None and self._recognisers.whisper is not None:
            self._recognisers.whisper.vocabulary = wanted.vocabulary

    # ── legs ─────────────────────────────────────────────────────────────────────────────────────

    async def _attach(self, wanted: Attach) -> None:
        await self._detach(wanted.leg)
        self._must_know(wanted.language)
        self._closed[wanted.leg] = wanted.closed
        leg = self._new_leg(wanted)
        at = NEWEST if wanted.live else wanted.from_sample
        self._readers[leg.name] = asyncio.ensure_future(self._read(leg, wanted.port, wanted.token, at))

    def _must_know(self, language: str) -> None:
        known = self._recognisers.languages if self._recognisers else ()
        if not known:
            raise EngineRefusal(self._ready.detail if self._ready else "no recognition model is loaded")
        if language not in known:
            raise EngineRefusal(NO_LANGUAGE)

    def _new_leg(self, wanted: Attach) -> Leg | RoughLeg:
        loaded = self._recognisers
        if loaded is not None and loaded.whisper is None and loaded.vosk is not None:
            rough = RoughLeg(wanted.leg, loaded.vosk, language=wanted.language, from_sample=wanted.from_sample)
            self._rough[wanted.leg] = rough
            return rough
        leg = Leg(
            wanted.leg,
            language=wanted.language,
            wide_band=wanted.wide_band,
            from_sample=wanted.from_sample,
            newest=wanted.live,
        )
        self._legs[wanted.leg] = leg
        return leg

    def _sound(self, wanted: Sound) -> None:
        """Go on where the connection broke; the leg itself says what did not arrive."""
        leg = self._legs.get(wanted.leg) or self._rough.get(wanted.leg)
        reader = self._readers.get(wanted.leg)
        if leg is not None and (reader is None or reader.done()):
            self._readers[wanted.leg] = asyncio.ensure_future(
                self._read(leg, wanted.port, wanted.token, leg.end_sample)
            )

    async def _gate(self, wanted: Gate) -> dict[str, int] | None:
        """Where the gate moved: a desk that brings the leg back after a restart has to know."""
        leg = self._legs.get(wanted.leg) or self._rough.get(wanted.leg)
        if leg is None:
            return None
        if wanted.open:
            here = leg.end_sample
            self._closed[wanted.leg] = tuple((start, min(end, here)) for start, end in self._closed[wanted.leg])
        at = leg.end_sample if wanted.at_sample is None else min(wanted.at_sample, leg.end_sample)
        if isinstance(leg, Leg):
            self._said(leg.gate(open_=wanted.open, at_sample=wanted.at_sample))
        else:
            gate = partial(leg.gate, open_=wanted.open, at_sample=wanted.at_sample)
            self._said(await self._on_thread(gate))
        return {"at": at}

    def _set_language(self, wanted: LegLanguage) -> None:
        leg = self._legs.get(wanted.leg) or self._rough.get(wanted.leg)
        if leg is not None:
            self._must_know(wanted.language)
            leg.language = wanted.language

    async def _detach(self, name: str) -> None:
        reader = self._readers.pop(name, None)
        if reader is not None:
            await self._last_sound(name, reader)
            reader.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await reader
        leg = self._legs.get(name)
        if leg is not None and self._ears is not None:
            self._said(leg.end())
            await self._ears.drained(leg)
            del self._legs[name]
        rough = self._rough.pop(name, None)
        if rough is not None:
            self._said(await self._on_thread(rough.end))
        if self._early is not None:
            self._early.drop(name)
        self._closed.pop(name, None)

    async def _last_sound(self, name: str, reader: asyncio.Task[None]) -> None:
        """Let a leg that has ended hear what is still on its way; one that goes on is not waited for."""
        leg = self._legs.get(name) or self._rough.get(name)
        for _ in range(LAST_SOUND_TRIES):
            if leg is None or reader.done():
                return
            before = leg.end_sample
            await asyncio.wait({reader}, timeout=LAST_SOUND_S)
            if not self._at_work and leg.end_sample - before < LIVE_PACE * LAST_SOUND_S * SAMPLE_RATE:
                return

    async def _read(self, leg: Leg | RoughLeg, port: int, token: str, at: int) -> None:
        """Hear a leg's sound until it ends; where only the connection breaks, the desk is asked for another."""
        came = False
        try:
            async for first, pcm in read_leg(port, token, leg.name, at):
                came = True
                await self._feed(leg, first, shut(first, pcm, self._closed.get(leg.name, ())))
        except OSError as error:
            log.warning("the sound of a leg stopped: %s", error)
            if came:
                self.tell(SoundStopped(leg=leg.name))
                return
            here = leg.end_sample * 1000 // SAMPLE_RATE
            self.tell(TextGap(leg=leg.name, start_ms=here, end_ms=here, reason="the sound stopped arriving"))
        self._said(await self._on_thread(leg.end) if isinstance(leg, RoughLeg) else leg.end())

    async def _feed(self, leg: Leg | RoughLeg, first: int, pcm: bytes) -> None:
        if isinstance(leg, RoughLeg):
            self._said(await self._on_thread(partial(leg.feed, first, pcm)))
            return
        self._said(leg.feed(first, pcm))
        if self._early is not None and leg.language == EARLY_LANGUAGE:
            self._keep(self._first_words(self._early, leg))

    async def _first_words(self, early: EarlyWords, leg: Leg) -> None:
        self._said(await early.hear(leg))

    async def _on_thread(self, work: Callable[[], T]) -> T:
        self._at_work += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)
        finally:
            self._at_work -= 1

    def _keep(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _said(self, tellings: Iterable[Telling]) -> None:
        for telling in tellings:
            self.tell(telling)
        if self._ears is not None:
            self._ears.wake()


def _unheard(telling: Telling) -> None:
    raise AssertionError(f"{telling.name} is told before the engine is connected")
