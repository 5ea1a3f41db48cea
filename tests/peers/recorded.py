"""Recorded speech for tests. Korean cannot be in the repository, nor in any package: it is looked for in a directory."""

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import numpy as np
import soundfile

ROOT = Path(__file__).resolve().parents[2]
RATE = 16_000
PAUSE_S = 0.5
FOX, HELLO = "quick_brown_fox", "hello_world"
ENGLISH = (FOX, FOX, HELLO, FOX, FOX)  # as long as a Korean passage; of the numbers there, digits would be heard


@dataclass(frozen=True)
class Recorded:
    """16 kHz mono s16, its words, and their language."""

    samples: np.ndarray
    words: str
    language: str


def directory() -> Path:
    """Where the Korean speech is, if it is anywhere."""
    return Path(os.environ.get("IEUM_SPEECH") or ROOT / ".." / "shared" / "speech").resolve()


def korean(number: int) -> Recorded:
    """A Korean passage, for what is true of Korean alone; without one, the failure says how to bring it."""
    file = directory() / f"speech-{number:02d}.flac"
    if not file.exists() or not file.with_suffix(".txt").exists():
        raise AssertionError(
            f"This test needs Korean speech: {file} and the words beside it in {file.stem}.txt. Set IEUM_SPEECH to a "
            "directory with speech-01.flac to speech-08.flac (16 kHz mono); CONTRIBUTING.md, “Speech for the tests”."
        )
    samples, rate = soundfile.read(file, dtype="int16")
    assert rate == RATE, f"{file} must have {RATE} Hz"
    return Recorded(samples, file.with_suffix(".txt").read_text(encoding="utf-8"), "ko")


def spoken(number: int) -> Recorded:
    """A Korean passage, or English where there is no Korean: for what is true of any speech."""
    return korean(number) if directory().is_dir() else english()


def english() -> Recorded:
    """Fifteen seconds of English from the sample package, with pauses."""
    folder = resources.files("pytest_audioeval") / "samples" / "audio" / "en"
    parts: list[np.ndarray] = []
    for name in ENGLISH:
        samples, rate = soundfile.read(str(folder / f"{name}.wav"), dtype="float32")  # it holds floats, never scaled
        assert rate == RATE
        parts += [(samples * 32_767).astype(np.int16), np.zeros(int(PAUSE_S * RATE), np.int16)]
    words = " ".join((folder / f"{name}.txt").read_text(encoding="utf-8").strip() for name in ENGLISH)
    return Recorded(np.concatenate(parts), words, "en")
