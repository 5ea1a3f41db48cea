"""A pushed screen: from the agent's hub client to the second animation frame of a real Chromium; and one event's echo."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import statistics
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from client import platform
from client.adapters.hub_http import HttpHub
from client.domain.codec import BadInput
from client.domain.event import CallAnswered, Event, NoteWritten, ScreenPushed, SessionOpened, new_event
from client.domain.ids import new_id
from client.domain.screen import Item, Screen, ScreenKind
from client.domain.words import Channel
from client.ports.hub import Connected

if TYPE_CHECKING:
    from playwright.async_api import Page

START_S = 20.0
PATIENCE_S = 10.0
BETWEEN_S = (0.2, 0.35)  # spread over the phases of a frame, and slower than the page's own limit of rate
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WATCH = """(() => {
    const painted = new Map();
    const waiting = new Map();
    const done = (title) => {
        painted.set(title, performance.timeOrigin + performance.now());
        waiting.get(title)?.(painted.get(title));
    };
    window.painted = (title) => new Promise((tell) => painted.has(title) ? tell(painted.get(title)) : waiting.set(title, tell));
    const seen = new Set();
    new MutationObserver(() => {
        const title = document.querySelector('article h2')?.textContent;
        if (!title || seen.has(title)) return;
        seen.add(title);
        requestAnimationFrame(() => requestAnimationFrame(() => done(title)));
    }).observe(document, { childList: true, subtree: true });
})()"""
"""In the page: when a title's second animation frame began, in ms since 1970 (HTML, `performance.timeOrigin`)."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the benchmark takes."""
    parser.add_argument("--pushes", type=int, default=100, help="screens pushed (default 100)")
    parser.add_argument("--echoes", type=int, default=200, help="events echoed (default 200)")
    parser.add_argument("--chromium", default="/usr/bin/chromium", help="the browser (default /usr/bin/chromium)")


def run(arguments: argparse.Namespace) -> tuple[dict[str, float | int | str | None], dict[str, list[float]]]:
    """Measure on one machine, so that the agent and the page read one clock."""
    if not Path(arguments.chromium).exists():
        raise BadInput("--chromium", f"there is no browser at {arguments.chromium}")
    with tempfile.TemporaryDirectory(prefix="ieum-bench-") as directory:
        samples = asyncio.run(_measure(Path(directory), arguments))
    summary: dict[str, float | int | str | None] = {
        "painted_ms_p50": _percentile(samples["painted_ms"], 50),
        "painted_ms_p95": _percentile(samples["painted_ms"], 95),
        "sse_echo_ms_p50": _percentile(samples["sse_echo_ms"], 50),
        "sse_echo_ms_p95": _percentile(samples["sse_echo_ms"], 95),
        "pushes": arguments.pushes,
        "echoes": arguments.echoes,
    }
    return summary, samples


def _percentile(samples: Sequence[float], percent: int) -> float | None:
    return round(statistics.quantiles(samples, n=100)[percent - 1], 2) if len(samples) > 1 else None


@dataclass(frozen=True, slots=True)
class _Agent:
    """One agent with a claimed session in a call."""

    hub: HttpHub
    session: str
    link: str

    def event(self, body: ScreenPushed | NoteWritten) -> Event:
        return new_event(self.session, body, at=datetime.now(UTC))


async def _measure(directory: Path, arguments: argparse.Namespace) -> dict[str, list[float]]:
    async with _agent(directory) as agent:
        echoes = await _echoes(agent, arguments.echoes)
        async with _page(agent.link, arguments.chromium) as page:
            painted = [await _push(agent, page, n) for n in range(arguments.pushes)]
    return {"painted_ms": painted, "sse_echo_ms": echoes}


async def _push(agent: _Agent, page: Page, n: int) -> float:
    """ms from asking the hub client to the second frame that shows the screen."""
    await asyncio.sleep(random.uniform(*BETWEEN_S))  # noqa: S311 — no secret
    title = f"장기요양 신청 준비물 {n}"
    items = tuple(Item(id=f"item-{i}", text=f"서류 {i}", hint="신청 뒤에 내도 됩니다") for i in range(5))
    event = agent.event(ScreenPushed(push=new_id(), screen=Screen(kind=ScreenKind.CHECKLIST, title=title, items=items)))
    begun = time.time() * 1000
    await agent.hub.append(agent.session, [event])
    seen: float = await asyncio.wait_for(page.evaluate("(title) => window.painted(title)", title), PATIENCE_S)
    return seen - begun


async def _echoes(agent: _Agent, count: int) -> list[float]:
    """ms from asking for an event to be stored to reading it off the agent's own stream."""
    arrived: asyncio.Queue[tuple[str, float]] = asyncio.Queue()
    connected = asyncio.Event()

    async def listen() -> None:
        async for item in agent.hub.stream():
            if isinstance(item, Connected):
                connected.set()
            elif isinstance(item, Event):
                arrived.put_nowait((item.id, time.perf_counter()))

    listener = asyncio.create_task(listen())
    try:
        await asyncio.wait_for(connected.wait(), PATIENCE_S)
        return [await _echo(agent, arrived, n) for n in range(count)]
    finally:
        listener.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await listener


async def _echo(agent: _Agent, arrived: asyncio.Queue[tuple[str, float]], n: int) -> float:
    event = agent.event(NoteWritten(text=f"note {n}"))
    begun = time.perf_counter()
    await agent.hub.append(agent.session, [event])
    while True:
        id_, at = await asyncio.wait_for(arrived.get(), PATIENCE_S)
        if id_ == event.id:
            return (at - begun) * 1000


@asynccontextmanager
async def _agent(directory: Path) -> AsyncIterator[_Agent]:
    """An embedded hub as its own process, and its agent in a session."""
    endpoint = directory / "endpoint.json"
    command = [*platform.ieum_command(), "hub", "--embedded", "--endpoint", str(endpoint), "--data", str(directory)]
    environment = {**os.environ, "IEUM_DATA": str(directory)}
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment)  # noqa: ASYNC220 — before anything runs
    hub = HttpHub()
    try:
        said = await _endpoint(endpoint)
        hub.aim(said["desk_url"], said["token"])
        opened = new_event(new_id(), SessionOpened(channel=Channel.PHONE), at=datetime.now(UTC))
        session = (await hub.open_session(opened, (), "")).id
        await hub.claim(session)
        await hub.append(session, [new_event(session, CallAnswered(), at=datetime.now(UTC))])
        yield _Agent(hub, session, await hub.link(session))
    finally:
        await hub.disconnect()
        process.terminate()
        await asyncio.to_thread(process.wait)


async def _endpoint(file: Path) -> dict[str, str]:
    end = time.monotonic() + START_S
    while (said := _read(file)) is None:
        if time.monotonic() > end:
            raise BadInput("hub", f"did not start within {START_S:.0f} s")
        await asyncio.sleep(0.05)
    return said


def _read(file: Path) -> dict[str, str] | None:
    return json.loads(file.read_bytes()) if file.exists() else None


@asynccontextmanager
async def _page(link: str, chromium: str) -> AsyncIterator[Page]:
    """The citizen's page, entered, on a phone's screen."""
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        page = await browser.new_page(viewport={"width": 360, "height": 740}, locale="ko-KR")
        await page.add_init_script(WATCH)
        await page.goto(link)
        await page.click("#enter button")
        await page.wait_for_selector("body[data-connected=true]")
        yield page
        await browser.close()
