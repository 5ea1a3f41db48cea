"""How a provider does, read off its last answers: nothing is asked for the sake of knowing it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from statistics import median

from client.hub.gateways.gateway import Health

KEPT = 20  # answers; older ones say nothing of now
DOWN_AFTER = 3  # the last so many all without success
BAD_SHARE = 0.2
SLOW_S = 3.0  # in the middle


@dataclass(frozen=True, slots=True)
class _Outcome:
    good: bool
    seconds: float
    reason: str


class HealthWatch:
    """Takes the outcome of every request; `health` sums up the last `KEPT`. The thresholds are assumed, not measured."""

    def __init__(self) -> None:
        self._last: deque[_Outcome] = deque(maxlen=KEPT)

    def good(self, seconds: float) -> None:
        """It answered as it should, after `seconds`."""
        self._last.append(_Outcome(True, seconds, ""))

    def refused(self, reason: str, seconds: float) -> None:
        """It refused a message with 4xx: the message's fault, unless the reason begins with 401 or 403 (the account's)."""
        if reason[:3] in ("401", "403"):
            self.bad(f"it refuses the account ({reason[:3]})", seconds)
        else:
            self.good(seconds)

    def bad(self, reason: str, seconds: float) -> None:
        """It did not answer, or not as it should. Only what is before a colon and a status is kept of `reason`."""
        kept = reason[:3] if reason[:3].isdigit() else reason.partition(":")[0]
        self._last.append(_Outcome(False, seconds, kept))

    def health(self) -> Health:
        """`down`: the last three all failed; `slow`: a fifth failed or the middle took more than 3 s; else `good`."""
        failed = [outcome for outcome in self._last if not outcome.good]
        recent = list(self._last)[-DOWN_AFTER:]
        if len(recent) == DOWN_AFTER and not any(outcome.good for outcome in recent):
            return Health(state="down", reason=recent[-1].reason)
        if self._last and len(failed) >= BAD_SHARE * len(self._last):
            return Health(state="slow", reason=f"{len(failed)} of {len(self._last)} failed, last {failed[-1].reason}")
        if self._last and (middle := median(outcome.seconds for outcome in self._last)) > SLOW_S:
            return Health(state="slow", reason=f"it answers after {middle:.1f} s")
        return Health()
