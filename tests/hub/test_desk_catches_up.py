"""A desk on the real hub over HTTP: an event, and a whole session, that never came down its stream."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from client.adapters.clock import LoopClock
from client.domain import event as e
from client.domain.event import new_event
from client.domain.ids import new_id
from client.domain.words import Channel
from client.hub import desk_streams
from tests.desks import fake_desk
from tests.running_hub import running
from tests.waiting import until


@pytest.fixture
async def served(tmp_path, monkeypatch):
    monkeypatch.setattr(desk_streams, "HEADS_EVERY_S", 0.2)
    async with running(tmp_path) as hub:
        yield hub


@pytest.fixture
async def desk(served):
    clock = LoopClock()
    made = fake_desk(clock=clock, hub=SimpleNamespace(me=await served.client("김이음"))).desk
    made.start()
    await until(lambda: made.log.connected)
    yield made
    await made.stop()


async def open_session(hub, clock) -> str:
    session = new_id()
    event = new_event(session, e.SessionOpened(channel=Channel.PHONE), at=clock.now())
    await hub.open_session(event, (f"pbx:{session}",), "")
    return session


def notes(desk, session: str) -> list[str]:
    return [line.text for line in desk.sessions.timeline(session).lines]


async def test_a_lost_last_event_and_a_session_missed_whole_are_fetched(served, desk, monkeypatch):
    other = await served.client("이나눔")
    known = await open_session(other, desk.clock)
    await other.append(known, [new_event(known, e.NoteWritten(text="들은 것"), at=desk.clock.now())])
    await until(lambda: known in desk.sessions and notes(desk, known) == ["들은 것"])

    with monkeypatch.context() as lossy:
        lossy.setattr(served.hub.desks, "publish", lambda appended: None)
        await other.append(known, [new_event(known, e.NoteWritten(text="잃은 것"), at=desk.clock.now())])
        missed = await open_session(other, desk.clock)
        await other.append(missed, [new_event(missed, e.NoteWritten(text="모르는 상담"), at=desk.clock.now())])
    await until(lambda: notes(desk, known) == ["들은 것", "잃은 것"])
    await until(lambda: missed in desk.sessions and notes(desk, missed) == ["모르는 상담"])
    assert (desk.sessions.last_seq(known), desk.sessions.last_seq(missed)) == (3, 2)
