"""The longest stall of the desk's loop during a captioned call with 200 events a second, best of three minutes.

A whole desk: its hub, a practice citizen who calls over real SIP and speaks, both legs captioned, the session open in
the window; a second process posts events to the hub, which come to the desk over its stream. The events are spread over
the sessions of a busy centre, as its desks see them: by default one in twenty is of the session that is open (that is
`open_session_events_per_s`), the others only of the list; `--others 0` gives the open one all. The loop is asked to
answer every 10 ms; the time until it does is the stall.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from client import platform, settings
from client.bench.figures import rounded
from client.bench.hub_load import LEG
from client.bench.stall_watch import StallWatch
from client.bench.waiting import BenchFailed, until
from client.demo.child import TalkingChild
from client.demo.needs import need_models, sample_speech
from client.domain.timeline import CaptionLine

if TYPE_CHECKING:
    from ui.composition import DeskApp

MINUTE_S = 60.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the benchmark takes."""
    parser.add_argument("--minutes", type=int, default=3, help="minutes measured; the best counts")
    parser.add_argument("--rate", type=float, default=200.0, help="events a second, in all sessions together")
    parser.add_argument(
        "--others",
        type=int,
        default=19,
        help="sessions beside the open one, each with as many events as it (default 19)",
    )
    parser.add_argument("--wav", type=Path, help="what the citizen says (default: English sample speech)")
    parser.add_argument("--minute", type=float, default=MINUTE_S, help=argparse.SUPPRESS)
    parser.add_argument("--stacks", type=float, default=0.0, metavar="MS", help="print where a longer stall was spent")


def run(arguments: argparse.Namespace) -> tuple[dict[str, float | int | str | None], dict[str, list[float]]]:
    """Measure a desk in this process."""
    need_models()
    from ui.composition import OFFSCREEN, run_desk

    os.environ["QT_QPA_PLATFORM"] = OFFSCREEN
    minutes: list[list[float]] = []
    told: dict[str, float | int] = {}
    run_desk(settings.load(), script=_script(arguments, minutes, told))
    return _summary(arguments, minutes) | told, {f"stall_ms_minute_{n}": each for n, each in enumerate(minutes, 1)}


def _summary(arguments: argparse.Namespace, minutes: list[list[float]]) -> dict[str, float | int | str | None]:
    if not all(minutes):
        raise BenchFailed("the loop never answered in a whole minute")
    best = min(minutes, key=max)
    return {
        "max_stall_ms": round(max(best), 1),
        "worst_minute_max_stall_ms": round(max(map(max, minutes)), 1),
        "stall_ms_p95": rounded(best, 0.95, 1),
        "events_per_s": arguments.rate,
        "open_session_events_per_s": round(arguments.rate / (arguments.others + 1), 2),
    }


def _script(
    arguments: argparse.Namespace, minutes: list[list[float]], told: dict[str, float | int]
) -> Callable[[DeskApp], Awaitable[int]]:
    async def script(app: DeskApp) -> int:
        children: list[TalkingChild] = []
        try:
            session = await _captioned_call(app, arguments.wav, children)
            load = _start_load(app, session, arguments, children)
            minutes.extend([await _watch(arguments) for _ in range(arguments.minutes)])
            at_end = _arrived(app)
            await until(lambda: load.code is not None, "the load ended")
            posted = events_posted(load.code, load.said)
            await until(lambda: _arrived(app) >= posted, "every event came to the desk")
            await app.desk.calls.hang_up(session)
        finally:
            for child in children:
                child.end()
        told.update(events_posted=posted, events_behind_at_end=max(0, posted - at_end))
        return 0

    return script


def events_posted(code: int | None, said: list[dict[str, Any]]) -> int:
    """How many events the load says it posted; raises `BenchFailed` where a stall was measured without a load."""
    counts = [int(line["count"]) for line in said if line.get("event") == "posted"]
    if code != 0 or not counts or not counts[-1]:
        raise BenchFailed(f"the load on the hub failed (exit code {code}): nothing was measured")
    return counts[-1]


async def _captioned_call(app: DeskApp, wav: Path | None, children: list[TalkingChild]) -> str:
    """The session of a call that is answered, open in the window and captioned."""
    desk = app.desk
    health = desk.health
    await until(
        lambda: all(part.state == "good" for part in (health.phone, health.hub, health.captions)),
        "the desk is ready",
    )
    if voice := sample_speech():
        await app.core.telephony.configure(wav=os.fspath(voice))
    command = [*platform.ieum_command(), "practice", "phone", "--at-end", "loop", "--wait", "10"]
    command += ["--endpoint", str(app.core.directory / "run" / "voice.json"), *(["--wav", str(wav)] if wav else [])]
    children.append(TalkingChild(command, lambda _said: None))
    offers = await until(lambda: desk.calls.offers, "a call arrived")
    session: str = offers[0].session
    await desk.calls.answer(session)
    await until(lambda: len(desk.sessions.timeline(session).lines) > 2, "a caption appeared")  # noqa: PLR2004
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


def _arrived(app: DeskApp) -> int:
    """Events of the load in all timelines of the desk; the call's own captions are not among them."""
    sessions = app.desk.sessions
    lines = (line for each in sessions.all() for line in sessions.timeline(each.id).lines)
    return sum(isinstance(line, CaptionLine) and line.leg == LEG for line in lines)


async def _watch(arguments: argparse.Namespace) -> list[float]:
    """Every stall of one minute, in milliseconds."""
    watch = StallWatch(arguments.stacks / 1000)
    watch.start()
    await asyncio.sleep(arguments.minute)
    return watch.finish()
