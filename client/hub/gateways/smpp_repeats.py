"""Whether a message that looks like an earlier one is that one, sent again, or the citizen's same words once more.

deliver_sm has no id (SMPP 3.4, 4.6.1). An SMSC sends it again where our answer did not reach it: the connection broke
around it, it came later than the SMSC waits, it was an error, or this hub died. Only then is the same content within
ten minutes the same message; otherwise it is a new one: somebody who writes "네" twice has written twice.

So the id is made of the content and of the five minutes in which it came first. What is remembered here tells repetitions
from new messages; what the inbox keeps (`fresh`) does so over the death of the hub. The price, knowingly: the same words
within ten minutes, the first before a restart and the second after it, are shown once.
"""

from __future__ import annotations

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from client.hub.gateways.gateway import Inbox

SPAN_S = 300.0  # SMSCs try again after seconds to a few minutes (assumed)
LATE_S = (
    5.0  # an answer after more may have found that the SMSC no longer waited for it (assumed: they wait 10 s or more)
)
AT_MOST = 20_000


class Link(Protocol):
    """A connection: `heard` — when something last came over it, in the monotonic clock's seconds."""

    heard: float


@dataclass(slots=True)
class _Came:
    id: str
    link: Link
    at: float
    answered: float | None = None
    number: int = 0


class Repeats:
    """Ids for what came. `now` is the wall clock, `clock` the monotonic one, both in seconds."""

    def __init__(
        self, gateway: str, now: Callable[[], float] = time.time, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._gateway = gateway
        self._now = now
        self._clock = clock
        self._begun = clock()
        self._came: OrderedDict[str, _Came] = OrderedDict()

    async def id_of(self, content: bytes, link: Link, at: float, inbox: Inbox) -> str:
        """The message's id; `at` — when it was read off `link`, by `clock`. Raises as the inbox."""
        key = hashlib.sha256(content).hexdigest()[:40]
        self._forget()
        before = self._came.get(key)
        if before is not None and not _is_new(before, link, at):
            before.answered, before.link, before.at = None, link, at
            return before.id
        number = 0 if before is None else before.number + 1
        id_ = await self._first(key, inbox) if before is None else f"{key}-{int(self._now() // SPAN_S)}-{number}"
        self._came[key] = _Came(id_, link, at, number=number)
        self._came.move_to_end(key)
        return id_

    def answered(self, content: bytes) -> None:
        """It is stored, and the SMSC was told so."""
        came = self._came.get(hashlib.sha256(content).hexdigest()[:40])
        if came is not None:
            came.answered = self._clock()

    async def _first(self, key: str, inbox: Inbox) -> str:
        """Nothing like it is remembered: it is new, unless an earlier process had it before it ended."""
        span = int(self._now() // SPAN_S)
        current, earlier = f"{key}-{span}-0", f"{key}-{span - 1}-0"
        if not await inbox.fresh(self._gateway, current, 2 * SPAN_S):
            return current
        if self._clock() - self._begun < 2 * SPAN_S and not await inbox.fresh(self._gateway, earlier, 2 * SPAN_S):
            return earlier
        return current

    def _forget(self) -> None:
        old = self._clock() - 2 * SPAN_S
        while self._came:
            key, came = next(iter(self._came.items()))
            if came.at > old and len(self._came) < AT_MOST:
                return
            del self._came[key]


def _is_new(before: _Came, link: Link, at: float) -> bool:
    """The SMSC had no reason to send the earlier one again."""
    if before.answered is None:
        return False
    if before.link is link:
        late = before.answered - before.at > LATE_S
        return not late or at - before.at < LATE_S
    return before.answered - before.at <= LATE_S and before.link.heard > before.answered
