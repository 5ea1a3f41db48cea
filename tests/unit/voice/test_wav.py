"""WAV files of every kind, and of none."""

from __future__ import annotations

import contextlib
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from client.domain.codec import BadInput
from client.engine_protocol import FRAME_SAMPLES
from client.engines.voice.wav import read_wav
from client.engines.voice.wav_source import WavSource


def riff(sound: bytes, *, kind=1, channels=1, rate=16_000, bits=16, extensible=False, data_length=None) -> bytes:
    frame = channels * bits // 8
    form = struct.pack("<HHIIHH", 0xFFFE if extensible else kind, channels, rate, rate * frame, frame, bits)
    if extensible:
        form += struct.pack("<HHIH", 22, bits, 0, kind) + bytes(14)
    length = len(sound) if data_length is None else data_length
    body = b"fmt " + struct.pack("<I", len(form)) + form + b"LIST\x03\0\0\0abc\0" + b"data" + struct.pack("<I", length)
    return b"RIFF" + struct.pack("<I", len(body) + len(sound) + 4) + b"WAVE" + body + sound


def tone(rate: int) -> np.ndarray:
    return 0.5 * np.sin(2 * np.pi * 500 * np.arange(rate) / rate)


def as_bytes(sound: np.ndarray, kind: int, bits: int) -> bytes:
    if kind == 3:
        return sound.astype(f"<f{bits // 8}").tobytes()
    if bits == 8:
        return (sound * 127 + 128).astype(np.uint8).tobytes()
    if bits == 24:
        return (sound * (2**31 - 1)).astype("<i4").view(np.uint8).reshape(-1, 4)[:, 1:].tobytes()
    return (sound * (2 ** (bits - 1) - 1)).astype(f"<i{bits // 8}").tobytes()


@pytest.mark.parametrize("rate", [8_000, 16_000, 22_050, 44_100, 48_000])
@pytest.mark.parametrize(("kind", "bits"), [(1, 8), (1, 16), (1, 24), (1, 32), (3, 32), (3, 64)])
def test_every_rate_and_width_gives_the_same_second_of_tone(tmp_path, rate, kind, bits):
    file = tmp_path / "a.wav"
    file.write_bytes(riff(as_bytes(tone(rate), kind, bits), kind=kind, rate=rate, bits=bits))
    samples = read_wav(file)
    assert abs(len(samples) - 16_000) < 20
    spectrum = np.abs(np.fft.rfft(samples[:16_000].astype(float)))
    assert np.argmax(spectrum) == pytest.approx(500, abs=1)
    assert np.abs(samples[2_000:14_000]).max() == pytest.approx(0.5 * 32_767, rel=0.03)


def test_channels_are_mixed_and_the_extensible_form_is_read(tmp_path):
    left, right = tone(16_000), -tone(16_000)
    file = tmp_path / "a.wav"
    sound = as_bytes(np.stack([left, right], axis=1).ravel(), 1, 16)
    file.write_bytes(riff(sound, channels=2, extensible=True))
    assert np.abs(read_wav(file)).max() <= 1


def test_a_recording_that_broke_off_is_played_to_where_it_goes(tmp_path):
    file = tmp_path / "a.wav"
    file.write_bytes(riff(as_bytes(tone(16_000), 1, 16)[:1_001], data_length=0xFFFFFFFF))
    assert len(read_wav(file)) == 500


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "RIFF|unpack"),
        (b"RIFF0000WAV", "unpack"),
        (b"OggS" + bytes(100), "does not begin"),
        (riff(b""), "no sound"),
        (riff(bytes(100), kind=6, bits=8), "coding 6"),
        (riff(bytes(100), bits=12), "12 bits"),
        (riff(bytes(100), rate=0), "make no sense"),
        (riff(bytes(100), channels=0), "make no sense"),
        (riff(struct.pack("<f", float("nan")) * 9, kind=3, bits=32), "no numbers"),
        (b"RIFF\0\0\0\0WAVEdata\4\0\0\0abcd", "missing"),
    ],
)
def test_a_broken_file_is_refused_by_name_and_reason(tmp_path, content, why):
    file = tmp_path / "broken.wav"
    file.write_bytes(content)
    with pytest.raises(BadInput, match=why) as refused:
        read_wav(file)
    assert "broken.wav" in str(refused.value)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(BadInput, match="cannot be read"):
        read_wav(tmp_path / "none.wav")


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=80), st.integers(0, 60))
def test_no_bytes_do_more_than_be_refused(tmp_path_factory, junk, at):
    whole = riff(bytes(64))
    file = tmp_path_factory.getbasetemp() / "junk.wav"
    file.write_bytes(whole[:at] + junk + whole[at + len(junk) :])
    with contextlib.suppress(BadInput):
        assert read_wav(file).dtype == np.int16


def test_a_source_says_the_file_then_a_room_s_floor_and_begins_again():
    source = WavSource(np.full(FRAME_SAMPLES + 100, 900, np.int16))
    assert np.abs(np.frombuffer(source.frame(), np.int16)).max() <= 1
    source.rewind()
    assert set(np.frombuffer(source.frame(), np.int16)) == {900}
    second = np.frombuffer(source.frame(), np.int16)
    assert set(second[:100]) == {900}
    assert np.abs(second[100:]).max() == 1
    assert source.over


def test_a_source_may_go_round():
    source = WavSource(np.full(FRAME_SAMPLES * 2, 900, np.int16), loop=True)
    source.rewind()
    for _ in range(7):
        assert set(np.frombuffer(source.frame(), np.int16)) == {900}
