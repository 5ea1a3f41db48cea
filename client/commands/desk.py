"""`ieum desk`: the agent's window, with an embedded hub unless the settings name a shared one."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from client import platform, settings
from client.demo.needs import Missing, has_browser, need_models

HELP = "the agent's window"
MISSING = 3
SENSES = ("desk.", "sound.")  # settings that a practice keeps: what the person sees and hears with


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--practice", action="store_true", help="a practice citizen calls in, apart from your settings, data and hub"
    )
    parser.add_argument("--wav", type=Path, help="what the practice citizen says, in Korean")
    parser.add_argument("--out", type=Path, default=Path("out"), help="where a run without a display leaves its files")
    parser.add_argument(
        "--stay", action="store_true", help="a run without a display keeps the citizen's page until Ctrl+C"
    )


def run(arguments: argparse.Namespace) -> int:
    """Open the desk; 3 if there is no display to open it on. A practice run then goes by itself and leaves its files."""
    if not arguments.practice:
        from ui.composition import run_desk

        return run_desk(settings.load())
    try:
        return _practice(arguments)
    except Missing as error:
        print(f"ieum desk: {error}", file=sys.stderr)
        return MISSING


def _practice(arguments: argparse.Namespace) -> int:
    from client.demo.apart import place_apart
    from client.demo.practice import practice_call
    from client.demo.run import Demo
    from ui.composition import run_desk

    if platform.has_display():
        with place_apart(SENSES) as directory:
            return run_desk(settings.load(), directory=directory, script=practice_call(arguments.wav))
    need_models()
    demo = Demo(arguments.out, arguments.wav, browser=has_browser(), stay=arguments.stay)
    with place_apart() as directory:
        return run_desk(settings.load(), directory=directory, script=demo.run)
