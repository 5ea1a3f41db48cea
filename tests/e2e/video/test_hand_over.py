"""A running video session goes to a colleague: two real desks on one hub that stands alone, real Chromium as the citizen."""

from __future__ import annotations

import pytest

from tests.e2e.video.steps import arrives, pictured, says, seen, texts_of, video
from tests.peers.shared_hub import SharedHub


@pytest.fixture
async def hub(tmp_path):
    """(hub, tokens by name)."""
    shared = SharedHub(tmp_path)
    tokens = {name: shared.add(name, number) for name, number in (("김수어", "1001"), ("이들음", "1002"))}
    await shared.start()
    yield shared, tokens
    shared.stop()


async def test_a_deaf_counselor_hands_the_session_to_one_who_hears(desks, browser, hub):
    shared, tokens = hub
    first, second = (
        desks(name, **{"hub.url": shared.url, "hub.token": token, "video.hears": name != "김수어"})
        for name, token in tokens.items()
    )
    await first.ready()
    await second.ready()
    page = await arrives(first, browser, origin=shared.citizen_url)
    session = (await video(first, lambda v: v["offers"], what="the offer"))["offers"][0]
    await video(second, lambda v: v["offers"] == [session], what="the same offer")
    await first.do("video_do", method="answer", args=[session])
    await page.wait_for_selector("body[data-state=connected]")
    await video(first, lambda v: v["link"] == "connected" and v["text"], what="the connection")
    await video(second, lambda v: not v["offers"], what="the offer's end at the other desk")
    await says(page, "주민센터에 전화해 주세요")
    await first.until_lines(session, texts_of, what="the first words")
    await page.locator("#line").press_sequentially("그리고 또")

    colleague = next(one["id"] for one in await first.do("colleagues") if one["name"] == "이들음")
    await first.do("video_do", method="hand_over", args=[session, colleague, "관공서 통화가 필요합니다"])
    await page.wait_for_selector("body[data-state=held]")
    await video(first, lambda v: v["running"] is None, what="the first desk's end of it")
    handed = await video(second, lambda v: v["offers"] == [session], what="the session at the second desk")
    assert handed["running"] is None, "nobody is seen before they took it up"
    assert (await second.do("picture", session=session))["number"] == 0
    await second.until_lines(session, lambda ls: "session.transferred" in [x["kind"] for x in ls], what="the note")

    await says(page, " 하나 더")  # while nobody looks
    await second.do("video_do", method="answer", args=[session])
    await page.wait_for_selector("body[data-state=connected]")
    await video(second, lambda v: v["link"] == "connected" and v["text"] and v["sees"], what="the new connection")
    await seen(second, session)
    await pictured(page, ".signer")
    await page.locator("#line").press_sequentially("보여요")
    await video(second, lambda v: v["live"] == "보여요", what="text as it is typed, at the second desk")
    await page.keyboard.press("Enter")
    lines = await second.until_lines(session, lambda ls: len(texts_of(ls)) == 3, what="all words")
    assert texts_of(lines) == ["주민센터에 전화해 주세요", "그리고 또 하나 더", "보여요"]
    assert (await first.do("video"))["running"] is None

    await second.do("video_do", method="hang_up", args=[])
    await page.wait_for_selector("body[data-state=over]")
    await second.do("save", session=session, codes=["3-1"], summary="넘겨받아 안내함")
    assert await second.do("drained")
