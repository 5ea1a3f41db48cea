"""Pictures between two processes: three places in shared memory, the newest wins, nobody waits for anybody.

Each place has its number written last and checked again after reading: a reader that was overtaken looks once more.
A size is bound at creation; smaller pictures take less of a place.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

from client import platform

PLACES = 3
LARGEST = (1280, 720)
PIXEL = 4  # bytes: blue, green, red, unused
_HEAD = struct.Struct("<4sI")  # mark, bytes of one place
_PLACE = struct.Struct("<QIIqI")  # number, width, height, at_ms, bytes
MARK = b"IPR1"
_PAD = 64


@dataclass(frozen=True, slots=True)
class RingPicture:
    """One picture as it stood in the ring; `pixels` are a copy."""

    number: int
    width: int
    height: int
    at_ms: int
    pixels: bytes


def ring_file(directory: Path, call: str) -> Path:
    """Where a source's ring stands, beside the engine's endpoint file: "" is the agent's camera, else a citizen's call."""
    return directory / f"video-{call or 'camera'}.ring"


def _place_bytes(largest: tuple[int, int]) -> int:
    return _PAD + largest[0] * largest[1] * PIXEL


class PictureWriter:
    """The engine's end. `file` names the ring; it is made anew and removed by `close`."""

    def __init__(self, file: Path, largest: tuple[int, int] = LARGEST) -> None:
        self._file = file
        self._bytes = _place_bytes(largest)
        self._memory = platform.SharedMemory(file, _PAD + PLACES * self._bytes, create=True)
        _HEAD.pack_into(self._memory.buffer, 0, MARK, self._bytes)
        self._number = 0

    def put(self, width: int, height: int, at_ms: int, pixels: bytes | memoryview) -> None:
        """Show a picture; one that is larger than the ring raises `ValueError`."""
        size = len(pixels)
        if size != width * height * PIXEL or size > self._bytes - _PAD:
            raise ValueError(f"a picture of {width}×{height} does not fit")
        self._number += 1
        start = _PAD + (self._number % PLACES) * self._bytes
        buffer = self._memory.buffer
        _PLACE.pack_into(buffer, start, 0, width, height, at_ms, size)
        buffer[start + _PAD : start + _PAD + size] = pixels
        _PLACE.pack_into(buffer, start, self._number, width, height, at_ms, size)

    def close(self) -> None:
        """Nothing more is shown."""
        self._memory.close()


class PictureReader:
    """The desk's end. Raises `OSError` where there is no such ring (yet)."""

    def __init__(self, file: Path) -> None:
        self._memory = platform.SharedMemory(file, 0, create=False)
        mark, self._bytes = _HEAD.unpack_from(self._memory.buffer, 0)
        if mark != MARK or len(self._memory.buffer) < _PAD + PLACES * self._bytes:
            self._memory.close()
            raise OSError(f"{file} is no picture ring")

    def newest(self, after: int = 0) -> RingPicture | None:
        """The newest picture if its number is above `after`."""
        for _ in range(PLACES):
            number, start = max(
                (_PLACE.unpack_from(self._memory.buffer, start)[0], start)
                for start in range(_PAD, _PAD + PLACES * self._bytes, self._bytes)
            )
            if number <= after:
                return None
            if (picture := self._read(number, start)) is not None:
                return picture
        return None

    def _read(self, number: int, start: int) -> RingPicture | None:
        _, width, height, at_ms, size = _PLACE.unpack_from(self._memory.buffer, start)
        if size != width * height * PIXEL or size > self._bytes - _PAD:
            return None
        pixels = bytes(self._memory.buffer[start + _PAD : start + _PAD + size])
        if _PLACE.unpack_from(self._memory.buffer, start)[0] != number:
            return None
        return RingPicture(number, width, height, at_ms, pixels)

    def close(self) -> None:
        """Let go."""
        self._memory.close()
