"""The citizen's picture: counted, shown to the desk, kept for a snapshot."""

from __future__ import annotations

import asyncio
import fractions
import time
from collections import deque
from pathlib import Path

import av

from client.engines.server import EngineRefusal
from client.engines.video.pixels import now_ms, show
from client.picture_ring import PictureWriter

SEEN_S = 2.0  # without a picture for so long, none is seen


class FarPicture:
    """Attributes: `width`, `height` — of the newest picture; `delay_s` — how long pictures wait before they are shown."""

    def __init__(self, ring: Path) -> None:
        self.width = self.height = 0
        self.delay_s = 0.0
        self._file = ring
        self._ring: PictureWriter | None = None
        self._newest: av.VideoFrame | None = None
        self._count = 0
        self._came: deque[float] = deque(maxlen=2)
        self._hidden = False

    @property
    def seen(self) -> bool:
        """Pictures come."""
        return bool(self._came) and time.monotonic() - self._came[-1] < SEEN_S and not self._hidden

    def take(self, frame: av.VideoFrame) -> None:
        """A decoded picture came."""
        self._came.append(time.monotonic())
        self._count += 1
        self._newest = frame
        self.width, self.height = frame.width, frame.height
        if self._hidden:
            return
        if self.delay_s > 0.005:  # noqa: PLR2004 — less than that is not worth a timer
            asyncio.get_running_loop().call_later(self.delay_s, self._show, frame)
        else:
            self._show(frame)

    def hide(self, *, on: bool) -> None:
        """On hold nothing is shown."""
        self._hidden = on

    def counted(self) -> int:
        """Pictures since the last look."""
        count, self._count = self._count, 0
        return count

    def snapshot(self) -> bytes:
        """The newest picture as JPEG; raises `EngineRefusal`."""
        if self._newest is None or not self.seen:
            raise EngineRefusal("failed: no picture has come")
        return jpeg(self._newest)

    def close(self) -> None:
        """Nothing more is shown."""
        if self._ring is not None:
            self._ring.close()
        self._ring = self._newest = None
        self._hidden = True

    def _show(self, frame: av.VideoFrame) -> None:
        if self._hidden:
            return
        if self._ring is None:
            self._ring = PictureWriter(self._file)
        show(frame, self._ring, now_ms())


def jpeg(frame: av.VideoFrame) -> bytes:
    """One picture as JPEG, in its own size."""
    codec = av.CodecContext.create("mjpeg", "w")
    codec.width, codec.height, codec.pix_fmt = frame.width, frame.height, "yuvj420p"
    codec.time_base = fractions.Fraction(1, 30)
    codec.options = {"qmin": "2", "qmax": "4"}
    still = frame.reformat(format="yuvj420p")
    still.pts, still.time_base = 0, codec.time_base
    packets = [*codec.encode(still), *codec.encode(None)]
    return b"".join(bytes(packet) for packet in packets)
