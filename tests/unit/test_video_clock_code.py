"""The clock in the picture is read after a codec has been at it, and never read wrongly."""

from __future__ import annotations

import random
from fractions import Fraction

import av
import numpy as np
import pytest

from client.engines.video import clock_code

SIZES = [(480, 640), (720, 1280), (360, 480), (240, 320)]
NOW = 1_795_000_123_456  # ms since 1970


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("channels", [(), (3,), (4,)])
def test_what_was_drawn_is_read(size, channels):
    frame = np.full((*size, *channels), 90, np.uint8)
    for ms in (0, 1, 0x5A5A5A5A, (1 << 32) - 1):
        clock_code.encode(frame, ms)
        assert clock_code.decode(frame) == ms


def test_the_time_of_today_is_told_by_its_age():
    frame = np.zeros((480, 640), np.uint8)
    clock_code.encode(frame, NOW)
    read = clock_code.decode(frame)
    assert read is not None
    assert clock_code.age_ms(NOW + 87, read) == 87
    assert clock_code.age_ms(NOW - 5, read) == -5


def test_an_age_is_right_where_the_stamp_begins_anew():
    assert clock_code.age_ms((1 << 32) + 20, (1 << 32) - 20) == 40


def test_the_rest_of_the_picture_is_left_alone():
    frame = np.full((480, 640, 3), 77, np.uint8)
    clock_code.encode(frame, NOW)
    assert (frame[120:] == 77).all()


def test_a_picture_without_a_clock_says_nothing():
    noise = np.random.default_rng(4)
    for _ in range(200):
        assert clock_code.decode(noise.integers(0, 256, (480, 640, 3), np.uint8)) is None
    for grey in (0, 128, 255):
        assert clock_code.decode(np.full((480, 640), grey, np.uint8)) is None
    assert clock_code.decode(np.zeros((2, 2), np.uint8)) is None


def test_half_of_another_picture_is_not_read_as_a_time():
    dice = random.Random(7)
    for _ in range(200):
        first, second = (np.zeros((480, 640), np.uint8) for _ in range(2))
        old = dice.randrange(1 << 32)
        clock_code.encode(first, old)
        clock_code.encode(second, old + 33)
        first[80:] = second[80:]  # the last row of cells is of the next picture
        assert clock_code.decode(first) in (None, old)


@pytest.mark.parametrize(
    ("codec", "size", "bits"), [("libvpx", (480, 640), 400_000), ("libx264", (720, 1280), 600_000)]
)
def test_it_is_read_after_a_codec_at_a_low_rate(codec, size, bits):
    stamps = [NOW + 33 * number for number in range(20)]
    read = [clock_code.decode(frame) for frame in through_codec(codec, size, bits, stamps)]
    assert read == [stamp % (1 << 32) for stamp in stamps]


def through_codec(codec: str, size: tuple[int, int], bits: int, stamps: list[int]) -> list[np.ndarray]:
    """Noisy pictures with these times, encoded at a rate too low for the noise, and decoded."""
    encoder = av.CodecContext.create(codec, "w")
    encoder.height, encoder.width = size
    encoder.pix_fmt, encoder.bit_rate, encoder.time_base = "yuv420p", bits, Fraction(1, 30)
    encoder.options = {"tune": "zerolatency"} if codec == "libx264" else {"deadline": "realtime", "lag-in-frames": "0"}
    packets = []
    noise = np.random.default_rng(1)
    for number, stamp in enumerate(stamps):
        picture = noise.integers(60, 196, (*size, 3), np.uint8)
        clock_code.encode(picture, stamp)
        frame = av.VideoFrame.from_ndarray(picture, "bgr24")
        frame.pts = number
        packets += encoder.encode(frame)
    packets += encoder.encode(None)
    decoder = av.CodecContext.create("vp8" if codec == "libvpx" else "h264", "r")
    frames = [frame for packet in [*packets, None] for frame in decoder.decode(packet)]
    return [frame.to_ndarray(format="bgr24") for frame in frames]
