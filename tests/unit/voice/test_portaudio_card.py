"""The real sound library, on devices that need no hardware."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np

from client.engines.voice.sound_card import NoCard, open_card

ROOT = Path(__file__).resolve().parents[3]
ALSA = """pcm.!default { type null }
ctl.!default { type null }
pcm.headset { type null hint { show on description "headset" } }
"""


def test_portaudio_opens_names_resamples_and_rescans(tmp_path):
    (tmp_path / "alsa.conf").write_text(ALSA)
    command = [sys.executable, "-m", "tests.doubles.portaudio_check"]
    environment = {**os.environ, "ALSA_CONFIG_PATH": str(tmp_path / "alsa.conf")}
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=ROOT, env=environment, check=False)
    assert done.returncode == 0, done.stderr[-3_000:]


def test_a_device_of_another_rate_gets_what_it_asks_for():
    from client.engines.voice.portaudio_card import _Resampled

    times = np.arange(16_000) / 16_000
    tone = (8_000 * np.sin(2 * np.pi * 500 * times)).astype(np.int16)
    given = [0]

    def give(count: int):
        given[0] += count
        return tone[given[0] - count : given[0]]

    device = _Resampled(give, 44_100)
    played = np.concatenate([device(441) for _ in range(60)])
    spectrum = np.abs(np.fft.rfft(played[-22_050:].astype(float)))
    assert np.argmax(spectrum) * 2 == 500
    assert abs(given[0] - len(played) * 16_000 / 44_100) < 2_000


def test_a_machine_without_the_sound_library_has_no_card_and_no_crash(monkeypatch):
    monkeypatch.delitem(sys.modules, "sounddevice", raising=False)
    monkeypatch.delitem(sys.modules, "client.engines.voice.portaudio_card", raising=False)
    monkeypatch.setattr("ctypes.util.find_library", lambda _: None)
    card = open_card()
    assert isinstance(card, NoCard)
    assert card.devices().inputs == ()
