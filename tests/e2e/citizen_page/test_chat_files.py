"""Pictures and files in the web chat: chosen, pasted, dropped; refused, cancelled, and over a network that dies."""

from __future__ import annotations

import asyncio
import base64
import re

import pytest
import pytest_asyncio
from playwright.async_api import expect

from client.domain.words import Channel
from client.hub.server import HubServer
from client.settings import Settings
from tests.citizen_browser import Gate
from tests.citizen_chat import Agent, begin, file, noise, picture, send
from tests.cutting_relay import DyingNetwork
from tests.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="session")

GIVE = """([type, data]) => {
    const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
    const transfer = new DataTransfer();
    transfer.items.add(new File([bytes], `${type}.png`, { type: 'image/png' }));
    const said = { bubbles: true, cancelable: true };
    const event = type === 'paste' ? new ClipboardEvent(type, { ...said, clipboardData: transfer }) : new DragEvent(type, { ...said, dataTransfer: transfer });
    document.querySelector('#message').dispatchEvent(event);
}"""


@pytest_asyncio.fixture(loop_scope="session")
async def agent(server):
    async with Agent.at(server) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="session")
async def room(citizen, server, agent):
    """A Korean phone in a chat that the agent has taken."""
    page = await begin(await citizen.page(), server)
    await agent.take()
    return page


@pytest_asyncio.fixture(loop_scope="session")
async def held():
    """Requests that are neither answered nor refused until the test is over."""
    waiting = Held()
    yield waiting
    waiting.over.set()


class Held:
    def __init__(self) -> None:
        self.over = asyncio.Event()
        self.count = 0

    async def __call__(self, route) -> None:
        self.count += 1
        await self.over.wait()
        await route.abort()


async def names(agent) -> list[str]:
    """Of the files that were sent, once there are any."""
    return [m["body"]["attachments"][0]["name"] for m in await agent.until_said("message.sent")]


async def test_a_picture_is_made_anew_and_shown_with_words(room, agent):
    await room.set_input_files("#file", file("현장.png", picture()))
    await expect(room.locator(".mine img")).to_have_attribute("alt", "내가 보낸 사진, 현장.png")
    await room.wait_for_function("document.querySelector('.mine img').naturalWidth === 60")
    (message,) = await agent.until_said("message.sent")
    assert message["body"]["attachments"][0]["width"] == 60
    await expect(room.locator("#said")).to_contain_text("현장.png 파일을 보냈습니다.")


async def test_a_document_is_a_link_that_downloads(room, agent):
    await room.set_input_files("#file", file("신청서.txt", "이름: 홍길동".encode(), "text/plain"))
    link = room.get_by_role("link", name=re.compile(r"신청서\.txt \(.+\)"))
    async with room.expect_download() as saved:
        await link.click()
    assert (await saved.value).suggested_filename == "신청서.txt"


@pytest.mark.parametrize("way", ["paste", "drop"])
async def test_a_picture_is_pasted_or_dropped(room, agent, way):

    await room.evaluate(GIVE, [way, base64.b64encode(picture()).decode()])
    await expect(room.locator(".mine img")).to_be_visible()
    assert await names(agent) == [f"{way}.png"]
    assert await room.input_value("#message") == ""


async def test_the_camera_is_offered_where_there_is_one(citizen, server):
    phone = await begin(await citizen.page(has_touch=True, is_mobile=True), server)
    await expect(phone.get_by_role("button", name="사진 찍기")).to_be_visible()
    assert await phone.get_attribute("#photo", "capture") == "environment"
    desktop = await begin(await citizen.page(viewport={"width": 1280, "height": 800}), server)
    await expect(desktop.get_by_role("button", name="사진 찍기")).to_be_hidden()


async def test_what_is_refused_is_said_and_nothing_is_sent(citizen, room, agent):
    citizen.offline_allowed = True  # the refusal is a line in the console
    await room.set_input_files("#file", file("a.svg", b"<svg onload='x'/>", "image/svg+xml"))
    await expect(room.locator(".upload [role=status]")).to_contain_text("a.svg 파일은 받을 수 없습니다.")
    await room.get_by_role("button", name="알겠습니다").press("Enter")
    await expect(room.locator(".uploads")).to_be_hidden()
    await expect(room.locator("#message")).to_be_focused()
    assert await agent.events("message.sent") == []


async def test_what_is_too_large_is_not_even_sent(room, server):
    asked = []
    room.on("request", lambda request: asked.append(request.url))
    most = server.hub.settings.attachment_mb
    await room.set_input_files("#file", file("긴 글.txt", b"x" * (most * 1_000_000 + 1), "text/plain"))
    await expect(room.locator(".upload [role=status]")).to_have_text(
        f"긴 글.txt 파일이 너무 큽니다. {most}MB까지 보낼 수 있습니다."
    )
    assert [url for url in asked if "attachments" in url] == []


async def test_an_upload_is_cancelled(room, agent, server, held):
    await Gate.close(room, "**/c/api/attachments?*", held)
    await room.set_input_files("#file", file("a.png", picture()))
    await until(lambda: held.count)
    await expect(room.locator("progress")).to_be_visible()
    await room.get_by_role("button", name="취소: a.png").click()
    await expect(room.locator(".uploads")).to_be_hidden()
    assert await room.evaluate("Object.keys(localStorage).some((key) => key.endsWith(':uploads'))") is False
    await send(room, "그만둘게요")
    await expect(room.locator(".mine[data-state=sent]")).to_have_count(1)
    assert await server.hub.attachments.of(agent.session) == []


async def test_without_a_network_a_file_waits_and_is_sent_once(citizen, room, agent):
    citizen.offline_allowed = True
    await room.context.set_offline(True)
    await room.set_input_files("#file", file("a.png", picture()))
    await expect(room.locator(".upload [role=status]")).to_contain_text("연결되면 다시 올립니다.")
    await expect(room.get_by_role("button", name="지금 다시 올리기")).to_be_visible()
    await room.context.set_offline(False)
    await expect(room.locator(".mine img")).to_be_visible()
    assert await names(agent) == ["a.png"]


async def test_a_lost_answer_does_not_send_a_file_twice(citizen, room, agent, server):
    citizen.offline_allowed = True

    async def lose(route):
        await route.fetch()
        gate.open()
        await route.abort()

    gate = await Gate.close(room, "**/c/api/attachments?*", lose)
    await room.set_input_files("#file", file("a.png", picture()))
    await expect(room.locator(".mine img")).to_be_visible()
    assert await names(agent) == ["a.png"]
    assert len(await server.hub.attachments.of(agent.session)) == 1


async def test_a_closed_window_says_which_file_was_lost(citizen, room, server, held):
    await Gate.close(room, "**/c/api/attachments?*", held)
    await room.set_input_files("#file", file("현장.png", picture()))
    await expect(room.locator("progress")).to_be_visible()
    context = room.context
    await room.close()
    again = await context.new_page()
    citizen.watch(again)
    await again.goto(f"{server.citizen_url}/c/chat")
    await expect(again.locator(".upload [role=status]")).to_have_text(
        "창이 닫혀서 현장.png 파일을 보내지 못했습니다. 다시 골라 주세요."
    )
    await again.get_by_role("button", name="알겠습니다").click()
    await again.reload()
    await expect(again.locator("#message")).to_be_visible()
    await expect(again.locator(".upload")).to_have_count(0)


async def test_leaving_during_an_upload_is_asked_about(room, held):
    await Gate.close(room, "**/c/api/attachments?*", held)
    await room.set_input_files("#file", file("a.png", picture()))
    await expect(room.locator("progress")).to_be_visible()
    stopped = "() => !dispatchEvent(new Event('beforeunload', { cancelable: true }))"
    assert await room.evaluate(stopped)
    await room.get_by_role("button", name="취소: a.png").click()
    assert not await room.evaluate(stopped)


async def test_a_network_that_dies_in_the_middle_of_a_file_loses_nothing(citizen, tmp_path):
    citizen.offline_allowed = True
    network = DyingNetwork()
    await network.start()
    hub = HubServer(Settings(public_url=network.url), tmp_path)
    await hub.start()
    network.target, citizen.origin = hub.citizen_url, network.url
    page = await begin(await citizen.page(), hub)
    try:
        async with Agent.at(hub) as agent:
            await agent.take()
            large = noise(1200)
            network.die("POST /c/api/attachments", after=len(large) // 2)
            await page.set_input_files("#file", file("현장.png", large))
            await page.fill("#message", "쓰던 글")
            await until(lambda: network.deaths == 1, what="the cut")
            await expect(page.locator(".mine img")).to_be_visible()
            await expect(page.locator("#message")).to_have_value("쓰던 글")
            assert await names(agent) == ["현장.png"]
            assert len(await hub.hub.attachments.of(agent.session)) == 1
            assert [facts.id for facts in hub.hub.rooms.open_of(Channel.CHAT)] == [agent.session]
    finally:
        await page.close()
        await hub.stop()
        await network.stop()
