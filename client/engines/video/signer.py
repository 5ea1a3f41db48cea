"""A drawn person whose hands never rest: the camera of tests and of practice, where there is no other.

With `IEUM_PICTURE_CLOCK` set, each picture carries the machine's milliseconds in blocks (`clock_code`), for benchmarks.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Iterator

import av

from client.engines.video.drawing import Canvas

FPS = 30
CLOCK = "IEUM_PICTURE_CLOCK"
WALL, COAT, SKIN, HAIR, DARK = (168, 122, 130), (84, 142, 116), (170, 112, 152), (44, 126, 132), (30, 128, 128)


class Signer:
    """Draws moments; what does not move is drawn once."""

    def __init__(self, width: int, height: int) -> None:
        self._unit = height / 24
        self._middle = width / 2
        self._still = Canvas(width, height, WALL)
        unit, x = self._unit, self._middle
        self._still.ellipse(x, unit * 24, unit * 7, unit * 10, COAT)
        self._still.ellipse(x, unit * 7, unit * 3, unit * 3.8, HAIR)
        self._still.ellipse(x, unit * 7.6, unit * 2.6, unit * 3.3, SKIN)
        for side in (-1, 1):
            self._still.ellipse(x + side * unit, unit * 7.2, unit * 0.3, unit * 0.35, DARK)
        self._still.box(x - unit * 0.8, unit * 9.2, unit * 1.6, unit * 0.3, DARK)

    def draw(self, seconds: float) -> Canvas:
        """The person at a time."""
        canvas = self._still.copy()
        unit = self._unit
        for side, beat in ((-1, 2.3), (1, 3.1)):
            x = self._middle + side * unit * (3.5 + 2 * math.cos(seconds * beat))
            y = unit * (14.5 + 2.5 * math.sin(seconds * beat * 1.3 + side))
            self._hand(canvas, x, y, side, seconds)
        return canvas

    def _hand(self, canvas: Canvas, x: float, y: float, side: int, seconds: float) -> None:
        unit = self._unit
        canvas.line((self._middle + side * unit * 6, unit * 19), (x, y), unit * 1.6, COAT)
        canvas.ellipse(x, y, unit * 1.1, unit * 1.2, SKIN)
        spread = 0.35 + 0.25 * math.sin(seconds * 5 + side)
        for finger in range(4):
            angle = -math.pi / 2 + (finger - 1.5) * spread
            tip = (x + 2 * unit * math.cos(angle), y + 2 * unit * math.sin(angle))
            canvas.line((x, y), tip, unit * 0.5, SKIN)


def signing(width: int, height: int) -> Iterator[av.VideoFrame]:
    """The signer in real time, 30 pictures a second; blocks between them, so it has its own thread."""
    signer, clock = Signer(width, height), bool(os.environ.get(CLOCK))
    due = time.monotonic()
    while True:
        due = max(due + 1 / FPS, time.monotonic() - 1 / FPS)
        time.sleep(max(0.0, due - time.monotonic()))
        canvas = signer.draw(time.monotonic())
        if clock:
            _stamp(canvas)
        yield canvas.frame()


def _stamp(canvas: Canvas) -> None:
    from client.engines.video import clock_code

    clock_code.encode(canvas.planes[0], time.time_ns() // 1_000_000)
    for plane in canvas.planes[1:]:
        plane[: canvas.height // 8] = 128
