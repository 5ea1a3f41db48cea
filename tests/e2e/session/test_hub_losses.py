"""A dead network to the hub and a full disk, in the middle of calls: work goes on, nothing is lost, all are told."""

from __future__ import annotations

import pytest

from tests.e2e.session.test_losses import PREFER_QUIET, in_a_call, texts
from tests.peers.citizen import Citizen
from tests.peers.driven import DrivenDesk
from tests.peers.shared_hub import SharedHub

NOTICED_S = 60  # of silence: the stream's sign of life comes every 10 s, and is missed after 25


@pytest.fixture
async def hub(tmp_path):
    """A shared hub with two agents; `tokens` in the order of their numbers."""
    shared = SharedHub(tmp_path)
    shared.tokens = [shared.add(name, number) for name, number in (("김하나", "1001"), ("이두리", "1002"))]
    yield await shared.start()
    shared.stop()


def at(hub: SharedHub, number: int) -> dict:
    return {**PREFER_QUIET, "hub.url": hub.url, "hub.token": hub.tokens[number]}


async def write(page, text: str) -> None:
    await page.fill("#composer", text)
    await page.press("#composer", "Enter")


async def test_a_dead_network_stops_no_call_and_what_was_said_meanwhile_arrives_once(
    desks, citizens, pages, hub, kamailio, tmp_path
):
    first, second = desks("1001", at(hub, 0)), desks("1002", at(hub, 1))
    await second.ready()
    session, citizen = await in_a_call(first, citizens)
    other_citizen = Citizen(tmp_path, "--proxy", kamailio.address, to="sip:1002@dasan.test", name="other")
    other = (await second.until_state(lambda s: s["offers"], what="the other offer"))["offers"][0]
    await second.do("call", method="answer", args=[other])
    page = await pages(await first.do("link", session=session))
    await first.until_lines(session, lambda ls: any(x["kind"] == "page.entered" for x in ls), what="the page")

    await page.click("[data-tool=talk]")

    hub.freeze()
    await first.do("note", session=session, text="끊긴 동안의 메모")
    await first.do("message", session=session, text="끊긴 동안의 글")
    await second.do("note", session=other, text="다른 상담의 메모")
    await write(page, "시민이 쓴 글")
    for desk in (first, second):
        await desk.until_state(lambda s: "hub_away" in s["troubles"], NOTICED_S, "the silence told")
    await first.do("call", method="toggle_hold", args=[])
    await citizen.until("sound", held=True)
    await first.do("call", method="toggle_hold", args=[])
    await citizen.until("sound", times=2, held=False)
    state = await first.do("state")
    assert (state["running"], state["health"][1]) == (session, "hub_away")
    assert state["waiting"] >= 4
    assert citizen.all("ended") == other_citizen.all("ended") == []

    hub.thaw()
    for desk in (first, second):
        await desk.until_state(
            lambda s: not s["waiting"] and "hub_back" in s["troubles"], NOTICED_S, "the hub's return"
        )
    lines = await first.until_lines(
        session, lambda ls: "시민이 쓴 글" in texts(ls, "message"), NOTICED_S, "their words"
    )
    assert texts(lines, "note") == ["끊긴 동안의 메모"]
    assert sorted(texts(lines, "message")) == ["끊긴 동안의 글", "시민이 쓴 글"]
    assert [x["kind"] for x in lines if x["kind"] in ("call.held", "call.resumed")] == ["call.held", "call.resumed"]
    await page.wait_for_selector("ol.messages p.text:text-is('끊긴 동안의 글')")
    assert texts(await second.do("lines", session=other), "note") == ["다른 상담의 메모"]
    assert citizen.all("ended") == other_citizen.all("ended") == []
    other_citizen.peer.kill()


async def test_a_full_disk_under_desk_and_hub_refuses_aloud_and_ends_no_call(tmp_path, kamailio, citizens, pages):
    desk = DrivenDesk(tmp_path / "desk", {"phone.accounts": [kamailio.account("1001")], **PREFER_QUIET}, disk_mb=24)
    try:
        session, citizen = await in_a_call(desk, citizens)
        page = await pages(await desk.do("link", session=session))
        await desk.until_lines(session, lambda ls: any(x["kind"] == "page.entered" for x in ls), what="the page")
        await page.click("[data-tool=talk]")
        await desk.do("message", session=session, text="앞의 글")
        await page.wait_for_selector("ol.messages p.text:text-is('앞의 글')")

        desk.fill_disk()
        assert "store_full" in await desk.refused("message", session=session, text="안 들어가는 글")
        assert "store_full" in (await desk.do("state"))["troubles"]
        assert "안 들어가는 글" not in texts(await desk.do("lines", session=session), "message")
        await write(page, "시민의 글")
        await page.wait_for_selector("aside.banner:has-text('지금은 저장할 수 없습니다')")
        assert citizen.all("ended") == []

        desk.free_disk()
        await desk.do("message", session=session, text="안 들어가던 글")
        lines = await desk.until_lines(
            session,
            lambda ls: sorted(texts(ls, "message")) == sorted(["앞의 글", "안 들어가던 글", "시민의 글"]),
            what="every word, once",
        )
        assert all(line["stored"] for line in lines if line["kind"] == "message")
        assert citizen.all("ended") == []
        await desk.do("call", method="hang_up", args=[])
        await citizen.until("ended")
    finally:
        desk.close()
