"""Short words for what the tests of the hub say over plain HTTP."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import httpx
from httpx_sse import aconnect_sse

from client.domain import event as e
from client.domain.event import Body, event_to_json, new_event
from client.domain.ids import new_id
from client.domain.words import Channel
from client.hub.pages import consent_version

WORDING = f"{consent_version()}/90d"
"""A text of consent that was shown, as the page names it."""


def event_json(session: str, body: Body, **more: Any) -> dict[str, Any]:
    return event_to_json(new_event(session, body, at=datetime.now(UTC), **more))


async def open_session(desk: httpx.AsyncClient, *, number: str = "01012345678", key: str = "") -> str:
    session = new_id()
    body = {
        "id": session,
        "keys": [key or f"sip:{session}"],
        "event": event_json(session, e.SessionOpened(channel=Channel.PHONE)),
        "number": number,
    }
    answer = await desk.post("/v1/sessions", json=body)
    assert answer.status_code == 201, answer.text
    return session


async def claim(desk: httpx.AsyncClient, session: str) -> None:
    assert (await desk.post(f"/v1/sessions/{session}/claim")).status_code == 200


async def say(desk: httpx.AsyncClient, session: str, *bodies: Body, **more: Any) -> list[dict[str, Any]]:
    events = [event_json(session, body, **more) for body in bodies]
    answer = await desk.post(f"/v1/sessions/{session}/events", json={"events": events})
    assert answer.status_code == 200, answer.text
    return events


async def log_of(desk: httpx.AsyncClient, session: str, after: int = 0) -> list[dict[str, Any]]:
    answer = await desk.get(f"/v1/sessions/{session}/events", params={"after": after})
    assert answer.status_code == 200, answer.text
    events: list[dict[str, Any]] = answer.json()["events"]
    return events


def problem_of(answer: httpx.Response) -> tuple[int, str, str]:
    """(status, code, field) of a problem, after looking that it is one."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    problem = answer.json()
    assert problem["status"] == answer.status_code
    assert problem["title"]
    return answer.status_code, problem["code"], problem["field"]


async def until_async(condition: Callable[[], Awaitable[bool]], seconds: float = 20.0) -> None:
    """Wait for a condition that has to be asked for."""
    async with asyncio.timeout(seconds):
        while not await condition():  # noqa: ASYNC110 — it has to be asked for
            await asyncio.sleep(0.02)


class Heard:
    """A stream being read: `await heard.next("event")` is the next one of that name."""

    def __init__(self, events: AsyncIterator[Any]) -> None:
        self._events = events
        self.last_id = ""

    async def next(self, name: str, fits=lambda _data: True) -> dict[str, Any]:
        async with asyncio.timeout(10):
            async for said in self._events:
                self.last_id = said.id or self.last_id
                data = json.loads(said.data)
                if said.event == name and fits(data):
                    return data
        raise AssertionError(f"the stream ended before {name}")

    async def until_end(self) -> None:
        async with asyncio.timeout(10):
            async for _ in self._events:
                pass


@asynccontextmanager
async def listening(client: httpx.AsyncClient, path: str, **headers: str) -> AsyncIterator[Heard]:
    async with aconnect_sse(client, "GET", path, headers=headers) as source:
        assert source.response.status_code == 200, await source.response.aread()
        yield Heard(source.aiter_sse())
