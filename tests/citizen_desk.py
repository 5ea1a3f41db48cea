"""The agent's side for tests of the citizen page: a session on the real hub, spoken to over its desk interface."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import httpx

from client.domain import event as e
from client.domain.catalogue import Catalogue, read_catalogue
from client.domain.codec import encode
from client.domain.event import Body, Event, event_from_json, event_to_json, new_event
from client.domain.ids import new_id
from client.domain.screen import Screen
from client.domain.signal import Guide, PartialCaption, Signal, SignalBody, signal_to_json
from client.domain.words import Channel, Party, Role
from client.hub.server import HubServer
from client.resources import resource_path
from client.wire import OpenSession
from tests.waiting import until


def catalogue() -> Catalogue:
    files = sorted(resource_path("screens").glob("*.toml"))
    return read_catalogue((file.name, file.read_text(encoding="utf-8")) for file in files)


CATALOGUE = catalogue()


PATIENCE_S = 10.0


class CitizenDesk:
    """One agent and one session in a call. `signals` are not kept here: `hub.signals` has the newest."""

    def __init__(self, server: HubServer, client: httpx.AsyncClient, session: str) -> None:
        self.server = server
        self.session = session
        self._client = client

    @classmethod
    async def open(cls, server: HubServer, language: str = "ko") -> CitizenDesk:
        _, token = await server.hub.principals.add("김지은", Role.AGENT)
        client = httpx.AsyncClient(base_url=server.desk_url, headers={"Authorization": f"Bearer {token}"})
        body = e.SessionOpened(channel=Channel.PHONE, language=language)
        event = new_event(new_id(), body, at=datetime.now(UTC))
        opening = OpenSession(id=event.session, keys=(f"sip:{event.session}",), event=event_to_json(event))
        answer = await client.post("/v1/sessions", json=encode(opening))
        assert answer.status_code in (200, 201), answer.text
        desk = cls(server, client, event.session)
        await desk.post("claim")
        await desk.say(e.CallAnswered())
        return desk

    async def close(self) -> None:
        await self._client.aclose()

    async def post(self, what: str, body: object = None) -> httpx.Response:
        answer = await self._client.post(f"/v1/sessions/{self.session}/{what}", json=body)
        assert answer.is_success, answer.text
        return answer

    async def say(self, *bodies: Body) -> list[Event]:
        events = [new_event(self.session, body, at=datetime.now(UTC)) for body in bodies]
        await self.post("events", {"events": [event_to_json(event) for event in events]})
        return events

    async def push(self, screen: str | Screen, language: str = "ko") -> str:
        push = new_id()
        shown = CATALOGUE.screen(screen, language) if isinstance(screen, str) else screen
        await self.say(e.ScreenPushed(push=push, screen=shown))
        return push

    async def caption(self, text: str, utterance: str = "", **more: object) -> str:
        body = e.Caption(utterance=utterance or new_id(), party=Party.AGENT, text=text, **more)
        return (await self.say(body))[0].id

    async def partial(self, stable: str, provisional: str, utterance: str = "u-1", **more: object) -> None:
        fields = {"leg": "call/agent", "party": Party.AGENT, **more}
        await self.signal(
            "caption:call/agent",
            PartialCaption(utterance=utterance, stable=stable, provisional=provisional, **fields),
        )

    async def guide(self, push: str, focus: str) -> None:
        await self.signal("guide", Guide(push=push, focus=focus))

    async def signal(self, key: str, body: SignalBody) -> None:
        await self.post("signals", {"signals": [signal_to_json(Signal(session=self.session, key=key, body=body))]})

    async def link(self) -> str:
        return str((await self.post("link")).json()["address"])

    async def events(self, kind: type[Body] = Body) -> list[Event]:
        answer = await self._client.get(f"/v1/sessions/{self.session}/events?after=0")
        events = [event_from_json(data) for data in answer.json()["events"]]
        return [event for event in events if isinstance(event.body, kind)]

    async def until_said(self, kind: type[Body], count: int = 1) -> Event:
        """The newest event of a type, once there are `count` of them."""
        deadline = time.monotonic() + PATIENCE_S
        while len(found := await self.events(kind)) < count:
            assert time.monotonic() < deadline, f"{kind.type} was not said {count} times, but {len(found)}"
        return found[-1]

    async def until_signal(self, kind: type[SignalBody]) -> SignalBody:
        """The newest signal of a kind that the hub keeps for the session."""
        return await until(lambda: self.newest(kind), what=kind.kind)

    def newest(self, kind: type[SignalBody]) -> SignalBody | None:
        held = [signal.body for signal in self.server.hub.signals.of(self.session)]
        return next((body for body in reversed(held) if isinstance(body, kind)), None)
