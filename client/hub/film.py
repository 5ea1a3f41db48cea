"""What a recorded video really is, by its container alone: a WebM or MP4 with a picture, and how long it runs.

Nothing is decoded here: that is the video engine's, in a process of its own. Sizes are walked over, never believed.
RFC 8794 (EBML), RFC 9559 (Matroska), ISO/IEC 14496-12 (boxes).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from client.domain.codec import BadInput

WEBM, MP4 = "video/webm", "video/mp4"
MOST_PARTS = 200_000  # elements or boxes that are looked at
MOST_READ = 4_096  # bytes of one element that is read whole
NAME_BYTES = 4  # of a box's kind

_EBML, _DOCTYPE, _SEGMENT, _CLUSTER = 0x1A45DFA3, 0x4282, 0x18538067, 0x1F43B675
_TRACKS, _TRACK, _CODEC, _INFO, _SCALE, _DURATION = 0x1654AE6B, 0xAE, 0x86, 0x1549A966, 0x2AD7B1, 0x4489
_TIME, _BLOCK, _GROUP, _INNER = 0xE7, 0xA3, 0xA0, 0xA1
_OPENED = (_EBML, _SEGMENT, _CLUSTER, _TRACKS, _TRACK, _INFO, _GROUP)
_READ = (_DOCTYPE, _CODEC, _SCALE, _TIME)
_PICTURES = (b"V_VP8", b"V_VP9", b"V_AV1", b"V_MPEG4/ISO/AVC")
_BOXES = (b"moov", b"trak", b"mdia")


@dataclass(frozen=True, slots=True)
class Film:
    """`seconds` is 0 where the container does not say."""

    media_type: str
    seconds: float


def look(file: Path) -> Film:
    """What a file is; `BadInput` on `file` says why it is refused. For a thread: it reads."""
    with file.open("rb") as data:
        size = data.seek(0, os.SEEK_END)
        data.seek(0)
        begin = data.read(12)
        data.seek(0)
        if begin[:4] == b"\x1aE\xdf\xa3":
            return Film(WEBM, _webm(data, size))
        if begin[4:8] == b"ftyp":
            return Film(MP4, _mp4(data, size))
    raise BadInput("file", "is no WebM and no MP4")


# ── WebM ─────────────────────────────────────────────────────────────────────────────────────────


def _webm(data: BinaryIO, size: int) -> float:
    kind, codecs, clusters = b"", set[bytes](), 0
    scale, base, last = 1_000_000, 0, 0
    for name, value in _elements(data, size):
        if name == _DOCTYPE:
            kind = value.rstrip(b"\0")
        elif name == _CODEC:
            codecs.add(value.rstrip(b"\0"))
        elif name == _SCALE:
            scale = int.from_bytes(value, "big")
        elif name == _TIME:
            base, clusters = int.from_bytes(value, "big"), clusters + 1
        elif name in (_BLOCK, _INNER):
            last = max(last, base + int.from_bytes(value, "big", signed=True))
    if kind not in (b"webm", b"matroska"):
        raise BadInput("file", "is no WebM")
    if not codecs.intersection(_PICTURES) or not clusters:
        raise BadInput("file", "has no picture in it")
    return last * scale / 1e9


def _elements(data: BinaryIO, size: int) -> Iterator[tuple[int, bytes]]:
    """(id, value) of what matters; of a block its time alone. A recorder leaves sizes open, and the end may be cut."""
    for _ in range(MOST_PARTS):
        name, length = _vint(data, keep=True), _vint(data, keep=False)
        if name is None or length is None:
            return
        here = data.tell()
        if name in _OPENED:
            continue
        if length < 0 or here + length > size:
            if name in (_BLOCK, _INNER):
                return  # the last picture was cut off
            raise BadInput("file", "is damaged")
        if name in _READ:
            yield name, data.read(min(length, MOST_READ))
        elif name in (_BLOCK, _INNER):
            _vint(data, keep=False)  # the track's number
            yield name, data.read(2)
        data.seek(here + length)
    raise BadInput("file", "has too many parts")


def _vint(data: BinaryIO, *, keep: bool) -> int | None:
    """A number of variable length, with its marker (`keep`, an id) or without; -1: unknown size; None: the end."""
    first = data.read(1)
    if not first:
        return None
    width = 9 - first[0].bit_length()
    rest = data.read(width - 1) if width <= 8 else b""  # noqa: PLR2004 — RFC 8794, 4.1
    if width > 8 or len(rest) < width - 1:  # noqa: PLR2004
        return None
    value = int.from_bytes(first + rest, "big")
    if keep:
        return value
    plain = value & ((1 << 7 * width) - 1)
    return -1 if plain == (1 << 7 * width) - 1 else plain


# ── MP4 ──────────────────────────────────────────────────────────────────────────────────────────


def _mp4(data: BinaryIO, size: int) -> float:
    seconds, picture, media, whole = 0.0, False, False, False
    for name, value in _boxes(data, 0, size):
        if name == b"mvhd":
            seconds, whole = _duration(value), True
        elif name == b"hdlr":
            picture = picture or value[8:12] == b"vide"
        elif name in (b"mdat", b"moof"):
            media = True
    if not (picture and media and whole):
        raise BadInput("file", "has no picture in it")
    return seconds


def _boxes(data: BinaryIO, start: int, end: int, seen: list[int] | None = None) -> Iterator[tuple[bytes, bytes]]:
    """(kind, beginning) of every box that matters, the inner ones too."""
    seen = [0] if seen is None else seen
    while start + 8 <= end:
        seen[0] += 1
        if seen[0] > MOST_PARTS:
            raise BadInput("file", "has too many parts")
        data.seek(start)
        head = data.read(16)
        length, name, at = int.from_bytes(head[:4], "big"), head[4:8], 8
        if length == 1:
            length, at = int.from_bytes(head[8:16], "big"), 16
        length = end - start if length == 0 else length
        if length < at or (start + length > end and name != b"mdat"):
            raise BadInput("file", "is damaged")
        if name in _BOXES:
            yield from _boxes(data, start + at, start + length, seen)
        else:
            data.seek(start + at)
            yield name, data.read(min(length - at, 32))
        start += length


def _duration(value: bytes) -> float:
    """Of `mvhd`, in either of its versions; 0 where it is told by its fragments."""
    long = value[:1] == b"\1"
    scale = int.from_bytes(value[20:24] if long else value[12:16], "big")
    length = int.from_bytes(value[24:32] if long else value[16:20], "big")
    unknown = length in (0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF)
    return 0.0 if not scale or unknown else length / scale
