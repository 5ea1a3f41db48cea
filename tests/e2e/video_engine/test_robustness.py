"""What browsers, networks and systems do to a video engine: a clear state, and no crash."""

from __future__ import annotations

import asyncio
import json
import os
import signal

import pytest
from aiortc.rtcsctptransport import WEBRTC_STRING

from client.domain.video import VideoLink
from client.ports.video import VideoError
from tests.peers.video_desk import DeskVideo
from tests.waiting import until

CALL = "0190a7c4-0000-7000-8000-000000000001"


async def talk(desk, citizen, generation: int = 1, **offer):
    sdp = await citizen.offer(generation, **offer)
    answer = await desk.video.answer(CALL, generation, sdp, (), shown=True, languages=("kvk",))
    await citizen.accept(generation, answer)
    sees = "video" in offer.get("media", ("video",))
    return await desk.until_call(CALL, 20, text=True, sees=sees, generation=generation)


def engine_pid(desk: DeskVideo) -> int:
    return json.loads((desk.directory / "run" / "video.json").read_text())["pid"]


class DeadNetwork:
    """What a peer sends goes nowhere, and nothing reaches it, until it is alive again."""

    def __init__(self, pc) -> None:
        media = pc.getTransceivers()
        transport = media[0].receiver.transport if media else pc.sctp.transport
        self._protocols = list(transport.transport._connection._protocols)

    def die(self) -> None:
        for protocol in self._protocols:
            protocol.send_data = self._lose
            protocol.send_stun = protocol.datagram_received = lambda *_: None

    async def _lose(self, *_: object) -> None:
        pass

    def live(self) -> None:
        for protocol in self._protocols:
            del protocol.send_data, protocol.send_stun, protocol.datagram_received


async def test_a_killed_engine_ends_its_calls_in_a_word_and_the_next_one_takes_a_new_offer(desk, stock):
    await talk(desk, stock)
    os.kill(engine_pid(desk), signal.SIGKILL)
    ended = await desk.until_call(CALL, 20, link=VideoLink.ENDED)
    assert ended.problem == "the video engine died"
    await talk(desk, stock, generation=2)
    await stock.type(2, "다시")
    await until(lambda: desk.typed(CALL).endswith("다시"), 5)


async def test_a_desk_that_is_started_again_finds_its_call_as_it_was(desk, stock, tmp_path):
    before = await talk(desk, stock)
    await desk.video.mute(CALL, True)
    await desk.video.stop(end_engine=False)
    again = await DeskVideo(tmp_path).start()
    found = await again.until_call(CALL, 10)
    assert (found.generation, found.link, found.muted, found.sees) == (
        before.generation,
        VideoLink.CONNECTED,
        True,
        True,
    )
    assert found.since == before.since
    await stock.type(1, "아직")
    await until(lambda: again.typed(CALL).endswith("아직"), 5)
    await again.close()


async def test_silence_is_an_interruption_that_ends_with_the_first_packet(desk, stock):
    await talk(desk, stock)
    network = DeadNetwork(stock.peers[1])
    network.die()
    broken = await desk.until_call(CALL, 6, link=VideoLink.INTERRUPTED)
    assert (broken.sees, broken.text) == (False, False)

    network.live()
    await desk.until_call(CALL, 10, link=VideoLink.CONNECTED, sees=True, text=True)


async def test_a_changed_network_is_one_more_connection_and_no_text_is_lost(desk, stock):
    await talk(desk, stock)
    DeadNetwork(stock.peers[1]).die()
    await desk.until_call(CALL, 6, link=VideoLink.INTERRUPTED)
    back = await talk(desk, stock, generation=2)
    assert back.link is VideoLink.CONNECTED
    await stock.type(2, "끊겼던 줄")
    await until(lambda: desk.typed(CALL) == "끊겼던 줄", 5)
    fresh = [t for t in desk.told if t.name == "video.text" and t.fresh]
    assert len(fresh) == 2  # so that the desk begins the line anew, which the page repeats
    links = [t.link for t in desk.told if t.name == "video"]
    assert VideoLink.ENDED not in links


async def test_a_closed_lid_ends_the_connection_after_half_a_minute_and_the_next_one_counts_on(desk, stock):
    await talk(desk, stock)
    DeadNetwork(stock.peers[1]).die()
    await desk.until_call(CALL, 6, link=VideoLink.INTERRUPTED)
    ended = await desk.until_call(CALL, 60, link=VideoLink.ENDED)  # RFC 7675: consent is gone
    assert ended.problem == ""
    back = await talk(desk, stock, generation=2)
    assert back.samples >= ended.samples


async def test_text_alone_is_not_called_interrupted_while_nobody_types(desk, stock):
    await talk(desk, stock, media=())
    end = asyncio.get_running_loop().time() + 9  # longer than the patience with a silent way
    await until(lambda: asyncio.get_running_loop().time() > end, 12)
    assert desk.newest(CALL).link is VideoLink.CONNECTED
    DeadNetwork(stock.peers[1]).die()
    await desk.until_call(CALL, 12, link=VideoLink.INTERRUPTED)


async def test_messages_that_are_no_text_are_left_out_in_words_and_text_goes_on(desk, stock):
    await talk(desk, stock, media=())
    channel = stock.channels[1]
    channel.send("가" * 20_000)
    await desk.until_call(CALL, problem="the citizen's page sent a piece of text that is too long; it was left out")
    channel.send(b"\x00\xff" * 100)
    await desk.until_call(CALL, problem="the citizen's page sent something that is not text; it was left out")
    channel.send("")
    channel.transport._data_channel_queue.append((channel, WEBRTC_STRING, b"\xff\xfe\xfd"))
    await channel.transport._data_channel_flush()
    channel.send("살아")
    await until(lambda: desk.typed(CALL) == "살아", 5)
    assert desk.newest(CALL).link is VideoLink.CONNECTED


async def test_channels_that_are_not_for_text_are_closed(desk, stock):
    await talk(desk, stock, media=())
    pc = stock.peers[1]
    others = [
        pc.createDataChannel("files", protocol="files"),
        pc.createDataChannel("t140", protocol="t140", ordered=False),
        pc.createDataChannel("t140", protocol="t140", maxRetransmits=0),
    ]
    await until(lambda: all(channel.readyState == "closed" for channel in others), 10)
    await stock.type(1, "여기")
    await until(lambda: desk.typed(CALL) == "여기", 5)


@pytest.mark.parametrize("sdp", ["", "v=0\r\nm=video 9\r\n", "v=0\r\n" + "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\n" * 500])
async def test_garbage_is_refused_and_the_next_offer_taken(desk, stock, sdp):
    with pytest.raises(VideoError) as refused:
        await desk.video.answer(CALL, 1, sdp, (), shown=True, languages=())
    assert refused.value.code == "bad_offer"
    await talk(desk, stock)


async def refused(desk, sdp: str) -> str:
    try:
        await desk.video.answer("other", 1, sdp, (), shown=True, languages=("kvk", "x" * 300))
    except VideoError as error:
        return error.code
    return ""


async def test_an_offer_whose_insides_are_wrong_is_refused_or_ends_by_itself(desk, stock):
    offer = await stock.offer(1)
    for wrong in (
        offer.replace("webrtc-datachannel", "5000"),
        offer.replace("a=setup:actpass", "a=setup:passive"),
        offer.replace("a=sctp-port:5000", "a=sctp-port:x"),
        offer.replace("a=group:BUNDLE 0 1 2", "a=group:BUNDLE 9 8 7"),
        offer.replace("VP8/90000", "VP8/1"),
        offer.replace("a=mid:", "a=dim:"),
        offer.replace("a=ssrc:", "a=ssrc:x"),
        offer.replace("a=candidate:", "a=candidate:x y z "),
        offer.replace("sha-256 ", "sha-1 "),
        offer.replace("a=rtcp-fb:", "a=rtcp-fb:* "),
    ):
        assert await refused(desk, wrong) in ("", "bad_offer", "no_codec")
        await desk.video.close("other")
    await talk(desk, stock, generation=2)


async def test_two_calls_do_not_disturb_each_other(desk, stock):
    await talk(desk, stock)
    sdp = await stock.offer(7)
    await stock.accept(7, await desk.video.answer("other", 7, sdp, (), shown=False, languages=("ko",)))
    await desk.until_call("other", sees=True, text=True)
    await desk.video.close("other")
    assert desk.newest(CALL).sees
    assert desk.newest(CALL).link is VideoLink.CONNECTED


async def test_an_engine_leaves_nothing_behind(desk, stock, tmp_path):
    await talk(desk, stock)
    pid = engine_pid(desk)
    await desk.video.stop(end_engine=True)
    await until(lambda: not os.path.exists(f"/proc/{pid}"), 10)  # noqa: PTH110
    assert not (tmp_path / "run" / "video.json").exists()
    await until(lambda: stock.peers[1].connectionState == "closed", 5)


async def test_what_is_asked_first_wakes_an_engine_that_nobody_had_started(tmp_path):
    desk = DeskVideo(tmp_path)
    await desk.video.choose_camera("signer")
    assert desk.newest_cameras.chosen == "signer"
    await desk.close()


async def test_a_desk_goes_on_with_the_engine_that_was_left_and_starts_none_for_it(tmp_path, stock):
    idle = DeskVideo(tmp_path / "idle")
    idle.video.adopt()
    first = DeskVideo(tmp_path / "left")
    await talk(first, stock)
    await first.video.stop(end_engine=False)
    second = DeskVideo(tmp_path / "left")
    second.video.adopt()
    assert (await second.until_call(CALL, link=VideoLink.CONNECTED)).generation == 1
    await second.close()
    assert idle.states == []
    assert not idle.video.link.left_running
