"""What dies or is cut off in the middle of a video session: both sides say so, it comes back, and no word is lost."""

from __future__ import annotations

import os
import signal

import psutil

from tests.e2e.video.steps import answered, arrives, says, seen, texts_of, video


def browsers() -> list[psutil.Process]:
    """The Chromium of this test with all its children."""
    return [child for child in psutil.Process().children(recursive=True) if "chromium" in child.name()]


async def test_a_killed_engine_is_back_with_a_new_connection_and_the_same_text(desks, browser):
    desk = desks()
    page = await arrives(desk, browser)
    session = await answered(desk, page)
    await says(page, "하나")
    await page.locator("#line").press_sequentially("둘째 줄의 반")
    await video(desk, lambda v: v["live"] == "둘째 줄의 반", what="the live line")
    os.kill((await desk.do("state"))["pids"]["video"], signal.SIGKILL)
    await page.wait_for_selector(".noted >> text=끊겼습니다")
    await page.locator("#line").press_sequentially(" 더")
    back = await video(desk, lambda v: v["link"] == "connected" and v["generation"] > 1, what="the new connection")
    assert not back["interrupted"]
    await page.wait_for_selector("body[data-state=connected]")
    await video(desk, lambda v: v["live"] == "둘째 줄의 반 더", what="the line again")
    await page.keyboard.press("Enter")
    lines = await desk.until_lines(session, lambda ls: len(texts_of(ls)) == 2, what="the messages")
    assert texts_of(lines) == ["하나", "둘째 줄의 반 더"]
    assert [x["kind"] for x in lines if x["kind"].startswith("video.")][-2:] == ["video.interrupted", "video.restored"]
    await seen(desk, session)


async def test_a_browser_that_falls_silent_is_said_and_found_again(desks, browser):
    """A laptop's lid is closed: nothing comes, nothing is refused, and later it goes on."""
    desk = desks()
    page = await arrives(desk, browser)
    session = await answered(desk, page)
    await says(page, "덮기 전")
    asleep = browsers()
    for process in asleep:
        process.suspend()
    try:
        await video(desk, lambda v: v["interrupted"], 40, "the break")
        await desk.do("finish", session=session, line="덮인 사이의 글")
    finally:
        for process in asleep:
            process.resume()
    await video(desk, lambda v: v["link"] == "connected" and not v["interrupted"], 60, "the way back")
    await page.wait_for_selector(".messages .theirs >> text=덮인 사이의 글")
    await says(page, "편 다음")
    await desk.until_lines(
        session, lambda ls: texts_of(ls) == ["덮기 전", "덮인 사이의 글", "편 다음"], what="all words"
    )


async def test_another_network_is_a_new_connection_beside_the_old_one(desks, browser):
    desk = desks()
    page = await arrives(desk, browser)
    session = await answered(desk, page)
    await page.evaluate("() => dispatchEvent(new Event('online'))")  # what a browser says when its network has changed
    await video(desk, lambda v: v["generation"] > 1 and v["link"] == "connected" and v["text"], what="the second one")
    kinds = [line["kind"] for line in await desk.do("lines", session=session)]
    assert "video.interrupted" not in kinds  # made before the old one was broken
    await says(page, "다른 망에서")
    await desk.until_lines(session, lambda ls: "다른 망에서" in texts_of(ls), what="the words")


async def test_a_reloaded_page_comes_back_into_the_same_session(desks, browser):
    desk = desks()
    page = await arrives(desk, browser)
    session = await answered(desk, page)
    await page.locator("#line").press_sequentially("아직 안 보낸")
    await page.reload()
    await page.wait_for_selector("body[data-state=connected]")
    await video(desk, lambda v: v["link"] == "connected" and v["live"] == "아직 안 보낸", what="the line again")
    assert (await desk.do("video"))["running"] == session
    await seen(desk, session)


async def test_a_killed_desk_takes_its_running_session_over_again(desks, browser):
    desk = desks()
    page = await arrives(desk, browser)
    session = await answered(desk, page)
    await says(page, "앞의 글")
    await desk.until_lines(session, lambda ls: texts_of(ls) == ["앞의 글"], what="the message")
    before = (await desk.do("state"))["pids"]
    desk.peer.kill()
    await says(page, "책상이 없는 사이")
    desk.start()
    await desk.ready()
    taken = await video(desk, lambda v: v["running"] == session and v["link"] == "connected", 40, "the session")
    assert taken["generation"] == 1
    assert (await desk.do("state"))["pids"]["video"] == before["video"]  # the engine lived on, and with it the picture
    await desk.until_lines(session, lambda ls: texts_of(ls) == ["앞의 글", "책상이 없는 사이"], what="all words")


async def test_a_frozen_hub_does_not_stop_picture_and_text(desks, browser):
    desk = desks()
    page = await arrives(desk, browser)
    session = await answered(desk, page)
    hub = psutil.Process((await desk.do("state"))["pids"]["hub"])
    hub.suspend()
    try:
        await page.locator("#line").press_sequentially("서버 없이도")
        await video(desk, lambda v: v["live"] == "서버 없이도", what="text by the channel alone")
        await seen(desk, session, (await desk.do("picture", session=session))["number"] + 10)
        await page.keyboard.press("Enter")
    finally:
        hub.resume()
    await desk.until_lines(session, lambda ls: texts_of(ls) == ["서버 없이도"], what="the message")
