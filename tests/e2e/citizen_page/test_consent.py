"""Consent per purpose: asked with all that must be said, given and withdrawn as events, obeyed at once."""

from __future__ import annotations

import itertools
import json
import time

import pytest

from client.domain import event as e
from client.domain.signal import Mirror
from client.hub.pages import consent_version
from client.resources import resource_path
from tests.citizen_browser import Gate
from tests.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="session")

WORDING = json.loads((resource_path("citizen/consent") / f"{consent_version()}.json").read_text(encoding="utf-8"))


async def share(page, desk):
    await page.click(".questions [data-consent=yes]")
    await page.wait_for_selector("[data-tool=share].on")
    return await desk.until_said(e.ConsentAnswered)


def signals_of(page):
    posts = []
    page.on("request", lambda r: posts.append((time.monotonic(), r.post_data)) if "/api/signals" in r.url else None)
    return lambda: [(at, data) for at, data in posts if '"mirror"' in (data or "")]


async def test_the_question_says_purpose_items_retention_and_refusal(page):
    text = await page.inner_text(".questions .consent")
    for part in WORDING["purposes"]["share_screen"]["ko"].values():
        assert part in text


async def test_nothing_is_mirrored_before_consent(page, desk):
    mirrored = signals_of(page)
    await desk.push("longterm-care-documents")
    await page.check("text=신분증")
    await page.click("text=준비했어요")
    await desk.until_said(e.ScreenAnswered)
    assert mirrored() == []
    assert desk.newest(Mirror) is None


async def test_with_consent_the_agent_sees_values_and_focus(page, desk):
    consent = (await share(page, desk)).body
    assert (consent.purpose, consent.given, consent.language) == ("share_screen", True, "ko")
    assert consent.version == f"{WORDING['version']}/90d"
    push = await desk.push("longterm-care-documents")
    await page.check("text=신분증")
    await until(lambda: (m := desk.newest(Mirror)) and m.values == {"identity": "on"})
    mirror = desk.newest(Mirror)
    assert (mirror.push, mirror.focus) == (push, "identity")


async def test_a_mirror_sends_at_most_five_a_second_and_ends_with_the_last_word(page, desk):
    await share(page, desk)
    await desk.push("report-form")
    await page.click(".form [data-consent=yes]")
    field = page.locator(".write textarea >> nth=0")
    await field.focus()
    mirrored = signals_of(page)
    text = "시청역 3번 출구 앞 보도블록이 깨졌어요"
    await field.press_sequentially(text, delay=20)
    await until(lambda: (m := desk.newest(Mirror)) and m.values.get("place") == text)
    times = [at for at, _ in mirrored()]
    assert all(later - earlier > 0.15 for earlier, later in itertools.pairwise(times))
    assert len(times) < len(text)


async def test_stopping_ends_the_mirror_at_once(page, desk):
    await share(page, desk)
    await desk.push("longterm-care-documents")
    await page.check("text=신분증")
    await desk.until_signal(Mirror)
    mirrored = signals_of(page)
    await page.check("text=의사 소견서")
    await page.click("[data-tool=share]")
    await page.wait_for_selector("#said:has-text('함께 보기를 멈추었습니다')", state="attached")
    stopped = (await desk.until_said(e.ConsentAnswered, 2)).body
    assert (stopped.purpose, stopped.given) == ("share_screen", False)
    count = len(mirrored())
    await page.check("text=가족관계")
    await page.click("text=준비했어요")
    await desk.until_said(e.ScreenAnswered)
    assert len(mirrored()) == count
    await until(lambda: desk.newest(Mirror) is None)


async def test_stopping_works_without_a_connection(citizen, page, desk):
    citizen.offline_allowed = True
    await share(page, desk)
    await desk.push("longterm-care-documents")
    await page.wait_for_selector("form.options")
    mirrored = signals_of(page)
    gate = await Gate.close(page, "**/c/api/events", lambda route: route.abort())
    await page.click("[data-tool=share]")
    await page.wait_for_selector("[data-tool=share]:not(.on)")
    count = len(mirrored())
    await page.check("text=신분증")
    gate.open()
    assert (await desk.until_said(e.ConsentAnswered, 2)).body.given is False
    assert len(mirrored()) == count


async def test_a_refusal_leaves_everything_usable_and_can_be_changed(page, desk):
    await page.click(".questions [data-consent=no]")
    assert (await desk.until_said(e.ConsentAnswered)).body.given is False
    await desk.push("care-choice")
    await page.check("text=아이 돌봄")
    await page.click("text=이것으로 할게요")
    await desk.until_said(e.ScreenAnswered)
    await page.click("[data-tool=share]")
    await page.wait_for_selector(".questions h3:focus")
    await page.click(".questions [data-consent=yes]")
    assert (await desk.until_said(e.ConsentAnswered, 2)).body.given is True


async def test_keeping_captions_is_asked_apart_and_withdrawn_in_the_settings(page, desk):
    await page.click(".questions [data-consent=no]")
    await desk.caption("안녕하세요")
    await page.wait_for_selector(".questions:has-text('자막을 보관해도')")
    await page.click(".questions [data-consent=yes]")
    given = (await desk.until_said(e.ConsentAnswered, 2)).body
    assert (given.purpose, given.given) == ("keep_captions", True)
    await page.click(".top .tool >> nth=1")
    await page.click("dialog [data-purpose=keep_captions]")
    taken_back = (await desk.until_said(e.ConsentAnswered, 3)).body
    assert (taken_back.purpose, taken_back.given) == ("keep_captions", False)
    await page.wait_for_selector("dialog .decisions:has-text('동의하지 않음')")


async def test_the_text_is_in_the_citizens_language_and_says_so(citizen, desk):
    page = await citizen.page(language="en-US")
    await page.goto(await desk.link())
    await page.click("#enter button")
    await page.click(".questions [data-consent=yes]")
    assert (await desk.until_said(e.ConsentAnswered)).body.language == "en"


async def test_the_way_to_stop_stands_everywhere_and_hidden_screens_are_not_mirrored(page, desk):
    await share(page, desk)
    await desk.push("longterm-care-documents")
    await page.wait_for_selector("form.options")
    await page.click("[data-tool=talk]")
    await page.wait_for_selector("[data-tool=share].on:has-text('함께 보기 그만')")
    await page.click(".top .tool >> nth=1")
    await page.click("dialog >> text=글자만 보기")
    await page.wait_for_selector("[data-tool=share].on:has-text('함께 보기 그만')")
    await page.click("[data-tool=share]")
    assert (await desk.until_said(e.ConsentAnswered, 2)).body.given is False


async def read_plainly(page):
    await page.click(".top .tool >> nth=1")
    await page.click("dialog >> text=글자만 보기")


async def test_who_reads_plain_text_is_asked_about_captions_below_it_and_answers_by_keyboard(page, desk):
    await read_plainly(page)
    assert await page.locator(".plain .consent").count() == 0, "nothing can be shared here"
    await page.focus(".log")
    await desk.caption("안녕하세요")
    await page.wait_for_selector(".plain .consent:has-text('자막을 보관해도')")
    await page.wait_for_selector(".log p:has-text('동의를 묻고 있습니다'):has-text('자막을 보관해도 될까요?')")
    assert await page.evaluate("() => document.activeElement.className") == "log", "the reader's place holds"
    await page.keyboard.press("Tab")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    refused = (await desk.until_said(e.ConsentAnswered)).body
    assert (refused.purpose, refused.given) == ("keep_captions", False)
    await page.wait_for_selector(".plain .consent", state="detached")
    await page.click(".top .tool >> nth=1")
    await page.click("dialog [data-purpose=keep_captions]")
    await page.wait_for_selector(".plain .consent h3:focus")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    assert (await desk.until_said(e.ConsentAnswered, 2)).body.given is True


async def test_a_refusal_about_captions_can_be_changed_in_the_settings(page, desk):
    await page.click(".questions [data-consent=no]")
    await desk.caption("안녕하세요")
    await page.click(".questions:has-text('자막을 보관해도') [data-consent=no]")
    await page.click(".top .tool >> nth=1")
    await page.click("dialog [data-purpose=keep_captions]")
    await page.wait_for_selector(".questions h3:focus")
    await page.click(".questions [data-consent=yes]")
    assert (await desk.until_said(e.ConsentAnswered, 3)).body.given is True
