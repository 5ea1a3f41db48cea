"""`ieum engine NAME --endpoint FILE`: one engine, as the desk starts it."""

from __future__ import annotations

import argparse
import asyncio
import importlib
import logging
from pathlib import Path

from client import platform, settings

HELP = "one engine, as the desk starts it"
NAMES = ("voice", "speech")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("name", choices=NAMES)
    parser.add_argument("--endpoint", type=Path, help="file to write port and token to (default: the data directory)")


def run(arguments: argparse.Namespace) -> int:
    """Run the engine until its desk is gone."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    endpoint = arguments.endpoint or platform.data_dir() / "run" / f"{arguments.name}.json"
    module = importlib.import_module(f"client.engines.{arguments.name}.main")
    with asyncio.Runner(loop_factory=platform.new_event_loop) as runner:
        code: int = runner.run(module.run(endpoint, settings.load()))
    return code
