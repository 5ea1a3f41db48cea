"""What the store on disk promises beyond the contract: triggers, one owner of the file, damage, a full disk, a death."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from client.domain import event as e
from client.domain.event import new_event, timestamp
from client.domain.ids import new_id
from client.domain.session_log import Opening, draft
from client.domain.words import Channel
from client.hub.access_log import AccessLog
from client.hub.database import Database, StoreBroken, StoreFull
from client.hub.principals import Principals
from client.hub.schema import STEPS
from client.hub.store import SqliteLog


def now() -> datetime:
    return datetime.now(UTC)


def stamp() -> str:
    return timestamp(now())


def note(session: str, text: str = "메모"):
    return new_event(session, e.NoteWritten(text=text), at=now())


async def opened(log: SqliteLog) -> str:
    event = new_event(new_id(), e.SessionOpened(channel=Channel.PHONE), at=now())
    return (await log.open(Opening(session=event.session, keys=(), draft=draft(event, "p")))).facts.id


async def say(log: SqliteLog, session: str, *texts: str):
    drafts = [draft(note(session, text), "p") for text in texts]
    return await log.append(session, lambda _view: drafts)


@pytest.fixture
def database(tmp_path):
    made = Database(tmp_path / "hub.db")
    yield made
    made.close()


async def test_even_our_own_code_cannot_change_or_delete_an_event(database):
    log = SqliteLog(database, stamp)
    await say(log, await opened(log), "메모")
    for statement in (
        "DELETE FROM event",
        "UPDATE event SET text = 'x'",
        "UPDATE event SET seq = 9, type = 'log.emptied' WHERE seq = 2",
    ):
        with pytest.raises(sqlite3.IntegrityError, match=r"append-only|only be emptied"):
            await database.write(lambda connection, statement=statement: connection.execute(statement).rowcount)
    assert len(await log.events((await log.recent(""))[0].id, 0, 10)) == 2


async def test_the_access_log_is_append_only_but_for_what_is_due(database):
    access = AccessLog(database, iter(["2020-01-01T00:00:00.000Z", "2026-01-01T00:00:00.000Z"]).__next__)
    for session in ("old", "new"):
        await access.write(principal="p", origin="127.0.0.1", sessions=(session,), action="unmask", reason="다시 걸기")
    for statement in ("UPDATE access SET reason = ''", "DELETE FROM access"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            await database.write(lambda connection, statement=statement: connection.execute(statement).rowcount)
    assert await access.sweep("2025-01-01T00:00:00.000Z") == 1
    assert [entry.session for entry in await access.entries(0)] == ["new"]


def test_two_hubs_do_not_share_a_store(tmp_path, database):
    with pytest.raises(StoreBroken, match="another hub"):
        Database(tmp_path / "hub.db")


def test_a_store_is_free_again_when_its_hub_has_gone(tmp_path):
    for _ in range(2):
        Database(tmp_path / "hub.db").close()


async def test_a_damaged_store_is_not_started_on(tmp_path):
    file = tmp_path / "hub.db"
    database = Database(file)
    log = SqliteLog(database, stamp)
    session = await opened(log)
    await say(log, session, *(f"메모 {n}" for n in range(400)))
    database.close()
    data = bytearray(file.read_bytes())
    data[8192:24576] = b"\xa5" * 16384
    file.write_bytes(data)
    with pytest.raises(StoreBroken):
        Database(file)


def test_a_store_of_a_newer_version_is_not_started_on(tmp_path):
    Database(tmp_path / "hub.db").close()
    connection = sqlite3.connect(tmp_path / "hub.db")
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(StoreBroken, match="version 99"):
        Database(tmp_path / "hub.db")


async def test_a_full_store_refuses_whole_requests_and_takes_them_when_there_is_room(tmp_path):
    database = Database(tmp_path / "hub.db", limit_mb=1)
    log = SqliteLog(database, stamp)
    session = await opened(log)
    big = "가" * 7_000
    outcomes = [await asyncio.gather(say(log, session, big, big), return_exceptions=True) for _ in range(60)]
    taken = [outcome for (outcome,) in outcomes if not isinstance(outcome, BaseException)]
    assert isinstance(outcomes[-1][0], StoreFull)
    stored = 1 + 2 * len(taken)
    assert len(await log.events(session, 0, 10_000)) == stored
    database.close()
    roomier = Database(tmp_path / "hub.db", limit_mb=2)
    log = SqliteLog(roomier, stamp)
    assert (await say(log, session, big)).taken[0].event.seq == stored + 1
    roomier.close()


async def test_a_full_store_refuses_everyone_in_the_same_commit(tmp_path):
    database = Database(tmp_path / "hub.db", limit_mb=1)
    log = SqliteLog(database, stamp)
    session = await opened(log)
    outcomes = await asyncio.gather(*(say(log, session, "가" * 7_000) for _ in range(200)), return_exceptions=True)
    taken = [outcome for outcome in outcomes if not isinstance(outcome, BaseException)]
    assert all(isinstance(outcome, StoreFull) for outcome in outcomes if isinstance(outcome, BaseException))
    assert len(await log.events(session, 0, 10_000)) == 1 + len(taken)
    database.close()


async def test_what_waits_together_is_committed_together(database):
    log = SqliteLog(database, stamp)
    sessions = [await opened(log) for _ in range(10)]
    before = database.commits
    await asyncio.gather(*(say(log, session, "메모") for session in sessions for _ in range(20)))
    assert database.commits - before < 100


async def test_what_was_answered_is_there_if_the_process_dies_next(tmp_path):
    """A copy of the files as they are at the moment of the answer is what a dead process leaves."""
    database = Database(tmp_path / "hub.db")
    log = SqliteLog(database, stamp)
    session = await opened(log)
    await say(log, session, "하나", "둘")
    left = tmp_path / "left"
    left.mkdir()
    for file in tmp_path.glob("hub.db*"):
        shutil.copy(file, left)
    database.close()
    found = SqliteLog(Database(left / "hub.db"), stamp)
    assert [t.event.seq for t in await found.events(session, 0, 10)] == [1, 2, 3]
    found.close()


def test_sqlite_syncs_fully_and_overwrites_what_is_erased(database):
    async def pragma(name: str) -> int:
        return await database.write(lambda connection: connection.execute(f"PRAGMA {name}").fetchone()[0])

    assert asyncio.run(pragma("synchronous")) == 2
    assert asyncio.run(pragma("journal_mode")) == "wal"
    assert asyncio.run(pragma("secure_delete")) == 1


async def test_erased_words_are_not_left_in_the_file(tmp_path):
    database = Database(tmp_path / "hub.db")
    log = SqliteLog(database, stamp)
    session = await opened(log)
    done = await say(log, session, "아주비밀스러운말")
    erasure = new_event(session, e.EventsErased(events=(done.taken[0].id,), reason="요청"), at=now())
    await log.erase(session, [done.taken[0].id], draft(erasure, "p"))
    database.close()
    data = b"".join(file.read_bytes() for file in tmp_path.glob("hub.db*"))
    assert "아주비밀스러운말".encode() not in data


def of_store(directory: Path) -> bytes:
    return b"".join(file.read_bytes() for file in directory.glob("hub.db*"))


async def test_erased_words_are_gone_while_the_hub_runs_and_reads(tmp_path):
    database = Database(tmp_path / "hub.db")
    log = SqliteLog(database, stamp)
    session = await opened(log)
    done = await say(log, session, "아주비밀스러운말", *(f"메모 {n}" for n in range(300)))
    assert len(await log.events(session, 0, 1_000)) == 302
    assert "아주비밀스러운말".encode() in of_store(tmp_path)
    erasure = new_event(session, e.EventsErased(events=(done.taken[0].id,), reason="요청"), at=now())
    await log.erase(session, [done.taken[0].id], draft(erasure, "p"))
    assert "아주비밀스러운말".encode() not in of_store(tmp_path)
    database.close()


async def test_a_reader_in_the_way_delays_it_to_the_next_commit(tmp_path):
    database = Database(tmp_path / "hub.db")
    log = SqliteLog(database, stamp)
    session = await opened(log)
    done = await say(log, session, "아주비밀스러운말")
    reading = sqlite3.connect(tmp_path / "hub.db")
    reading.execute("BEGIN")
    assert reading.execute("SELECT count(*) FROM event").fetchone() == (2,)
    erasure = new_event(session, e.EventsErased(events=(done.taken[0].id,), reason="요청"), at=now())
    await log.erase(session, [done.taken[0].id], draft(erasure, "p"))
    assert "아주비밀스러운말".encode() in of_store(tmp_path)
    reading.close()
    await say(log, session, "다음")
    assert "아주비밀스러운말".encode() not in of_store(tmp_path)
    database.close()


async def test_a_hub_that_died_before_it_could_tidy_does_so_at_its_start(tmp_path):
    database = Database(tmp_path / "hub.db")
    database._fold = lambda: None  # the process dies between commit and fold
    log = SqliteLog(database, stamp)
    session = await opened(log)
    done = await say(log, session, "아주비밀스러운말")
    erasure = new_event(session, e.EventsErased(events=(done.taken[0].id,), reason="요청"), at=now())
    await log.erase(session, [done.taken[0].id], draft(erasure, "p"))
    left = tmp_path / "left"
    left.mkdir()
    for file in tmp_path.glob("hub.db*"):
        shutil.copy(file, left)
    database.close()
    assert "아주비밀스러운말".encode() in of_store(left)
    again = Database(left / "hub.db")
    assert "아주비밀스러운말".encode() not in of_store(left)
    again.close()


async def test_a_store_of_the_first_version_is_brought_on(tmp_path):
    connection = sqlite3.connect(tmp_path / "hub.db")
    connection.executescript(f"{STEPS[0]} PRAGMA user_version = 1;")
    row = (new_id(), "김이음", "agent", "", b"hash", stamp())
    connection.execute("INSERT INTO principal VALUES (?, ?, ?, ?, ?, ?)", row)
    connection.commit()
    connection.close()
    database = Database(tmp_path / "hub.db")
    (account,) = Principals(database, now).accounts()
    assert (account.person.name, account.issued, account.revoked) == ("김이음", row[-1], None)
    assert await SqliteLog(database, stamp).recent("") == []
    database.close()


def test_the_lock_is_the_processs_own(tmp_path):
    """A hub that was killed leaves no lock behind."""
    text = (
        "import os, sys; from pathlib import Path; from client.hub.database import Database;"
        f"Database(Path({str(tmp_path / 'hub.db')!r})); print('up', flush=True); sys.stdin.read()"
    )
    child = subprocess.Popen([sys.executable, "-c", text], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert child.stdout is not None
    assert child.stdin is not None
    assert child.stdout.readline() == b"up\n"
    with pytest.raises(StoreBroken, match="another hub"):
        Database(tmp_path / "hub.db")
    child.kill()
    child.wait()
    child.stdin.close()
    child.stdout.close()
    Database(Path(tmp_path / "hub.db")).close()
