"""Sound devices through PortAudio."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import sounddevice as sd
import soxr

from client.engine_protocol import FRAME_SAMPLES, SAMPLE_RATE
from client.engines.voice.sound_card import CardDevices, Give, SoundFault, Stream, Take
from client.engines.voice.wav import Samples

DEAD_AFTER_S = 1.0  # without a callback: unplugged


class PortAudioCard:
    """PortAudio sees devices only when it starts, so a rescan starts it anew."""

    def devices(self) -> CardDevices:
        """Each name once, from the host API of the default device first: there its plain names are."""
        try:
            found = list(sd.query_devices())
            default_in, default_out = (_name(found, number) for number in sd.default.device)
        except sd.PortAudioError:
            return CardDevices()
        inputs = tuple(dict.fromkeys(device["name"] for device in found if device["max_input_channels"]))
        outputs = tuple(dict.fromkeys(device["name"] for device in found if device["max_output_channels"]))
        return CardDevices(inputs=inputs, outputs=outputs, default_input=default_in, default_output=default_out)

    def rescan(self) -> None:
        """Start PortAudio anew."""
        sd._terminate()  # noqa: SLF001 — the only way to see a device plugged in later
        sd._initialize()  # noqa: SLF001

    def open_input(self, name: str, take: Take) -> Stream:
        """Mono, at 16 kHz where the device can, else resampled."""
        rate = _rate(name, sd.check_input_settings, "max_input_channels")
        change = None if rate == SAMPLE_RATE else soxr.ResampleStream(rate, SAMPLE_RATE, 1, dtype="int16")

        def block(data: Any, _frames: int, _time: Any, _status: Any) -> None:
            stream.last = time.monotonic()
            mono = data[:, 0].copy()
            take(change.resample_chunk(mono) if change else mono)

        stream = _PortAudioStream()
        return stream.open(sd.InputStream, name, rate, block)

    def open_output(self, name: str, give: Give) -> Stream:
        """Mono, at 16 kHz where the device can, else resampled."""
        rate = _rate(name, sd.check_output_settings, "max_output_channels")
        source = give if rate == SAMPLE_RATE else _Resampled(give, rate)

        def block(data: Any, frames: int, _time: Any, _status: Any) -> None:
            stream.last = time.monotonic()
            data[:, 0] = source(frames)

        stream = _PortAudioStream()
        return stream.open(sd.OutputStream, name, rate, block)


class _PortAudioStream:
    def __init__(self) -> None:
        self.last = time.monotonic()
        self._stream: Any = None

    def open(self, kind: Any, name: str, rate: int, block: Any) -> Stream:
        try:
            self._stream = kind(device=name, samplerate=rate, channels=1, dtype="int16", latency="low", callback=block)
            self._stream.start()
        except (sd.PortAudioError, ValueError) as error:
            raise SoundFault(f"{name} cannot be opened: {error}") from error
        self.last = time.monotonic()
        return self

    @property
    def alive(self) -> bool:
        return bool(self._stream.active) and time.monotonic() - self.last < DEAD_AFTER_S

    def close(self) -> None:
        self._stream.close(ignore_errors=True)


class _Resampled:
    """Gives samples at the device's rate from a source of 16 kHz."""

    def __init__(self, give: Give, rate: int) -> None:
        self._give = give
        self._change = soxr.ResampleStream(SAMPLE_RATE, rate, 1, dtype="int16")
        self._held: Samples = np.zeros(0, np.int16)

    def __call__(self, count: int) -> Samples:
        while len(self._held) < count:
            self._held = np.concatenate([self._held, self._change.resample_chunk(self._give(FRAME_SAMPLES))])
        found, self._held = self._held[:count], self._held[count:]
        return found


def _name(found: list[Any], number: int) -> str:
    return str(found[number]["name"]) if 0 <= number < len(found) else ""


def _rate(name: str, check: Any, channels: str) -> int:
    try:
        check(device=name, channels=1, dtype="int16", samplerate=SAMPLE_RATE)
    except (sd.PortAudioError, ValueError):
        try:
            return int(sd.query_devices(name, kind=channels.split("_")[1])["default_samplerate"])
        except (sd.PortAudioError, ValueError) as error:
            raise SoundFault(f"{name} is not there: {error}") from error
    return SAMPLE_RATE
