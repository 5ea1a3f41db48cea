"""A compound file ([MS-CFB], the "OLE" container), read as far as its directory and its small streams."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from client.hub.attachments.clean import refused

HEADER = 512
ENTRY = 128
MINI = 64  # bytes of a sector of the mini stream
IN_HEADER = 109  # places of the FAT that the header names itself
ROOT = 5
STREAM = 2
LAST = 0xFFFFFFFA  # sector numbers above have other meanings (2.1)
MAX_ENTRIES = 20_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One directory entry (2.6.1): `kind` 1 storage, 2 stream, 5 root; `size` in bytes."""

    name: str
    kind: int
    start: int
    size: int


class Compound:
    """A compound file in memory; `entries` is its directory, flat. Raises `BadInput` where it is damaged."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        if len(data) < HEADER or (shift := self._u16(30)) not in (9, 12):
            raise _damaged()
        self._sector = 1 << shift
        self._cutoff = self._u32(56)
        self._fat = self._table(self._fat_sectors())
        directory = b"".join(self._chain(self._u32(48), MAX_ENTRIES * ENTRY // self._sector))
        self.entries = [entry for n in range(0, len(directory), ENTRY) if (entry := _entry(directory[n : n + ENTRY]))]
        self._mini_fat = self._table(self._sectors(self._u32(60)))
        self._mini = b""

    def read(self, entry: Entry, most: int) -> bytes:
        """A stream's bytes, at most `most`; a longer one is refused."""
        if entry.size > most:
            raise refused("is a document with a part larger than it should be")
        if entry.size < self._cutoff:
            return self._read_mini(entry)
        return b"".join(self._chain(entry.start, entry.size // self._sector + 1))[: entry.size]

    def _read_mini(self, entry: Entry) -> bytes:
        if not self._mini:
            root = next((entry for entry in self.entries if entry.kind == ROOT), None)
            self._mini = b"".join(self._chain(root.start, len(self._fat))) if root else b""
        parts: list[bytes] = []
        at = entry.start
        while at < LAST and len(parts) * MINI < entry.size:
            parts.append(self._mini[at * MINI : at * MINI + MINI])
            at = _next(self._mini_fat, at)
        return b"".join(parts)[: entry.size]

    def _fat_sectors(self) -> Iterator[int]:
        yield from (at for n in range(IN_HEADER) if (at := self._u32(76 + 4 * n)) < LAST)
        at, left = self._u32(68), len(self._data) // self._sector
        while at < LAST and left:
            places = struct.unpack(f"<{self._sector // 4}I", self._at(at))
            yield from (place for place in places[:-1] if place < LAST)
            at, left = places[-1], left - 1

    def _table(self, sectors: Iterator[int]) -> tuple[int, ...]:
        """Sector numbers; no longer than the file, whatever its header says."""
        most = len(self._data) // self._sector + 1
        data = b"".join(self._at(at) for _, at in zip(range(most), sectors, strict=False))
        return struct.unpack(f"<{len(data) // 4}I", data)

    def _sectors(self, at: int) -> Iterator[int]:
        """A chain by the FAT. One that bites its tail has no end: whoever reads it counts."""
        while at < LAST:
            yield at
            at = _next(self._fat, at)

    def _chain(self, start: int, most: int) -> Iterator[bytes]:
        for _, at in zip(range(most), self._sectors(start), strict=False):
            yield self._at(at)

    def _at(self, sector: int) -> bytes:
        """A sector's bytes; the last one may be cut short by those who wrote the file."""
        start = (sector + 1) * self._sector
        if start >= len(self._data):
            raise _damaged()
        return self._data[start : start + self._sector].ljust(self._sector, b"\0")

    def _u16(self, at: int) -> int:
        return int.from_bytes(self._data[at : at + 2], "little")

    def _u32(self, at: int) -> int:
        return int.from_bytes(self._data[at : at + 4], "little")


def _entry(data: bytes) -> Entry | None:
    length, kind = struct.unpack_from("<H", data, 64)[0], data[66]
    if not kind:
        return None
    start, size = struct.unpack_from("<II", data, 116)  # the size's upper half is zero below 4 GB
    return Entry(data[: max(0, min(length, 64) - 2)].decode("utf-16-le", "replace"), kind, start, size)


def _next(table: tuple[int, ...], at: int) -> int:
    if at >= len(table):
        raise _damaged()
    return table[at]


def _damaged() -> Exception:
    return refused("is a damaged document")
