"""Keeping sound and picture together (EN 301 549, 6.5.4: no more than 100 ms apart).

Both are dated on the sender's clock by RTCP (RFC 3550, 6.4.1). What is early waits: sound for a slow picture as long as it takes within
reason, the picture for the sound hardly at all, because a conversation in signs lives on a short delay.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from client.engines.video.far_sound import MOST_S

PICTURE_MOST_S = 0.06
NEAR_S = 0.03  # closer than that nobody sees
BEHIND_S = 0.06  # sound may be so late before a picture waits for it
STEP_S, STEP_MOST_S = 0.01, 0.04  # a second
AGE = 0.9


@dataclass(slots=True)
class Lips:
    """`offset_s` — how much later the picture is than its sound, smoothed; None while either is not known."""

    offset_s: float | None = None

    def seen(self, picture_lag_s: float, sound_lag_s: float | None) -> None:
        """A picture is shown: its lag behind the sender's clock, and that of the sound that is given out now."""
        if sound_lag_s is None:
            return
        now = picture_lag_s - sound_lag_s
        self.offset_s = now if self.offset_s is None else AGE * self.offset_s + (1 - AGE) * now

    def sound_wait(self, wait_s: float, least_s: float) -> float:
        """How long sound should wait from now on, a small step nearer to where it belongs; `least_s` for the network."""
        if self.offset_s is None or abs(self.offset_s) < NEAR_S:
            return max(wait_s, least_s)
        return min(MOST_S, max(least_s, wait_s + self._step()))

    def picture_wait(self, wait_s: float, sound_wait_s: float, least_s: float) -> float:
        """How long pictures should wait: only once sound waits no longer than it must and is still behind."""
        if self.offset_s is None or (self.offset_s < -BEHIND_S and sound_wait_s > least_s):
            return wait_s
        if self.offset_s < -BEHIND_S:
            return min(PICTURE_MOST_S, wait_s - self._step())
        return max(0.0, wait_s - STEP_S) if self.offset_s > -NEAR_S else wait_s

    def _step(self) -> float:
        """Half the way, in small steps; positive where the picture is late."""
        offset = self.offset_s or 0.0
        return math.copysign(min(STEP_MOST_S, max(STEP_S, abs(offset) / 2)), offset)
