"""What every video keeps to: the one in memory, and the engine with a stock aiortc peer as the citizen's browser."""

from __future__ import annotations

import pytest

from client.domain.video import Cameras, TextReceived, VideoCall, VideoLink
from client.domain.words import Party
from client.fakes.video import FakeVideo
from client.ports.video import Video, VideoError
from tests.peers.video_browser import StockCitizen
from tests.peers.video_desk import DeskVideo
from tests.waiting import until

CALL = "0190a7c4-0000-7000-8000-000000000001"
BOTH = ("audio", "video")


class FakeRig:
    def __init__(self) -> None:
        self.fake = FakeVideo()
        self.video: Video = self.fake
        self.told: list = []
        self.camera = "Synthetic signer"
        self.video.listen(self.told.append)

    async def offer(self, generation: int, media: tuple[str, ...] = BOTH) -> str:
        return f"v=0 {generation} " + " ".join(f"m={kind}" for kind in media)

    async def vp9(self, generation: int) -> str:
        return "v=0 VP9 only m=video"

    async def accept(self, generation: int, sdp: str) -> None:
        self.fake.far_connect(CALL)

    async def types(self, generation: int, text: str) -> None:
        self.fake.far_types(CALL, text)

    def hears(self, generation: int) -> str:
        return self.fake.written.get(CALL, "")

    async def hang_up(self, generation: int) -> None:
        self.fake.far_hang_up(CALL)

    async def shows(self) -> None:
        self.fake.far_picture()

    async def close(self) -> None:
        pass


class RealRig:
    def __init__(self, directory) -> None:
        self.desk = DeskVideo(directory)
        self.video: Video = self.desk.video
        self.told = self.desk.told
        self.camera = "signer"
        self.citizen = StockCitizen()
        self.offer, self.accept = self.citizen.offer, self.citizen.accept
        self.hears, self.types, self.hang_up = self.citizen.texts.__getitem__, self.citizen.type, self.citizen.hang_up

    async def vp9(self, generation: int) -> str:
        return (await self.offer(generation)).replace("VP8/", "VP9/").replace("H264/", "VP9/")

    async def shows(self) -> None:
        """Its pictures come by themselves."""

    async def close(self) -> None:
        await self.citizen.close()
        await self.desk.close()
        assert "Traceback" not in self.desk.engine_log


@pytest.fixture(params=["fake", "real"])
async def rig(request, tmp_path):
    made = FakeRig()
    if request.param == "real":
        made = RealRig(tmp_path)
        await made.desk.start()
    yield made
    await made.close()


def newest(rig) -> VideoCall | None:
    told = [t for t in rig.told if isinstance(t, VideoCall)]
    return told[-1] if told else None


def cameras(rig) -> Cameras:
    return [t for t in rig.told if isinstance(t, Cameras)][-1]


async def until_call(rig, **facts: object) -> VideoCall:
    def fits() -> VideoCall | None:
        told = newest(rig)
        return told if told and all(getattr(told, name) == value for name, value in facts.items()) else None

    return await until(fits, 10, f"{facts}: {newest(rig)}")


async def answer(rig, generation: int, sdp: str, *, shown: bool = True) -> str:
    return await rig.video.answer(CALL, generation, sdp, (), shown=shown, languages=("kvk", "ko"))


async def talking(rig, media: tuple[str, ...] = BOTH, *, shown: bool = True) -> VideoCall:
    await rig.accept(1, await answer(rig, 1, await rig.offer(1, media), shown=shown))
    return await until_call(rig, link=VideoLink.CONNECTED, text=True, sees="video" in media)


async def refusal(request) -> str:
    with pytest.raises(VideoError) as refused:
        await request
    return refused.value.code


async def test_what_it_holds_is_told_before_it_is_ready(rig):
    await rig.video.ready()
    assert any(isinstance(fact, Cameras) for fact in rig.told)


async def test_a_call_is_told_from_its_offer_to_its_end(rig):
    call = await talking(rig)
    links = [t.link for t in rig.told if isinstance(t, VideoCall)]
    assert links[0] is VideoLink.CONNECTING
    assert (call.generation, call.codec, call.picture, call.sound) == (1, "VP8", True, True)
    assert (call.shown, call.muted, call.on_hold, call.problem) == (True, False, False, "")
    assert call.leg == f"{CALL}/far"
    assert call.since
    await rig.video.close(CALL)
    ended = await until_call(rig, link=VideoLink.ENDED)
    assert (ended.sees, ended.text, ended.problem) == (False, False, "")
    await rig.video.close(CALL)
    assert await refusal(rig.video.mute(CALL, True)) == "no_call"


async def test_the_same_offer_has_the_same_answer_and_an_older_one_none(rig):
    first = await rig.offer(3)
    once = await answer(rig, 3, first)
    assert await answer(rig, 3, first) == once
    assert await refusal(answer(rig, 2, await rig.offer(2))) == "bad_offer"
    assert newest(rig).generation == 3


async def test_what_cannot_be_answered_is_refused_and_leaves_nothing_behind(rig):
    assert await refusal(answer(rig, 1, "hello")) == "bad_offer"
    assert await refusal(answer(rig, 1, await rig.vp9(1))) == "no_codec"
    assert newest(rig) is None
    assert await refusal(rig.video.write(CALL, "x")) == "no_call"
    await talking(rig)


async def test_a_newer_connection_takes_over_once_it_stands(rig):
    await talking(rig)
    await rig.video.show(CALL, False)
    await rig.video.mute(CALL, True)
    sdp = await answer(rig, 2, await rig.offer(2), shown=True)
    assert (newest(rig).link, newest(rig).generation) == (VideoLink.CONNECTED, 1)
    await rig.accept(2, sdp)
    over = await until_call(rig, generation=2, link=VideoLink.CONNECTED, text=True, sees=True)
    assert (over.shown, over.muted) == (False, True)
    assert VideoLink.INTERRUPTED not in [t.link for t in rig.told if isinstance(t, VideoCall)]
    await rig.types(2, "여기")
    await until(lambda: "여기" in "".join(t.text for t in rig.told if isinstance(t, TextReceived)), 10)
    assert await rig.video.write(CALL, "네")


async def test_text_goes_both_ways_as_it_is_typed(rig):
    sdp = await answer(rig, 1, await rig.offer(1))
    assert not await rig.video.write(CALL, "early")
    await rig.accept(1, sdp)
    await until_call(rig, text=True)
    for piece in ("안", "\b아", "\u2028"):
        await rig.types(1, piece)
    typed = [t for t in rig.told if isinstance(t, TextReceived)]
    assert (typed[0].text, typed[0].fresh) == ("", True)
    await until(lambda: "".join(t.text for t in rig.told if isinstance(t, TextReceived)) == "안\b아\u2028", 10)
    assert await rig.video.write(CALL, "네\b예")
    await until(lambda: rig.hears(1) == "네\b예", 10)


async def test_text_alone_needs_neither_picture_nor_sound(rig):
    call = await talking(rig, ())
    assert (call.picture, call.sound, call.codec, call.shown) == (False, False, "", False)
    assert not cameras(rig).on
    assert await rig.video.write(CALL, "ㅎ")
    assert await refusal(rig.video.snapshot(CALL)) == "failed"


async def test_a_call_without_a_picture_has_sound(rig):
    call = await talking(rig, ("audio",))
    assert (call.picture, call.sound, call.codec, call.shown) == (False, True, "", False)
    assert not cameras(rig).on


async def test_the_camera_runs_only_for_whoever_sees_it(rig):
    assert not cameras(rig).on
    await rig.video.preview(True)
    await until(lambda: cameras(rig).on, 10)
    await rig.video.preview(False)
    await until(lambda: not cameras(rig).on, 10)
    await talking(rig)
    await until(lambda: cameras(rig).on, 10)
    await rig.video.show(CALL, False)
    await until(lambda: not cameras(rig).on, 10)
    await rig.video.show(CALL, True)
    await until(lambda: cameras(rig).on, 10)
    await rig.video.hold(CALL, True)
    await until(lambda: not cameras(rig).on, 10)
    await rig.video.hold(CALL, False)
    await until(lambda: cameras(rig).on, 10)
    await rig.video.close(CALL)
    await until(lambda: not cameras(rig).on, 10)


async def test_mute_hold_and_the_privacy_card_are_told(rig):
    await talking(rig, shown=False)
    assert not newest(rig).shown
    await rig.video.show(CALL, True)
    await until_call(rig, shown=True)
    await rig.video.mute(CALL, True)
    await until_call(rig, muted=True)
    await rig.video.hold(CALL, True)
    held = await until_call(rig, on_hold=True, sees=False)
    assert (held.link, held.text) == (VideoLink.CONNECTED, True)
    assert await rig.video.write(CALL, "잠시만요")
    await rig.video.hold(CALL, False)
    await until_call(rig, on_hold=False, sees=True)
    await rig.video.mute(CALL, False)
    await until_call(rig, muted=False)


async def test_a_browser_that_lets_go_ends_the_call_without_a_problem_and_may_come_back(rig):
    await talking(rig)
    await rig.hang_up(1)
    ended = await until_call(rig, link=VideoLink.ENDED)
    assert ended.problem == ""
    assert await refusal(rig.video.write(CALL, "x")) == "no_call"
    await rig.accept(2, await answer(rig, 2, await rig.offer(2)))
    await until_call(rig, link=VideoLink.CONNECTED, generation=2, sees=True)


async def test_pictures_are_there_to_be_seen_and_kept(rig):
    assert rig.video.picture(CALL, Party.CITIZEN) is None
    await talking(rig)
    seen = await until(lambda: rig.video.picture(CALL, Party.CITIZEN), 10)
    assert len(seen.pixels) == seen.width * seen.height * 4
    await rig.shows()
    later = await until(lambda: rig.video.picture(CALL, Party.CITIZEN, seen.number), 10)
    assert later.number > seen.number
    assert await until(lambda: rig.video.picture("", Party.AGENT), 10)
    assert (await rig.video.snapshot(CALL)).startswith(b"\xff\xd8\xff")


async def test_a_camera_that_is_not_there_is_refused_by_name(rig):
    assert await refusal(rig.video.choose_camera("a camera of yesterday")) == "no_camera"
    await rig.video.choose_camera(rig.camera)
    assert cameras(rig).chosen == rig.camera


async def test_sound_may_be_given_and_taken_back(rig):
    assert await refusal(rig.video.sound(CALL, None)) == "no_call"
    await talking(rig)
    await rig.video.sound(CALL, (1, "nobody listens there"), "web:x/mix")
    await rig.video.sound(CALL, None)
    assert newest(rig).link is VideoLink.CONNECTED
