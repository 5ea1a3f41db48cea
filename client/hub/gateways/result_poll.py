"""Asking a provider what became of accepted messages, where it does not tell by itself: bounded and backed off."""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import itertools
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from client.domain.session_log import LogRefused
from client.hub.database import StoreFull
from client.hub.gateways.gateway import Inbox, NotNow, Receipt, Rejected, Unanswered

log = logging.getLogger(__name__)

FIRST_S = 5.0
MOST_S = 600.0
GIVEN_UP_S = 86_400.0  # a carrier tries a day at most (assumed); then the message stays accepted
AT_MOST = 10_000  # messages watched; each is a few hundred bytes


@dataclass(frozen=True, slots=True, order=True)
class _Watched:
    due: float
    order: int
    provider: str
    since: float
    wait_s: float


Ask = Callable[[str], Awaitable[Receipt | None]]
"""By the provider's id: the receipt, or None while nothing is decided. May raise `NotNow`, `Rejected` and `Unanswered`."""


class ResultPoll:
    """One question at a time; each message after 5, 10, 20 … seconds, at most 10 minutes apart, for a day."""

    def __init__(self, gateway: str, ask: Ask, *, first_s: float = FIRST_S) -> None:
        self._gateway = gateway
        self._ask = ask
        self._first_s = first_s
        self._watched: list[_Watched] = []
        self._numbers = itertools.count()
        self._more = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def watched(self) -> int:
        """How many messages it still asks for."""
        return len(self._watched)

    def start(self, inbox: Inbox) -> None:
        """Begin; what `watch` was told before is asked for too."""
        self._task = asyncio.create_task(self._run(inbox), name=f"results of {self._gateway}")

    async def stop(self) -> None:
        """End at once."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait([task])

    def watch(self, provider: str) -> None:
        """Ask for the message with the provider's id `provider` until it is decided."""
        if len(self._watched) >= AT_MOST:
            log.warning("%s: %d messages await their results, no more are watched", self._gateway, AT_MOST)
            return
        now = _now()
        self._put(_Watched(now + self._first_s, next(self._numbers), provider, now, self._first_s))

    def _put(self, watched: _Watched) -> None:
        heapq.heappush(self._watched, watched)
        self._more.set()

    async def _run(self, inbox: Inbox) -> None:
        while True:
            await self._until_due()
            watched = self._watched[0]
            decided = await self._decided(inbox, watched.provider)
            heapq.heappop(
                self._watched
            )  # only now: being ended while asking loses nothing; what came meanwhile is due later
            if not decided:
                self._again(watched)

    async def _until_due(self) -> None:
        while not self._watched or self._watched[0].due > _now():
            self._more.clear()
            wait = self._watched[0].due - _now() if self._watched else None
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait):  # not `wait_for`: that may swallow a cancellation (Python 3.11)
                    await self._more.wait()

    async def _decided(self, inbox: Inbox, provider: str) -> bool:
        try:
            receipt = await self._ask(provider)
            if receipt is not None:
                await inbox.receipt(self._gateway, receipt)
        except (NotNow, Rejected, Unanswered, LogRefused, StoreFull) as problem:
            log.info("%s: a result is not known yet: %s", self._gateway, type(problem).__name__)
            return False
        return receipt is not None

    def _again(self, watched: _Watched) -> None:
        now, wait = _now(), min(watched.wait_s * 2, MOST_S)
        if now - watched.since > GIVEN_UP_S:
            log.warning("%s: a message has no result after a day, it stays accepted", self._gateway)
            return
        self._put(_Watched(now + wait, watched.order, watched.provider, watched.since, wait))


def _now() -> float:
    return asyncio.get_running_loop().time()
