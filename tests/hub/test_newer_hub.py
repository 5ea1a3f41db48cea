"""A desk at a hub that is newer than itself: what it does not know keeps its place and stops nothing."""

from __future__ import annotations

import asyncio
import json
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI
from starlette.responses import JSONResponse, Response

from client.adapters.hub_http import HttpHub
from client.domain import event as e
from client.domain.codec import BadInput
from client.domain.event import event_as_told, event_from_json, event_to_json, new_event
from client.domain.ids import new_id
from client.fakes.clock import HeldClock
from client.fakes.outbox import MemoryOutbox
from client.ports.hub import HubAway
from client.services.log import EventLog
from client.services.publisher import Publisher
from client.services.sessions import SessionBook
from client.wire import STREAM_EVENT, STREAM_HEADS
from tests.hub.saying import open_session, problem_of
from tests.waiting import until

SESSION = new_id()


def numbered(seq: int, text: str) -> dict[str, Any]:
    event = new_event(SESSION, e.NoteWritten(text=text), at=datetime.now(UTC))
    return event_to_json(event.numbered(seq, event.at, "p"))


def of_tomorrow(seq: int) -> list[dict[str, Any]]:
    """What a newer hub may say: a new type, a new field of a body, of the envelope, a new word of a vocabulary."""
    base = numbered(seq, "메모")
    return [
        {**base, "type": "video.signed", "body": {"hands": 2}},
        {**base, "body": {"text": "메모", "colour": "red"}},
        {**base, "weight": 3},
        {**base, "audience": "everybody"},
    ]


@pytest.mark.parametrize("which", range(4))
def test_what_is_not_known_keeps_its_envelope(which):
    data = of_tomorrow(7)[which]
    event = event_as_told(data)
    assert (event.id, event.session, event.seq, event.actor) == (data["id"], SESSION, 7, "p")
    assert event.body == e.Unknown(was=data["type"])


@pytest.mark.parametrize("data", [None, [], {}, {"type": "x"}, {"type": "x", "id": "1", "session": "2", "at": "3"}])
def test_what_has_no_envelope_is_refused(data):
    with pytest.raises(BadInput):
        event_as_told(data)


def test_what_is_known_is_read_as_ever():
    data = numbered(3, "메모")
    assert event_as_told(data) == event_from_json(data)


async def test_the_hub_itself_takes_no_unknown_event(served):
    desk = await served.desk()
    session = await open_session(desk)
    for data in of_tomorrow(2):
        said = {k: v for k, v in {**data, "session": session}.items() if k not in ("seq", "recorded", "actor")}
        answer = await desk.post(f"/v1/sessions/{session}/events", json={"events": [said]})
        assert problem_of(answer)[:2] == (422, "bad-input")
    unknown = {**numbered(2, "x"), "session": session, "type": e.Unknown.type, "body": {"was": "x"}}
    for name in ("seq", "recorded", "actor"):
        del unknown[name]
    answer = await desk.post(f"/v1/sessions/{session}/events", json={"events": [unknown]})
    assert problem_of(answer) == (422, "bad-input", "events.0.type")


class NewerHub:
    """Says `events`; of its stream only the last one, so that the others have to be fetched."""

    def __init__(self, events: list[Any]) -> None:
        self.app = FastAPI()
        self.app.get("/v1/me")(self._me)
        self.app.get("/v1/stream")(self._stream)
        self.app.get(f"/v1/sessions/{SESSION}/events")(self._events)
        self._said = events

    async def _me(self) -> Response:
        now = datetime.now(UTC).isoformat()
        return JSONResponse({"principal": "p", "name": "n", "role": "agent", "permissions": [], "time": now})

    async def _events(self, after: int = 0) -> Response:
        return JSONResponse({"events": [event for event in self._said if event.get("seq", 0) > after]})

    async def _stream(self) -> Response:
        said = [(STREAM_HEADS, {"heads": {SESSION: len(self._said)}}), (STREAM_EVENT, self._said[-1])]
        text = "".join(f"event: {name}\ndata: {json.dumps(data)}\n\n" for name, data in said)
        return Response(text, media_type="text/event-stream")


@asynccontextmanager
async def served_by(events: list[Any]):
    config = uvicorn.Config(NewerHub(events).app, port=0, lifespan="off", log_config=None, ws="none")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    await until(lambda: server.started)
    port = server.servers[0].sockets[0].getsockname()[1]
    hub = HttpHub(f"http://127.0.0.1:{port}", "t")
    yield hub
    await hub.disconnect()
    server.should_exit = True
    await serving


async def test_a_desk_takes_what_it_knows_and_goes_on():
    events = [numbered(1, "앞"), *(of_tomorrow(n + 2)[n] for n in range(4)), numbered(6, "뒤")]
    async with served_by(events) as hub:
        found = await hub.events(SESSION, 0)
        assert [event.seq for event in found] == [1, 2, 3, 4, 5, 6]
        assert [type(event.body) for event in found] == [e.NoteWritten, *[e.Unknown] * 4, e.NoteWritten]
        publisher, clock = Publisher(), HeldClock()
        book = SessionBook(hub, clock, publisher)
        log = EventLog(hub, MemoryOutbox(), book, clock, publisher)
        log.start()
        await until(lambda: book.last_seq(SESSION) == 6)
        assert [line.text for line in book.timeline(SESSION).lines] == ["앞", "뒤"]
        await log.stop()


async def test_an_unknown_event_of_the_stream_has_its_number():
    async with served_by([of_tomorrow(1)[0]]) as hub, aclosing(hub.stream()) as stream:
        told = [item async for item in _events_of(stream)]
    assert [(event.seq, event.body) for event in told] == [(1, e.Unknown(was="video.signed"))]


async def _events_of(stream):
    try:
        async for item in stream:
            if isinstance(item, e.Event):
                yield item
    except HubAway:
        return


async def test_an_answer_that_makes_no_sense_is_a_hub_that_is_away():
    async with served_by([{"seq": 1}]) as hub:
        with pytest.raises(HubAway, match="not understood"):
            await hub.events(SESSION, 0)
