"""The door: plain before any script, unchanged by robots, honest where it cannot open."""

from __future__ import annotations

import json

import httpx
import pytest

from client.domain.event import PageEntered
from tests.citizen_browser import Gate, enter

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_preview_robot_changes_nothing(desk):
    address = await desk.link()
    before = len(await desk.events())
    async with httpx.AsyncClient() as robot:
        for _ in range(3):
            assert (await robot.get(address)).status_code == 200
    assert len(await desk.events()) == before


async def test_without_a_script_both_languages_can_be_read(citizen, desk):
    page = await citizen.page(java_script_enabled=False)
    await page.goto(await desk.link())
    text = await page.inner_text("main")
    assert "상담사와 함께 보는 화면입니다" in text
    assert "A page you share with the agent" in text
    assert "자바스크립트" in text
    assert await page.locator("button").count() == 1


@pytest.mark.parametrize(
    ("locale", "language", "first"), [("ko-KR", "ko", "상담사와"), ("en-US", "en", "A page"), ("mn-MN", "en", "A page")]
)
async def test_the_door_begins_in_the_browsers_language(citizen, desk, locale, language, first):
    page = await citizen.page(language=locale)
    await page.goto(await desk.link())
    assert await page.get_attribute("html", "lang") == language
    assert (await page.inner_text("h1")).startswith(first)


async def test_entering_is_told_once_with_its_language_and_survives_a_reload(citizen, desk):
    page = await citizen.page(language="en-US")
    await enter(page, await desk.link())
    assert (await desk.until_said(PageEntered)).body.language == "en"
    assert "On the call with the agent" in await page.inner_text(".top")
    await page.reload()
    await page.wait_for_selector(".top")
    assert len(await desk.events(PageEntered)) == 1


@pytest.mark.parametrize("tag", ["ja", "zh", "vi", "mn", "th", "ru", "uz", "es", "ar"])
async def test_another_language_gets_one_honest_line_and_english(citizen, desk, tag):
    page = await citizen.page()
    await page.goto(await desk.link())
    await page.select_option("#language", tag)
    await page.wait_for_selector(f"#line[lang={tag}]:not([hidden])")
    await page.click("#enter button")
    await page.wait_for_selector(".top")
    assert await page.get_attribute("html", "lang") == "en"
    line = page.locator(f"p.line[lang={tag}]")
    assert await line.count() == 1
    assert len(await line.inner_text()) > 20
    assert (await desk.until_said(PageEntered)).body.language == tag


async def test_a_language_that_the_page_has_nothing_in_is_told_to_the_agent(citizen, desk):
    page = await citizen.page(language="km-KH")
    await page.goto(await desk.link())
    assert await page.input_value("#language") == "km"
    assert await page.inner_text("#language option:checked") == "ខ្មែរ"
    await page.click("#enter button")
    line = page.locator("main .line")
    await line.wait_for()
    assert "Korean and English only" in await line.locator("[lang=en]").inner_text()
    assert "한국어와 영어로만" in await line.locator("[lang=ko]").inner_text()
    assert (await desk.until_said(PageEntered)).body.language == "km"
    await page.click(".top .tool >> nth=1")
    assert await page.input_value("dialog #language") == "km"


async def test_the_language_can_be_changed_inside(page):
    await page.click("text=설정")
    await page.select_option("dialog #language", "en")
    await page.wait_for_selector("dialog h2:has-text('Settings')")
    await page.wait_for_selector("#language:focus")
    assert await page.get_attribute("html", "lang") == "en"


async def test_an_unknown_link_says_in_both_languages_whom_to_ask(citizen, server):
    citizen.offline_allowed = True  # the browser logs every 404
    page = await citizen.page()
    answer = await page.goto(f"{server.citizen_url}/c/no-such-link-was-ever-made")
    assert answer.status == 404
    text = await page.inner_text("main")
    assert "새 주소를 보내 달라고" in text
    assert "ask the agent for a new link" in text


@pytest.mark.parametrize(
    ("status", "words"),
    [(429, "이용하는 분이 많습니다"), (507, "지금은 저장할 수 없습니다"), (503, "연결되지 않습니다")],
)
async def test_a_door_that_cannot_open_now_says_why_and_can_be_tried_again(citizen, desk, status, words):
    citizen.offline_allowed = True
    page = await citizen.page()
    gate = await Gate.close(page, "**/enter", _refuse(status))
    await page.goto(await desk.link())
    await page.click("#enter button")
    await page.wait_for_selector(f"#trouble:has-text('{words}')")
    gate.open()
    await page.click("#enter button")
    await page.wait_for_selector(".top")


async def test_a_link_that_ended_meanwhile_is_told_at_the_door(citizen, desk):
    citizen.offline_allowed = True
    page = await citizen.page()
    await Gate.close(page, "**/enter", _refuse(410))
    await page.goto(await desk.link())
    await page.click("#enter button")
    await page.wait_for_selector("h1:has-text('이 주소는 쓸 수 없습니다')")
    await page.wait_for_selector("h1:focus")


def _refuse(status):
    async def refuse(route):
        body = json.dumps({"title": "no", "status": status, "code": "test"})
        await route.fulfill(status=status, content_type="application/problem+json", body=body)

    return refuse
