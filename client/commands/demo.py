"""`ieum demo`: a whole session on real parts, by itself, apart from this desk's own settings, data and hub."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from client import settings
from client.demo.apart import place_apart
from client.demo.needs import Missing, need_browser, need_models
from client.engines.voice.wav import read_wav

HELP = "a whole session on real parts, by itself"
MISSING = 3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--wav", type=Path, help="what the citizen says, in Korean (default: English sample speech)")
    parser.add_argument(
        "--agent-wav", type=Path, help="what the agent says, in the same language (default: nothing with --wav)"
    )
    parser.add_argument("--out", type=Path, default=Path("out/demo"), help="where the files go")
    parser.add_argument("--no-browser", action="store_true", help="without the citizen's page in Chromium")
    parser.add_argument(
        "--listen", type=float, default=60.0, metavar="SECONDS", help="how long to wait for captions (default 60)"
    )
    parser.add_argument("--stay", action="store_true", help="keep the desk and the citizen's page until Ctrl+C")


def run(arguments: argparse.Namespace) -> int:
    """0 if every step happened, 1 if one did not, 3 if something is missing on this machine."""
    from client.demo.run import Demo
    from ui.composition import OFFSCREEN, run_desk

    os.environ["QT_QPA_PLATFORM"] = OFFSCREEN  # it goes by itself: no window in anybody's way
    for wav in filter(None, (arguments.wav, arguments.agent_wav)):
        read_wav(wav)  # refused here rather than by a child
    try:
        need_models()
        if not arguments.no_browser:
            need_browser()
        demo = Demo(
            arguments.out,
            arguments.wav,
            arguments.agent_wav,
            browser=not arguments.no_browser,
            listen_s=arguments.listen,
            stay=arguments.stay,
        )
        with place_apart() as directory:
            return run_desk(settings.load(), directory=directory, script=demo.run)
    except Missing as error:
        print(f"ieum demo: {error}", file=sys.stderr)
        return MISSING
