"""WAV files as 16 kHz mono s16: any rate, any number of channels, whole numbers of 8–32 bits or floats (RIFF, Microsoft 1991)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soxr

from client.domain.codec import BadInput
from client.engine_protocol import SAMPLE_RATE

Samples = npt.NDArray[np.int16]
Floats = npt.NDArray[np.float64]

PCM, FLOAT, EXTENSIBLE = 1, 3, 0xFFFE
MAX_BYTES = 500_000_000
RATES = range(1_000, 400_000)
_HEAD = struct.Struct("<4sI4s")
_CHUNK = struct.Struct("<4sI")
_FORMAT = struct.Struct("<HHIIHH")


def read_wav(file: Path) -> Samples:
    """The sound of a WAV file as 16 kHz mono; raises `BadInput` saying what is wrong with it."""
    try:
        if file.stat().st_size > MAX_BYTES:
            raise BadInput(str(file), "is too large for a WAV file in the microphone's place")
        data = file.read_bytes()
    except OSError as error:
        raise BadInput(str(file), f"cannot be read: {error.strerror}") from error
    try:
        return _decode(data)
    except (struct.error, ValueError) as error:
        raise BadInput(str(file), f"is not a WAV file that can be played: {error}") from error


def _decode(data: bytes) -> Samples:
    riff, _, wave = _HEAD.unpack_from(data)
    if riff != b"RIFF" or wave != b"WAVE":
        raise ValueError("it does not begin with RIFF and WAVE")
    chunks = dict(_chunks(data))
    if b"fmt " not in chunks or b"data" not in chunks:
        raise ValueError("its format or its data are missing")
    kind, channels, rate, _, frame, bits = _FORMAT.unpack_from(chunks[b"fmt "])
    if kind == EXTENSIBLE:
        (kind,) = struct.unpack_from("<H", chunks[b"fmt "], 24)
    if not 1 <= channels <= 32 or rate not in RATES or frame != channels * bits // 8:  # noqa: PLR2004 — plausible
        raise ValueError(f"{channels} channels of {bits} bits at {rate} Hz make no sense")
    sound = chunks[b"data"][: len(chunks[b"data"]) // frame * frame]
    if not sound:
        raise ValueError("it holds no sound")
    mono: Floats = _floats(sound, kind, bits).reshape(-1, channels).mean(axis=1)
    if rate != SAMPLE_RATE:
        mono = soxr.resample(mono, rate, SAMPLE_RATE)
    return to_samples(mono)


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """(name, content) of each chunk; the last may be longer than the file says or the file goes (a broken-off recording)."""
    at = _HEAD.size
    while at + _CHUNK.size <= len(data):
        name, length = _CHUNK.unpack_from(data, at)
        at += _CHUNK.size
        yield name, data[at : at + length]
        at += length + length % 2


def _floats(sound: bytes, kind: int, bits: int) -> Floats:
    if kind == FLOAT and bits in (32, 64):
        found: Floats = np.frombuffer(sound, f"<f{bits // 8}").astype(np.float64)
        if not np.isfinite(found).all():
            raise ValueError("it holds values that are no numbers")
        return found
    if kind != PCM:
        raise ValueError(f"its coding {kind} is none that is played here")
    if bits == 8:  # noqa: PLR2004 — the one unsigned width
        return (np.frombuffer(sound, np.uint8).astype(np.float64) - 128.0) / 128.0
    if bits == 24:  # noqa: PLR2004 — no dtype has three bytes
        raw = np.frombuffer(sound, np.uint8).reshape(-1, 3)
        wide = np.zeros((len(raw), 4), np.uint8)
        wide[:, 1:] = raw
        return wide.view("<i4")[:, 0].astype(np.float64) / 2**31
    if bits in (16, 32):
        return np.frombuffer(sound, f"<i{bits // 8}").astype(np.float64) / 2.0 ** (bits - 1)
    raise ValueError(f"{bits} bits are not played here")


def to_samples(floats: Floats) -> Samples:
    """Floats of −1…1 as s16, clipped."""
    clipped: Samples = np.clip(np.rint(floats * 32_767), -32_768, 32_767).astype(np.int16)
    return clipped
