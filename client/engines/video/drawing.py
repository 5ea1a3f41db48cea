"""Plain shapes drawn into pictures of planes: the privacy card and the synthetic signer are made of them."""

from __future__ import annotations

from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.uint8]
Grid = NDArray[np.float32]
Place = tuple[float, float]
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

    def line(self, start: Place, end: Place, thick: float, colour: Colour) -> None:
        """A line with round ends."""
        for number, plane in enumerate(self.planes):
            scale = 1 if number == 0 else 2
            _line(plane, _scaled(start, scale), _scaled(end, scale), thick / scale / 2, colour[number])

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


def _scaled(place: Place, scale: int) -> Place:
    return place[0] / scale, place[1] / scale


def _box(plane: Plane, left: float, top: float, right: float, bottom: float) -> tuple[Plane, Grid, Grid]:
    """(that part of a plane, the places of its columns, of its rows)."""
    rows = slice(max(0, int(top)), max(0, min(plane.shape[0], int(bottom) + 1)))
    columns = slice(max(0, int(left)), max(0, min(plane.shape[1], int(right) + 1)))
    x = np.arange(columns.start, max(columns.start, columns.stop), dtype=np.float32)[None, :]
    y = np.arange(rows.start, max(rows.start, rows.stop), dtype=np.float32)[:, None]
    return plane[rows, columns], x, y


def _ellipse(plane: Plane, x: float, y: float, rx: float, ry: float, value: int) -> None:
    part, across, down = _box(plane, x - rx, y - ry, x + rx, y + ry)
    part[((across - x) / rx) ** 2 + ((down - y) / ry) ** 2 <= 1] = value


def _line(plane: Plane, start: Place, end: Place, radius: float, value: int) -> None:
    """Whatever is nearer to the stretch between two places than `radius`."""
    (ax, ay), (bx, by) = start, end
    part, x, y = _box(plane, min(ax, bx) - radius, min(ay, by) - radius, max(ax, bx) + radius, max(ay, by) + radius)
    dx, dy = bx - ax, by - ay
    along = np.clip(((x - ax) * dx + (y - ay) * dy) / max(dx * dx + dy * dy, 1e-6), 0, 1)
    part[(x - ax - along * dx) ** 2 + (y - ay - along * dy) ** 2 <= radius * radius] = value
