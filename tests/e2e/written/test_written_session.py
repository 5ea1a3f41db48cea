"""A citizen in Chromium and a citizen with a telephone, answered from the real window."""

from __future__ import annotations

from playwright.async_api import expect

from tests.e2e.written.conftest import account
from tests.waiting import until

READY = ["hub_connected"]
NUMBER = "01012345678"


async def connected(desk) -> dict:
    return await desk.until_state(
        lambda state: state["citizens"] and "hub_connected" in state["health"], 60, "connected"
    )


async def waiting(desk) -> str:
    state = await desk.until_state(
        lambda state: [one for one in state["sessions"].values() if one["stage"] == "waiting"], 30, "somebody waits"
    )
    return next(id_ for id_, one in state["sessions"].items() if one["stage"] == "waiting")


async def take_next(desk) -> str:
    """By the key, as an agent does; the session that the window shows then."""
    session = await waiting(desk)
    await desk.do("act", action="next_waiting")
    await desk._until("shown", lambda shown: shown == session, 20, "the window shows it")
    await desk._until("writable", bool, 20, "one can write in it")
    return session


def texts(lines: list[dict]) -> list[str]:
    return [line["text"] for line in lines if line["kind"] == "message"]


async def test_a_chat_from_the_homepage_is_answered_from_the_window(desks, browser):
    desk = desks()
    citizens = (await connected(desk))["citizens"]
    page = await browser(citizens).page()
    await page.goto(f"{citizens}/c/chat?lang=ko")
    await page.click("button[type=submit]")
    await page.fill("#message", "가로등이 꺼져 있어요")
    await page.press("#message", "Enter")
    session = await take_next(desk)
    await expect(page.locator(".standing")).to_have_text("상담사가 들어왔습니다")
    await desk.until_lines(session, lambda lines: texts(lines) == ["가로등이 꺼져 있어요"])
    await desk.do("write", text="어느 길인가요?")
    await expect(page.locator(".theirs .text")).to_have_text("어느 길인가요?")
    await desk.until_lines(session, lambda lines: lines[-1].get("read") is True, what="the agent sees that it was read")
    await page.fill("#message", "진관동이요")
    await page.press("#message", "Enter")
    await desk.until_lines(session, lambda lines: texts(lines)[-1] == "진관동이요")


async def test_an_sms_is_answered_through_a_real_smsc_and_its_reply_comes_back(desks, smsc, phones):
    desk = desks(**{"gateways.smpp": [account(smsc)], "text.undo_s": 1})
    await connected(desk)
    await phones.write(NUMBER, "도로에 구멍이 났어요")
    session = await take_next(desk)
    await desk.do("write", text="어느 길인지 알려 주시겠어요?")
    assert await desk.do("held") == ["어느 길인지 알려 주시겠어요?"]
    await until(lambda: phones.got, 30, "the phone got it")
    assert (phones.got[0].number, phones.got[0].text) == (NUMBER, "어느 길인지 알려 주시겠어요?")
    await desk.until_lines(session, lambda lines: lines[-1].get("delivery") == "delivered", what="its receipt")
    await phones.write(NUMBER, "은평구 진관동이에요")
    await desk.until_lines(session, lambda lines: texts(lines)[-1] == "은평구 진관동이에요")
    long = "접수했습니다. " * 30
    await desk.do("write", text=long.strip())
    await until(lambda: len(phones.got) == 2, 30, "the long one too")
    assert phones.got[1].text == long.strip()


async def test_what_can_still_be_undone_is_a_draft_after_a_crash(desks, smsc, phones):
    desk = desks(**{"gateways.smpp": [account(smsc)], "text.undo_s": 30})
    await connected(desk)
    await phones.write(NUMBER, "글")
    session = await take_next(desk)
    await desk.do("write", text="보내기 직전")
    assert await desk.do("held") == ["보내기 직전"]
    desk.peer.kill()
    desk.start()
    await connected(desk)
    assert await desk.do("held") == []
    assert await desk.do("draft", session=session) == "보내기 직전"
    assert phones.got == []
    assert any("작성 중인 글로 되돌렸습니다" in text for text in await desk.do("told"))
