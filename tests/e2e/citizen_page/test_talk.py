"""글자로 대화하기: both parties' words, whole syllables, and nothing lost on the way."""

from __future__ import annotations

import json

import pytest

from client.domain import event as e
from client.domain.signal import Typing
from client.domain.words import Party
from tests.citizen_browser import Gate


def abort_and_note(sent):
    async def abort(route):
        sent.append(route.request.post_data)
        await route.abort()

    return abort


pytestmark = pytest.mark.asyncio(loop_scope="session")


async def write(page, text):
    await page.fill("#composer", text)
    await page.press("#composer", "Enter")


async def test_both_parties_words_are_told_apart(page, desk):
    await desk.say(e.MessageSent(party=Party.AGENT, text="주소를 확인해 주세요", language="ko"))
    notice = page.locator(".notice")
    await notice.wait_for()
    assert "주소를 확인해 주세요" in await notice.inner_text()
    assert "상담사의 글: 주소를 확인해 주세요" in await page.inner_text("#said")
    assert "새 글 1" in await page.inner_text("[data-tool=talk]")
    await page.click("text=답하기")
    await write(page, "네, 맞아요")
    sent = await desk.until_said(e.MessageSent, 2)
    assert (sent.body.party, sent.body.text) == (Party.CITIZEN, "네, 맞아요")
    await page.wait_for_selector(".mine:has-text('보냄')")
    assert (await page.inner_text(".theirs .by")).startswith("상담사")
    assert (await page.inner_text(".mine .by")).startswith("나")
    assert await page.locator(".notice").is_hidden()


async def test_shift_enter_breaks_the_line_and_the_button_sends(page, desk):
    await page.click("[data-tool=talk]")
    await page.fill("#composer", "첫 줄")
    await page.press("#composer", "Shift+Enter")
    await page.keyboard.type("둘째 줄")
    await page.click(".composer button")
    assert (await desk.until_said(e.MessageSent)).body.text == "첫 줄\n둘째 줄"
    await page.wait_for_selector("#composer:focus")


async def test_enter_that_ends_a_syllable_does_not_send(page, desk):
    """A real composition through the browser's own input method interface: 한 is being composed when Enter comes."""
    await page.click("[data-tool=talk]")
    ime = await page.context.new_cdp_session(page)
    await ime.send("Input.imeSetComposition", {"text": "하", "selectionStart": 1, "selectionEnd": 1})
    await ime.send("Input.imeSetComposition", {"text": "한", "selectionStart": 1, "selectionEnd": 1})
    enter = {"key": "Process", "code": "Enter", "windowsVirtualKeyCode": 229}
    await ime.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **enter})
    await page.dispatch_event("#composer", "keydown", {"key": "Enter", "isComposing": True, "bubbles": True})
    assert await page.locator(".mine").count() == 0
    await ime.send("Input.insertText", {"text": "한"})
    await page.press("#composer", "Enter")
    assert (await desk.until_said(e.MessageSent)).body.text == "한"
    assert len(await desk.events(e.MessageSent)) == 1


async def test_the_button_pressed_in_mid_syllable_sends_the_whole_word(page, desk):
    await page.click("[data-tool=talk]")
    ime = await page.context.new_cdp_session(page)
    await ime.send("Input.imeSetComposition", {"text": "안녕", "selectionStart": 2, "selectionEnd": 2})
    await page.dispatch_event(".composer", "submit", {"cancelable": True, "bubbles": True})
    assert (await desk.until_said(e.MessageSent)).body.text == "안녕"
    await page.wait_for_selector(".mine:has-text('보냄')")
    assert await page.input_value("#composer") == ""


async def test_what_is_written_offline_is_kept_over_a_reload_and_sent_once(citizen, page, desk):
    citizen.offline_allowed = True
    await page.click("[data-tool=talk]")
    sent = []
    gate = await Gate.close(page, "**/c/api/events", abort_and_note(sent))
    await write(page, "첫째")
    await write(page, "둘째")
    await page.wait_for_selector(".mine[data-state=pending] >> nth=1")
    await page.reload()
    await page.wait_for_selector(".top")
    await page.click("[data-tool=talk]")
    await page.wait_for_selector(".mine:has-text('보내는 중') >> nth=1")
    gate.open()
    await desk.until_said(e.MessageSent, 2)
    await page.wait_for_selector(".mine:has-text('보냄') >> nth=1")
    messages = await desk.events(e.MessageSent)
    assert [event.body.text for event in messages] == ["첫째", "둘째"]
    first_try = json.loads(sent[0])["events"][0]["id"]
    assert messages[0].id == first_try


async def test_an_answer_lost_on_the_way_back_makes_no_second_message(citizen, page, desk):
    citizen.offline_allowed = True
    await page.click("[data-tool=talk]")

    async def store_but_lose_the_answer(route):
        gate.open()
        await route.fetch()
        await route.abort()

    gate = await Gate.close(page, "**/c/api/events", store_but_lose_the_answer)
    await write(page, "한 번만")
    await page.wait_for_selector(".mine[data-state=sent]")
    assert len(await desk.events(e.MessageSent)) == 1


async def test_a_refused_message_is_said_and_can_be_edited(citizen, page, desk):
    citizen.offline_allowed = True
    await page.click("[data-tool=talk]")
    gate = await Gate.close(page, "**/c/api/events", lambda route: route.fulfill(status=422, body="{}"))
    await write(page, "안 되는 글")
    await page.wait_for_selector(".mine[data-state=refused]:has-text('보내지 못함')")
    gate.open()
    await page.click("text=고쳐 쓰기")
    assert await page.input_value("#composer") == "안 되는 글"
    await write(page, "되는 글")
    assert (await desk.until_said(e.MessageSent)).body.text == "되는 글"
    assert await page.locator(".mine").count() == 1


@pytest.mark.parametrize(("status", "words"), [(429, "이용하는 분이 많습니다"), (507, "지금은 저장할 수 없습니다")])
async def test_a_hub_that_cannot_take_it_now_is_told_in_words_and_nothing_is_lost(citizen, page, desk, status, words):
    citizen.offline_allowed = True
    await page.click("[data-tool=talk]")
    problem = json.dumps({"title": "no", "status": status, "code": "x"})
    gate = await Gate.close(page, "**/c/api/events", lambda route: route.fulfill(status=status, body=problem))
    await write(page, "기다리는 글")
    await page.wait_for_selector(f".banner:has-text('{words}')")
    gate.open()
    assert (await desk.until_said(e.MessageSent)).body.text == "기다리는 글"
    await page.wait_for_selector(".banner", state="hidden")


async def test_too_long_a_message_is_held_back_with_the_reason(page, desk):
    await page.click("[data-tool=talk]")
    await page.fill("#composer", "가" * 2001)
    await page.press("#composer", "Enter")
    await page.wait_for_selector("#composer-problem:has-text('1자를 줄여')")
    assert await page.get_attribute("#composer", "aria-invalid") == "true"
    await page.fill("#composer", "가" * 2000)
    await page.press("#composer", "Enter")
    assert len((await desk.until_said(e.MessageSent)).body.text) == 2000


async def test_the_agent_sees_that_the_citizen_writes_but_not_what(page, desk):
    await page.click("[data-tool=talk]")
    await page.fill("#composer", "비밀")
    typing = await desk.until_signal(Typing)
    assert (typing.party, typing.on) == (Party.CITIZEN, True)


async def test_a_draft_stays_when_the_panel_or_the_page_is_closed(page):
    await page.click("[data-tool=talk]")
    await page.fill("#composer", "쓰다 만 글")
    await page.click("[data-tool=talk]")
    await page.wait_for_selector("[data-tool=talk]:focus")
    await page.reload()
    await page.wait_for_selector(".top")
    await page.click("[data-tool=talk]")
    assert await page.input_value("#composer") == "쓰다 만 글"


async def test_the_field_stays_in_view_when_refused_messages_grow(citizen, page, desk):
    citizen.offline_allowed = True
    await page.click("[data-tool=talk]")
    await Gate.close(page, "**/c/api/events", lambda route: route.fulfill(status=422, body="{}"))
    for n in range(6):
        await write(page, f"{n}번째 안 되는 글")
    await page.wait_for_selector(".mine[data-state=refused] >> nth=5")
    field = await page.locator("#composer").bounding_box()
    bar = await page.locator(".bar").bounding_box()
    assert field["y"] >= 0
    assert field["y"] + field["height"] <= bar["y"]
