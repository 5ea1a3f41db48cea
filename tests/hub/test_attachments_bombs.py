"""Archives that unpack too far, or lie about what is in them, cost neither memory nor belief."""

from __future__ import annotations

import io
import random
import struct
import tracemalloc
import zipfile
import zlib

import pytest

from tests.hub.attached_files import (
    archive,
    deflated,
    office,
    refusal,
)
from tests.hub.attached_files import checked as kept

EVIL = 'function OnDocument_Open() { new ActiveXObject("WScript.Shell").Run("calc"); }'
OTHER = "is a document with another file or another program's object in it; save it without, or as PDF"
LIES = "is a damaged document, or one whose headers lie"
TOO_FAR = "unpacks to more than a document does"


def peak_of(data: bytes, why: str) -> int:
    """Bytes held at most while it was refused for that."""
    tracemalloc.start()
    try:
        assert refusal(data) == why
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def patched(data: bytes, name: bytes, at_directory: int, value: int, at_local: int | None = None) -> bytes:
    """A number in the directory's entry (and the local header) of the last part of that name replaced."""
    made = bytearray(data)
    entry = data.rindex(name) - 46
    assert data[entry : entry + 4] == b"PK\x01\x02"
    struct.pack_into("<I", made, entry + at_directory, value)
    if at_local is not None:
        struct.pack_into("<I", made, data.index(name) - 30 + at_local, value)
    return bytes(made)


SIZE, LOCAL_SIZE, CRC, LOCAL_CRC, OFFSET = 24, 22, 16, 14, 42
BIG = b"word/big.xml"


def test_a_bomb_is_refused_by_what_it_says():
    bomb = office(parts={BIG.decode(): bytes(300_000_000)})
    assert len(bomb) < 400_000
    assert peak_of(bomb, TOO_FAR) < 1_000_000


def test_a_small_file_may_not_unpack_to_a_hundred_times_its_size():
    assert refusal(office(parts={BIG.decode(): bytes(21_000_000)})) == TOO_FAR
    assert kept(office(parts={BIG.decode(): bytes(19_000_000)}))


def test_a_bomb_that_says_it_is_small_is_counted_while_it_unpacks():
    bomb = office(parts={BIG.decode(): bytes(100_000_000)})
    for small in (patched(bomb, BIG, SIZE, 10, LOCAL_SIZE), patched(bomb, BIG, SIZE, 0, LOCAL_SIZE)):
        assert peak_of(small, TOO_FAR) < 2_000_000


@pytest.mark.parametrize("step", [-1, 1])
def test_sizes_and_sums_must_be_true(step):
    data = office(parts={BIG.decode(): b"<x>complaint</x>".ljust(1000)})
    assert kept(data)
    assert refusal(patched(data, BIG, SIZE, 1000 + 2 * step, LOCAL_SIZE)) == LIES
    assert refusal(patched(data, BIG, SIZE, 1000 + 2 * step)) == LIES, "the two headers differ"
    assert refusal(patched(data, BIG, CRC, 5, LOCAL_CRC)) == LIES


def test_what_a_parts_own_header_says_must_be_what_the_directory_says():
    data = bytearray(office(parts={BIG.decode(): b"<x>complaint</x>"}))
    at = data.index(BIG) - 30
    for field in (LOCAL_CRC, 18, LOCAL_SIZE):
        lying = bytearray(data)
        lying[at + field] ^= 1
        assert refusal(bytes(lying)) == LIES


def deflate_part(packed: bytes, plain: bytes) -> bytes:
    """A document whose part is this, said to be `plain` deflated."""
    made = bytearray(office(parts={BIG.decode(): packed}, method=zipfile.ZIP_STORED))
    local, entry = made.index(BIG) - 30, made.rindex(BIG) - 46
    made[local + 8], made[entry + 10] = zipfile.ZIP_DEFLATED, zipfile.ZIP_DEFLATED
    sized = patched(bytes(made), BIG, SIZE, len(plain), LOCAL_SIZE)
    return patched(sized, BIG, CRC, zlib.crc32(plain), LOCAL_CRC)


def test_a_part_ends_where_its_stream_ends():
    whole = deflated(b"<x>complaint</x>")
    assert kept(deflate_part(whole, b"<x>complaint</x>"))
    for hidden in (b"MZ", bytes(70_000 - len(whole)), bytes(1 << 16).ljust(200_000, b"M")):
        assert refusal(deflate_part(whole + hidden, b"<x>complaint</x>")) == LIES
    filled = whole + bytes((1 << 16) - len(whole))
    assert refusal(deflate_part(filled, b"<x>complaint</x>")) == LIES
    endless = zlib.compressobj(wbits=-15)
    cut = endless.compress(b"<x>complaint</x>") + endless.flush(zlib.Z_SYNC_FLUSH)
    assert refusal(deflate_part(cut, b"<x>complaint</x>")) == LIES


def test_a_stream_that_ends_with_a_step_is_followed_by_nothing():
    """What is hidden begins exactly where the next 64 KiB are taken."""
    noise = random.Random(1).randbytes((1 << 16) - 5)
    stored = b"\x01" + struct.pack("<HH", len(noise), len(noise) ^ 0xFFFF) + noise
    assert len(stored) == 1 << 16
    assert kept(deflate_part(stored, noise))
    assert refusal(deflate_part(stored + b"MZ", noise)) == LIES


def test_a_beginning_given_by_drops_is_looked_at_whole():
    """The first 64 KiB of the stream say one letter, the rest the others."""
    drops = zlib.compressobj(wbits=-15)
    first = drops.compress(b"P") + drops.flush(zlib.Z_FULL_FLUSH)
    packed = first + b"\0\0\0\xff\xff" * 14_000 + drops.compress(b"K\x03\x04 and so on") + drops.flush()
    assert refusal(deflate_part(packed, b"PK\x03\x04 and so on")) == OTHER


def test_a_shortened_size_does_not_hide_the_rest():
    """The first ten bytes as told, with their true sum: a reader that believes the header sees nothing else."""
    whole = b"<x></x>   " + EVIL.encode()
    data = office(parts={BIG.decode(): whole})
    short = patched(patched(data, BIG, SIZE, 10, LOCAL_SIZE), BIG, CRC, zlib.crc32(whole[:10]), LOCAL_CRC)
    assert zipfile.ZipFile(io.BytesIO(short)).read(BIG.decode()) == whole[:10], "Python's own reader is taken in"
    assert refusal(short) == LIES


def test_parts_that_share_their_bytes_are_refused():
    data = office(parts={"a.xml": bytes(50_000), "b.xml": bytes(50_000)})
    first = data.index(b"a.xml") - 30
    assert refusal(patched(data, b"b.xml", OFFSET, first)) == "is a damaged document"


def test_a_bomb_of_many_doors_to_one_room_is_refused():
    """Fifield's: each part's header lies in the bytes of the one before it."""
    data = office(parts={f"p{n}.xml": bytes(1_000) for n in range(20)})
    shifted = data
    for n in range(1, 20):
        name = f"p{n}.xml".encode()
        shifted = patched(shifted, name, OFFSET, data.index(name) - 31)
    assert refusal(shifted) == "is a damaged document"


def test_an_archive_in_an_archive_is_refused_however_deep():
    inner = archive({"0.bin": bytes(1_000_000)})
    for _ in range(5):
        inner = archive({f"{n}.zip": inner for n in range(16)})
    assert refusal(inner) == "is an archive; send its files one by one"
    assert refusal(office(parts={"word/media/image.png": inner})) == OTHER


def test_methods_that_unpack_without_bounds_are_refused():
    for method in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        assert refusal(office(method=method)) == "is a document with parts that no document has"


def test_too_many_parts_are_refused():
    assert refusal(office(parts={f"p{n}": b"" for n in range(50)}), entries=40) == "has more parts than a document has"
    assert "more parts" in refusal(office(parts={f"{n:0>60000}": b"" for n in range(40)}), size=50_000_000)


def test_what_hangs_before_or_behind_is_refused():
    assert "hung behind it" in refusal(office() + b"MZ")
    assert refusal(office() + office()) == "is a damaged document"
    behind = io.BytesIO(b"PK\x03\x04 something else")
    with zipfile.ZipFile(behind, "a") as made, zipfile.ZipFile(io.BytesIO(office())) as good:
        for name in good.namelist():
            made.writestr(name, good.read(name))
    assert refusal(behind.getvalue()) == "is a damaged document"
    with_comment = io.BytesIO(office())
    with zipfile.ZipFile(with_comment, "a") as made:
        made.comment = b"PK\x05\x06" + bytes(18)
    assert refusal(with_comment.getvalue())
