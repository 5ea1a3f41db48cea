"""`ieum desk`: the agent's window, with an embedded hub unless the settings name a shared one."""

from __future__ import annotations

import argparse
from pathlib import Path

from client import platform, settings

HELP = "the agent's window"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--practice", action="store_true", help="a practice citizen calls in")
    parser.add_argument("--wav", type=Path, help="what the practice citizen says")
    parser.add_argument("--out", type=Path, default=Path("out"), help="where a run without a display leaves its files")


def run(arguments: argparse.Namespace) -> int:
    """Open the desk. Without a display, a practice run goes by itself and leaves its files."""
    from ui.composition import run_desk

    wanted = settings.load()
    if not arguments.practice:
        return run_desk(wanted)
    from client.demo.run import Demo, practice_call

    if platform.has_display():
        return run_desk(wanted, script=practice_call(arguments.wav))
    return run_desk(wanted, script=Demo(arguments.out, arguments.wav, browser=False).run)
