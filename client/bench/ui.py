"""The longest stall of the desk's loop during a captioned call with 200 events a second, best of three minutes.

A whole desk: its hub, a practice citizen who calls over real SIP and speaks, both legs captioned, the session open in
the window; a second process posts events to the hub, which come to the desk over its stream. A thread asks the loop to
answer every 10 ms; the time until it does is the stall.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from client import platform, settings
from client.demo.child import TalkingChild
from client.demo.needs import sample_speech

if TYPE_CHECKING:
    from ui.composition import DeskApp

PING_S = 0.01
WAIT_S = 60.0
MINUTE_S = 60.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the benchmark takes."""
    parser.add_argument("--minutes", type=int, default=3, help="minutes measured; the best counts")
    parser.add_argument("--rate", type=float, default=200.0, help="events a second")
    parser.add_argument("--others", type=int, default=19, help="sessions beside the call's that share the events")
    parser.add_argument("--wav", type=Path, help="what the citizen says (default: English sample speech)")
    parser.add_argument("--minute", type=float, default=MINUTE_S, help=argparse.SUPPRESS)
    parser.add_argument("--stacks", type=float, default=0.0, metavar="MS", help="print where a longer stall was spent")
    parser.add_argument("--once", type=Path, help=argparse.SUPPRESS)


def run(arguments: argparse.Namespace) -> tuple[dict[str, float | int | str | None], dict[str, list[float]]]:
    """Measure in a fresh process and directory, as `startup` does."""
    if arguments.once:
        return _inside(arguments), {}
    with tempfile.TemporaryDirectory(prefix="ieum-bench-", ignore_cleanup_errors=True) as directory:
        told = _outside(arguments, Path(directory))
    minutes: list[list[float]] = told.pop("minutes")
    longest = [max(stalls) for stalls in minutes]
    summary: dict[str, float | int | str | None] = {
        "max_stall_ms": round(min(longest), 1),
        "worst_minute_max_stall_ms": round(max(longest), 1),
        "stall_ms_p95": round(sorted(minutes[longest.index(min(longest))])[int(len(minutes[0]) * 0.94)], 1),
        **told,
    }
    return summary, {f"stall_ms_minute_{n}": stalls for n, stalls in enumerate(minutes, 1)}


def _outside(arguments: argparse.Namespace, directory: Path) -> dict[str, Any]:
    nowhere, result = str(directory / "none.toml"), directory / "result.json"
    places = {"IEUM_DATA": str(directory), "IEUM_USER_SETTINGS": nowhere, "IEUM_MACHINE_SETTINGS": nowhere}
    command = [*platform.ieum_command(), "bench", "ui", "--json", "--once", str(result)]
    for name in ("minutes", "rate", "others", "minute", "stacks"):
        command += [f"--{name}", str(getattr(arguments, name))]
    command += ["--wav", str(arguments.wav.resolve())] if arguments.wav else []
    subprocess.run(
        command,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", **places},
        stdout=subprocess.DEVNULL,
        timeout=arguments.minutes * arguments.minute + 4 * WAIT_S,
        check=True,
    )
    told: dict[str, Any] = json.loads(result.read_text(encoding="utf-8"))
    return told


def _inside(arguments: argparse.Namespace) -> dict[str, float | int | str | None]:
    from ui.composition import run_desk

    if run_desk(settings.load(), directory=platform.data_dir(), script=_script(arguments)):
        raise SystemExit(1)
    return {}


def _script(arguments: argparse.Namespace) -> Callable[[DeskApp], Awaitable[int]]:
    async def script(app: DeskApp) -> int:
        children: list[TalkingChild] = []
        try:
            session = await _captioned_call(app, arguments.wav, children)
            load = _start_load(app, session, arguments, children)
            begun = _counted(app)
            minutes = [await _watch(arguments) for _ in range(arguments.minutes)]
            behind = arguments.rate * arguments.minute * arguments.minutes - (_counted(app) - begun)
            await _until(lambda: load.code is not None, "the load did not end")
            posted = next((line["count"] for line in load.said if line.get("event") == "posted"), 0)
            await _until(lambda: _counted(app) - begun >= posted, "not every event came to the desk")
            await app.desk.calls.hang_up(session)
        finally:
            for child in children:
                child.end()
        told = {"minutes": minutes, "events_posted": posted, "events_behind_at_end": max(0, round(behind))}
        arguments.once.write_text(json.dumps(told), encoding="utf-8")
        return 0

    return script


async def _captioned_call(app: DeskApp, wav: Path | None, children: list[TalkingChild]) -> str:
    """The session of a call that is answered, open in the window and captioned."""
    desk = app.desk
    health = desk.health
    await _until(
        lambda: all(part.state == "good" for part in (health.phone, health.hub, health.captions)),
        "the desk is not ready",
    )
    if voice := sample_speech():
        await app.core.telephony.configure(wav=os.fspath(voice))
    command = [*platform.ieum_command(), "practice", "phone", "--at-end", "loop", "--wait", "10"]
    command += ["--endpoint", str(app.core.directory / "run" / "voice.json"), *(["--wav", str(wav)] if wav else [])]
    children.append(TalkingChild(command, lambda _said: None))
    offers = await _until(lambda: desk.calls.offers, "no call arrived")
    session: str = offers[0].session
    await desk.calls.answer(session)
    await _until(lambda: len(desk.sessions.timeline(session).lines) > 2, "no caption appeared")  # noqa: PLR2004
    return session


def _start_load(
    app: DeskApp, session: str, arguments: argparse.Namespace, children: list[TalkingChild]
) -> TalkingChild:
    assert app.core.hub is not None
    orders = {
        "url": app.core.hub.desk_url,
        "token": app.core.hub.token,
        "session": session,
        "others": arguments.others,
        "rate": arguments.rate,
        "seconds": arguments.minutes * arguments.minute,
    }
    file = app.core.directory / "orders.json"
    platform.write_private(file, json.dumps(orders).encode())
    load = TalkingChild([sys.executable, "-m", "client.bench.desk_load", str(file)], lambda _said: None)
    children.append(load)
    return load


def _counted(app: DeskApp) -> int:
    """Lines in all timelines of the desk."""
    sessions = app.desk.sessions
    return sum(len(sessions.timeline(each.id).lines) for each in sessions.all())


async def _watch(arguments: argparse.Namespace) -> list[float]:
    """Milliseconds until the loop answered, each time it was asked, for one minute."""
    watch = _Watch(asyncio.get_running_loop(), arguments.stacks / 1000)
    watch.start()
    await asyncio.sleep(arguments.minute)
    return watch.finish()


class _Watch(threading.Thread):
    """Asks the loop again and again. `limit_s` > 0 prints the loop's stack when it has been silent for so long."""

    def __init__(self, loop: asyncio.AbstractEventLoop, limit_s: float) -> None:
        super().__init__(daemon=True)
        self._loop = loop
        self._limit_s = limit_s
        self._watched = threading.get_ident()
        self._answered = threading.Event()
        self._stop = threading.Event()
        self._stalls: list[float] = []

    def run(self) -> None:
        """Until finished."""
        while not self._stop.wait(PING_S):
            self._answered.clear()
            asked = time.perf_counter()
            self._loop.call_soon_threadsafe(self._answered.set)
            if self._limit_s and not self._answered.wait(self._limit_s):
                print("".join(traceback.format_stack(sys._current_frames()[self._watched])[-12:]), file=sys.stderr)  # noqa: SLF001 — the one way to see another thread's stack
            self._answered.wait(WAIT_S)
            self._stalls.append((time.perf_counter() - asked) * 1000)

    def finish(self) -> list[float]:
        """Every stall so far; called on the loop, so the last question may stay open."""
        self._stop.set()
        return list(self._stalls)


async def _until(condition: Callable[[], Any], otherwise: str) -> Any:
    end = time.monotonic() + WAIT_S
    while not (value := condition()):
        if time.monotonic() > end:
            raise TimeoutError(otherwise)
        await asyncio.sleep(0.02)
    return value
