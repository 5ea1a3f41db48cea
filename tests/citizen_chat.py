"""A web chat for tests: the citizen's page in Chromium, an agent at the hub's desk interface, a network that dies."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from PIL import Image
from playwright.async_api import Page, expect

from client.domain import event as e
from client.domain.event import Body, event_to_json, new_event
from client.domain.ids import new_id
from client.domain.words import Channel, Party, Role
from client.hub.clock import system_now
from client.hub.limits import RateLimit
from client.hub.server import HubServer
from tests.citizen_desk import CATALOGUE


def picture(side: int = 60) -> bytes:
    """A PNG, `side` px wide."""
    out = io.BytesIO()
    Image.new("RGB", (side, side * 2 // 3), "green").save(out, "PNG")
    return out.getvalue()


def noise(side: int) -> bytes:
    """A picture that no encoder makes small: about 3 × side² bytes."""
    out = io.BytesIO()
    Image.effect_noise((side, side), 100).convert("RGB").save(out, "PNG", compress_level=0)
    return out.getvalue()


def file(name: str, data: bytes, kind: str = "image/png") -> dict[str, object]:
    """A file as Playwright takes it."""
    return {"name": name, "mimeType": kind, "buffer": data}


class Agent:
    """Takes the newest chat and answers in it."""

    def __init__(self, server: HubServer, http: httpx.AsyncClient) -> None:
        self._server = server
        self.http = http
        self.session = ""

    @classmethod
    @asynccontextmanager
    async def at(cls, server: HubServer) -> AsyncIterator[Agent]:
        _, token = await server.hub.principals.add("김이음", Role.AGENT)
        headers = {"Authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(base_url=server.desk_url, headers=headers, trust_env=False) as http:
            yield cls(server, http)

    async def take(self) -> str:
        waiting = [facts for facts in self._server.hub.rooms.waiting() if facts.channel is Channel.CHAT]
        self.session = max(waiting, key=lambda facts: facts.id).id
        assert (await self.http.post(f"/v1/sessions/{self.session}/claim")).status_code == 200
        return self.session

    async def say(self, *bodies: Body) -> list[str]:
        events = [event_to_json(new_event(self.session, body, at=system_now())) for body in bodies]
        answer = await self.http.post(f"/v1/sessions/{self.session}/events", json={"events": events})
        assert answer.status_code == 200, answer.text
        return [event["id"] for event in events]

    async def write(self, text: str) -> str:
        return (await self.say(e.MessageSent(party=Party.AGENT, text=text)))[0]

    async def push(self, name: str, language: str = "ko") -> str:
        push = new_id()
        await self.say(e.ScreenPushed(push=push, screen=CATALOGUE.screen(name, language)))
        return push

    async def events(self, kind: str) -> list[dict]:
        answer = await self.http.get(f"/v1/sessions/{self.session}/events")
        return [event for event in answer.json()["events"] if event["type"] == kind]

    async def until_said(self, kind: str, count: int = 1) -> list[dict]:
        async with asyncio.timeout(10):
            while len(found := await self.events(kind)) < count:  # noqa: ASYNC110 — it has to be asked for
                await asyncio.sleep(0.02)
        return found


async def begin(page: Page, server: HubServer, language: str = "ko", name: str = "") -> Page:
    """From the first page into the room. How many may begin from one address is another test's."""
    server.hub.chats_begun = RateLimit(burst=1_000, per_second=1)
    await page.goto(f"{server.public_url}/c/chat?lang={language}")
    await page.fill("#name", name)
    await page.click("button[type=submit]")
    await page.wait_for_url("**/c/chat/room**")
    await expect(page.locator("#message")).to_be_visible()
    return page


async def send(page: Page, text: str) -> None:
    await page.fill("#message", text)
    await page.press("#message", "Enter")
