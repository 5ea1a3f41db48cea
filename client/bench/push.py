"""A pushed screen: from the agent's click in the window to the second frame of a real Chromium; and an event's echo.

A whole desk with its window, its sealed outbox and its own hub. `painted_ms` begins where the window's action is done,
as a click or a key does it, and ends in the citizen's page, which is open in a browser. `sse_echo_ms` begins where the
desk's service is asked to write a note and ends in the timeline of a second desk, to which the hub streams it; both
desks share one event loop here.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import sys
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from client import settings
from client.bench.figures import rounded
from client.bench.second_desk import SecondDesk, second_desk
from client.bench.waiting import BenchFailed, until
from client.demo.child import TalkingChild
from client.demo.needs import CHROMIUM, need_browser
from client.domain.event import CallAnswered, SessionOpened
from client.domain.ids import new_id
from client.domain.words import Channel

if TYPE_CHECKING:
    from ui.composition import DeskApp

SCREEN = "longterm-care-documents"  # a checklist of four
PATIENCE_S = 30.0
BETWEEN_PUSHES_S = (0.2, 0.35)  # spread over the phases of a frame, and slower than the page's own limit of rate
BETWEEN_ECHOES_S = (0.02, 0.08)
Samples = dict[str, list[float]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the benchmark takes."""
    parser.add_argument("--pushes", type=int, default=100, help="screens pushed (default 100)")
    parser.add_argument("--echoes", type=int, default=200, help="events echoed (default 200)")
    parser.add_argument("--chromium", default=CHROMIUM, help=f"the browser (default {CHROMIUM})")


def run(arguments: argparse.Namespace) -> tuple[dict[str, float | int | str | None], Samples]:
    """Measure on one machine, so that the desk and the page read one clock."""
    need_browser(arguments.chromium)
    from ui.composition import OFFSCREEN, run_desk

    os.environ["QT_QPA_PLATFORM"] = OFFSCREEN
    samples: Samples = {"painted_ms": [], "sse_echo_ms": []}
    wanted = settings.save_user({"captions.on": False})  # nobody speaks
    run_desk(wanted, script=_script(arguments, samples))
    summary: dict[str, float | int | str | None] = {
        f"{name}_p{percent}": rounded(values, percent / 100) for name, values in samples.items() for percent in (50, 95)
    }
    return summary | {"pushes": arguments.pushes, "echoes": arguments.echoes}, samples


def _script(arguments: argparse.Namespace, samples: Samples) -> Callable[[DeskApp], Awaitable[int]]:
    async def script(app: DeskApp) -> int:
        health = app.desk.health
        await until(lambda: health.phone.state == health.hub.state == "good", "the desk became ready")
        session = await _session(app)
        samples["sse_echo_ms"] += await _echoes(app, session, arguments.echoes)
        samples["painted_ms"] += await _pushes(app, session, arguments)
        return 0

    return script


async def _session(app: DeskApp) -> str:
    """A session of ours, open in the window with the screens beside it."""
    log, session = app.desk.log, new_id()
    log.open(session, SessionOpened(channel=Channel.PHONE), (f"sip:{session}",), "")
    log.own(session)
    log.say(session, CallAnswered())
    await until(lambda: app.desk.sessions.get(session).owner == app.desk.sessions.me, "the session became ours")
    app.window.context.selection.open(session)
    app.act("panel_screens")
    return session


async def _echoes(app: DeskApp, session: str, count: int) -> list[float]:
    assert app.core.hub is not None
    async with second_desk(app.core.hub.desk_url, app.core.hub.token) as second:
        await until(lambda: session in second.desk.sessions, "the second desk sees the session")
        await until(lambda: second.desk.log.connected, "the second desk is connected")
        second.watch(session)
        return [await _echo(app, second, session, f"note {n}") for n in range(count)]


async def _echo(app: DeskApp, second: SecondDesk, session: str, text: str) -> float:
    """ms from asking the service for an event to the line in the other desk's timeline."""
    await asyncio.sleep(random.uniform(*BETWEEN_ECHOES_S))  # noqa: S311 — no secret
    arrival = second.arrival(text)
    begun = time.perf_counter()
    app.desk.writing.note(session, text)
    return (await _wait(arrival, "the note came to the second desk") - begun) * 1000


async def _pushes(app: DeskApp, session: str, arguments: argparse.Namespace) -> list[float]:
    _choose_screen(app)
    address = await app.desk.screens.link(session)
    entered: asyncio.Future[float] = asyncio.get_running_loop().create_future()
    painted: dict[str, asyncio.Future[float]] = {}

    def heard(said: dict[str, Any]) -> None:
        if said.get("event") == "entered":
            entered.set_result(0.0)
        elif said.get("event") == "painted":
            painted.setdefault(said["push"], entered.get_loop().create_future()).set_result(said["at_ms"])

    command = [sys.executable, "-m", "client.bench.push_page", address, "--chromium", arguments.chromium]
    page = TalkingChild(command, heard)
    try:
        await _wait(entered, "the page was entered")
        return [await _push(app, session, painted) for _ in range(arguments.pushes)]
    finally:
        page.finish()


def _choose_screen(app: DeskApp) -> None:
    """The card in the panel's list, as a person chooses it once."""
    from ui.screens_panel import ScreenList

    cards = app.window.findChild(ScreenList)
    assert cards is not None
    names = [screen.name for screen in cards.screens.screens]
    cards.setCurrentIndex(cards.screens.index(names.index(SCREEN)))


async def _push(app: DeskApp, session: str, painted: dict[str, asyncio.Future[float]]) -> float:
    """ms from the window's action to the second frame that shows the screen."""
    await asyncio.sleep(random.uniform(*BETWEEN_PUSHES_S))  # noqa: S311 — no secret
    before = len(app.desk.screens.pushes(session))
    begun = time.time() * 1000
    app.act("push")
    pushed = app.desk.screens.pushes(session)[before:]
    if len(pushed) != 1:
        raise BenchFailed("the window did not push")
    there = painted.setdefault(pushed[0].push, asyncio.get_running_loop().create_future())
    return await _wait(there, "the page showed the screen") - begun


async def _wait(arrival: asyncio.Future[float], what: str) -> float:
    try:
        return await asyncio.wait_for(arrival, PATIENCE_S)
    except TimeoutError as error:
        raise BenchFailed(f"this did not happen within {PATIENCE_S:.0f} s: {what}") from error
