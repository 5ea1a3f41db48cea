"""What a telephone leaves of speech: 300-3400 Hz, 8 kHz, G.711 A-law."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from client.engine_protocol import SAMPLE_RATE

Sound = npt.NDArray[np.float32]

LOW_HZ, HIGH_HZ = 300.0, 3400.0
ORDER = 6  # of the Butterworth flanks
PHONE_RATE = 8_000


def phone_band(sound: Sound) -> Sound:
    """16 kHz mono sound as it arrives over G.711, at 16 kHz again and of the same length."""
    import soxr

    spectrum = np.fft.rfft(sound)
    frequency = np.maximum(np.fft.rfftfreq(len(sound), 1 / SAMPLE_RATE), 1e-3)
    passes = np.sqrt((1 + (frequency / HIGH_HZ) ** (2 * ORDER)) * (1 + (LOW_HZ / frequency) ** (2 * ORDER)))
    narrow = np.fft.irfft(spectrum / passes, len(sound)).astype(np.float32)
    coded = a_law(np.clip(np.round(soxr.resample(narrow, SAMPLE_RATE, PHONE_RATE) * 32767), -32768, 32767))
    back = soxr.resample(coded.astype(np.float32) / 32768, PHONE_RATE, SAMPLE_RATE).astype(np.float32)
    return np.pad(back, (0, max(0, len(sound) - len(back))))[: len(sound)]


def a_law(samples: npt.NDArray[np.floating]) -> npt.NDArray[np.int16]:
    """16-bit samples coded and decoded by ITU-T G.711 A-law: 13 bits, then 4 bits in each of 8 segments."""
    whole = samples.astype(np.int32)
    size = np.where(whole < 0, ~whole, whole)
    segment = np.maximum(np.floor(np.log2(np.maximum(size, 1))).astype(np.int32) - 7, 0)
    step = np.where(segment > 0, (size >> (segment + 3)) & 15, size >> 4)
    decoded = np.where(segment > 0, ((step << 4) + 0x108) << np.maximum(segment - 1, 0), (step << 4) + 8)
    return np.where(whole < 0, -decoded, decoded).clip(-32768, 32767).astype(np.int16)
