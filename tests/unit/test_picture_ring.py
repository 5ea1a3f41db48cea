"""Pictures in shared memory: the newest wins, a torn one is never shown, and nobody else may look."""

from __future__ import annotations

import stat
import threading

import pytest

from client import platform
from client.picture_ring import PictureReader, PictureWriter, ring_file


@pytest.fixture
def ends(tmp_path):
    file = ring_file(tmp_path, "call")
    writer = PictureWriter(file, (64, 48))
    reader = PictureReader(file)
    yield writer, reader
    reader.close()
    writer.close()


def test_the_newest_picture_is_read_once(ends):
    writer, reader = ends
    assert reader.newest() is None
    for n in range(1, 6):
        writer.put(4, 2, n * 10, bytes([n]) * 32)
    picture = reader.newest()
    assert (picture.number, picture.width, picture.height, picture.at_ms) == (5, 4, 2, 50)
    assert picture.pixels == b"\5" * 32
    assert reader.newest(picture.number) is None


@pytest.mark.parametrize("size", [(65, 48), (4, 3)])
def test_what_does_not_fit_is_refused(ends, size):
    with pytest.raises(ValueError, match="does not fit"):
        ends[0].put(*size, 0, b"x" * 32)


def test_a_reader_that_is_overtaken_sees_no_torn_picture(ends):
    writer, reader = ends
    stop = threading.Event()

    def write() -> None:
        n = 0
        while not stop.is_set():
            n += 1
            writer.put(64, 48, n, bytes([n % 256]) * (64 * 48 * 4))

    thread = threading.Thread(target=write)
    thread.start()
    last, seen = 0, 0
    while seen < 300:
        picture = reader.newest(last)
        if picture is not None:
            assert len(set(picture.pixels)) == 1
            assert picture.number > last
            last, seen = picture.number, seen + 1
    stop.set()
    thread.join()


def test_a_ring_that_is_not_there_is_an_error_of_the_system(tmp_path):
    with pytest.raises(OSError, match=r".+"):
        PictureReader(ring_file(tmp_path, "nobody"))


def test_a_file_that_is_no_ring_is_refused(tmp_path):
    memory = platform.SharedMemory(ring_file(tmp_path, "x"), 4096, create=True)
    with pytest.raises(OSError, match="no picture ring"):
        PictureReader(ring_file(tmp_path, "x"))
    memory.close()


def test_a_new_writer_leaves_the_old_reader_its_memory(tmp_path):
    file = ring_file(tmp_path, "again")
    first = PictureWriter(file, (8, 8))
    old = PictureReader(file)
    first.put(2, 2, 1, b"abcd" * 4)
    second = PictureWriter(file, (8, 8))
    second.put(2, 2, 9, b"efgh" * 4)
    assert old.newest().at_ms == 1
    new = PictureReader(file)
    assert new.newest().at_ms == 9
    for end in (old, new, second):
        end.close()


@pytest.mark.skipif(platform.WINDOWS, reason="a file's mode is Linux's and macOS's")
def test_only_its_user_can_look(tmp_path):
    writer = PictureWriter(ring_file(tmp_path, "mode"), (8, 8))
    file = platform.memory_file(ring_file(tmp_path, "mode"))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    writer.close()
    assert not file.exists()
