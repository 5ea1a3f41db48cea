"""The room with a connection: pictures and sound both ways, one's own camera, holds, breaks, a reload; axe while it runs."""

from __future__ import annotations

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from client.domain import event as e
from client.domain.words import Party
from tests.citizen_video import Counselor, begin
from tests.e2e.citizen_page.test_chat_access import judge
from tests.peers.page_peer import PagePeer
from tests.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="session")

LOOKS = (("light", 320, 700), ("dark", 740, 360), ("light", 1366, 768))


@pytest_asyncio.fixture(loop_scope="session")
async def counselor(server):
    async with Counselor.at(server) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="session")
async def peer(counselor):
    made = PagePeer(counselor)
    yield made
    await made.close()


async def connected(page: Page, server, counselor: Counselor, peer: PagePeer, kind: str = "sign") -> int:
    """A session that stands; its generation."""
    await page.context.grant_permissions(["camera", "microphone"])
    await begin(page, server, kind)
    if kind == "sign":
        await expect(page.locator(".preview")).to_be_visible()
    await counselor.take()
    generation = await peer.wish()
    await expect(page.locator("body[data-state=connected]")).to_be_attached()
    await peer.until_text(generation)
    return generation


@pytest_asyncio.fixture(loop_scope="session")
async def talking(citizen, server, counselor, peer):
    """A page with its camera, seen by the counselor, in a profile of its own."""
    page = await citizen.page(language="ko-KP")
    await connected(page, server, counselor, peer)
    return page


async def told(counselor: Counselor, **facts: object) -> None:
    """Until the desk was told this of the page's own media."""

    def fits() -> bool:
        media = counselor.told("media")
        return media is not None and all(getattr(media, name) == value for name, value in facts.items())

    await until(fits, 15, f"{facts}: {counselor.told('media')}")


async def test_both_see_and_the_microphone_is_not_taken_until_it_is_opened(talking, counselor, peer):
    await until(lambda: peer.pictures[1] > 10, 20, "pictures of the citizen")
    await told(counselor, link="connected", generation=1, camera="on", microphone="none")
    assert await talking.evaluate("() => document.querySelector('.signer').videoWidth") > 0
    assert await talking.locator(".self").evaluate("(v) => getComputedStyle(v).scale") == "-1 1"
    await talking.click("text=마이크 켜기")
    await told(counselor, microphone="on")
    await talking.click("text=마이크 끄기")
    await told(counselor, microphone="off")


async def test_a_camera_that_is_off_sends_nothing_and_the_desk_knows(talking, counselor, peer):
    await until(lambda: peer.pictures[1] > 5, 20, "pictures of the citizen")
    await talking.click("text=카메라 끄기")
    await told(counselor, camera="off")
    await expect(talking.locator(".self")).to_be_hidden()
    await expect(talking.locator("#said")).to_contain_text("카메라를 껐습니다")
    sent = "() => document.querySelector('.self').srcObject"
    assert await talking.evaluate(sent) is None
    before = peer.pictures[1]
    await talking.click("text=카메라 켜기")
    await told(counselor, camera="on", generation=1)  # without a new connection
    await until(lambda: peer.pictures[1] > before + 5, 20, "pictures again")


async def test_ones_own_picture_moves_by_button_and_by_hand_and_can_be_hidden(talking):
    own = talking.locator(".self")
    await talking.locator(".control", has_text="내 영상 옮기기").press("Enter")
    await expect(own).to_have_attribute("data-corner", "bl")
    await expect(talking.locator("#said")).to_contain_text("왼쪽 아래")
    box, stage = await own.bounding_box(), await talking.locator(".stage").bounding_box()
    await talking.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    await talking.mouse.down()
    await talking.mouse.move(stage["x"] + stage["width"] - 20, stage["y"] + 20)
    await talking.mouse.up()
    await expect(own).to_have_attribute("data-corner", "tr")
    await talking.click("text=내 영상 숨기기")
    await expect(own).to_be_hidden()
    await talking.click("text=내 영상 보기")
    await expect(own).to_be_visible()


async def test_no_control_lies_over_a_picture(talking):
    overlaps = """() => {
        const over = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
        const stage = document.querySelector(".stage").getBoundingClientRect();
        return [...document.querySelectorAll("button, a, input, textarea")]
            .filter((control) => control.offsetParent && over(control.getBoundingClientRect(), stage))
            .map((control) => control.textContent);
    }"""
    for width, height in ((360, 740), (740, 360), (1366, 768)):
        await talking.set_viewport_size({"width": width, "height": height})
        assert await talking.evaluate(overlaps) == [], (width, height)


async def test_text_runs_both_ways_beside_the_picture(talking, counselor, peer):
    await talking.locator("#line").press_sequentially("여권")
    await until(lambda: peer.typed[1].endswith("여권"), 10, "what is typed")
    peer.write(1, "네, 어디")
    await expect(talking.locator(".live .text")).to_have_text("네, 어디")
    peer.write(1, "\b\b사진")
    await expect(talking.locator(".live .text")).to_have_text("네, 사진")
    peer.write(1, "\u2028")
    await counselor.write("네, 사진")
    await expect(talking.locator(".messages .theirs .text")).to_have_text("네, 사진")
    await expect(talking.locator(".live")).to_have_count(0)


async def test_a_hold_and_a_hidden_counselor_are_cards_with_words(talking, counselor):
    await counselor.say(e.CallHeld(reason="consultation"))
    card = talking.locator(".stage .card")
    await expect(card).to_contain_text("담당 부서에 묻고 있습니다")
    await expect(card).to_contain_text("부터")  # since when
    await expect(talking.locator(".signer")).to_be_hidden()
    await counselor.say(e.CallResumed())
    await expect(talking.locator(".signer")).to_be_visible()
    await counselor.say(e.PictureShown(party=Party.AGENT, on=False))
    await expect(card).to_have_text("상담사가 카메라를 잠시 껐습니다")
    await expect(talking.locator("#said")).to_contain_text("상담사가 카메라를 잠시 껐습니다")
    await counselor.say(e.PictureShown(party=Party.AGENT, on=True))
    await expect(talking.locator(".signer")).to_be_visible()


async def test_a_desk_that_is_gone_is_said_and_the_page_offers_anew(talking, counselor, peer):
    await talking.locator("#line").press_sequentially("반쯤")
    await until(lambda: peer.typed[1].endswith("반쯤"), 10, "what is typed")
    await peer.hang_up(1)
    await expect(talking.locator(".standing")).to_contain_text("다시 연결하는 중", timeout=30_000)
    await told(counselor, link="interrupted")
    await talking.locator("#line").press_sequentially(" 쓴")
    await until(lambda: getattr(counselor.told("live_text"), "text", "") == "반쯤 쓴", 10, "the way round")
    second = await peer.answer(above=1)
    await expect(talking.locator("body[data-state=connected]")).to_be_attached()
    await until(lambda: peer.typed[second].endswith("반쯤 쓴"), 10, "the whole line on the new channel")


async def test_a_reloaded_page_offers_above_the_one_before_it(talking, counselor, peer):
    await talking.locator("#line").press_sequentially("남을 글")
    await until(lambda: peer.typed[1].endswith("남을 글"), 10, "what is typed")
    await talking.reload()
    second = await peer.answer(above=1)
    assert second == 2
    await expect(talking.locator("body[data-state=connected]")).to_be_attached()
    await until(lambda: peer.typed[second].endswith("남을 글"), 10, "the line again")


async def test_a_network_that_only_changes_its_speed_is_no_reason_to_connect_anew(citizen, server, counselor, peer):
    page = await citizen.page(language="ko-KP")
    await page.add_init_script(
        "const way = Object.assign(new EventTarget(), { type: 'wifi' });"
        "Object.defineProperty(navigator, 'connection', { value: way });"
    )
    await connected(page, server, counselor, peer)
    await page.evaluate("() => navigator.connection.dispatchEvent(new Event('change'))")
    await page.evaluate(
        "() => { navigator.connection.type = 'none'; navigator.connection.dispatchEvent(new Event('change')); }"
    )
    await page.click("text=마이크 켜기")
    await told(counselor, microphone="on", generation=1)
    await page.evaluate(
        "() => { navigator.connection.type = 'cellular'; navigator.connection.dispatchEvent(new Event('change')); }"
    )
    assert await peer.answer(above=1) == 2
    await told(counselor, link="connected", generation=2)


async def test_two_reasons_at_once_make_one_new_connection(talking, counselor, peer):
    await talking.evaluate("() => { dispatchEvent(new Event('online')); dispatchEvent(new Event('online')); }")
    assert await peer.answer(above=1) == 3  # the first was overtaken before it was offered
    await told(counselor, link="connected", generation=3)


async def test_a_call_from_the_homepage_has_sound_and_no_picture(citizen, server, counselor, peer):
    page = await citizen.page(language="ko-KP")
    generation = await connected(page, server, counselor, peer, "call")
    await until(lambda: peer.sounds[generation] > 20, 20, "sound of the citizen")
    await told(counselor, camera="none", microphone="on")
    assert "m=video" not in counselor.told("video_offer").sdp
    await expect(page.locator(".stage .card")).to_have_text("음성 통화 중")
    await judge(page, "call")


async def test_a_back_camera_that_is_not_there_leaves_the_front_one_on(talking, counselor):
    await talking.evaluate("""() => {
        const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
        navigator.mediaDevices.getUserMedia = (wish) => wish.video?.facingMode === "environment"
            ? Promise.reject(new DOMException("", "NotReadableError")) : real(wish);
    }""")
    turn = talking.locator(".control", has_text="뒤 카메라로")
    await turn.evaluate("(button) => { button.hidden = false; button.click(); }")  # offered where there are two
    await expect(talking.locator(".trouble")).to_contain_text("다른 프로그램")
    await told(counselor, camera="on")
    assert (
        await talking.evaluate("() => document.querySelector('.self').srcObject.getVideoTracks()[0].readyState")
        == "live"
    )


@pytest.mark.parametrize("state", ["talking", "held", "hidden", "interrupted"])
async def test_axe_finds_nothing_while_it_runs(talking, counselor, peer, state):
    if state == "held":
        await counselor.say(e.CallHeld(reason="hold"))
    if state == "hidden":
        await counselor.say(e.PictureShown(party=Party.AGENT, on=False))
    if state == "interrupted":
        await peer.hang_up(1)
        await expect(talking.locator("[data-standing=away]")).to_be_visible(timeout=30_000)
    for scheme, width, height in LOOKS:
        await talking.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        await talking.set_viewport_size({"width": width, "height": height})
        await judge(talking, (state, scheme, width))
