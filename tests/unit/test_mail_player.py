"""A citizen's video message, played by the engine: every picture in its time, slower, jumped in, and damaged."""

from __future__ import annotations

import time
from functools import cache
from itertools import pairwise

import pytest

from client.engines.server import EngineRefusal
from client.engines.video import mail_player
from client.engines.video.mail_player import index, pictures
from client.picture_ring import PictureReader
from tests.peers.films import film
from tests.peers.mail_watcher import Played
from tests.waiting import until

FPS = 25


@cache
def a_film(container: str = "webm", seconds: float = 2.0) -> bytes:
    return film(seconds, container=container, fps=FPS)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "mail.webm"
    path.write_bytes(a_film())
    return path


@pytest.fixture
async def played(tmp_path):
    made = Played(tmp_path)
    yield made
    await made.player.stop()


@pytest.mark.parametrize("container", ["webm", "mp4"])
def test_every_picture_is_there_in_its_order(tmp_path, container):
    path = tmp_path / f"mail.{container}"
    path.write_bytes(a_film(container))
    found = index(path)
    assert found.duration_ms == pytest.approx(2000, abs=60)
    assert found.sound
    times = [ms for ms, _ in pictures(path, found)]
    assert len(times) == 2 * FPS
    assert all(after > before for before, after in pairwise(times))
    later = [ms for ms, _ in pictures(path, found, 1000)]
    assert later == [ms for ms in times if ms >= 1000]


async def test_it_is_played_once_in_its_own_time_and_ends(played, file):
    began = time.monotonic()
    await played.player.play(file)
    await played.watch()
    assert time.monotonic() - began == pytest.approx(2.0, abs=0.5)
    assert len(played.shown) >= 40
    greys = [grey for _, grey in played.shown]
    assert greys == sorted(greys)
    assert (played.now.position_ms, played.now.playing, played.now.sound) == (played.now.duration_ms, False, True)


async def test_half_as_fast_takes_twice_as_long(played, file):
    await played.player.play(file)
    played.player.rate(0.5)
    began = time.monotonic()
    await played.watch()
    assert time.monotonic() - began == pytest.approx(4.0, abs=0.7)
    assert played.now.rate == 0.5


async def test_paused_it_stands_still_and_shows_where_one_jumps(played, file):
    await played.player.play(file)
    played.player.pause(on=True)
    assert not played.now.playing
    reader = PictureReader(played.ring)
    for ms, expected in ((1500, 57), (200, 25)):
        played.player.seek(ms)
        number = 0
        await until(lambda: (p := reader.newest(number)) is not None and abs(p.pixels[0] - expected) <= 4, what=f"{ms}")  # noqa: B023
        assert (played.now.position_ms, played.now.playing) == (pytest.approx(ms, abs=60), False)
    reader.close()
    played.player.pause(on=False)
    await until(lambda: played.now.position_ms > 800)
    assert played.now.playing


async def test_at_the_end_it_begins_again(played, file):
    await played.player.play(file)
    played.player.seek(1_900)
    await until(lambda: not played.now.playing)
    played.player.pause(on=False)
    await until(lambda: played.now.playing and 0 < played.now.position_ms < 1_000)


async def test_another_one_takes_its_place_and_a_stop_leaves_nothing(played, file, tmp_path):
    await played.player.play(file)
    await played.player.play(file)
    assert played.now.playing
    await played.player.stop()
    assert played.now.over
    assert played.player.told is None
    assert not played.ring.exists()
    for act in (lambda: played.player.seek(0), lambda: played.player.pause(on=True), lambda: played.player.rate(1.0)):
        with pytest.raises(EngineRefusal, match="no_call"):
            act()


async def test_a_rate_that_is_not_offered_is_refused(played, file):
    await played.player.play(file)
    with pytest.raises(EngineRefusal):
        played.player.rate(0.0)
    with pytest.raises(EngineRefusal):
        played.player.rate(float("nan"))


@pytest.mark.parametrize(
    "data",
    [b"", b"nothing", b"\x1aE\xdf\xa3" + b"\xff" * 500, a_film()[:400], film(0.5, picture=False)],
    ids=["empty", "text", "garbage", "head", "sound alone"],
)
async def test_what_cannot_be_shown_is_refused(played, tmp_path, data):
    path = tmp_path / "bad"
    path.write_bytes(data)
    with pytest.raises(EngineRefusal, match="damaged"):
        await played.player.play(path)
    assert played.player.told is None
    with pytest.raises(EngineRefusal):
        await played.player.play(tmp_path / "not-there")


async def test_damaged_in_the_middle_the_rest_is_shown(played, tmp_path):
    data = bytearray(a_film())
    data[len(data) // 2 : len(data) // 2 + 40] = b"\x55" * 40
    path = tmp_path / "mail.webm"
    path.write_bytes(bytes(data))
    await played.player.play(path)
    await played.watch()
    assert len(played.shown) >= 15
    assert played.now.problem == ""


async def test_a_picture_too_large_to_be_a_telephones_is_refused(played, file, monkeypatch):
    monkeypatch.setattr(mail_player, "LARGEST", 320 * 240 - 1)
    with pytest.raises(EngineRefusal):
        await played.player.play(file)
