"""The page finds back by itself, misses nothing, and says in words what is going on."""

from __future__ import annotations

import pytest

from client.domain import event as e
from client.domain.signal import PageState, Typing
from client.domain.words import Party
from client.hub import browsers, citizen_streams
from client.hub.server import HubServer
from client.settings import Settings
from tests.citizen_browser import Gate, enter
from tests.citizen_desk import CitizenDesk
from tests.cutting_relay import CuttingRelay
from tests.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_dead_network_is_said_and_nothing_is_missed(citizen, page, desk):
    citizen.offline_allowed = True
    await page.context.set_offline(True)
    await page.wait_for_selector(".banner:has-text('연결이 끊겼습니다 · 다시 연결하는 중')")
    await page.wait_for_selector(".bar .status:has-text('연결이 끊겼습니다')")
    assert "연결이 끊겼습니다" in await page.text_content("#said")
    await desk.caption("그동안 한 말")
    await desk.push("water-choice")
    await page.context.set_offline(False)
    await page.wait_for_selector("article h2:has-text('수도')")
    await page.wait_for_selector(".said p:has-text('그동안 한 말')")
    await page.wait_for_selector(".banner", state="hidden")
    assert "다시 연결되었습니다" in await page.text_content("#said")
    assert (await desk.until_said(e.ScreenOpened)).body.push


async def test_a_hub_that_restarts_finds_its_page_again(citizen, tmp_path):
    citizen.offline_allowed = True
    first = HubServer(Settings(), tmp_path)
    await first.start()
    citizen.origin = first.citizen_url
    desk = await CitizenDesk.open(first)
    page = await citizen.page()
    await enter(page, await desk.link())
    await page.click("[data-tool=talk]")
    await first.stop()
    await desk.close()
    await page.wait_for_selector(".banner:visible")
    await page.fill("#composer", "끊긴 사이에 쓴 글")
    await page.press("#composer", "Enter")
    ports = {"hub_port": _port(first.desk_url), "citizen_port": _port(first.citizen_url)}
    second = HubServer(Settings(**ports), tmp_path)
    await second.start()
    try:
        await page.wait_for_selector(".mine[data-state=sent]")
        await page.wait_for_selector(".banner", state="hidden")
        stored = await second.hub.log.events(desk.session, 0, 1000)
        assert [t.event.body.text for t in stored if isinstance(t.event.body, e.MessageSent)] == ["끊긴 사이에 쓴 글"]
    finally:
        await page.close()
        await second.stop()


async def test_a_hole_in_the_stream_is_fetched(citizen, desk, monkeypatch):
    """One event is taken out of the stream; the head that comes next betrays it."""
    monkeypatch.setattr(citizen_streams, "HEADS_EVERY_S", 0.3)
    page = await citizen.page()
    await page.add_init_script(
        """(() => {
            const add = EventSource.prototype.addEventListener;
            EventSource.prototype.addEventListener = function (type, act) {
                add.call(this, type, (message) => {
                    if (type === 'event' && message.data.includes('잃어버린 말') && !window.lost) { window.lost = true; return; }
                    act(message);
                });
            };
        })()"""
    )
    await enter(page, await desk.link())
    await desk.caption("잃어버린 말")
    await page.wait_for_selector(".said p:has-text('잃어버린 말')")


async def test_the_end_of_the_session_is_told_and_the_words_stay_readable(page, desk):
    await desk.caption("안녕히 계세요")
    await desk.push("water-choice")
    await page.wait_for_selector("form.options")
    await desk.say(e.CallEnded(by="agent"))
    await desk.post("close")
    await page.wait_for_selector(".ended h2:has-text('상담이 끝났습니다')")
    assert "상담이 끝났습니다" in await page.text_content("#said")
    assert await page.locator("form.options").is_hidden()
    assert await page.locator("article .lead").is_hidden(), "nothing can be chosen any more"
    assert await page.locator("article p:has-text('답하시기 전에 상담이 끝났습니다')").is_visible()
    assert await page.locator(".bar").is_hidden()
    assert "안녕히 계세요" in await page.inner_text(".said")


async def test_leaving_erases_this_device_and_ends_the_page(page, desk):
    await page.click("[data-tool=talk]")
    await page.fill("#composer", "남기지 않을 글")
    await page.click(".top .tool >> nth=1")
    await page.click("text=이 페이지에서 나가기")
    await page.wait_for_selector("h1:has-text('나왔습니다'):focus")
    assert await page.evaluate("() => Object.keys(sessionStorage).length") == 0
    state = await page.request.get(f"{desk.server.citizen_url}/c/api/state")
    assert state.status == 401


async def test_another_session_in_the_same_browser_ends_this_page_in_words(citizen, page, desk):
    citizen.offline_allowed = True
    other = await CitizenDesk.open(desk.server)
    tab = await page.context.new_page()
    await enter(tab, await other.link())
    await page.wait_for_selector("h1:has-text('다른 상담이 이 브라우저에서 열렸습니다'):focus")
    await tab.wait_for_selector(".top")
    await other.close()


async def test_what_is_written_here_never_lands_in_another_session(citizen, page, desk):
    """This tab cannot know yet that the browser went to another consultation: the hub tells, and nothing is lost."""
    citizen.offline_allowed = True
    other = await CitizenDesk.open(desk.server)
    await page.click("[data-tool=talk]")
    gates = [await Gate.close(page, f"**/c/api/{what}", lambda route: route.abort()) for what in ("state", "signals")]
    tab = await page.context.new_page()
    await enter(tab, await other.link())
    await page.fill("#composer", "첫 상담에 쓴 글")
    await page.press("#composer", "Enter")
    await page.wait_for_selector("h1:has-text('다른 상담이 이 브라우저에서 열렸습니다'):focus")
    assert await page.inner_text(".unsent li") == "첫 상담에 쓴 글"
    assert await other.events(e.MessageSent) == []
    for gate in gates:
        gate.open()
    await page.click("text=이 창에서 계속하기")
    assert (await desk.until_said(e.MessageSent)).body.text == "첫 상담에 쓴 글"
    await tab.wait_for_selector("h1:has-text('다른 상담이 이 브라우저에서 열렸습니다')")
    assert await other.events(e.MessageSent) == []
    await other.close()


async def test_a_signal_of_this_page_never_reaches_another_session(citizen, page, desk):
    citizen.offline_allowed = True
    other = await CitizenDesk.open(desk.server)
    await page.click("[data-tool=talk]")
    await Gate.close(page, "**/c/api/state", lambda route: route.abort())
    tab = await page.context.new_page()
    await enter(tab, await other.link())
    await page.fill("#composer", "쓰다 만 글")
    await page.wait_for_selector("h1:has-text('다른 상담이 이 브라우저에서 열렸습니다')")
    assert await page.inner_text(".unsent li") == "쓰다 만 글"
    assert other.newest(Typing) is None
    await other.close()


async def test_a_second_device_is_told_that_the_link_is_in_use_and_enters_when_the_first_has_gone(
    citizen, page, desk, monkeypatch
):
    citizen.offline_allowed = True
    second = await citizen.page(language="en-US")
    await second.goto(await desk.link())
    await second.click("#enter button")
    await second.wait_for_selector("h1:has-text('Already open somewhere else'):focus")
    assert await second.get_attribute("html", "lang") == "en"
    assert len(await desk.events(e.PageRefused)) == 1
    await page.reload()  # the first one's own reload always works
    await page.wait_for_selector("body[data-connected=true]")
    monkeypatch.setattr(browsers, "AWAY_S", 0.0)
    await page.close()
    await until(lambda: (state := desk.newest(PageState)) and state.state == "gone")
    await second.click("button:has-text('Try again')")
    await second.wait_for_selector("body[data-connected=true]")


async def test_a_page_whose_place_was_taken_says_so_and_keeps_what_was_written(citizen, page, desk, monkeypatch):
    citizen.offline_allowed = True
    monkeypatch.setattr(browsers, "AWAY_S", 0.0)
    await page.click("[data-tool=talk]")
    await page.context.set_offline(True)
    await page.fill("#composer", "끊긴 사이에 쓴 글")
    await page.press("#composer", "Enter")
    await page.fill("#composer", "쓰다 만 글")
    await until(lambda: (state := desk.newest(PageState)) and state.state == "gone")
    second = await citizen.page(language="en-US")
    await enter(second, await desk.link())
    await page.context.set_offline(False)
    await page.wait_for_selector("h1:has-text('이 창의 연결이 끝났습니다'):focus")
    assert await page.locator(".unsent li").all_inner_texts() == ["끊긴 사이에 쓴 글", "쓰다 만 글"]
    await page.click("text=이 창에서 계속하기")
    await page.wait_for_selector("h1:has-text('이미 다른 곳에서 열려 있습니다')")
    await second.close()
    await until(lambda: desk.newest(PageState).state == "gone")
    await page.click("button:has-text('다시 해 보기')")
    assert (await desk.until_said(e.MessageSent)).body.text == "끊긴 사이에 쓴 글"
    await page.click("[data-tool=talk]")
    assert await page.input_value("#composer") == "쓰다 만 글"


async def test_a_page_whose_address_was_replaced_says_so_and_shows_what_was_written(citizen, page, desk):
    citizen.offline_allowed = True
    await page.click("[data-tool=talk]")
    await page.fill("#composer", "쓰다 만 글")
    await desk.post("link/renew")
    await page.wait_for_selector("h1:has-text('이 주소는 쓸 수 없습니다'):focus")
    assert await page.inner_text(".unsent li") == "쓰다 만 글"
    assert await page.locator("main button").count() == 0, "nothing leads back in by this address"
    await enter(page, await desk.link())
    await page.click("[data-tool=talk]")
    assert await page.input_value("#composer") == "쓰다 만 글"


async def test_two_tabs_of_one_session_do_not_quarrel(citizen, page, desk):
    citizen.offline_allowed = True  # the slower answer is refused, which the browser logs
    tab = await page.context.new_page()
    await enter(tab, await desk.link())
    await desk.push("care-choice")
    for each in (page, tab):
        await each.check("text=아이 돌봄")
    await page.click("text=이것으로 할게요")
    await tab.wait_for_selector(".answer:has-text('상담사에게 보냈습니다')")
    assert len(await desk.events(e.ScreenAnswered)) == 1
    assert len(await desk.events(e.ScreenDelivered)) == 1


async def test_the_agent_knows_whether_the_page_is_there(page, desk):
    await until(lambda: (state := desk.newest(PageState)) and state.state == "open")
    await page.close()
    await until(lambda: (state := desk.newest(PageState)) and state.state == "gone")


def _port(url):
    return int(url.rsplit(":", 1)[1])


async def test_a_message_that_came_during_a_loss_is_announced(citizen, page, desk):
    citizen.offline_allowed = True
    await page.context.set_offline(True)
    await page.wait_for_selector(".banner:visible")
    await desk.say(e.MessageSent(party=Party.AGENT, text="그동안 쓴 글"))
    await page.context.set_offline(False)
    await page.wait_for_selector("#said p:has-text('상담사의 글: 그동안 쓴 글')", state="attached")


async def test_after_the_end_nothing_stays_in_the_browser(page, desk):
    await desk.push("report-form")
    await page.click(".form [data-consent=yes]")
    await page.fill(".write textarea >> nth=0", "남기지 않을 글")
    await desk.until_said(e.ConsentAnswered)
    await desk.post("close")
    await page.wait_for_selector(".ended:visible")
    kept = await page.evaluate("() => JSON.stringify({ ...sessionStorage, ...localStorage })")
    assert "남기지 않을 글" not in kept


async def _through(relay, directory):
    """A hub that its citizens reach through `relay` alone."""
    await relay.start()
    server = HubServer(Settings(public_url=relay.url), directory)
    await server.start()
    relay.target = server.citizen_url
    return server


async def test_an_answer_cut_by_a_dying_network_is_asked_for_again(citizen, tmp_path):
    """Neither sending nor connecting may stop for good: half an answer is no answer."""
    citizen.offline_allowed = True
    relay = CuttingRelay()
    server = await _through(relay, tmp_path)
    citizen.origin = relay.url
    desk = await CitizenDesk.open(server)
    page = await citizen.page()
    try:
        await enter(page, await desk.link())
        await page.click("[data-tool=talk]")
        relay.cut("POST /c/api/events")
        await page.fill("#composer", "반만 닿은 답")
        await page.press("#composer", "Enter")
        await until(lambda: relay.cuts == 1)
        await page.wait_for_selector(".mine[data-state=sent]")
        await desk.until_said(e.MessageSent)
        await page.fill("#composer", "그다음 글")
        await page.press("#composer", "Enter")
        await page.wait_for_selector(".mine[data-state=sent] >> nth=1")
        assert [said.body.text for said in await desk.events(e.MessageSent)] == ["반만 닿은 답", "그다음 글"]

        relay.cut("GET /c/api/state")
        await page.context.set_offline(True)
        await page.wait_for_selector(".banner:visible")
        await page.context.set_offline(False)
        await until(lambda: relay.cuts == 2)
        await page.wait_for_selector(".banner", state="hidden")
        await desk.caption("다시 이어졌습니다")
        await page.wait_for_selector(".said p:has-text('다시 이어졌습니다')")
    finally:
        await page.close()
        await desk.close()
        await server.stop()
        await relay.stop()
