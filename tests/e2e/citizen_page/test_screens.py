"""Every kind of screen: pushed by the agent, shown, answered by a person, told in the log."""

from __future__ import annotations

import json

import pytest

from client.domain import event as e
from client.domain.screen import Field, Item, Screen, ScreenKind
from client.domain.words import Party
from tests.citizen_browser import Gate, enter

pytestmark = pytest.mark.asyncio(loop_scope="session")

HIDE = """() => {
    Object.defineProperty(document, 'visibilityState', {get: () => window.seen ? 'visible' : 'hidden', configurable: true});
    window.look = (seen) => { window.seen = seen; document.dispatchEvent(new Event('visibilitychange')); };
}"""


async def test_a_checklist_is_delivered_opened_and_answered(page, desk):
    push = await desk.push("longterm-care-documents")
    await page.check("text=신분증")
    await page.check("text=의사 소견서")
    await page.click("text=준비했어요")
    await page.wait_for_selector(".answer:has-text('상담사에게 보냈습니다')")
    answer = await desk.until_said(e.ScreenAnswered)
    assert answer.body.answers == {"checked": ("identity", "doctor")}
    assert (await desk.until_said(e.ScreenDelivered)).body.push == push
    assert (await desk.until_said(e.ScreenOpened)).body.push == push
    assert answer.actor.startswith("citizen:")
    assert await page.locator("form.options").is_hidden()
    assert "신분증" in await page.inner_text(".yours")


async def test_a_screen_is_opened_only_when_a_person_can_see_it(citizen, desk):
    page = await citizen.page()
    await page.add_init_script(f"({HIDE})()")
    await enter(page, await desk.link())
    push = await desk.push("care-service-card")
    assert (await desk.until_said(e.ScreenDelivered)).body.push == push
    assert await desk.events(e.ScreenOpened) == []
    await page.evaluate("() => window.look(true)")
    assert (await desk.until_said(e.ScreenOpened)).body.push == push


async def test_a_choice_asks_for_one(page, desk):
    await desk.push("care-choice")
    await page.click("text=이것으로 할게요")
    await page.wait_for_selector(".options .error:has-text('하나를 골라 주세요')")
    await page.wait_for_selector("input[type=radio]:focus")
    await page.check("text=아이 돌봄")
    await page.click("text=이것으로 할게요")
    assert (await desk.until_said(e.ScreenAnswered)).body.answers == {"choice": "child"}


async def test_a_card_is_read_and_acknowledged(page, desk):
    await desk.push("care-service-card")
    await page.wait_for_selector(".words p:has-text('119')")
    await page.click("text=확인했어요")
    assert (await desk.until_said(e.ScreenAnswered)).body.answers == {}
    assert await page.locator(".words").is_visible()


async def test_a_form_asks_consent_finds_errors_is_reviewed_and_sent(page, desk):
    push = await desk.push("address-form")
    assert await page.locator(".write").is_hidden()
    assert "이름, 주소, 더 전할 말" in await page.inner_text(".form .consent")
    await page.click(".form [data-consent=yes]")
    consent = await desk.until_said(e.ConsentAnswered)
    assert (consent.body.purpose, consent.body.given) == (f"form:{push}", True)

    await page.click("text=적은 것 확인하기")
    await page.wait_for_selector(".summary:focus")
    await page.click(".summary a >> nth=1")
    field = page.locator("textarea:focus")
    assert await field.get_attribute("aria-invalid") == "true"
    assert await field.get_attribute("autocomplete") == "street-address"
    described = await _description(page, field)
    assert "내용을 적어 주세요" in described
    assert "동과 호수까지" in described

    await field.fill("서울 중구 세종대로 110")
    await page.fill("[autocomplete=name]", "김영희")
    await page.click("text=적은 것 확인하기")
    await page.wait_for_selector(".check h3:focus")
    assert await desk.events(e.ScreenAnswered) == []
    await page.click("text=고치기")
    assert await page.input_value("[autocomplete=name]") == "김영희"
    await page.click("text=적은 것 확인하기")
    await page.click(".check .primary")
    answers = (await desk.until_said(e.ScreenAnswered)).body.answers
    assert answers == {"name": "김영희", "address": "서울 중구 세종대로 110", "note": ""}
    await page.wait_for_selector(".yours:has-text('김영희')")


async def test_refusing_a_form_leaves_everything_else_usable(page, desk):
    await desk.push("address-form")
    await page.click(".form [data-consent=no]")
    await page.wait_for_selector(".refused h3:focus")
    assert (await desk.until_said(e.ConsentAnswered)).body.given is False
    await page.click("text=다시 생각해 볼게요")
    await page.wait_for_selector(".form .consent h3:focus")
    await page.click("[data-tool=talk]")
    await page.fill("#composer", "말로 할게요")
    await page.press("#composer", "Enter")
    assert (await desk.until_said(e.MessageSent)).body.text == "말로 할게요"


async def test_what_was_written_outlives_a_reload(page, desk):
    await desk.push("report-form")
    await page.click(".form [data-consent=yes]")
    await page.fill(".write textarea >> nth=0", "시청역 3번 출구")
    await desk.until_said(e.ConsentAnswered)
    await page.reload()
    await page.wait_for_selector(".write textarea >> nth=0")
    assert await page.input_value(".write textarea >> nth=0") == "시청역 3번 출구"


async def test_the_newest_screen_is_shown_and_the_earlier_ones_are_kept(page, desk):
    await desk.push("water-choice")
    await page.wait_for_selector("h2:has-text('수도')")
    await desk.push("traffic-choice")
    await page.wait_for_selector("h2:has-text('교통')")
    assert await page.locator("article").count() == 1
    await page.click(".earlier button:has-text('수도')")
    await page.wait_for_selector("article h2:has-text('수도'):focus")
    await page.check("text=물이 샘")
    await page.click("text=이것으로 할게요")
    await page.wait_for_selector(".earlier button:has-text('교통')")
    await page.click(".earlier button:has-text('교통')")
    await page.wait_for_selector(".earlier button:has-text('답함')")


async def test_a_new_screen_does_not_displace_a_form_being_written(page, desk):
    await desk.push("report-form")
    await page.click(".form [data-consent=yes]")
    await page.fill(".write textarea >> nth=0", "여기")
    await desk.push("care-service-card")
    await page.wait_for_selector(".arrived:has-text('안심돌봄')")
    assert await page.input_value(".write textarea >> nth=0") == "여기"
    await page.click("text=새 화면 보기")
    await page.wait_for_selector("article h2:has-text('안심돌봄'):focus")


async def test_the_agent_can_take_a_screen_back(page, desk):
    push = await desk.push("water-choice")
    await page.wait_for_selector("form.options")
    await desk.say(e.ScreenWithdrawn(push=push))
    await page.wait_for_selector(".answer:has-text('거두었습니다')")
    assert await page.locator("form.options").is_hidden()


async def test_the_agent_can_point_at_an_item_in_words_and_shape(page, desk):
    push = await desk.push("longterm-care-documents")
    await page.wait_for_selector("form.options")
    await desk.guide(push, "doctor")
    row = page.locator(".option.guided")
    await row.wait_for()
    assert "상담사가 안내 중" in await row.inner_text()
    box = page.locator("[data-item=doctor]")
    assert "상담사가 안내 중" in await _description(page, box)
    assert "의사 소견서" in await page.inner_text("#said")
    assert await page.locator("[data-item=doctor]:focus").count() == 0


async def test_closing_the_screen_leaves_the_call_and_tells_the_agent(page, desk):
    push = await desk.push("water-choice")
    await page.wait_for_selector("form.options")
    await page.click("[data-tool=voice]")
    await page.wait_for_selector("h2:has-text('통화만 하고 있습니다'):focus")
    withdrawn = (await desk.until_said(e.ScreenWithdrawn)).body
    assert (withdrawn.push, withdrawn.party) == (push, Party.CITIZEN)
    await desk.push("care-service-card")
    await page.wait_for_selector(".arrived")
    assert await page.locator("article:visible").count() == 0
    await page.click("text=새 화면 보기")
    await page.wait_for_selector("article h2:has-text('안심돌봄')")


async def test_a_screen_in_another_language_says_so_and_is_marked(page, desk):
    await desk.push("water-choice", "en")
    article = page.locator("article[lang=en]")
    await article.wait_for()
    assert await article.locator("[lang=ko]:has-text('영어로 되어 있습니다')").count() == 1


async def test_text_of_a_screen_is_never_read_as_html(page, desk):
    hostile = "<img src=x onerror=alert(1)>"
    items = (Item(id="a", text=hostile),)
    await desk.push(Screen(kind=ScreenKind.CHOICE, title=hostile, body=hostile, items=items))
    await page.wait_for_selector("article h2")
    assert await page.inner_text("article h2") == hostile
    assert await page.locator("article img").count() == 0


async def test_an_answer_that_the_hub_refuses_can_be_corrected(citizen, page, desk):
    citizen.offline_allowed = True
    field = Field(id="place", label="어디", required=True)
    await desk.push(Screen(kind=ScreenKind.FORM, title="자리", fields=(field,)))
    await page.click(".form [data-consent=yes]")
    await desk.until_said(e.ConsentAnswered)
    await page.fill(".write textarea", "여기")
    await page.click("text=적은 것 확인하기")
    problem = {"title": "no", "status": 422, "code": "bad-input", "field": "events.0.body.answers.place"}
    gate = await Gate.close(
        page,
        "**/c/api/events",
        lambda route: route.fulfill(status=422, content_type="application/problem+json", body=json.dumps(problem)),
    )
    await page.click(".check .primary")
    await page.wait_for_selector(".answer:has-text('보내지 못했습니다')")
    gate.open()
    await page.click(".answer button")
    await page.wait_for_selector(".write .error:has-text('받아들이지 못했습니다')")
    await page.fill(".write textarea", "저기")
    await page.click("text=적은 것 확인하기")
    await page.click(".check .primary")
    assert (await desk.until_said(e.ScreenAnswered)).body.answers == {"place": "저기"}


async def _description(page, locator):
    ids = (await locator.get_attribute("aria-describedby")).split()
    return " ".join([await page.inner_text(f"[id='{name}']") for name in ids])
