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


async def test_the_newest_line_and_the_field_are_in_sight_beside_the_whole_signer(talking, counselor, peer):
    for text in ("하나", "둘", "셋", "넷", "다섯", "여섯"):
        await counselor.write(f"{text}: 사진과 신분증을 가지고 구청에 오시면 됩니다.")
    parts = (".stage", "#line", ".live .text")
    for width, height in ((360, 740), (740, 360), (1366, 768)):
        await talking.set_viewport_size({"width": width, "height": height})
        peer.write(1, f"쓰는 줄 {width}")
        await expect(talking.locator(".live .text")).to_contain_text(f"{width}")
        for part in parts:
            await expect(talking.locator(part)).to_be_in_viewport(ratio=1)
        peer.write(1, "\b" * 20)


async def test_who_reads_further_up_is_left_there(talking, counselor):
    for n in range(12):
        await counselor.write(f"{n}. 사진과 신분증을 가지고 구청에 오시면 됩니다.")
    await expect(talking.locator(".messages li").last).to_be_in_viewport()
    await talking.mouse.move(180, 500)
    await talking.mouse.wheel(0, -3000)
    await expect(talking.locator("h1")).to_be_in_viewport()
    await counselor.write("새 줄")
    await expect(talking.locator(".messages li").last).to_contain_text("새 줄")
    await expect(talking.locator("h1")).to_be_in_viewport()


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


async def test_an_office_hears_only_whom_the_citizen_lets_it_and_each_office_is_asked_for(talking, counselor):
    await counselor.say(e.RelayStarted(office="불광1동 주민센터"), e.RelayAgreed())
    await expect(talking.locator(".noted").last).to_contain_text("연결되었습니다")
    await expect(talking.locator(".questions")).to_be_hidden()  # nothing to be heard while the microphone is off
    await talking.click("text=마이크 켜기")
    await talking.click(".questions [data-consent=yes]")
    (given,) = await counselor.until_said("consent.answered")
    assert (given["body"]["purpose"], given["body"]["given"]) == ("relay_voice", True)
    await expect(talking.locator(".questions")).to_be_hidden()
    await talking.click("button[aria-haspopup=dialog]")
    await talking.click("text=듣지 못하게 하기")
    assert (await counselor.until_said("consent.answered", 2))[-1]["body"]["given"] is False
    await talking.keyboard.press("Escape")
    await counselor.say(e.RelayEnded(by="office"), e.RelayStarted(office="구청"), e.RelayAgreed())
    await expect(talking.locator(".questions [data-consent=yes]")).to_be_visible()


async def test_a_still_picture_is_agreed_to_with_its_purpose(talking, counselor):
    await talking.click("button[aria-haspopup=dialog]")
    await talking.click("text=찍어도 된다고 하기")
    await expect(talking.locator(".settings .consent h3")).to_be_focused()
    await talking.click(".settings [data-consent=yes]")
    (given,) = await counselor.until_said("consent.answered")
    assert (given["body"]["purpose"], given["body"]["given"]) == ("snapshot", True)
    await expect(talking.locator("text=상담사가 정지 화면을 찍을 수 있습니다.")).to_be_visible()


async def test_without_https_it_says_so_and_text_goes_on(citizen, server, counselor):
    page = await citizen.page(language="ko-KP")
    await page.add_init_script("Object.defineProperty(navigator, 'mediaDevices', { value: undefined });")
    await begin(page, server)
    await expect(page.locator(".trouble")).to_contain_text("https")
    await counselor.take()
    await page.locator("#line").press_sequentially("글로 합니다")
    await page.keyboard.press("Enter")
    assert (await counselor.until_said("message.sent"))[0]["body"]["text"] == "글로 합니다"


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
