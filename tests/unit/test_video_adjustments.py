"""The adjustments of aiortc, on its real parts: each test fails on the stock ones."""

from __future__ import annotations

import fractions

import av
import numpy as np
import pytest
from aiortc.codecs import get_encoder as stock_encoder
from aiortc.codecs.h264 import H264Decoder
from aiortc.codecs.vpx import Vp8Decoder
from aiortc.jitterbuffer import JitterBuffer, JitterFrame
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from aiortc.rtcrtpreceiver import NackGenerator
from aiortc.rtp import RtpPacket
from aiortc.utils import uint16_add

from client.engines.video import adjustments
from client.engines.video.adjustments import addresses, encoders
from client.engines.video.adjustments.jitter import ArrivalBuffer, MarkerBuffer
from client.engines.video.adjustments.pace import MIN_BPS, Pace
from client.engines.video.adjustments.receiver import SenderReport
from client.engines.video.adjustments.repair import Repair, Wishes
from client.engines.video.adjustments.sender import after_loss

P_PICTURE, KEY_PICTURE, MIDDLE = b"\x01p", b"\x00k", b"\x01m"


def packet(number: int, time: int, *, marker: bool = False, data: bytes = P_PICTURE, begins: bool = True) -> RtpPacket:
    made = RtpPacket(sequence_number=number & 0xFFFF, timestamp=time, marker=int(marker))
    made.payload = (b"\x10" if begins else b"\x00") + data
    made._data = data
    return made


def picture(first: int, time: int, parts: int = 3, data: bytes = P_PICTURE) -> list[RtpPacket]:
    return [
        packet(first + part, time, marker=part == parts - 1, data=data if part == 0 else MIDDLE, begins=part == 0)
        for part in range(parts)
    ]


def feed(buffer: JitterBuffer, packets: list[RtpPacket]) -> list[JitterFrame]:
    return [frame for one in packets if (frame := buffer.add(one)[1]) is not None]


# ── pictures and sound as soon as they are there ─────────────────────────────────────────────────


def test_a_picture_is_given_out_at_its_marker_and_not_with_the_next_one():
    first = picture(65_534, 3_000)
    assert feed(JitterBuffer(512, is_video=True), first) == []
    (whole,) = feed(MarkerBuffer(), first)
    assert whole.data == P_PICTURE + MIDDLE + MIDDLE
    assert whole.timestamp == 3_000


def test_pictures_without_markers_are_given_out_with_the_next_one():
    buffer = MarkerBuffer()
    bare = [packet(number, time) for number, time in ((1, 0), (2, 0), (3, 3_000))]
    assert [frame.timestamp for frame in feed(buffer, bare)] == [0]


def test_a_hole_is_waited_for_and_filled_in_any_order():
    buffer = MarkerBuffer()
    one, two, three = picture(10, 0)
    assert feed(buffer, [one, three]) == []
    assert [frame.data for frame in feed(buffer, [two])] == [P_PICTURE + MIDDLE + MIDDLE]


def test_sound_is_given_out_at_once_and_a_lost_packet_holds_nothing_up():
    sound = [packet(number, number * 960, data=bytes([number])) for number in (1, 2, 4, 5)]
    assert feed(JitterBuffer(16, prefetch=4), sound) == []
    buffer = ArrivalBuffer()
    assert [frame.data for frame in feed(buffer, sound)] == [b"\x01", b"\x02", b"\x04", b"\x05"]
    assert feed(buffer, [packet(3, 3 * 960), packet(5, 5 * 960)]) == []  # overtaken, and twice the same
    assert feed(buffer, [packet(65_530, 0)]) == []
    assert len(feed(ArrivalBuffer(), [packet(65_535, 0), packet(0, 960)])) == 2


# ── asking again ─────────────────────────────────────────────────────────────────────────────────


class Way:
    """A receiver's buffer and list of what is missing, fed as aiortc feeds them."""

    def __init__(self) -> None:
        self.nack, self.buffer = NackGenerator(), MarkerBuffer()
        self.repair = Repair(self.nack, self.buffer)
        self.frames: list[JitterFrame] = []

    def come(self, *packets: RtpPacket) -> None:
        for one in packets:
            self.nack.add(one)
            self.frames += feed(self.buffer, [one])

    def keep_coming(self, number: int) -> None:
        self.come(packet(number, number * 1_000, marker=True))


@pytest.mark.parametrize("first", [100, 65_534])
def test_what_is_missing_is_asked_for_until_it_comes(first):
    way = Way()
    one, two, three = picture(first, 0)
    way.come(one, three)
    assert way.nack.add(packet(first + 3, 1_000)) is False  # stock asks once, when it sees the hole, and never again
    asked = [way.repair.look(now).packets for now in (0.0, 0.04, 0.08)]
    assert asked == [(two.sequence_number,)] * 3
    way.come(two)
    assert way.repair.look(0.12).packets == ()


def test_a_whole_picture_is_asked_for_after_350_ms_and_again_after_400():
    way = Way()
    way.come(packet(1, 0), packet(3, 0))
    asked = []
    for step in range(13):
        way.keep_coming(4 + step)
        asked.append(way.repair.look(step * 0.04).picture)
    assert asked.index(True) == 9  # 360 ms
    assert sum(asked) == 1


def test_a_hole_of_half_a_second_is_given_up_with_the_rest_of_its_picture():
    way = Way()
    way.come(packet(65_530, 0), packet(65_532, 0, begins=False), packet(65_533, 0, marker=True, begins=False))
    way.repair.look(0.0)
    way.come(*picture(65_534, 3_000))
    way.repair.look(0.4)
    assert way.frames == []
    way.repair.look(0.52)
    way.come(*picture(65_537, 6_000))
    assert [frame.timestamp for frame in way.frames] == [3_000, 6_000]
    assert way.repair.look(0.56).packets == ()


def test_a_whole_picture_behind_a_hole_is_not_kept_waiting():
    way = Way()
    way.come(packet(1, 0), packet(3, 0, begins=False), packet(4, 0, marker=True, begins=False))
    way.repair.look(0.0)
    way.come(*picture(5, 3_000, data=KEY_PICTURE))
    way.repair.look(0.04)
    way.keep_coming(8)
    assert [frame.data[:2] for frame in way.frames] == [KEY_PICTURE]


def test_a_peer_that_sends_nothing_more_is_asked_for_nothing():
    way = Way()
    way.come(packet(1, 0), packet(3, 0))
    assert way.repair.look(0.0).packets == (2,)
    assert way.repair.look(1.2) == Wishes()


def test_what_is_older_than_the_buffer_is_forgotten():
    way = Way()
    way.come(*picture(10, 0))
    way.nack.missing |= {5, 65_000, 9}
    way.come(packet(13, 3_000), packet(15, 3_000))
    assert way.repair.look(0.0).packets == (14,)


def test_many_missing_packets_are_asked_for_in_their_order_a_few_at_once():
    way = Way()
    way.come(packet(65_500, 0), packet(65_620, 0))
    asked = way.repair.look(0.0).packets
    assert asked == tuple(uint16_add(65_501, step) for step in range(60))


# ── encoders ─────────────────────────────────────────────────────────────────────────────────────


def moving(count: int, width: int = 640, height: int = 480):
    rng = np.random.default_rng(7)
    ground = rng.integers(0, 255, (height // 8, width // 8 + count, 3), dtype=np.uint8)
    for number in range(count):
        part = ground[:, number : number + width // 8].repeat(8, axis=0).repeat(8, axis=1)
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(part), format="rgb24").reformat(format="yuv420p")
        frame.pts, frame.time_base = number * 3_000, fractions.Fraction(1, 90_000)
        yield frame


def codec(name: str) -> RTCRtpCodecParameters:
    return RTCRtpCodecParameters(mimeType=f"video/{name}", clockRate=90_000, payloadType=97)


def decoded(name: str, encoder, frames, first: int = 0) -> list[av.VideoFrame]:
    from aiortc.codecs import depayload

    decoder = Vp8Decoder() if name == "VP8" else H264Decoder()
    shown = []
    for number, frame in enumerate(frames):
        payloads, time = encoder.encode(frame, number == first)
        data = b"".join(depayload(codec(name), payload) for payload in payloads)
        shown += decoder.decode(JitterFrame(data, time))
    return shown


@pytest.mark.parametrize("name", ["VP8", "H264"])
def test_every_picture_can_be_shown_at_once(name):
    shown = decoded(name, encoders.get_encoder(codec(name)), moving(10))
    assert len(shown) == 10
    assert (shown[0].width, shown[0].height) == (640, 480)


@pytest.mark.parametrize("name", ["VP8", "H264"])
def test_a_changed_rate_does_not_begin_the_encoder_anew_with_a_whole_picture(name):
    def begun(encoder) -> int:
        count, before = 0, None
        for number, frame in enumerate(moving(12)):
            encoder.target_bitrate = 1_000_000 + 120_000 * (number % 2)  # as a far end's word swings
            encoder.encode(frame)
            count += encoder_codec(encoder) is not before
            before = encoder_codec(encoder)
        return count

    assert begun(stock_encoder(codec(name))) > 5
    assert begun(encoders.get_encoder(codec(name))) == 1


def encoder_codec(encoder):
    return getattr(encoder, "_codec", None) or getattr(encoder, "codec", None)


def test_the_rate_begins_where_signing_can_be_read_and_follows_down():
    encoder = encoders.get_encoder(codec("VP8"))
    assert encoder.target_bitrate == 1_500_000
    sizes = []
    for number, frame in enumerate(moving(60)):
        if number == 30:
            encoder.target_bitrate = 300_000
        sizes.append(sum(map(len, encoder.encode(frame)[0])))
    assert sum(sizes[40:60]) < sum(sizes[10:30]) / 2


def test_the_far_end_may_ask_for_a_whole_picture():
    encoder = encoders.get_encoder(codec("VP8"))
    heads = []
    for number, frame in enumerate(moving(6)):
        payloads, _ = encoder.encode(frame, number == 4)
        heads.append(payloads[0][4] & 1)  # after RFC 7741's descriptor with a long picture id
    assert heads == [0, 1, 1, 1, 0, 1]


def test_size_gives_way_to_the_rate_of_frames():
    pace = Pace()
    full, less, least = (pace.plan(bps, 640, 480) for bps in (1_500_000, 200_000, 90_000))
    assert (full.width, full.height) == (640, 480)
    assert (less.width, less.height) == (480, 360)
    assert least.bps == MIN_BPS
    assert pace.plan(280_000, 640, 480).width == 480  # a little more is not enough to grow again
    assert pace.plan(400_000, 640, 480).width == 640


def test_a_slow_machine_sends_smaller_pictures_and_grows_again_when_it_is_at_ease():
    pace = Pace()
    for _ in range(40):
        pace.took(30.0)
    assert pace.plan(2_000_000, 1280, 720).width == 640
    for _ in range(700):
        pace.took(3.0)
    assert pace.plan(2_000_000, 1280, 720).width == 1280


def test_much_loss_lowers_the_rate_and_a_good_way_raises_it():
    assert after_loss(1_000_000, 0.2) == pytest.approx(900_000)
    assert after_loss(1_000_000, 0.05) == 1_000_000
    assert after_loss(1_000_000, 0.0) > 1_000_000
    assert after_loss(MIN_BPS, 0.9) == MIN_BPS


# ── the rest ─────────────────────────────────────────────────────────────────────────────────────


def test_rtp_times_are_mapped_through_a_wrap_around():
    report = SenderReport(seconds=100.0, rtp=0xFFFF_FF00)
    assert report.when(0xFFFF_FF00 + 90_000 & 0xFFFF_FFFF, 90_000) == pytest.approx(101.0)
    assert report.when(0xFFFF_FF00 - 45_000, 90_000) == pytest.approx(99.5)


def test_another_version_is_refused_in_words():
    with pytest.raises(adjustments.WrongVersion, match=r"1\.16\.0; 1\.17\.0 is installed"):
        adjustments.check_version("1.17.0")
    adjustments.check_version("1.16.0")


def test_everything_that_is_replaced_is_there(monkeypatch):
    for module, name, ours in adjustments.REPLACED:
        assert hasattr(module, name), name
        monkeypatch.setattr(module, name, getattr(module, name))
        if isinstance(ours, float):
            assert ours < getattr(module, name)
    adjustments.apply()
    assert all(getattr(module, name) is ours for module, name, ours in adjustments.REPLACED)


def test_loopback_is_offered_only_where_there_is_nothing_else(monkeypatch):
    class Adapter:
        def __init__(self, *addresses) -> None:
            self.ips = [type("IP", (), {"ip": address}) for address in addresses]

    def offered(*adapters) -> list[str]:
        monkeypatch.setattr(addresses.ifaddr, "get_adapters", lambda: adapters)
        return addresses.host_addresses(use_ipv4=True, use_ipv6=True)

    lo = Adapter("127.0.0.1", ("::1", 0, 0))
    assert offered(lo) == ["127.0.0.1"]
    assert offered(lo, Adapter("192.0.2.7", ("fe80::1", 0, 2), ("2001:db8::7", 0, 0))) == ["192.0.2.7", "2001:db8::7"]


async def test_a_message_that_cannot_be_read_does_not_end_the_reader(caplog):
    from aiortc.rtcsctptransport import WEBRTC_DCEP, WEBRTC_STRING, RTCSctpTransport

    from client.engines.video.adjustments.channels import GuardedSctp

    guarded = GuardedSctp.__new__(GuardedSctp)
    guarded._data_channels = {1: type("Channel", (), {"emit": print})}
    broken = (WEBRTC_STRING, b"\xff\xfe"), (WEBRTC_DCEP, b"\x03" + bytes(11))
    for kind, data in broken:
        with pytest.raises((UnicodeDecodeError, AssertionError)):
            await RTCSctpTransport._data_channel_receive(guarded, 1, kind, data)
        await guarded._data_channel_receive(1, kind, data)
    assert len([record for record in caplog.records if "dropped" in record.message]) == len(broken)


async def test_a_sender_takes_the_far_ends_word_and_what_loss_leaves():
    from aiortc.rtp import RTCP_PSFB_APP, RTCP_PSFB_PLI, RtcpPsfbPacket, RtcpReceiverInfo, RtcpRrPacket, pack_remb_fci

    from client.engines.video.adjustments.sender import YieldingSender

    transport = type("Transport", (), {"state": "new", "_stats_id": "t"})()
    sender = YieldingSender("video", transport)
    encoder = sender.__dict__["_RTCRtpSender__encoder"] = encoders.get_encoder(codec("VP8"))

    async def remb(bps: int) -> int:
        fci = pack_remb_fci(bps, [sender._ssrc])
        await sender._handle_rtcp_packet(RtcpPsfbPacket(fmt=RTCP_PSFB_APP, ssrc=1, media_ssrc=0, fci=fci))
        return encoder.target_bitrate

    async def lost(share: float) -> int:
        told = RtcpReceiverInfo(
            ssrc=sender._ssrc,
            fraction_lost=int(share * 256),
            packets_lost=0,
            highest_sequence=0,
            jitter=0,
            lsr=0,
            dlsr=0,
        )
        await sender._handle_rtcp_packet(RtcpRrPacket(ssrc=1, reports=[told]))
        return encoder.target_bitrate

    assert await lost(0.5) < 1_200_000  # before any word of the far end
    assert [await lost(0.0) for _ in range(10)][-1] == 1_500_000
    assert await remb(1_000_000) == pytest.approx(1_000_000, rel=0.01)
    down = await lost(0.3)
    assert down < 900_000
    await sender._handle_rtcp_packet(RtcpPsfbPacket(fmt=RTCP_PSFB_PLI, ssrc=1, media_ssrc=sender._ssrc))
    assert [await lost(0.0) for _ in range(10)][-1] == pytest.approx(1_000_000, rel=0.01)
