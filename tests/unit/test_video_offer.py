"""Offers that are not right are refused in words before anything is begun for them."""

from __future__ import annotations

import pytest
from aiortc import RTCConfiguration, RTCPeerConnection
from aiortc.mediastreams import AudioStreamTrack, VideoStreamTrack

from client.engines.video.answer import finished
from client.engines.video.offer import BadOffer, read_offer


@pytest.fixture
async def offer() -> str:
    pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    pc.addTrack(AudioStreamTrack())
    pc.addTrack(VideoStreamTrack())
    pc.createDataChannel("t140", protocol="t140")
    await pc.setLocalDescription(await pc.createOffer())
    text = pc.localDescription.sdp
    await pc.close()
    return text


def refusal(text: str) -> str:
    with pytest.raises(BadOffer) as refused:
        read_offer(text)
    return str(refused.value)


def without(text: str, start: str) -> str:
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith(start))


async def test_a_good_offer_tells_its_media(offer):
    assert read_offer(offer).kinds == ("audio", "video", "application")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "v=0",
        "v=0\r\nm=",
        "v=0\r\nm=video\r\n",
        "v=0\r\nm=video x UDP/TLS/RTP/SAVPF 96\r\n",
        "v=0\n" + "a" * 65_000,
        "\x00" * 500,
        "v=0\r\n" + "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n" * 500,
        "v=0\r\nm=pigeon 9 RFC1149 1\r\n",
    ],
)
async def test_garbage_is_refused(text):
    assert refusal(text).startswith("bad_offer: ")


@pytest.mark.parametrize("line", ["a=fingerprint:", "a=ice-ufrag:", "a=ice-pwd:", "a=rtcp-mux", "a=setup:"])
async def test_what_is_needed_must_be_there(offer, line):
    assert refusal(without(offer, line)).startswith("bad_offer: it ")


async def test_a_browser_without_a_picture_that_we_know_is_told_so(offer):
    assert (
        refusal(offer.replace("VP8/", "VP9/").replace("H264/", "AV1/"))
        == "no_codec: the browser offers no VP8 or H.264"
    )
    assert refusal(offer.replace("opus/", "x/").replace("G722/", "x/").replace("PCM", "x")).startswith("no_codec: ")
    assert read_offer(offer.replace("VP8/", "VP9/")).kinds  # H.264 is enough


async def test_hidden_names_are_left_out_and_too_many_candidates_refused(offer):
    hidden = "a=candidate:1 1 udp 2113937151 5bd0e1d3-6f7a-4b5d-8a52-1c1d5c0b5a11.local 5000 typ host\r\n"
    assert ".local" not in read_offer(offer + hidden).sdp
    assert "too many" in refusal(offer + hidden * 200)


async def test_an_answer_tells_chromium_where_to_begin(offer):
    answer = finished(offer, offer, ("kvk",))
    by_codec = [line for line in answer.splitlines() if "x-google-start-bitrate=1500" in line]
    assert len(by_codec) == 3  # VP8 that had no line of its own, and both profiles of H.264
    assert all("x-google-min-bitrate=750" in line for line in by_codec)
    assert sum("profile-level-id=42e01f;x-google" in line for line in by_codec) == 1
    assert "a=hlang-send:kvk" in answer
