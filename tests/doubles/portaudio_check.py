"""PortAudio on ALSA's null device (`ALSA_CONFIG_PATH`): real streams without hardware. Exits with 0 if all is well."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import numpy as np
import pytest

from client.engines.voice import portaudio_card
from client.engines.voice.portaudio_card import PortAudioCard
from client.engines.voice.sound_card import SoundFault


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 5
    while not condition():
        if time.monotonic() > end:
            raise AssertionError("did not happen within 5 s")


def main() -> None:
    card = PortAudioCard()
    there = card.devices()
    assert "headset" in there.inputs, there
    assert "headset" in there.outputs, there
    assert there.default_input == "default", there
    for rate in (16_000, 48_000):
        portaudio_card._rate = lambda *_, rate=rate: rate
        heard, asked = [], []
        microphone = card.open_input("headset", heard.append)
        speaker = card.open_output("headset", lambda count: asked.append(count) or np.zeros(count, np.int16))  # noqa: B023
        until(lambda: sum(map(len, heard)) > 16_000 and sum(asked) > 16_000)  # noqa: B023
        assert heard[-1].dtype == np.int16
        assert microphone.alive
        assert speaker.alive
        microphone.close()
        speaker.close()
    card.rescan()
    assert card.devices() == there
    with pytest.raises(SoundFault, match="no such device"):
        card.open_input("no such device", heard.append)


if __name__ == "__main__":
    sys.exit(main())
