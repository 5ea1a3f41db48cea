"""Waiting sessions claimed by 50 racing desks: how many claims a second, and how often two desks got the same one.

The hub is another process. Every desk asks for the next one as soon as it has one, until nothing waits; a session that two
desks believe theirs, or that the hub's log says was claimed twice, is a double claim.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from client import platform, settings
from client.bench.hub_load import Connection
from client.bench.waiting import BenchFailed, until
from client.domain.codec import encode
from client.domain.event import SessionClaimed, SessionOpened, event_to_json, new_event
from client.domain.ids import new_id
from client.domain.words import Channel, Role
from client.wire import NewPrincipal, NextWish, OpenSession

WISH = json.dumps(encode(NextWish())).encode()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the benchmark takes."""
    parser.add_argument("--desks", type=int, default=50, help="desks that race (default 50)")
    parser.add_argument("--sessions", type=int, default=2_000, help="sessions that wait (default 2000)")


def run(arguments: argparse.Namespace) -> tuple[dict[str, float | int | str | None], dict[str, list[float]]]:
    """Measure. Capacity is set aside: it would end the race."""
    settings.save_user({"desk.weights": {"chat": 0}})
    with tempfile.TemporaryDirectory(prefix="ieum-bench-") as directory:
        seconds, claims, double, claim_ms = asyncio.run(_race(Path(directory), arguments))
    summary: dict[str, float | int | str | None] = {
        "claims_per_s": round(claims / seconds),
        "double_claims": double,
        "claims": claims,
        "desks": arguments.desks,
    }
    return summary, {"claim_ms": claim_ms}


async def _race(directory: Path, arguments: argparse.Namespace) -> tuple[float, int, int, list[float]]:
    command = [*platform.ieum_command(), "hub", "--data", str(directory / "hub")]
    endpoint = directory / "endpoint.json"
    hub = subprocess.Popen([*command, "--port", "0", "--endpoint", str(endpoint)], stdout=subprocess.DEVNULL)  # noqa: ASYNC220 — before anything runs
    try:
        said = await until(lambda: json.loads(endpoint.read_bytes()) if endpoint.exists() else None, "the hub started")
        url = said["desk_url"]
        administrator = await Connection.open(url, (directory / "hub" / "administrator.token").read_text().strip())
        tokens = [await _add(administrator, f"desk {n}", Role.AGENT) for n in range(arguments.desks)]
        overseer = await Connection.open(url, await _add(administrator, "supervisor", Role.SUPERVISOR))
        opened = [await _open(overseer) for _ in range(arguments.sessions)]
        desks = [await Connection.open(url, token) for token in tokens]
        claim_ms: list[float] = []
        begun = time.perf_counter()
        won = await asyncio.gather(*(_claim_all(desk, claim_ms) for desk in desks))
        seconds = time.perf_counter() - begun
        claims = [session for mine in won for session in mine]
        if set(claims) != set(opened):
            raise BenchFailed(f"{len(set(opened) - set(claims))} sessions were claimed by nobody")
        double = sum(n - 1 for n in Counter(claims).values()) + await _told_twice(overseer, opened)
        return seconds, len(claims), double, claim_ms
    finally:
        hub.terminate()
        await asyncio.to_thread(hub.wait)


async def _add(administrator: Connection, name: str, role: Role) -> str:
    body = json.dumps(encode(NewPrincipal(name=name, role=role))).encode()
    token: str = json.loads(await administrator.post("/v1/principals", body))["token"]
    return token


async def _open(connection: Connection) -> str:
    event = new_event(new_id(), SessionOpened(channel=Channel.CHAT), at=datetime.now(UTC))
    opening = OpenSession(id=event.session, keys=(), event=event_to_json(event))
    await connection.post("/v1/sessions", json.dumps(encode(opening)).encode())
    return event.session


async def _claim_all(desk: Connection, claim_ms: list[float]) -> list[str]:
    """Sessions that this desk was given, until nothing waits."""
    mine: list[str] = []
    while True:
        begun = time.perf_counter()
        answer = await desk.post("/v1/next", WISH)
        if not answer:
            return mine
        claim_ms.append((time.perf_counter() - begun) * 1000)
        mine.append(json.loads(answer)["id"])


async def _told_twice(overseer: Connection, sessions: Sequence[str]) -> int:
    """Claims in the hub's log beyond the first of each session."""
    extra = 0
    for session in sessions:
        answer = await overseer.get(f"/v1/sessions/{session}/events")
        claims = [event for event in json.loads(answer)["events"] if event["type"] == SessionClaimed.type]
        extra += len(claims) - 1
    return extra
