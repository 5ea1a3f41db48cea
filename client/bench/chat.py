"""Web chat: from the citizen's Enter in a real Chromium to the desk's screen, and the agent's answer back to the page.

A whole desk with its window and its own hub. A round begins where the citizen presses Enter, passes the paint of the line
in the desk's timeline, at which the agent's Enter follows at once in the window's field, and ends in the frame after the
answer stands in the page. It is measured with one open chat, and again beside 499 others that other agents hold, each
with an open stream, and ten messages a second among them.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from client import settings
from client.bench.figures import rounded
from client.bench.hub_load import Connection
from client.bench.waiting import BenchFailed, until
from client.demo.child import TalkingChild
from client.demo.needs import CHROMIUM, need_browser
from client.domain.codec import encode
from client.domain.words import Channel, Party, Role
from client.wire import NewPrincipal

if TYPE_CHECKING:
    from ui.composition import DeskApp

PATIENCE_S = 30.0
BETWEEN_S = (0.35, 0.55)  # below the citizens' limit of rate, and over all phases of a frame
FIRST = 3  # rounds that warm up and do not count
Samples = dict[str, list[float]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the benchmark takes."""
    parser.add_argument(
        "--rounds", type=int, default=60, help="messages there and back, each way of measuring (default 60)"
    )
    parser.add_argument("--others", type=int, default=499, help="other open chats (default 499)")
    parser.add_argument("--chromium", default=CHROMIUM, help=f"the browser (default {CHROMIUM})")


def run(arguments: argparse.Namespace) -> tuple[dict[str, float | int | str | None], Samples]:
    """Measure on one machine, so that the desk and the page read one clock."""
    need_browser(arguments.chromium)
    from ui.composition import OFFSCREEN, run_desk

    os.environ["QT_QPA_PLATFORM"] = OFFSCREEN
    samples: Samples = {
        "there_and_back_ms_1": [],
        "to_desk_ms_1": [],
        "there_and_back_ms_500": [],
        "to_desk_ms_500": [],
    }
    wanted = settings.save_user({"captions.on": False, "desk.weights": {"chat": 0}})
    run_desk(wanted, script=_script(arguments, samples))
    summary: dict[str, float | int | str | None] = {}
    for chats in (1, 500):
        for percent in (50, 95):
            summary[f"p{percent}_ms_{chats}"] = rounded(samples[f"there_and_back_ms_{chats}"], percent / 100)
            summary[f"to_desk_p{percent}_ms_{chats}"] = rounded(samples[f"to_desk_ms_{chats}"], percent / 100)
    return summary | {"rounds": arguments.rounds, "open_chats": arguments.others + 1}, samples


def _script(arguments: argparse.Namespace, samples: Samples) -> Callable[[DeskApp], Awaitable[int]]:
    async def script(app: DeskApp) -> int:
        await until(lambda: app.core.hub is not None and app.desk.log.connected, "the desk became ready")
        rounds = await Rounds(app, arguments.chromium).begin()
        crowd: TalkingChild | None = None
        try:
            await rounds.take(arguments.rounds, samples, 1)
            crowd = await _crowd(app, arguments.others)
            await rounds.take(arguments.rounds, samples, 500)
        finally:
            rounds.end()
            if crowd is not None:
                crowd.end()
        return 0

    return script


async def _crowd(app: DeskApp, count: int) -> TalkingChild:
    """Other agents' chats, in a process of their own."""
    hub = app.core.hub
    assert hub is not None
    administrator = await Connection.open(
        hub.desk_url, (app.core.directory / "hub" / "administrator.token").read_text().strip()
    )
    body = json.dumps(encode(NewPrincipal(name="others", role=Role.AGENT))).encode()
    token = json.loads(await administrator.post("/v1/principals", body))["token"]
    command = [sys.executable, "-m", "client.bench.chat_crowd", hub.desk_url, token, str(count)]
    child = TalkingChild(command, lambda _said: None)
    await until(lambda: "ready" in child.events() or child.code is not None, "the other chats are open", 120)
    if child.code is not None:
        raise BenchFailed("the other chats could not be opened")
    return child


class Rounds:
    """One chat between a page in Chromium and the window."""

    def __init__(self, app: DeskApp, chromium: str) -> None:
        from ui.paint_watch import PaintWatch

        assert app.core.hub is not None
        self._app = app
        self._painted = PaintWatch(app.window.view.page.timeline.viewport())
        self._arrived: dict[str, asyncio.Future[dict[str, Any]]] = {}
        command = [sys.executable, "-m", "client.bench.chat_page", app.core.hub.citizen_url, "--chromium", chromium]
        self._page = TalkingChild(command, self._heard)

    async def begin(self) -> Rounds:
        """The citizen begins a chat, the agent takes it by the key."""
        await until(lambda: "entered" in self._page.events(), "the page was entered")
        waiting = self._app.desk.sessions.waiting
        await until(lambda: any(view.channel is Channel.CHAT for view in waiting()), "the chat waits")
        self._app.act("next_waiting")
        field = self._app.window.view.page.composer.message
        await until(lambda: bool(self._app.window.context.selection.session) and field.isEnabled(), "the chat is ours")
        return self

    def end(self) -> None:
        """The page goes."""
        self._page.end()

    async def take(self, count: int, samples: Samples, chats: int) -> None:
        """Measure so many rounds."""
        for n in range(count + FIRST):
            await asyncio.sleep(random.uniform(*BETWEEN_S))  # noqa: S311 — no secret
            whole, to_desk = await self._round(f"{chats}-{n}")
            if n >= FIRST:
                samples[f"there_and_back_ms_{chats}"].append(whole)
                samples[f"to_desk_ms_{chats}"].append(to_desk)

    async def _round(self, name: str) -> tuple[float, float]:
        session = self._app.window.context.selection.session
        lines = self._app.desk.sessions.timeline(session)
        seen = self._painted.after(lines, f"ask {name}", Party.CITIZEN)
        back = self._arrived.setdefault(name, asyncio.get_running_loop().create_future())
        self._page.say(f"{name}\n")
        try:
            painted = await asyncio.wait_for(seen, PATIENCE_S)
            self._app.window.view.page.composer.message.setPlainText(f"answer {name}")
            self._app.window.view.page.composer.send()
            said = await asyncio.wait_for(back, PATIENCE_S)
        except TimeoutError as error:
            raise BenchFailed(f"round {name} did not come back within {PATIENCE_S:.0f} s") from error
        return said["ended_ms"] - said["begun_ms"], painted - said["begun_ms"]

    def _heard(self, said: dict[str, Any]) -> None:
        if said.get("event") == "round":
            self._arrived[said["name"]].set_result(said)
