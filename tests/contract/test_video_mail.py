"""What every video keeps to with a video message: the one in memory, and the engine in its process."""

from __future__ import annotations

import json
import os
import signal

import pytest

from client.domain.video import MAIL, MailPlaying
from client.domain.words import Party
from client.fakes.video import FakeVideo
from client.ports.video import VideoError
from tests.peers.films import film
from tests.peers.video_desk import DeskVideo
from tests.waiting import until


@pytest.fixture(params=["fake", "real"])
async def rig(request, tmp_path):
    """(video, what it told)."""
    if request.param == "fake":
        told: list = []
        fake = FakeVideo()
        fake.listen(told.append)
        yield fake, told
        return
    desk = await DeskVideo(tmp_path / "desk").start()
    yield desk.video, desk.told
    await desk.close()


@pytest.fixture(scope="module")
def message(tmp_path_factory):
    file = tmp_path_factory.mktemp("mail") / "mail.webm"
    file.write_bytes(film(12.0, fps=10))
    return file


async def refusal(request) -> str:
    with pytest.raises(VideoError) as refused:
        await request
    return refused.value.code


async def test_a_message_is_played_paused_jumped_in_slowed_and_closed(rig, message):
    video, told = rig

    def now() -> MailPlaying:
        return next(t for t in reversed(told) if isinstance(t, MailPlaying))

    await video.play_mail(message)
    await until(lambda: any(isinstance(t, MailPlaying) for t in told) and now().playing)
    assert now().duration_ms == pytest.approx(12_000, abs=200)
    picture = await until(lambda: video.picture(MAIL, Party.CITIZEN))
    assert len(picture.pixels) == picture.width * picture.height * 4
    assert video.picture(MAIL, Party.CITIZEN, picture.number + 1_000) is None
    await video.pause_mail(True)
    await until(lambda: not now().playing)
    await video.seek_mail(5_000)
    await until(lambda: now().position_ms == pytest.approx(5_000, abs=150))
    await video.seek_mail(99_000)
    await until(lambda: now().position_ms == pytest.approx(12_000, abs=250))
    await video.rate_mail(0.5)
    await until(lambda: now().rate == 0.5)
    await video.stop_mail()
    await until(lambda: now().over)
    assert video.picture(MAIL, Party.CITIZEN) is None


async def test_what_is_not_open_or_cannot_be_shown_is_refused(rig, message, tmp_path):
    video, _told = rig
    for request in (video.pause_mail(True), video.seek_mail(0), video.rate_mail(1.0)):
        assert await refusal(request) == "no_call"
    await video.stop_mail()
    damaged = tmp_path / "damaged"
    damaged.write_bytes(b"no film")
    assert await refusal(video.play_mail(damaged)) == "failed"
    assert await refusal(video.play_mail(tmp_path / "none")) == "failed"
    await video.play_mail(message)
    await video.stop_mail()


async def test_a_killed_engine_closes_the_message_and_says_so(tmp_path, message):
    desk = await DeskVideo(tmp_path / "desk").start()
    await desk.video.play_mail(message)
    await until(lambda: any(isinstance(t, MailPlaying) and t.playing for t in desk.told))
    os.kill(json.loads((desk.directory / "run" / "video.json").read_text())["pid"], signal.SIGKILL)
    over = await until(lambda: next((t for t in desk.told if isinstance(t, MailPlaying) and t.over), None), 30)
    assert over.problem
    await desk.video.play_mail(message)
    await desk.close()
