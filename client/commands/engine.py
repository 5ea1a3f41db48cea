"""`ieum engine NAME --endpoint FILE`: one engine, as the desk starts it."""

from __future__ import annotations

import argparse
import asyncio
import importlib
import logging
from pathlib import Path

from client import platform, settings
from client.adapters.key_store import open_key_store
from client.crash import Funnel

HELP = "one engine, as the desk starts it"
NAMES = ("voice", "speech", "video")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("name", choices=NAMES)
    parser.add_argument("--endpoint", type=Path, help="file to write port and token to (default: the data directory)")


def run(arguments: argparse.Namespace) -> int:
    """Run the engine until its desk is gone."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    wanted = settings.load()
    directory = Path(wanted.data_dir) if wanted.data_dir else platform.data_dir()
    wanted = settings.with_secrets(wanted, open_key_store(directory).get)
    endpoint = arguments.endpoint or directory / "run" / f"{arguments.name}.json"
    module = importlib.import_module(f"client.engines.{arguments.name}.main")
    funnel = Funnel(arguments.name, directory)
    funnel.install()
    with asyncio.Runner(loop_factory=platform.new_event_loop) as runner:
        funnel.watch(runner.get_loop())
        code: int = runner.run(module.run(endpoint, wanted))
    return code
