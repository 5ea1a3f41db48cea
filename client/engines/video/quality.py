"""How the last second was, from counters that only grow."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

from client.domain.video import VideoQuality
from client.engines.video.far_picture import FarPicture
from client.engines.video.peer import Figures
from client.engines.voice.meter import Meter

SMALLEST_KEPT_S = 30  # the least lag of the last half minute is taken for the way without any queue


class QualityWatch:
    """Looks once a second."""

    def __init__(self, call: str, now: Callable[[], float] = time.monotonic) -> None:
        self._call = call
        self._now = now
        self._at = now()
        self._before = Figures()
        self._sent = 0
        self._lags: list[float] = []
        self._least: deque[float] = deque(maxlen=SMALLEST_KEPT_S)

    def begin(self, figures: Figures) -> None:
        """Another connection counts from now on."""
        self._before, self._at, self._sent = figures, self._now(), 0
        self._lags.clear()
        self._least.clear()

    def lag(self, seconds: float) -> None:
        """A picture was shown so long after the sender's clock; the clocks differ by something that does not change."""
        self._lags.append(seconds)

    def look(
        self, figures: Figures, picture: FarPicture, sent: int, meter: Meter, offset_s: float | None
    ) -> VideoQuality:
        """The telling for the time since the last look."""
        now, before = self._now(), self._before
        seconds = max(now - self._at, 0.001)
        expected = figures.expected - before.expected
        lost = expected - (figures.received - before.received)
        told = VideoQuality(
            call=self._call,
            fps_in=round(picture.counted() / seconds, 1),
            fps_out=round(max(0, sent - self._sent) / seconds, 1),
            delay_ms=round((figures.round_trip_s / 2 + self._queued()) * 1000, 1),
            loss=round(min(1.0, max(0.0, lost / expected)), 4) if expected > 0 else 0.0,
            kbps_in=round((figures.octets_in - before.octets_in) * 8 / 1000 / seconds, 1),
            kbps_out=round((figures.octets_out - before.octets_out) * 8 / 1000 / seconds, 1),
            width=picture.width,
            height=picture.height,
            level=round(meter.take()[0], 3),
            av_offset_ms=round((offset_s or 0.0) * 1000, 1),
        )
        self._before, self._at, self._sent = figures, now, sent
        return told

    def _queued(self) -> float:
        """What pictures of the last second waited beyond the quickest of the last half minute."""
        if not self._lags:
            return 0.0
        self._least.append(min(self._lags))
        mean = sum(self._lags) / len(self._lags)
        self._lags.clear()
        return mean - min(self._least)
