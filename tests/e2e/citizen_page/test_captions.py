"""The agent's words as text: running and final, quiet for screen readers unless asked, in plain text for braille."""

from __future__ import annotations

import pytest

from client.domain import event as e
from client.domain.words import Party

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_running_words_become_final_in_place(page, desk):
    await desk.partial("지금 휴대전화로", "보내 드렸")
    running = page.locator(".running p")
    await running.wait_for()
    assert (await running.inner_text()).startswith("지금 휴대전화로")
    assert await page.inner_text(".provisional") == "보내 드렸…"
    assert "아직 확정되지 않은 말" in await running.text_content()
    await desk.caption("지금 휴대전화로 보내 드렸어요.", utterance="u-1")
    await page.wait_for_selector(".said p:has-text('보내 드렸어요.')")
    assert await page.locator(".running p").count() == 0


async def test_words_that_were_nothing_go_away(page, desk):
    await desk.partial("", "음")
    await page.wait_for_selector(".running p")
    await desk.partial("", "")
    await page.wait_for_selector(".running p", state="detached")


async def test_captions_stay_out_of_live_regions_unless_asked(page, desk):
    await desk.caption("첫째 말")
    await page.wait_for_selector(".said p")
    assert (
        await page.locator("[aria-live]:not([aria-live=off]) .said, [role=status] .said, [role=log] .said").count() == 0
    )
    assert "첫째 말" not in await page.locator("#said").text_content()
    await page.click(".top .tool >> nth=1")
    await page.check("text=자막 읽어주기")
    await page.click("dialog .head button")
    await desk.partial("둘째", "말", utterance="u-2")
    await desk.caption("둘째 말", utterance="u-2")
    await page.wait_for_selector("#said p:has-text('둘째 말')", state="attached")
    assert await page.locator("#said p:has-text('둘째 말')").count() == 1


async def test_captions_follow_the_ear(page, desk):
    await desk.caption("상담사끼리 하는 말", heard_by=(Party.COLLEAGUE, Party.AGENT))
    await desk.partial("숨은", "말", heard_by=(Party.AGENT,))
    await desk.say(e.Caption(utterance="u-9", party=Party.CITIZEN, text="시민의 말"))
    await desk.caption("들리는 말")
    await page.wait_for_selector(".said p:has-text('들리는 말')")
    assert await page.inner_text(".said") == "들리는 말"
    assert await page.locator(".running p").count() == 0


async def test_a_correction_replaces_the_words(page, desk):
    caption = await desk.caption("공단에 네세요")
    await page.wait_for_selector(".said p")
    await desk.say(e.CaptionCorrected(caption=caption, text="공단에 내세요"))
    await page.wait_for_selector(".said p:has-text('공단에 내세요')")
    assert await page.locator(".said p").count() == 1


async def test_captions_can_be_turned_off_and_on_and_stay_so(page, desk):
    await desk.caption("첫째 말")
    await page.click("text=자막 끄기")
    assert await page.locator(".scroller").is_hidden()
    await page.reload()
    await page.wait_for_selector("text=자막 켜기")
    await page.click("text=자막 켜기")
    await page.wait_for_selector(".said p:has-text('첫째 말')")


async def test_the_text_grows_by_one_button(page):
    sizes = []
    for _ in range(4):
        await page.click(".size")
        sizes.append(await page.get_attribute("html", "data-size"))
    assert sizes == ["125", "150", "200", "100"]
    assert "글자 크기 100퍼센트" in await page.text_content("#said")


async def test_a_reader_who_scrolled_up_is_left_there(page, desk):
    for n in range(12):
        await desk.caption(f"{n}번째로 한 조금 긴 말입니다. 두 줄은 되어야 합니다.")
    await page.wait_for_selector(".said p:has-text('11번째')")
    scroller = page.locator(".scroller")
    await scroller.evaluate("(box) => box.scrollTo(0, 0)")
    await page.wait_for_selector("text=최근 말로 가기")
    await desk.caption("마지막 말")
    await page.wait_for_selector(".said p:has-text('마지막 말')")
    assert await scroller.evaluate("(box) => box.scrollTop") == 0
    await page.click("text=최근 말로 가기")
    await page.wait_for_selector(".latest", state="hidden")


async def test_plain_text_only_grows_and_keeps_the_readers_place(page, desk):
    caption = await desk.caption("첫째 말")
    await page.click(".top .tool >> nth=1")
    await page.click("dialog >> text=글자만 보기")
    await page.wait_for_selector(".plain h2:focus")
    await page.wait_for_selector(".log p:has-text('첫째 말')")
    await page.locator(".log").focus()
    await page.evaluate("() => { window.first = document.querySelector('.log p'); }")
    await desk.partial("둘째", "말", utterance="u-2")
    await desk.caption("둘째 말", utterance="u-2")
    await desk.say(e.CaptionCorrected(caption=caption, text="첫째 바른 말"))
    await desk.say(e.MessageSent(party=Party.AGENT, text="글도 옵니다"))
    await desk.push("care-service-card")
    await page.wait_for_selector(".log p:has-text('안심돌봄')")
    lines = await page.locator(".log p").all_inner_texts()
    assert lines == [
        "상담사: 첫째 말",
        "알림: 동의를 묻고 있습니다. 글 아래에서 답하실 수 있습니다: 자막을 보관해도 될까요?",
        "상담사: 둘째 말",
        "상담사: 고친 자막: 첫째 바른 말",
        "상담사: 글도 옵니다",
        "알림: 상담사가 화면을 보냈습니다: 안심돌봄 안내",
    ]
    assert await page.evaluate("() => window.first === document.querySelector('.log p')")
    assert await page.locator(".log:focus").count() == 1
    assert await page.get_attribute(".log", "aria-live") == "off"


async def test_hold_is_said(page, desk):
    await desk.say(e.CallHeld())
    await page.wait_for_selector(".call:has-text('잠시 대기 중')")
    await page.wait_for_selector(".held:visible")
    await desk.say(e.CallResumed())
    await page.wait_for_selector(".call:has-text('상담사와 통화 중')")


async def test_another_speaker_and_language_are_named_and_marked(page, desk):
    await desk.say(e.Caption(utterance="u-3", party=Party.INTERPRETER, text="Good morning", language="en"))
    line = page.locator(".said p[lang=en]")
    await line.wait_for()
    assert "통역사의 말" in await line.inner_text()
    assert await line.locator("[lang=ko]:has-text('통역사의 말')").count() == 1


async def test_the_captions_screen_makes_them_large(page, desk):
    await desk.push("live-captions")
    await page.wait_for_selector("body[data-stage=captions]")
    size = await page.locator(".scroller").evaluate("(box) => parseFloat(getComputedStyle(box).fontSize)")
    assert size >= 24
