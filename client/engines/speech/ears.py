"""Hears for all legs on one thread, the most urgent first; under pressure it hears less often, never less audio."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from client.domain.call import Telling
from client.engines.speech.hearing import Hearing
from client.engines.speech.leg import STEP_S, Job, Leg, Urgency
from client.engines.speech.whisper import Stretch

log = logging.getLogger(__name__)

BATCH = 4  # legs heard in one pass
SHARE = 0.8  # of the time may be spent hearing what still runs
SLOWEST_S = 3.0
MEMORY = 0.7  # weight of earlier passes in the present pace

Hear = Callable[[Sequence[Stretch]], list[Hearing]]


class Pace:
    """How much new audio a running utterance needs before it is heard again.

    A pass that takes long (many legs, a busy machine) makes the next ones rarer, so that passes never pile up.
    """

    def __init__(self) -> None:
        self._pass_s = 0.0

    @property
    def step_s(self) -> float:
        """Seconds of new audio between passes."""
        return min(SLOWEST_S, max(STEP_S, self._pass_s / SHARE))

    def took(self, seconds: float) -> None:
        """A pass took so long, on the wall's clock."""
        self._pass_s = MEMORY * self._pass_s + (1 - MEMORY) * seconds if self._pass_s else seconds


class Ears:
    """Attributes: `pace` — the present partial rate; `passes` — how many there were."""

    def __init__(self, legs: Mapping[str, Leg], hear: Hear, tell: Callable[[Telling], None]) -> None:
        self.pace = Pace()
        self.passes = 0
        self._legs = legs
        self._hear = hear
        self._tell = tell
        self._wake = asyncio.Event()
        self._passed = asyncio.Condition()
        self._thread = ThreadPoolExecutor(1, "hearing")

    def wake(self) -> None:
        """There is new audio."""
        self._wake.set()

    async def drained(self, leg: Leg) -> None:
        """Wait until nothing of `leg` is left to be heard."""
        async with self._passed:
            await self._passed.wait_for(lambda: leg.idle)

    async def listen(self) -> None:
        """Hear until cancelled."""
        try:
            while True:
                chosen = self._choose()
                if chosen:
                    await self._pass(chosen)
                else:
                    self._wake.clear()
                    await self._wake.wait()
        finally:
            self._thread.shutdown(wait=False, cancel_futures=True)

    def _choose(self) -> list[tuple[Leg, Job]]:
        """The most urgent jobs, as many as fit one pass."""
        for leg in self._legs.values():
            leg.step_s = self.pace.step_s
        ready = sorted(
            (urgency, -leg.waiting_s(), leg.name)
            for leg in self._legs.values()
            if (urgency := leg.urgency()) is not None
        )
        if not ready:
            return []
        legs = [self._legs[name] for _, _, name in ready[:BATCH]]
        return [(leg, job) for leg in legs if (job := leg.next_job()) is not None]

    async def _pass(self, chosen: Sequence[tuple[Leg, Job]]) -> None:
        started = time.monotonic()
        stretches = [job.stretch for _, job in chosen]
        try:
            hearings = await asyncio.get_running_loop().run_in_executor(self._thread, self._hear, stretches)
        except RuntimeError:  # ctranslate2's only error; one broken pass must not end the captions of all legs
            log.exception("a pass failed")
            await self._told(telling for leg, job in chosen for telling in leg.failed(job))
            return
        self.passes += 1
        if any(job.urgency is Urgency.RUNNING for _, job in chosen):
            self.pace.took(time.monotonic() - started)
        heard = zip(chosen, hearings, strict=True)
        await self._told(telling for (leg, job), hearing in heard for telling in leg.done(job, hearing))

    async def _told(self, tellings: Iterable[Telling]) -> None:
        for telling in tellings:
            self._tell(telling)
        async with self._passed:
            self._passed.notify_all()
