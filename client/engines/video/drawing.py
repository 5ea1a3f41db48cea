"""Plain shapes drawn into pictures of planes: the privacy card and the synthetic signer are made of them."""

from __future__ import annotations

from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.uint8]
Colour = tuple[int, int, int]
"""Luma and the two chromas (BT.601, 16–235)."""


class Canvas:
    """A YUV 4:2:0 picture that shapes are drawn into; sizes and places in luma pixels."""

    def __init__(self, width: int, height: int, ground: Colour) -> None:
        self.width, self.height = width, height
        self.planes: list[Plane] = [
            np.full((height, width), ground[0], np.uint8),
            np.full((height // 2, width // 2), ground[1], np.uint8),
            np.full((height // 2, width // 2), ground[2], np.uint8),
        ]

    def copy(self) -> Canvas:
        """The same picture once more."""
        made = Canvas.__new__(Canvas)
        made.width, made.height = self.width, self.height
        made.planes = [plane.copy() for plane in self.planes]
        return made

    def ellipse(self, x: float, y: float, rx: float, ry: float, colour: Colour) -> None:
        """A filled ellipse."""
        for number, plane in enumerate(self.planes):
            scale = 1 if number == 0 else 2
            _ellipse(plane, x / scale, y / scale, rx / scale, ry / scale, colour[number])

    def box(self, x: float, y: float, width: float, height: float, colour: Colour) -> None:
        """A filled rectangle."""
        for number, plane in enumerate(self.planes):
            scale = 1 if number == 0 else 2
            top, left = max(0, int(y / scale)), max(0, int(x / scale))
            plane[top : int((y + height) / scale), left : int((x + width) / scale)] = colour[number]

    def line(self, start: tuple[float, float], end: tuple[float, float], thick: float, colour: Colour) -> None:
        """A line of round dots."""
        steps = max(2, int(max(abs(end[0] - start[0]), abs(end[1] - start[1])) / (thick / 2)))
        for step in range(steps + 1):
            part = step / steps
            x, y = start[0] + (end[0] - start[0]) * part, start[1] + (end[1] - start[1]) * part
            self.ellipse(x, y, thick / 2, thick / 2, colour)

    def frame(self) -> av.VideoFrame:
        """As a frame to encode."""
        made = av.VideoFrame(self.width, self.height, "yuv420p")
        for plane, target in zip(self.planes, made.planes, strict=True):
            _fill(target, plane)
        return made


def _fill(target: Any, plane: Plane) -> None:
    rows, columns = plane.shape
    room = np.frombuffer(target, np.uint8).reshape(-1, target.line_size)
    room[:rows, :columns] = plane


def _ellipse(plane: Plane, x: float, y: float, rx: float, ry: float, value: int) -> None:
    top, bottom = max(0, int(y - ry)), min(plane.shape[0], int(y + ry) + 1)
    left, right = max(0, int(x - rx)), min(plane.shape[1], int(x + rx) + 1)
    if top >= bottom or left >= right:
        return
    down = (np.arange(top, bottom, dtype=np.float32)[:, None] - y) / ry
    across = (np.arange(left, right, dtype=np.float32)[None, :] - x) / rx
    plane[top:bottom, left:right][down * down + across * across <= 1] = value
