"""A deaf citizen's session from the homepage to the wrap-up: real Chromium, real engines, a phone leg through Kamailio."""

from __future__ import annotations

from client.domain.call import CallState
from tests.e2e.video.steps import answered, arrives, pictured, says, seen, texts_of, video
from tests.peers.desk import DeskPhone


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


def captioned(lines: list[dict], party: str) -> str:
    """What captions say of a party, finals alone."""
    return "".join(x["text"] for x in lines if x["kind"] == "caption" and x["party"] == party and x["final"])


async def test_an_office_is_relayed_and_captioned_for_both_while_signing_goes_on(
    desks, browser, kamailio, tmp_path, office_voice
):
    office = await DeskPhone(
        tmp_path / "office",
        {"phone.accounts": [kamailio.account("4000")], "sound.microphone_wav": str(office_voice)},
    ).start()
    desk = desks(**{"captions.on": True, "phone.accounts": [kamailio.account("1001")]})
    await desk.ready("captions_on")
    page = await arrives(desk, browser)
    session = await answered(desk, page)
    await says(page, "주민센터에 물어봐 주세요")

    await desk.do("relay", method="start", args=[session, "4000", "불광1동 주민센터"])
    await page.wait_for_selector(".noted >> text=불광1동 주민센터")
    await office.answered()
    lines = await desk.do("lines", session=session)
    assert not captioned(lines, "office")  # it has not agreed to be captioned yet
    await desk._until("relay_state", lambda state: state == "announcing", 20, "the announcement", session=session)
    await desk.do("relay", method="agree", args=[session])

    await desk.until_lines(session, lambda ls: len(captioned(ls, "office")) > 15, 90, "captions of the office")
    await page.wait_for_selector(".messages .theirs:has(.by:has-text('기관'))")
    await says(page, "고맙습니다")  # private text goes on, and the picture
    await desk.until_lines(session, lambda ls: "고맙습니다" in texts_of(ls), what="the words")
    await seen(desk, session, (await desk.do("picture", session=session))["number"] + 5)

    await desk.do("relay", method="end", args=[session])
    await office.until_call(state=CallState.ENDED)
    await desk.do("video_do", method="hang_up", args=[])
    await page.wait_for_selector("body[data-state=over]")
    await desk.do("save", session=session, codes=["3-1"], summary="전화 중계")
    assert await desk.do("drained")
    kinds = [line["kind"] for line in await desk.do("lines", session=session)]
    assert [kind for kind in kinds if kind.startswith("relay.")] == ["relay.started", "relay.agreed", "relay.ended"]
    assert "call.relay_marked" in kinds
    assert set((await desk.do("state"))["troubles"]) <= {"device_lost"}  # this machine may have no sound card
    await office.close()
