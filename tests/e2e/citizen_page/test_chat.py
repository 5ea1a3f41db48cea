"""Web chat in a real Chromium: begun from the homepage, place in the queue, both ways, files, a closed tab, the end."""

from __future__ import annotations

import asyncio
import io
import json
from contextlib import asynccontextmanager

import httpx
import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from PIL import Image
from playwright.async_api import expect

from client.domain import event as e
from client.domain.event import event_to_json, new_event
from client.domain.words import Party, Role
from client.hub.clock import system_now
from client.resources import resource_path

pytestmark = pytest.mark.asyncio(loop_scope="session")
TEXTS = json.loads((resource_path("citizen") / "chat" / "texts.json").read_text(encoding="utf-8"))


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (60, 40), "green").save(out, "PNG")
    return out.getvalue()


class Agent:
    """Takes the newest chat and answers in it."""

    def __init__(self, server, http) -> None:
        self._server = server
        self.http = http
        self.session = ""

    async def take(self) -> str:
        waiting = [facts for facts in self._server.hub.rooms.waiting() if facts.channel == "chat"]
        self.session = max(waiting, key=lambda facts: facts.id).id
        assert (await self.http.post(f"/v1/sessions/{self.session}/claim")).status_code == 200
        return self.session

    async def say(self, *bodies) -> list[str]:
        events = [event_to_json(new_event(self.session, body, at=system_now())) for body in bodies]
        answer = await self.http.post(f"/v1/sessions/{self.session}/events", json={"events": events})
        assert answer.status_code == 200, answer.text
        return [event["id"] for event in events]

    async def write(self, text: str) -> str:
        return (await self.say(e.MessageSent(party=Party.AGENT, text=text)))[0]

    async def events(self, kind: str) -> list:
        answer = await self.http.get(f"/v1/sessions/{self.session}/events")
        return [event for event in answer.json()["events"] if event["type"] == kind]


@pytest_asyncio.fixture(loop_scope="session")
async def agent(server):
    _, token = await server.hub.principals.add("김이음", Role.AGENT)
    async with httpx.AsyncClient(
        base_url=server.desk_url, headers={"Authorization": f"Bearer {token}"}, trust_env=False
    ) as http:
        yield Agent(server, http)


async def begin(page, server, language: str = "ko", name: str = ""):
    await page.goto(f"{server.citizen_url}/c/chat?lang={language}")
    await page.fill("#name", name)
    await page.click("button[type=submit]")
    await page.wait_for_url("**/c/chat/room**")
    await expect(page.locator("#message")).to_be_visible()
    return page


async def send(page, text: str) -> None:
    await page.fill("#message", text)
    await page.press("#message", "Enter")


async def test_a_chat_from_the_homepage_to_the_agent_and_back(citizen, server, agent):
    page = await begin(await citizen.page(), server, name="홍길동")
    standing = page.locator(".standing")
    await expect(standing).to_have_attribute("data-standing", "waiting")
    await send(page, "가로등이 꺼져 있어요")
    await expect(page.locator(".mine .state")).to_have_text("보냄")
    await agent.take()
    await expect(standing).to_have_text("상담사가 들어왔습니다")
    (message,) = await agent.events("message.sent")
    assert (message["body"]["text"], message["body"]["language"]) == ("가로등이 꺼져 있어요", "ko")
    await agent.write("어느 길인가요?")
    await expect(page.locator(".theirs .text")).to_have_text("어느 길인가요?")
    await until_read(agent)
    await agent.say(e.MessageRead(message=message["id"], party=Party.AGENT))
    await expect(page.locator(".mine .state")).to_have_text("읽음")


async def until_read(agent) -> None:
    for _ in range(200):
        if await agent.events("message.read"):
            return
    raise AssertionError("the agent was not told that it was read")


async def test_one_knows_how_many_wait_before_one(citizen, server, agent):
    first = await begin(await citizen.page(language="en-US"), server, "en")
    second = await begin(await citizen.page(language="en-US", scheme="dark"), server, "en")
    await expect(second.locator(".standing")).to_contain_text("ahead of you")
    place = await second.locator(".standing").inner_text()
    ahead = int("".join(filter(str.isdigit, place)) or 0)
    await expect(second.locator(".standing")).to_contain_text(f"{ahead} ahead of you")
    waiting = sorted((f for f in server.hub.rooms.waiting() if f.channel == "chat"), key=lambda f: f.opened)
    agent.session = waiting[-2].id
    await agent.http.post(f"/v1/sessions/{agent.session}/claim")
    await expect(first.locator(".standing")).to_have_text("An agent is here")
    words = f"{ahead - 1} ahead" if ahead > 1 else "You are next"
    await expect(second.locator(".standing")).to_contain_text(words)


async def test_a_closed_tab_is_found_again_with_everything(citizen, server, agent):
    page = await begin(await citizen.page(language="en-GB"), server)
    await send(page, "첫 글")
    await agent.take()
    await page.fill("#message", "쓰다 만 글")
    context = page.context
    await page.close()
    await agent.write("탭이 닫힌 동안의 답")
    again = await context.new_page()
    citizen.watch(again)
    await again.goto(f"{server.citizen_url}/c/chat")
    await expect(again.locator(".mine .text")).to_have_text("첫 글")
    await expect(again.locator(".theirs .text")).to_have_text("탭이 닫힌 동안의 답")
    await expect(again.locator("#message")).to_have_value("쓰다 만 글")


async def test_a_picture_is_sent_made_anew_and_shown(citizen, server, agent):
    page = await begin(await citizen.page(), server)
    await agent.take()
    await page.set_input_files("#file", {"name": "현장.png", "mimeType": "image/png", "buffer": picture()})
    image = page.locator(".mine img")
    await expect(image).to_have_attribute("alt", "내가 보낸 사진, 현장.png")
    await page.wait_for_function("() => document.querySelector('.mine img').naturalWidth === 60")
    (message,) = await agent.events("message.sent")
    assert message["body"]["attachments"][0]["width"] == 60


async def test_what_is_refused_is_said_and_nothing_is_sent(citizen, server, agent):
    citizen.offline_allowed = True  # the refusal is a line in the console
    page = await begin(await citizen.page(), server)
    await agent.take()
    await page.set_input_files("#file", {"name": "a.svg", "mimeType": "image/svg+xml", "buffer": b"<svg onload='x'/>"})
    await expect(page.locator(".upload [role=status]")).to_contain_text("받을 수 없습니다")
    assert await agent.events("message.sent") == []


async def test_a_withdrawn_message_is_no_longer_shown(citizen, server, agent):
    page = await begin(await citizen.page(), server)
    await agent.take()
    message = await agent.write("잘못 보낸 글")
    await expect(page.locator(".theirs .text")).to_have_text("잘못 보낸 글")
    await agent.say(e.MessageWithdrawn(message=message))
    await expect(page.locator(".theirs .text")).to_have_text("메시지가 취소되었습니다")


async def test_without_a_network_what_is_written_waits_and_arrives(citizen, server, agent):
    citizen.offline_allowed = True
    page = await begin(await citizen.page(language="en-AU"), server)
    await agent.take()
    await page.context.set_offline(True)
    await expect(page.locator(".standing")).to_have_attribute("data-standing", "away")
    await send(page, "지하철 안에서")
    await expect(page.locator(".mine .state")).to_have_text("보내는 중")
    await page.context.set_offline(False)
    await expect(page.locator(".mine .state")).to_have_text("보냄")
    assert [m["body"]["text"] for m in await agent.events("message.sent")] == ["지하철 안에서"]


async def test_the_citizen_ends_it_and_takes_the_conversation_along(citizen, server, agent):
    page = await begin(await citizen.page(), server)
    await agent.take()
    await agent.write("안녕히 가세요")
    await expect(page.locator(".theirs")).to_be_visible()
    await page.get_by_role("button", name="저장·끝내기").click()
    async with page.expect_download() as saved:
        await page.get_by_role("link", name="글 파일로").click()
    assert "상담사: 안녕히 가세요" in (await (await saved.value).path()).read_text(encoding="utf-8")
    await page.get_by_role("button", name="상담 끝내기").click()
    await page.get_by_role("button", name="네, 끝냅니다").click()
    await expect(page.locator(".standing")).to_have_attribute("data-standing", "ended")
    assert [event["body"] for event in await agent.events("thread.ended")] == [{"reason": "ended"}]


@pytest.mark.parametrize("language", TEXTS)
async def test_it_speaks_six_languages(citizen, server, language):
    page = await begin(await citizen.page(language="en-NZ"), server, language)
    assert await page.evaluate("document.documentElement.lang") == language
    await expect(page.locator("label[for=message]")).to_have_text(TEXTS[language]["label"])
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing(citizen, server, agent, scheme):
    page = await citizen.page(language="ko-KP", scheme=scheme, viewport={"width": 320, "height": 700})
    await page.goto(f"{server.citizen_url}/c/chat?lang=ko")
    await nothing_found(page)
    await begin(page, server)
    await nothing_found(page)
    await agent.take()
    await send(page, "글")
    await agent.write("답")
    await expect(page.locator(".theirs")).to_be_visible()
    await page.set_input_files("#file", {"name": "a.png", "mimeType": "image/png", "buffer": picture()})
    await expect(page.locator(".mine img")).to_be_visible()
    await nothing_found(page)
    await page.get_by_role("button", name="저장·끝내기").click()
    await page.get_by_role("button", name="상담 끝내기").click()
    await nothing_found(page)
    await page.get_by_role("button", name="네, 끝냅니다").click()
    await expect(page.locator("#over")).to_be_visible()
    await nothing_found(page)
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def nothing_found(page) -> None:
    found = await Axe().run(page)
    assert [violation["id"] for violation in found.response["violations"]] == []


@asynccontextmanager
async def homepage(html: str):
    """The centre's homepage: another origin, served from here."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = html.encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        writer.write(head.encode() + body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def test_the_homepage_button_opens_the_chat_from_another_origin(citizen, server):
    citizen.offline_allowed = True
    citizen.origin = "http://127.0.0.1"
    script = f'<script src="{server.citizen_url}/c/chat/button.js" data-lang="ko" defer></script>'
    html = f'<!doctype html><html lang="ko"><title>누리집</title><body><main><h1>서울</h1></main>{script}'
    page = await citizen.page(language="en-IE")
    async with homepage(html) as address:
        await page.goto(address)
        button = page.get_by_role("link", name="채팅 상담 (새 창)")
        await expect(button).to_be_visible()
        await nothing_found(page)
        async with page.context.expect_page() as opened:
            await button.press("Enter")
        chat = await opened.value
        await expect(chat.locator("h1")).to_have_text("채팅으로 상담하기")


async def test_nobody_begins_a_chat_from_elsewhere(server):
    async with httpx.AsyncClient(base_url=server.citizen_url, trust_env=False) as http:
        answer = await http.post(
            "/c/chat/begin", data={"language": "ko"}, headers={"Origin": "https://elsewhere.example"}
        )
        assert answer.status_code == 403
        assert (await http.get("/c/chat/room")).status_code == 303
