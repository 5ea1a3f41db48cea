"""A deaf citizen's session from the homepage to the wrap-up: real Chromium, real engines, a phone leg through Kamailio."""

from __future__ import annotations

from tests.e2e.video.steps import answered, arrives, pictured, seen, video


async def test_a_signed_session_from_the_homepage_to_the_wrap_up(desks, browser):
    desk = desks()
    page = await arrives(desk, browser)
    await page.wait_for_selector(".preview:not([hidden])")  # one sees oneself before anybody else does
    waiting = await video(desk, lambda v: v["offers"], what="the offer")
    assert waiting["link"] == ""
    session = await answered(desk, page)

    # picture both ways: the known file at the desk, the drawn signer on the page
    picture = await seen(desk, session)
    assert picture["left"][2] > picture["right"][2] + 40  # the left half is red
    assert picture["right"][0] > picture["left"][0] + 40  # the right half is blue
    await pictured(page, ".signer")

    # text both ways, as it is typed and as it lasts
    await page.locator("#line").press_sequentially("여권 ")
    await video(desk, lambda v: v["live"].startswith("여권"), what="live text at the desk")
    await page.locator("#line").press_sequentially("만들고 싶어요")
    await page.keyboard.press("Enter")
    await desk.until_lines(
        session, lambda ls: any(x.get("text") == "여권 만들고 싶어요" for x in ls), what="the message"
    )
    await video(desk, lambda v: not v["pending"] and not v["live"], what="no live copy of what is a message")
    await desk.do("live", session=session, line="네, 어디")
    await page.wait_for_selector(".live >> text=네, 어디")
    await desk.do("finish", session=session, line="네, 어디 사세요?")
    await page.wait_for_selector(".messages .theirs >> text=네, 어디 사세요?")
    assert await page.locator(".live").count() == 0

    await desk.do("video_do", method="hang_up", args=[])
    await page.wait_for_selector("body[data-state=over]")
    await desk.do("save", session=session, codes=["3-1"], summary="여권 안내")
    assert await desk.do("drained")
    assert (await desk.do("state"))["sessions"][session]["stage"] == "closed"
