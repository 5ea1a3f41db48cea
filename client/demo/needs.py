"""What a demo or a benchmark needs of this machine, looked for before anything is started."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

from client import settings

CHROMIUM = os.environ.get("IEUM_CHROMIUM", "/usr/bin/chromium")


class Missing(Exception):
    """Something is not on this machine; the text says what to install. The exit code is 3."""


def need_models() -> None:
    """Refuse to begin without whisper: captions would be rough, and nothing that is measured would be true."""
    from client import models  # what unpacks archives is no part of a desk's start

    whisper = models.catalogue()["whisper-base"]
    if models.find(whisper, models.directory(settings.load().models_dir)) is None:
        raise Missing(f"the model {whisper.id} is not installed: run `ieum models install`")


def need_browser(program: str = CHROMIUM) -> None:
    """Refuse to begin without a Chromium and what drives it."""
    if not Path(program).exists():
        raise Missing(f"there is no browser at {program}: apt-get install chromium, or set IEUM_CHROMIUM")
    if importlib.util.find_spec("playwright") is None:
        raise Missing("the package playwright, which drives the browser, is not installed: run `make setup`")


def has_browser() -> bool:
    """True if a citizen's page can be opened here by a program."""
    try:
        need_browser()
    except Missing:
        return False
    return True


def sample_speech() -> Path | None:
    """English sample speech for the agent's microphone, where the tests' packages are installed."""
    found = importlib.util.find_spec("pytest_audioeval")
    for place in (found.submodule_search_locations or ()) if found else ():
        file = Path(place) / "samples" / "audio" / "en" / "quick_brown_fox.wav"
        if file.exists():
            return file
    return None


def need_speech() -> Path:
    """The sample speech; refuses to begin without it."""
    if (file := sample_speech()) is None:
        raise Missing("there is no sample speech here: give a recording with --wav, or run `make setup`")
    return file
