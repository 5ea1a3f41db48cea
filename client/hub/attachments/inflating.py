"""What really comes out of an archive: each part inflated in steps, counted, and held against what its headers say."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from client.hub.attachments.clean import refused

CHUNK = 1 << 16
LOCAL = 30  # bytes of a local header before its name (APPNOTE 4.3.7)
ELSEWHERE = 0xFFFFFFFF  # a size in the ZIP64 extra field
DESCRIBED = 1 << 3  # sizes follow the data instead


@dataclass(slots=True)
class Budget:
    """Bytes that may still come out."""

    left: int

    def spend(self, size: int) -> None:
        """Take them; raises `BadInput` when there are no more."""
        self.left -= size
        if self.left < 0:
            raise refused("unpacks to more than a document does")


def parts(data: bytes, entries: Sequence[zipfile.ZipInfo], budget: Budget) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Every part's name and its bytes in steps. Each must be read to its end: only then is it known to be true."""
    for entry in entries:
        yield entry.filename, _steps(data, entry, budget)


def _steps(data: bytes, entry: zipfile.ZipInfo, budget: Budget) -> Iterator[bytes]:
    packed = _packed(data, entry)
    size = crc = 0
    for chunk in _inflated(packed) if entry.compress_type == zipfile.ZIP_DEFLATED else _stored(packed):
        budget.spend(len(chunk))
        size += len(chunk)
        crc = zlib.crc32(chunk, crc)
        yield chunk
    if (size, crc) != (entry.file_size, entry.CRC):
        raise _lying()


def _packed(data: bytes, entry: zipfile.ZipInfo) -> memoryview:
    """A part's bytes. What its own header says must be what the directory says: readers differ in whom they believe."""
    at = entry.header_offset
    if len(data) < at + LOCAL or data[at : at + 4] != b"PK\x03\x04":
        raise _lying()
    flags, method, _, crc, packed, size, name, extra = struct.unpack_from("<6xHHIIIIHH", data, at)
    start = at + LOCAL + name + extra
    said = data[at + LOCAL : at + LOCAL + name].decode("utf-8" if flags & 0x800 else "cp437", "replace")
    sizes = (entry.CRC, entry.compress_size, entry.file_size)
    known = flags & DESCRIBED or ELSEWHERE in (packed, size) or (crc, packed, size) == sizes
    end = start + entry.compress_size
    if (said, method) != (entry.orig_filename, entry.compress_type) or flags & 0x1 or not known or end > len(data):
        raise _lying()
    return memoryview(data)[start:end]


def _stored(packed: memoryview) -> Iterator[bytes]:
    for at in range(0, len(packed), CHUNK):
        yield bytes(packed[at : at + CHUNK])


def _inflated(packed: memoryview) -> Iterator[bytes]:
    """One deflate stream that ends where the part ends."""
    inflate = zlib.decompressobj(-15)
    try:
        for step in _stored(packed):
            if inflate.eof:
                raise _lying()
            while step:
                yield inflate.decompress(step, CHUNK)
                step = inflate.unconsumed_tail  # noqa: PLW2901 — what is left of it
        while not inflate.eof and (chunk := inflate.decompress(b"", CHUNK)):
            yield chunk
    except zlib.error as error:
        raise _lying() from error
    if not inflate.eof or inflate.unused_data:
        raise _lying()


def _lying() -> Exception:
    return refused("is a damaged document, or one whose headers lie")
