"""Decoded pictures for the screen: blue, green, red and a byte unused, into a ring."""

from __future__ import annotations

import math
import threading
import time
from typing import Any

import av
import numpy as np
from av.video.reformatter import VideoReformatter

from client.picture_ring import LARGEST, PIXEL, PictureWriter

_LARGEST = LARGEST[0] * LARGEST[1]
STEP = 8  # pixels
_OF_THREAD = threading.local()


def show(frame: av.VideoFrame, ring: PictureWriter, at_ms: int | None = None) -> None:
    """Put a picture into a ring, made smaller where it is larger than the ring; `at_ms` on the steady clock, else now."""
    width, height = shown_size(frame.width, frame.height)
    plane = _reformatter().reformat(frame, width=width, height=height, format="bgra").planes[0]
    ring.put(width, height, now_ms() if at_ms is None else at_ms, _rows(plane, width, height))


def shown_size(width: int, height: int) -> tuple[int, int]:
    """The size for a ring: of the same shape, no larger than it, and of a width that FFmpeg converts to its last column
    (its quick converter leaves out what is beyond a multiple of 8)."""
    scale = min(1.0, math.sqrt(_LARGEST / (width * height)))
    fitted = max(STEP, int(width * scale) // STEP * STEP)
    return fitted, max(2, round(height * fitted / width / 2) * 2)


def now_ms() -> int:
    """The engine's steady clock."""
    return time.monotonic_ns() // 1_000_000


def _reformatter() -> Any:
    """One a thread: it keeps what it has worked out for a size."""
    if not hasattr(_OF_THREAD, "reformatter"):
        _OF_THREAD.reformatter = VideoReformatter()
    return _OF_THREAD.reformatter


def _rows(plane: Any, width: int, height: int) -> memoryview | bytes:
    """Rows without what FFmpeg adds to their ends."""
    if plane.line_size == width * PIXEL and plane.buffer_size == width * height * PIXEL:
        return memoryview(plane)
    return np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[:height, : width * PIXEL].tobytes()
