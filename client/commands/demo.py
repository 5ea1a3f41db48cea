"""`ieum demo`: a whole session on real parts, by itself."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from client import settings

HELP = "a whole session on real parts, by itself"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--wav", type=Path, help="what the citizen says (default: English sample speech)")
    parser.add_argument("--agent-wav", type=Path, help="what the agent says, in the microphone's place")
    parser.add_argument("--out", type=Path, default=Path("out/demo"), help="where the files go")
    parser.add_argument("--no-browser", action="store_true", help="without the citizen's page in Chromium")


def run(arguments: argparse.Namespace) -> int:
    """0 if every step happened."""
    from client.demo.run import Demo
    from ui.composition import OFFSCREEN, run_desk

    os.environ["QT_QPA_PLATFORM"] = OFFSCREEN  # it goes by itself: no window in anybody's way
    demo = Demo(arguments.out, arguments.wav, arguments.agent_wav, browser=not arguments.no_browser)
    return run_desk(settings.load(), script=demo.run)
