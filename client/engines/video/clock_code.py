"""A clock in the picture: milliseconds as big black and white squares, so that who sees the picture knows when it was made.

Sixteen columns and three rows of cells in the top quarter: a fixed mark and a CRC-8 of the time (first row), then 32 bits of
milliseconds since 1970, most significant first (the other two). A cell is 40 × 40 pixels at 640 × 480, which no codec blurs at
rates that show signing; a picture that is torn, blended or has no clock gives None. The benchmark's browser draws and
reads the same code (`client/bench/video_page.js`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

COLUMNS, ROWS = 16, 3
PART = 4  # the code takes the top fourth of the picture
MARK = 0b10110010
BITS = 32  # 49 days, then it begins anew
DARK, LIGHT = 96, 160  # between them a cell is neither
POLYNOMIAL = 0x07

Frame = NDArray[np.uint8]


def encode(frame: Frame, ms: int) -> None:
    """Draw the time into a picture, in place. `frame`: rows × columns, with or without channels (grey, BGR, BGRA)."""
    height, width = _size(frame)
    cells = (np.array(_bits(ms), dtype=np.uint8) * 255).reshape(ROWS, COLUMNS)
    squares = cells.repeat(height, axis=0).repeat(width, axis=1)
    frame[: ROWS * height, : COLUMNS * width] = squares if frame.ndim == 2 else squares[..., None]  # noqa: PLR2004


def decode(frame: Frame) -> int | None:
    """The milliseconds (modulo 2³²) in a picture, or None if they cannot be read for certain."""
    height, width = _size(frame)
    if not height or not width:
        return None
    strip = frame[: ROWS * height, : COLUMNS * width]
    grey = strip if strip.ndim == 2 else strip[..., 1]  # noqa: PLR2004 — green: there in BGR, BGRA and RGB alike
    cells = grey.reshape(ROWS, height, COLUMNS, width)[
        :, height // 4 : height - height // 4, :, width // 4 : width - width // 4
    ]
    return _read(cells.mean(axis=(1, 3)).ravel())


def age_ms(now_ms: int, stamp: int) -> int:
    """How old a stamp is, with its 32 bits in mind; negative if it lies in the future."""
    return (now_ms - stamp + (1 << (BITS - 1))) % (1 << BITS) - (1 << (BITS - 1))


def _size(frame: Frame) -> tuple[int, int]:
    """(height, width) of a cell."""
    return frame.shape[0] // PART // ROWS, frame.shape[1] // COLUMNS


def _bits(ms: int) -> list[int]:
    ms %= 1 << BITS
    head = MARK << 8 | _check(ms)
    return [*_split(head, COLUMNS), *_split(ms, BITS)]


def _split(value: int, count: int) -> list[int]:
    return [value >> place & 1 for place in reversed(range(count))]


def _read(means: NDArray[np.float64]) -> int | None:
    if np.any((means > DARK) & (means < LIGHT)):
        return None
    value = 0
    for bit in means >= LIGHT:
        value = value << 1 | int(bit)
    head, ms = value >> BITS, value & ((1 << BITS) - 1)
    return ms if head == (MARK << 8 | _check(ms)) else None


def _check(ms: int) -> int:
    """CRC-8 (polynomial x⁸ + x² + x + 1) of the four bytes."""
    rest = 0
    for byte in ms.to_bytes(BITS // 8, "big"):
        rest ^= byte
        for _ in range(8):
            rest = (rest << 1 ^ POLYNOMIAL if rest & 0x80 else rest << 1) & 0xFF
    return rest
