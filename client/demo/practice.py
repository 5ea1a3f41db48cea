"""A practice call for a person at the desk: one citizen calls in, the window stays open."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from client import platform
from client.demo.child import TalkingChild
from client.demo.run import DeskApp

END_S = 5.0
POLL_S = 0.02


def practice_call(wav: Path | None) -> Callable[[DeskApp], Awaitable[int]]:
    """A script for a desk: what the practice citizen does is printed."""
    voice = ["--wav", str(wav.resolve())] if wav else []

    async def script(app: DeskApp) -> int:
        endpoint = app.core.directory / "run" / "voice.json"
        command = [*platform.ieum_command(), "practice", "phone", "--endpoint", str(endpoint), "--wait", "30"]
        phone = TalkingChild([*command, *voice], lambda said: print(json.dumps(said, ensure_ascii=False), flush=True))
        print("A practice citizen is calling. Answer with F9; copy the citizen's link with its key and open it.")
        await app.closed.wait()
        phone.end()
        await _call_over(app)
        return 0

    return script


async def _call_over(app: DeskApp) -> None:
    """A call that still ran would keep the engines alive after this desk's directory is gone."""
    ends = time.monotonic() + END_S
    while app.desk.calls.running is not None and time.monotonic() < ends:  # noqa: ASYNC110 — a bounded wait
        await asyncio.sleep(POLL_S)
