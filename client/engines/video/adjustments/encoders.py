"""Encoders for signing: quick, of one thread, and not begun anew at every change of the rate.

Stock aiortc starts VP8 at 0.5 Mbit/s, throws the encoder away, with a large whole picture, whenever the rate changes by a
tenth, and lets x264 work at "medium". x264 takes a new rate as it runs; FFmpeg's libvpx does not, so VP8's rate stands on
steps: it goes down when it must and up seldom.
"""

from __future__ import annotations

import fractions
import random
import time
from typing import Any, cast

import av
from aiortc.codecs import get_encoder as stock_encoder
from aiortc.codecs.base import Encoder
from aiortc.codecs.h264 import H264Encoder
from aiortc.codecs.vpx import Vp8Encoder
from aiortc.mediastreams import VIDEO_TIME_BASE, convert_timebase
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from av.frame import Frame
from av.packet import Packet

from client.engines.video.adjustments.pace import DEFAULT_BPS, Pace, Plan

FPS = 30
FOREVER = 3_000  # frames between whole pictures that nobody asked for
UP, DOWN = 1.35, 0.85  # a VP8 step is left when the wanted rate is so far from it
UP_AFTER_S = 8.0
BENT_DOWN, BENT_UP = 0.6, 1.6  # x264 takes a rate in between as it runs
WHOLE = av.video.frame.PictureType.I
ANY = av.video.frame.PictureType.NONE


class PacedEncoder(Encoder):
    """Encodes what its `Pace` plans. `target_bitrate` is set by what the far end says it can take."""

    def __init__(self) -> None:
        self.target_bitrate = DEFAULT_BPS
        self.pace = Pace()
        self._codec: Any = None

    def encode(self, frame: Frame, force_keyframe: bool = False) -> tuple[list[bytes], int]:
        """(payloads of RTP packets, RTP time) of one picture."""
        began = time.perf_counter()
        picture = cast(av.VideoFrame, frame)
        plan = self.pace.plan(self.target_bitrate, picture.width, picture.height)
        self._follow(plan)
        small = self._fit(picture, plan)
        small.pict_type = WHOLE if force_keyframe else ANY
        data = b"".join(bytes(packet) for packet in self._codec.encode(small))
        payloads = self._packets(data)
        self.pace.took((time.perf_counter() - began) * 1000)
        return payloads, _rtp_time(frame)

    def pack(self, packet: Packet[Any]) -> tuple[list[bytes], int]:
        """Payloads of a picture that is encoded already."""
        return self._packets(bytes(packet)), _rtp_time(packet)

    def _fit(self, picture: av.VideoFrame, plan: Plan) -> av.VideoFrame:
        if (picture.width, picture.height, picture.format.name) == (plan.width, plan.height, "yuv420p"):
            return picture
        return picture.reformat(width=plan.width, height=plan.height, format="yuv420p")

    def _sized(self, plan: Plan) -> bool:
        return self._codec is not None and (self._codec.width, self._codec.height) == (plan.width, plan.height)

    def _follow(self, plan: Plan) -> None:
        raise NotImplementedError

    def _packets(self, data: bytes) -> list[bytes]:
        raise NotImplementedError


def _rtp_time(timed: Frame | Packet[Any]) -> int:
    assert timed.pts is not None
    assert timed.time_base is not None
    return convert_timebase(timed.pts, timed.time_base, VIDEO_TIME_BASE)


def _new_codec(name: str, plan: Plan) -> Any:
    codec: Any = av.CodecContext.create(name, "w")
    codec.width, codec.height, codec.pix_fmt = plan.width, plan.height, "yuv420p"
    codec.bit_rate = plan.bps
    codec.framerate, codec.time_base = fractions.Fraction(FPS, 1), VIDEO_TIME_BASE
    codec.gop_size = FOREVER
    codec.thread_count = 1
    return codec


class SteadyVp8(PacedEncoder):
    """VP8 in libvpx's real-time mode, at a constant rate with little buffering."""

    def __init__(self) -> None:
        super().__init__()
        self._picture_id = random.randrange(1 << 15)  # noqa: S311 — RFC 7741 wants any beginning, not a secret
        self._stepped = 0.0

    def _follow(self, plan: Plan) -> None:
        if self._sized(plan) and not self._leaves_step(plan):
            return
        self._stepped = time.monotonic()
        codec = self._codec = _new_codec("libvpx", plan)
        codec.qmin, codec.qmax = 2, 56
        rate = str(plan.bps)
        codec.options = {
            "deadline": "realtime",
            "cpu-used": "-6",
            "lag-in-frames": "0",
            "minrate": rate,
            "maxrate": rate,  # both as the rate: constant
            "bufsize": str(plan.bps // 2),
            "undershoot-pct": "100",
            "overshoot-pct": "15",
            "noise-sensitivity": "0",
            "static-thresh": "1",
            "max-intra-rate": "400",  # a whole picture may take four frames' worth, no more: it must not clog the way
        }

    def _leaves_step(self, plan: Plan) -> bool:
        now = self._codec.bit_rate
        rested = time.monotonic() - self._stepped > UP_AFTER_S
        return plan.bps < now * DOWN or (plan.bps > now * UP and rested)

    def _packets(self, data: bytes) -> list[bytes]:
        payloads = Vp8Encoder._packetize(data, self._picture_id)  # noqa: SLF001
        self._picture_id = (self._picture_id + 1) % (1 << 15)
        return payloads


class SteadyH264(PacedEncoder):
    """x264, constrained baseline, without any frame of delay."""

    def __init__(self) -> None:
        super().__init__()
        self._begun_at = 0  # bits per second

    def _follow(self, plan: Plan) -> None:
        if self._sized(plan) and self._bends(plan):
            self._codec.bit_rate = plan.bps  # FFmpeg hands it to x264 with the next picture
            return
        codec = self._codec = _new_codec("libx264", plan)
        codec.profile = "Baseline"
        self._begun_at = plan.bps
        codec.options = {
            "preset": "superfast",
            "tune": "zerolatency",
            "level": "31",  # 1280×720 at 30
            "maxrate": str(plan.bps),
            "bufsize": str(plan.bps // 3),
            "x264-params": "scenecut=0",
        }

    def _bends(self, plan: Plan) -> bool:
        """The rate can be bent as it runs; its ceiling cannot, so far away it begins anew."""
        return self._begun_at * BENT_DOWN < plan.bps < self._begun_at * BENT_UP

    def _packets(self, data: bytes) -> list[bytes]:
        return H264Encoder._packetize(H264Encoder._split_bitstream(data))  # noqa: SLF001


def get_encoder(codec: RTCRtpCodecParameters) -> Encoder:
    """The encoder for a negotiated codec: ours for pictures, aiortc's for sound."""
    mine: dict[str, type[PacedEncoder]] = {"video/vp8": SteadyVp8, "video/h264": SteadyH264}
    made = mine.get(codec.mimeType.lower())
    return made() if made else stock_encoder(codec)
