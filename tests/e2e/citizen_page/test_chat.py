"""Web chat in a real Chromium: begun, its place in the queue, both ways, a closed tab, screens, the end."""

from __future__ import annotations

import json

import pytest
import pytest_asyncio
from playwright.async_api import async_playwright, expect

from client.domain import event as e
from client.domain.signal import Signal, Typing, signal_to_json
from client.domain.words import Channel, Party
from client.resources import resource_path
from tests.citizen_browser import FLAGS, Gate
from tests.citizen_chat import Agent, begin, send
from tests.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="session")
TEXTS = json.loads((resource_path("citizen") / "chat" / "texts.json").read_text(encoding="utf-8"))


@pytest_asyncio.fixture(loop_scope="session")
async def agent(server):
    async with Agent.at(server) as made:
        yield made


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
    await agent.until_said("message.read")
    await agent.say(e.MessageRead(message=message["id"], party=Party.AGENT))
    await expect(page.locator(".mine .state")).to_have_text("읽음")


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
    await expect(second.locator("#said")).to_contain_text(words)
    assert await second.locator("#said p", has_text=TEXTS["en"]["queue.write"]).count() == 0


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


async def test_a_browser_that_was_ended_finds_the_chat_again(server, agent, tmp_path):
    async with async_playwright() as playwright:
        settings = {"executable_path": "/usr/bin/chromium", "args": FLAGS, "locale": "ko-KR"}
        first = await playwright.chromium.launch_persistent_context(tmp_path / "profile", **settings)
        page = await begin(await first.new_page(), server, "vi")
        await send(page, "Xin chào")
        await expect(page.locator(".mine[data-state=sent]")).to_be_visible()
        await first.close()
        second = await playwright.chromium.launch_persistent_context(tmp_path / "profile", **settings)
        page = await second.new_page()
        await page.goto(f"{server.citizen_url}/c/chat?lang=ko")
        await expect(page.locator(".mine .text")).to_have_text("Xin chào")
        await expect(page.locator("label[for=message]")).to_have_text(TEXTS["vi"]["label"])
        await second.close()


async def test_what_is_pressed_twice_happens_once(citizen, server, agent):
    page = await citizen.page()
    before = len(server.hub.rooms.open_of(Channel.CHAT))
    await page.goto(f"{server.citizen_url}/c/chat?lang=ko")
    await page.dblclick("form button[type=submit]")
    await expect(page.locator("#message")).to_be_visible()
    await agent.take()
    await page.fill("#message", "한 번")
    await page.dblclick(".composer button[type=submit]")
    await page.press("#message", "Enter")
    await expect(page.locator(".mine[data-state=sent]")).to_have_count(1)
    assert [m["body"]["text"] for m in await agent.events("message.sent")] == ["한 번"]
    assert len(server.hub.rooms.open_of(Channel.CHAT)) == before + 1


async def test_each_knows_that_the_other_writes(citizen, server, agent):
    page = await begin(await citizen.page(), server)
    session = await agent.take()
    signal = signal_to_json(Signal(session=session, key="typing:agent", body=Typing(party=Party.AGENT, on=True)))
    assert (await agent.http.post(f"/v1/sessions/{session}/signals", json={"signals": [signal]})).is_success
    await expect(page.locator(".typing")).to_be_visible()
    await page.fill("#message", "쓰는 중")
    await until(lambda: Typing(party=Party.CITIZEN, on=True) in [s.body for s in server.hub.signals.of(session)])
    await page.press("#message", "Enter")
    await until(lambda: Typing(party=Party.CITIZEN, on=False) in [s.body for s in server.hub.signals.of(session)])


HIDE = """(state) => {
    Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => state });
    document.dispatchEvent(new Event('visibilitychange'));
}"""


async def test_what_nobody_has_seen_is_not_called_read(citizen, server, agent):
    page = await begin(await citizen.page(), server)
    await agent.take()
    title = await page.title()
    await page.evaluate(HIDE, "hidden")
    await agent.write("보셨나요?")
    await expect(page.locator(".theirs")).to_be_attached()
    assert await page.title() == f"(1) {title}"
    assert await agent.events("message.read") == []
    await page.evaluate(HIDE, "visible")
    (read,) = await agent.until_said("message.read")
    assert read["body"]["party"] == "citizen"
    assert await page.title() == title


async def test_only_what_was_read_is_called_read(citizen, server, agent):
    page = await begin(await citizen.page(), server)
    await agent.take()
    await send(page, "하나")
    (first,) = await agent.until_said("message.sent")
    await send(page, "둘")
    await agent.until_said("message.sent", 2)
    await agent.say(e.MessageRead(message=first["id"], party=Party.AGENT))
    await expect(page.locator(".mine .state")).to_have_text(["읽음", "보냄"])


async def test_a_form_is_answered_in_its_place(citizen, server, agent):
    page = await begin(await citizen.page(), server)
    await agent.take()
    push = await agent.push("address-form")
    await agent.write("위에 적어 주세요")
    await expect(page.locator(".messages > li")).to_have_count(2)
    await expect(page.locator(".messages > li").first).to_have_class("pushed")
    await page.click("[data-consent=yes]")
    for field in await page.locator(".write [data-item]").all():
        await field.fill("세종대로 110")
    await page.click(".write button[type=submit]")
    await page.click(".check button.primary")
    (answered,) = await agent.until_said("screen.answered")
    assert answered["body"]["push"] == push
    await expect(page.locator(".answer h3")).to_have_text("상담사에게 보냈습니다")
    assert [len(await agent.events(f"screen.{what}")) for what in ("delivered", "opened")] == [1, 1]
    assert await page.evaluate("Object.keys(localStorage).filter((key) => key.includes('draft:')).length") == 0


async def test_a_screen_that_was_taken_back_says_so(citizen, server, agent):
    page = await begin(await citizen.page(), server)
    await agent.take()
    push = await agent.push("water-choice")
    await expect(page.locator(".pushed form")).to_be_visible()
    await agent.say(e.ScreenWithdrawn(push=push, party=Party.AGENT))
    await expect(page.locator(".pushed form")).to_be_hidden()
    await expect(page.locator(".answer h3")).to_have_text("상담사가 이 화면을 거두었습니다.")


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


async def test_an_end_that_the_hub_did_not_hear_is_none(citizen, server, agent):
    citizen.offline_allowed = True
    page = await begin(await citizen.page(), server)
    await agent.take()
    gate = await Gate.close(page, "**/c/api/end", lambda route: route.abort())
    await page.get_by_role("button", name="저장·끝내기").click()
    await page.get_by_role("button", name="상담 끝내기").click()
    await page.get_by_role("button", name="네, 끝냅니다").click()
    await expect(page.locator(".ask .error")).to_have_text(TEXTS["ko"]["end.failed"])
    await expect(page.locator(".standing")).to_have_attribute("data-standing", "taken")
    gate.open()
    await page.get_by_role("button", name="네, 끝냅니다").click()
    await expect(page.locator("#over")).to_be_focused()


async def test_an_ended_chat_stays_ended_and_another_may_begin(citizen, server, agent):
    page = await begin(await citizen.page(), server)
    await agent.take()
    await send(page, "끝")
    await expect(page.locator(".mine[data-state=sent]")).to_be_visible()
    await page.evaluate("fetch('/c/api/end', { method: 'POST' })")
    await expect(page.locator("#message")).to_be_hidden()
    await page.reload()
    await expect(page.locator("#over")).to_be_visible()
    await expect(page.locator("#message")).to_be_hidden()
    await page.get_by_role("link", name="새 상담 시작").click()
    await expect(page.locator("h1")).to_have_text("채팅으로 상담하기")


async def test_words_that_came_too_late_are_not_called_sent(citizen, server, agent):
    citizen.offline_allowed = True
    page = await begin(await citizen.page(), server)
    await agent.take()
    await page.context.set_offline(True)
    await send(page, "늦은 글")
    await agent.say(e.SessionClosed(reason="done"))
    await page.context.set_offline(False)
    await expect(page.locator(".mine .state")).to_have_text("보내지 못함")
    await expect(page.locator(".over .error")).to_have_text(TEXTS["ko"]["unsent"])
    assert await agent.events("message.sent") == []
    assert await page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('ieum:0')).length") == 0


async def test_words_that_were_being_written_at_the_end_are_shown(citizen, server, agent):
    page = await begin(await citizen.page(), server)
    await agent.take()
    await page.fill("#message", "한 가지만 더")
    await agent.say(e.SessionClosed(reason="done"))
    await expect(page.locator(".over .draft")).to_have_text("한 가지만 더")
    await expect(page.locator(".over .error")).to_have_text(TEXTS["ko"]["unsent"])


async def test_a_chat_that_is_over_leaves_nothing_in_the_browser(citizen, server, agent):
    page = await begin(await citizen.page(), server)
    session = await agent.take()
    await page.fill("#message", "쓰다 만 글")
    await page.goto("about:blank")
    await agent.say(e.SessionClosed(reason="done"))
    await page.goto(f"{server.citizen_url}/c/chat")
    await page.wait_for_function(f"() => !Object.keys(localStorage).some((key) => key.includes('{session}'))")


async def test_who_reads_further_up_is_left_there(citizen, server, agent):
    page = await begin(await citizen.page(), server)
    await agent.take()
    at_end = "() => innerHeight + scrollY >= document.documentElement.scrollHeight - 2"
    for n in range(12):
        await agent.write(f"{n}번째 안내입니다. " * 4)
    await expect(page.locator(".theirs")).to_have_count(12)
    await page.wait_for_function(at_end)
    await page.mouse.move(100, 300)
    await page.mouse.wheel(0, -500)
    await page.wait_for_function(f"() => !({at_end})()")
    place = await page.evaluate("scrollY")
    await agent.write("새 글")
    await expect(page.locator(".theirs")).to_have_count(13)
    assert await page.evaluate("scrollY") == place
    await send(page, "내 글")
    await page.wait_for_function(at_end)


@pytest.mark.parametrize("language", TEXTS)
async def test_it_speaks_six_languages(citizen, server, language):
    page = await begin(await citizen.page(language="en-NZ"), server, language)
    assert await page.evaluate("document.documentElement.lang") == language
    await expect(page.locator("label[for=message]")).to_have_text(TEXTS[language]["label"])
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_whoever_speaks_another_language_is_greeted_and_told_to_the_agent(citizen, server, agent):
    page = await citizen.page(language="th-TH")
    await page.goto(f"{server.citizen_url}/c/chat")
    await expect(page.locator(".line[lang=th]")).to_be_visible()
    await page.click("form button[type=submit]")
    await expect(page.locator("label[for=message]")).to_have_text(TEXTS["en"]["label"])
    session = await agent.take()
    assert server.hub.rooms.get(session).language == "th"
