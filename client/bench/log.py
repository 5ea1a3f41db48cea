"""The hub's log: commit and stream delay under 1,000 events a second with 500 streams, and the store against raw SQLite."""

from __future__ import annotations

import argparse
import asyncio
import json
import sqlite3
import statistics
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from client import platform
from client.bench.figures import rounded
from client.bench.hub_load import Load, Measured, caption
from client.bench.waiting import until
from client.domain.event import SessionOpened, new_event, timestamp
from client.domain.ids import new_id
from client.domain.session_log import Draft, Opening, draft
from client.domain.words import Channel
from client.hub.clock import stamp_of, system_now
from client.hub.database import Database
from client.hub.store import SqliteLog

OUTSTANDING = 32  # appends on their way at once, in the store alone


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the benchmark takes."""
    parser.add_argument("--seconds", type=float, default=30.0, help="how long to post over HTTP (default 30)")
    parser.add_argument("--rate", type=int, default=1_000, help="events a second (default 1000)")
    parser.add_argument("--streams", type=int, default=500, help="streams, each on its own session (default 500)")
    parser.add_argument("--batch", type=int, default=10, help="events in one POST (default 10)")
    parser.add_argument("--store-events", type=int, default=50_000, help="events into the store alone (default 50000)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of the store alone; the middle one counts")


def run(arguments: argparse.Namespace) -> tuple[dict[str, float | int | str | None], dict[str, list[float]]]:
    """Measure; the hub is another process, so that it does not share its processor time with the load."""
    with tempfile.TemporaryDirectory(prefix="ieum-bench-") as directory:
        served = asyncio.run(_over_http(Path(directory), arguments))
        ours, raw, group = _alone(Path(directory), arguments)
    summary: dict[str, float | int | str | None] = {
        "commit_ms_p50": rounded(served.commit_ms, 0.5),
        "commit_ms_p95": rounded(served.commit_ms, 0.95),
        "stream_ms_p50": rounded(served.stream_ms, 0.5),
        "stream_ms_p95": rounded(served.stream_ms, 0.95),
        "events_posted": len(served.commit_ms) * arguments.batch,
        "events_missing": served.missing,
        "streams": arguments.streams,
        "events_per_s": round(statistics.median(ours)),
        "raw_sqlite_events_per_s": round(statistics.median(raw)),
        "events_per_commit": round(group, 1),
    }
    samples = {
        "commit_ms": served.commit_ms,
        "stream_ms": served.stream_ms,
        "events_per_s": ours,
        "raw_sqlite_events_per_s": raw,
    }
    return summary, samples


async def _over_http(directory: Path, arguments: argparse.Namespace) -> Measured:
    endpoint = directory / "endpoint.json"
    command = [
        *platform.ieum_command(),
        "hub",
        "--embedded",
        "--endpoint",
        str(endpoint),
        "--data",
        str(directory / "hub"),
    ]
    hub = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: ASYNC220 — before anything runs
    try:
        said = await until(lambda: _read(endpoint), "the hub started")
        load = Load(
            said["desk_url"], said["token"], streams=arguments.streams, rate=arguments.rate, batch=arguments.batch
        )
        return await load.run(arguments.seconds)
    finally:
        hub.terminate()
        await asyncio.to_thread(hub.wait)


def _read(file: Path) -> dict[str, str] | None:
    """What the hub says of itself once it is there."""
    return json.loads(file.read_bytes()) if file.exists() else None


def _alone(directory: Path, arguments: argparse.Namespace) -> tuple[list[float], list[float], float]:
    """Events a second of the store and of raw SQLite, round by round in turn, and the store's events per commit."""
    ours, raw, group = [], [], 1.0
    for n in range(arguments.rounds):
        sessions = [new_id() for _ in range(100)]
        batches = [
            [draft(caption(sessions[b % 100]), "bench") for _ in range(arguments.batch)]
            for b in range(arguments.store_events // arguments.batch)
        ]
        rate, group = asyncio.run(_store(directory / f"store{n}.db", sessions, batches))
        ours.append(rate)
        raw.append(_raw(directory / f"raw{n}.db", batches, max(1, round(group))))
    return ours, raw, group


async def _store(file: Path, sessions: Sequence[str], batches: Sequence[Sequence[Draft]]) -> tuple[float, float]:
    database = Database(file)
    log = SqliteLog(database, stamp_of(system_now))
    for session in sessions:
        opened = new_event(session, SessionOpened(channel=Channel.PHONE), at=system_now())
        await log.open(Opening(session=session, keys=(), draft=draft(opened, "bench")))
    waiting = iter(batches)
    commits = database.commits

    async def append_all() -> None:
        for batch in waiting:
            await log.append(batch[0].event.session, lambda _view, batch=batch: batch)  # type: ignore[misc]  # bound now

    begun = time.perf_counter()
    await asyncio.gather(*(append_all() for _ in range(OUTSTANDING)))
    seconds = time.perf_counter() - begun
    count = sum(map(len, batches))
    group = count / (database.commits - commits)
    database.close()
    return count / seconds, group


def _raw(file: Path, batches: Sequence[Sequence[Draft]], group: int) -> float:
    """The same rows into the same table, `group` in a transaction, at the same sync."""
    Database(file).close()  # which makes the tables
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    recorded = timestamp(system_now())
    drafts = [one for batch in batches for one in batch]
    rows = [
        (d.event.session, n, d.event.id, d.event.type, d.event.body.retention, recorded, d.text, d.fingerprint)
        for n, d in enumerate(drafts)
    ]
    insert = (
        "INSERT INTO event (session, seq, id, type, retention, recorded, text, fingerprint) VALUES (?,?,?,?,?,?,?,?)"
    )
    begun = time.perf_counter()
    for start in range(0, len(rows), group):
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(insert, rows[start : start + group])
        connection.execute("COMMIT")
    rate = len(rows) / (time.perf_counter() - begun)
    connection.close()
    return rate
