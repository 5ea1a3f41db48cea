"""The desk's start: until its window is painted, until everything in it works, and the memory that takes.

Each round is a desk of its own in a fresh directory and a fresh process, which starts its hub and its engines and
loads the models. `window_ms` counts from the start of the process, `ready_ms` until phone, hub and captions are good.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

from client import platform, settings
from client.bench.waiting import BenchFailed

if TYPE_CHECKING:
    from ui.composition import DeskApp

KEYS = ("window_ms", "ready_ms", "desk_rss_mb", "all_rss_mb")
READY_S = 60.0
SETTLE_S = 1.0
POLL_S = 0.005
MB = 1_000_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the benchmark takes."""
    parser.add_argument("--rounds", type=int, default=5, help="desks started one after the other; the median counts")
    parser.add_argument("--once", type=Path, help=argparse.SUPPRESS)  # one round, in this process


def run(arguments: argparse.Namespace) -> tuple[dict[str, float | int | str | None], dict[str, list[float]]]:
    """Medians over all rounds, and how the first one did."""
    if arguments.once:
        return _once(arguments.once), {}
    from client.demo.needs import need_models  # not in the child, whose start is measured

    need_models()
    rounds = [_round() for _ in range(max(1, arguments.rounds))]
    samples = {key: [each[key] for each in rounds] for key in KEYS}
    summary: dict[str, float | int | str | None] = {
        key: round(statistics.median(values)) for key, values in samples.items()
    }
    summary |= {"first_window_ms": round(samples["window_ms"][0]), "first_ready_ms": round(samples["ready_ms"][0])}
    return summary, samples


def _round() -> dict[str, float]:
    """One desk in a fresh process and directory."""
    with tempfile.TemporaryDirectory(prefix="ieum-bench-", ignore_cleanup_errors=True) as directory:
        try:
            done = subprocess.run(
                [*platform.ieum_command(), "bench", "startup", "--json", "--once", directory],
                env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "IEUM_DATA": directory},
                stdout=subprocess.PIPE,
                text=True,
                timeout=READY_S * 2,
                check=True,
            )
        except subprocess.SubprocessError as error:
            raise BenchFailed("a desk did not become ready; `ieum doctor` says why") from error
    told: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return told


def _once(directory: Path) -> dict[str, float | int | str | None]:
    from ui.composition import run_desk

    told: dict[str, float] = {}
    if run_desk(settings.load(), directory=directory, script=_watch(told)):
        raise SystemExit(1)
    return dict(told)


def _watch(told: dict[str, float]) -> Callable[[DeskApp], Awaitable[int]]:
    async def watch(app: DeskApp) -> int:
        """Measure from inside, then end the desk and what it started."""
        if not await _ready(app):
            return 1
        told["window_ms"] = app.window_ms
        told["ready_ms"] = (time.time() - platform.process_began()) * 1000
        await asyncio.sleep(SETTLE_S)  # the last pages of a start come in a little later: count them
        told["desk_rss_mb"], told["all_rss_mb"] = _memory_mb()
        return 0

    return watch


async def _ready(app: DeskApp) -> bool:
    """True once phone, hub and captions are good; False if that takes longer than anybody would wait."""
    health = app.desk.health
    end = time.monotonic() + READY_S
    while not all(part.state == "good" for part in (health.phone, health.hub, health.captions)):
        if time.monotonic() > end:
            parts = {"phone": health.phone, "hub": health.hub, "captions": health.captions}
            print(f"not ready within {READY_S:.0f} s: {parts}", file=sys.stderr)
            return False
        await asyncio.sleep(POLL_S)
    return True


def _memory_mb() -> tuple[float, float]:
    """Resident memory of this process, and of it with all its children (shared pages are counted in each)."""
    import psutil

    me = psutil.Process()
    own = me.memory_info().rss
    return own / MB, (own + sum(child.memory_info().rss for child in me.children(recursive=True))) / MB
