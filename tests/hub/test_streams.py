"""Open streams: who hears what, the slow reader, many readers, and what a stream repeats."""

from __future__ import annotations

import asyncio
import socket
from contextlib import AsyncExitStack

import pytest

from client.domain import event as e
from client.domain.access import Person
from client.domain.ids import new_id
from client.domain.signal import Mirror, PartialCaption, Signal, signal_to_json
from client.domain.words import Party, Role
from client.hub.reader import MAX_BYTES, MAX_FRAMES, Reader, frame
from tests.hub.saying import claim, listening, open_session, say
from tests.waiting import until


@pytest.fixture
async def desk(served):
    return await served.desk()


async def test_a_stream_says_hello_and_heads_first(served, desk):
    session = await open_session(desk)
    async with listening(desk, "/v1/stream") as heard:
        assert set(await heard.next("hello")) == {"time", "principal"}
        assert await heard.next("heads") == {"heads": {session: 1}}
        said = await say(desk, session, e.NoteWritten(text="메모"))
        event = await heard.next("event")
        assert (event["id"], heard.last_id) == (said[0]["id"], f"{session}:2")


async def test_heads_are_repeated(served, desk, monkeypatch):
    monkeypatch.setattr("client.hub.desk_streams.HEADS_EVERY_S", 0.05)
    session = await open_session(desk)
    async with listening(desk, "/v1/stream") as heard:
        for _ in range(3):
            assert await heard.next("heads") == {"heads": {session: 1}}


async def test_a_narrow_stream_hears_one_session(served, desk):
    one, two = await open_session(desk), await open_session(desk)
    async with listening(desk, f"/v1/stream?session={one}") as heard:
        assert await heard.next("heads") == {"heads": {one: 1}}
        await say(desk, two, e.NoteWritten(text="다른 상담"))
        await say(desk, one, e.NoteWritten(text="이 상담"))
        assert (await heard.next("event"))["body"]["text"] == "이 상담"


async def test_a_narrow_stream_is_not_for_strangers(served, desk):
    session = await open_session(desk)
    await claim(desk, session)
    stranger = await served.desk("남")
    assert (await stranger.get(f"/v1/stream?session={session}")).status_code == 403
    assert (await stranger.get(f"/v1/stream?session={new_id()}")).status_code == 404


async def test_a_narrow_stream_falls_silent_when_the_session_becomes_anothers(served, desk):
    stranger = await served.desk("남")
    session = await open_session(desk)
    async with listening(stranger, f"/v1/stream?session={session}") as heard:
        await heard.next("heads")
        await claim(desk, session)
        assert (await heard.next("session"))["owner_name"] == "김이음"
        await say(desk, session, e.NoteWritten(text="비밀"))
        await desk.post(f"/v1/sessions/{session}/release", json={"reason": "released"})
        assert (await heard.next("event"))["type"] == "session.released"


async def test_a_reader_hears_supervisors_words_only_as_a_supervisor(served, desk):
    supervisor = await served.desk("팀장", Role.SUPERVISOR)
    session = await open_session(desk)
    async with listening(desk, "/v1/stream") as agent, listening(supervisor, "/v1/stream") as boss:
        await agent.next("heads")
        await boss.next("heads")
        await say(desk, session, e.NoteWritten(text="폭언"), audience=e.Audience.SUPERVISORS)
        assert (await agent.next("event"))["type"] == "log.emptied"
        assert (await boss.next("event"))["body"] == {"text": "폭언"}


async def test_five_hundred_streams_each_hear_their_own_session_alone(served, desk, monkeypatch):
    monkeypatch.setattr("client.hub.desk_streams.HEADS_EVERY_S", 3600.0)  # they would be heard too on a slow machine
    hub = served.hub
    person = Person(id=new_id(), name="관찰자", role=Role.SUPERVISOR)
    sessions = [await open_session(desk) for _ in range(20)]
    readers = [Reader(person=person, session=sessions[n % 20]) for n in range(500)]
    for reader in readers:
        hub.desks.join(reader)
        await reader.take()
    await say(desk, sessions[3], e.NoteWritten(text="메모"))
    heard = [n for n, reader in enumerate(readers) if reader._frames]
    assert heard == list(range(3, 500, 20))
    assert len({id(reader._frames[0]) for reader in readers if reader._frames}) == 1
    for reader in readers:
        reader.end()
        hub.desks.leave(reader)


def test_a_reader_that_falls_too_far_behind_is_ended():
    slow = Reader(person=None, session="s")
    told = []
    slow.on_end = lambda: told.append("ended")
    for _ in range(MAX_FRAMES + 2):
        slow.put(b"x")
    assert (slow.ended, told) == (True, ["ended"])
    heavy = Reader(person=None, session="s")
    heavy.put(b"x" * (MAX_BYTES - 10))
    assert not heavy.ended
    heavy.put(b"x" * 20)
    assert heavy.ended


async def test_what_waits_for_a_reader_goes_out_in_one_piece():
    reader = Reader(person=None, session="s")
    reader.put(frame("event", "1"))
    reader.put(frame("event", "2", "s:2"))
    assert await reader.take() == b"event: event\ndata: 1\n\nid: s:2\nevent: event\ndata: 2\n\n"
    reader.end()
    assert await reader.take() == b""


async def test_a_stalled_reader_is_cut_off_and_nobody_else_notices(served, desk):
    """A desk that opened its stream and reads no more: its socket fills, then its queue, then it is let go."""
    session = await open_session(desk)
    stalled = socket.create_connection(("127.0.0.1", int(served.server.desk_url.rsplit(":", 1)[1])))
    token = desk.headers["authorization"]
    stalled.sendall(f"GET /v1/stream HTTP/1.1\r\nHost: x\r\nAuthorization: {token}\r\n\r\n".encode())
    await until(lambda: served.hub.desks.open)
    async with listening(await served.desk("팀장", Role.SUPERVISOR), "/v1/stream") as heard:
        await heard.next("heads")
        reading = asyncio.create_task(heard.next("event", lambda event: event["body"].get("text") == "끝"))
        me = (await desk.get("/v1/me")).json()["principal"]
        for _ in range(60):
            if not served.hub.desks.connected(me):
                break
            await say(desk, session, *(e.NoteWritten(text="가" * 7_900) for _ in range(20)))
        await until(lambda: not served.hub.desks.connected(me))
        await say(desk, session, e.NoteWritten(text="끝"))
        assert await reading
    stalled.close()


async def test_streams_come_and_go_without_a_trace(served, desk):
    session = await open_session(desk)
    async with AsyncExitStack() as stack:
        for _ in range(10):
            heard = await stack.enter_async_context(listening(desk, "/v1/stream"))
            await heard.next("heads")
            heard = await stack.enter_async_context(listening(desk, f"/v1/stream?session={session}"))
            await heard.next("heads")
        assert served.hub.desks.open
    await until(lambda: not served.hub.desks.open)
    assert (served.hub.desks._wide, served.hub.desks._narrow) == ({}, {})


async def test_signals_go_when_the_session_closes(served, desk):
    session = await open_session(desk)
    body = PartialCaption(leg="l", party=Party.AGENT, utterance="u", stable="네", provisional="")
    signal = signal_to_json(Signal(session=session, key="caption:l", body=body))
    await desk.post(f"/v1/sessions/{session}/signals", json={"signals": [signal]})
    assert len(served.hub.signals.of(session)) == 1
    await desk.post(f"/v1/sessions/{session}/close")
    assert served.hub.signals.of(session) == []


def test_only_so_many_signals_are_kept_for_a_session(served):
    for n in range(150):
        body = Mirror(push="p", values={})
        served.hub.signals.put(Signal(session="s", key=f"mirror:{n}", body=body))
    kept = [signal.key for signal in served.hub.signals.of("s")]
    assert (len(kept), kept[-1]) == (100, "mirror:149")


async def test_colleagues_know_who_is_there(served, desk):
    other = await served.desk("박다리")

    async def there() -> bool:
        people = (await desk.get("/v1/principals")).json()["principals"]
        return next(p["connected"] for p in people if p["name"] == "박다리")

    assert not await there()
    async with listening(other, "/v1/stream") as heard:
        await heard.next("hello")
        assert await there()
    await until(lambda: not served.hub.desks.open)
    assert not await there()
