"""The speech engine as the desk sees it. When it dies it is started again and catches up from the last final text."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from client.adapters.engine_link import EngineAway, EngineLink, EngineRefused, LinkState
from client.domain.call import Telling
from client.domain.caption_line import CaptionLine
from client.domain.recognition import FinalText, PartialText, SoundStopped, TextGap
from client.engine_protocol import KEEP_S, SAMPLE_RATE

log = logging.getLogger(__name__)

MS = SAMPLE_RATE // 1000
ALWAYS = 1 << 62  # a sample that never comes
GATE_MOVED = "who could hear changed while recognition was away"


@dataclass(slots=True)
class _Leg:
    """What has to be known to attach a leg again.

    `heard_to` — its last final's end; `closed` — where its gate was closed, by sample; `unsure` — the gate moved while
    the engine was away, nobody knows at which sample; `refused` — the engine would not take it.
    """

    language: str
    wide_band: bool
    heard_to: int
    open_: bool = True
    closed: list[tuple[int, int]] = field(default_factory=list)
    unsure: bool = False
    refused: bool = False
    line: CaptionLine = field(default_factory=CaptionLine)


class SpeechEngine:
    """The `Speech` port over an engine process.

    `subscribe` gives (port, one-time token) of the PCM publisher, for legs that are attached again; `on_state` hears
    whether the engine is there; `vocabulary` is told to an engine that was running before.
    """

    def __init__(
        self,
        directory: Path,
        subscribe: Callable[[], Awaitable[tuple[int, str]]],
        on_state: Callable[[LinkState], None] = lambda _state: None,
        environment: dict[str, str] | None = None,
        vocabulary: tuple[str, ...] | None = None,
    ) -> None:
        self._link = EngineLink("speech", directory, self._told, self._state_changed, environment)
        self._subscribe = subscribe
        self._on_state = on_state
        self._vocabulary = vocabulary
        self._listeners: list[Callable[[Telling], None]] = []
        self._legs: dict[str, _Leg] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def pid(self) -> int:
        """The engine's process, 0 while it is away."""
        return self._link.pid

    def start(self) -> None:
        """Begin to keep the engine running."""
        self._link.start()

    async def close(self, *, end_engine: bool = True) -> None:
        """Let go of the engine."""
        for task in self._tasks:
            task.cancel()
        await self._link.close(end_engine=end_engine)

    # ── the port ─────────────────────────────────────────────────────────────────────────────────

    def listen(self, listener: Callable[[Telling], None]) -> None:
        """Hand every fact to `listener`."""
        self._listeners.append(listener)

    async def attach(
        self, leg: str, source: tuple[int, str], *, language: str, wide_band: bool, from_sample: int = 0
    ) -> None:
        """Recognise a leg from `source`."""
        self._legs[leg] = _Leg(language, wide_band, from_sample)
        await self._ask_attach(leg, source)

    async def gate(self, leg: str, *, open_: bool, at_sample: int | None = None) -> None:
        """Close or open the gate, at once or at a sample."""
        known = self._legs.get(leg)
        if known is None or known.open_ is open_:
            return
        known.open_ = open_
        moved = await self._ask("gate", leg=leg, open=open_, at_sample=at_sample)
        if moved is None:
            known.unsure = True
        elif open_:
            known.closed = [(start, min(end, moved["at"])) for start, end in known.closed]
        elif not open_:
            known.closed.append((moved["at"], ALWAYS))

    async def set_language(self, leg: str, language: str) -> None:
        """Recognise in another language from the next utterance on."""
        known = self._legs.get(leg)
        if known is None:
            return
        before, known.language = known.language, language
        if known.refused:
            await self._attach_anew(leg)
        elif not await self._met("language", leg, language=language):
            known.language = before

    async def detach(self, leg: str) -> None:
        """Finish the running utterance and drop the leg."""
        await self._ask("detach", leg=leg)
        known = self._legs.pop(leg, None)
        for fact in known.line.ended() if known else ():
            self._tell(fact)

    # ── the engine ───────────────────────────────────────────────────────────────────────────────

    async def _ask(self, op: str, **args: object) -> Any:
        """The engine's answer, None without one."""
        try:
            return await self._link.request(op, **args)
        except EngineAway:
            return None  # when it is back, `_attach_again` brings everything in order
        except EngineRefused as error:
            log.warning("speech refused %s: %s", op, error)
            return None

    async def _met(self, op: str, leg: str, **args: object) -> bool:
        """Ask what may be refused; false if it was, which is told as a gap of the leg."""
        try:
            await self._link.request(op, leg=leg, **args)
        except EngineAway:
            return True  # as above
        except EngineRefused as error:
            log.warning("speech refused %s: %s", op, error)
            self._miss(leg, str(error))
            return False
        return True

    def _miss(self, leg: str, reason: str, lasts_ms: int = 0) -> None:
        known = self._legs.get(leg)
        if known is not None:  # it may have been dropped meanwhile
            start = known.heard_to // MS
            self._tell(TextGap(leg=leg, start_ms=start, end_ms=start + lasts_ms, reason=reason))

    async def _ask_attach(self, leg: str, source: tuple[int, str]) -> None:
        known = self._legs[leg]
        port, token = source
        known.refused = not await self._met(
            "attach",
            leg,
            port=port,
            token=token,
            language=known.language,
            wide_band=known.wide_band,
            from_sample=known.heard_to,
            live=known.unsure,
            closed=known.closed,
        )
        if not known.open_ and not any(end == ALWAYS for _, end in known.closed):
            await self._ask("gate", leg=leg, open=False)
        if known.unsure:
            self._miss(leg, GATE_MOVED)
        known.unsure = False

    def _state_changed(self, state: LinkState) -> None:
        self._on_state(state)
        if state is LinkState.STARTED and self._legs:
            self._in_background(self._attach_again())
        elif state is LinkState.ADOPTED and self._vocabulary is not None:
            self._in_background(self._ask("configure", vocabulary=self._vocabulary))  # it may know the names of before

    def _in_background(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _attach_again(self) -> None:
        for name, leg in list(self._legs.items()):
            leg.line.interrupted()
            await self._attach_anew(name)

    async def _attach_anew(self, leg: str) -> None:
        source = await self._new_source(leg, missing_s=KEEP_S)
        if source is not None:
            await self._ask_attach(leg, source)

    async def _sound_again(self, leg: str) -> None:
        """The sound's connection broke: it goes on over another, and the engine says what did not arrive."""
        source = await self._new_source(leg, missing_s=0)
        if source is not None:
            await self._ask("sound", leg=leg, port=source[0], token=source[1])

    async def _new_source(self, leg: str, *, missing_s: float) -> tuple[int, str] | None:
        """Where a leg's sound is to be had; None if it is not, which is told, or if the leg was dropped meanwhile."""
        source = None
        try:
            source = await self._subscribe()
        except Exception as error:  # noqa: BLE001 — whatever keeps the sound away is told, not lost
            log.warning("the sound of a leg is not to be had: %s", error)
            self._miss(leg, str(error), round(missing_s * 1000))
        return source if leg in self._legs else None

    def _told(self, telling: Telling) -> None:
        if isinstance(telling, SoundStopped):
            if telling.leg in self._legs:
                self._in_background(self._sound_again(telling.leg))
            return
        if isinstance(telling, PartialText | FinalText) and telling.leg in self._legs:
            leg = self._legs[telling.leg]
            for fact in leg.line.take(telling):
                self._tell(fact)
                if isinstance(fact, FinalText):
                    leg.heard_to = max(leg.heard_to, fact.end_ms * MS)
            return
        self._tell(telling)

    def _tell(self, telling: Telling) -> None:
        for listener in self._listeners:
            listener(telling)
