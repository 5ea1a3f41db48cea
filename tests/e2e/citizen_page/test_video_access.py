"""WCAG 2.2 AA in every state of the video page that needs no connection: axe, reflow, targets, keyboard, words said."""

from __future__ import annotations

import dataclasses

import pytest
import pytest_asyncio
from playwright.async_api import expect

from client.domain import event as e
from client.domain.signal import LiveText, VideoAnswer, VideoWish
from client.domain.words import Party
from client.hub.limits import RateLimit
from tests.citizen_video import Counselor, begin, type_line
from tests.e2e.citizen_page.test_chat_access import judge, measure, tab_to
from tests.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="session")

LOOKS = (("light", 320, 700), ("dark", 740, 360), ("light", 1366, 768))


@pytest_asyncio.fixture(loop_scope="session")
async def counselor(server):
    async with Counselor.at(server) as made:
        yield made


@pytest.fixture
def settings_of(server):
    """settings_of(name=value, …): the hub lives by these until the test ends."""
    usual = server.hub.settings

    def change(**more) -> None:
        server.hub.settings = dataclasses.replace(usual, **more)

    yield change
    server.hub.settings = usual


async def start_of_sign(page, server, counselor, change):
    await page.goto(f"{server.public_url}/c/sign")


async def start_of_call(page, server, counselor, change):
    await page.goto(f"{server.public_url}/c/call?lang=en")


async def closed(page, server, counselor, change):
    change(video_hours=("mon 00:00-00:01",))
    await page.goto(f"{server.public_url}/c/sign")
    await expect(page.locator("a[href^='/c/sign/mail']")).to_be_visible()


async def full(page, server, counselor, change):
    server.hub.chats_begun = RateLimit(burst=1_000, per_second=1)
    change(video_limit=0)
    await page.goto(f"{server.public_url}/c/sign")
    await page.click("button.primary")
    await expect(page.locator("a[href^='/c/sign/mail']")).to_be_visible()


async def switched_off(page, server, counselor, change):
    change(video_on=False)
    await page.goto(f"{server.public_url}/c/sign")
    await expect(page.locator("a[href^='/c/chat']")).to_be_visible()


async def waiting_without_leave_for_the_camera(page, server, counselor, change):
    await begin(page, server)
    await expect(page.locator(".trouble")).to_be_visible()


async def waiting_with_a_preview(page, server, counselor, change):
    await page.context.grant_permissions(["camera", "microphone"])
    await begin(page, server)
    await expect(page.locator(".preview")).to_be_visible()


async def waiting_for_a_call(page, server, counselor, change):
    await page.context.grant_permissions(["camera", "microphone"])
    await begin(page, server, "call")
    await expect(page.locator(".waiting-room")).to_be_visible()


async def connecting(page, server, counselor, change):
    await waiting_with_a_preview(page, server, counselor, change)
    await counselor.take()
    await counselor.signal("video_wish", VideoWish(generation=0))
    await expect(page.locator("body[data-state=connecting]")).to_be_attached()


async def no_common_codec(page, server, counselor, change):
    await connecting(page, server, counselor, change)
    offer = await until(lambda: counselor.told("video_offer"))
    await counselor.signal("video_answer", VideoAnswer(generation=offer.generation, refused="no_codec"))
    await expect(page.locator(".stage .card")).to_contain_text("브라우저")


async def text_alone(page, server, counselor, change):
    await begin(page, server, media=False)
    await counselor.take()
    await type_line(page, "카메라 없이 씁니다")
    await counselor.write("네, 글로 하겠습니다")
    await counselor.signal("live_text:agent", LiveText(party=Party.AGENT, text="무엇을 도와"))
    await expect(page.locator(".live")).to_be_visible()


async def on_hold_with_an_office(page, server, counselor, change):
    await page.context.grant_permissions(["camera", "microphone"])
    await begin(page, server, "call")
    await counselor.take()
    await counselor.say(e.RelayStarted(office="불광1동 주민센터"), e.RelayAgreed())
    await expect(page.locator(".consent")).to_be_visible()
    await counselor.say(e.CallHeld(reason="consultation"))
    await expect(page.locator("body[data-state=held]")).to_be_attached()


async def settings(page, server, counselor, change):
    await waiting_with_a_preview(page, server, counselor, change)
    await page.click("button[aria-haspopup=dialog]")
    await page.click(".end")
    await expect(page.locator(".ask h3")).to_be_focused()


async def without_the_internet(page, server, counselor, change):
    await text_alone(page, server, counselor, change)
    await page.context.set_offline(True)
    await expect(page.locator("[data-standing=away]")).to_be_visible()


async def over(page, server, counselor, change):
    await text_alone(page, server, counselor, change)
    await counselor.say(e.CallEnded(by="agent"))
    await expect(page.locator("#over")).to_be_focused()


STATES = [
    start_of_sign,
    start_of_call,
    closed,
    full,
    switched_off,
    waiting_without_leave_for_the_camera,
    waiting_with_a_preview,
    waiting_for_a_call,
    connecting,
    no_common_codec,
    text_alone,
    on_hold_with_an_office,
    settings,
    without_the_internet,
    over,
]


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
async def test_a_state_of_the_video_page(citizen, server, counselor, settings_of, state):
    citizen.offline_allowed = True
    scheme, width, height = LOOKS[0]
    page = await citizen.page(language="ko-KP", scheme=scheme, viewport={"width": width, "height": height})
    await state(page, server, counselor, settings_of)
    for scheme, width, height in LOOKS:
        # without motion: a colour on its way to another has a contrast that nobody reads by
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        await page.set_viewport_size({"width": width, "height": height})
        await judge(page, (scheme, width))


@pytest.mark.parametrize("state", [start_of_sign, waiting_with_a_preview, text_alone, over], ids=lambda s: s.__name__)
async def test_the_largest_text_at_320_px(citizen, server, counselor, settings_of, state):
    page = await citizen.page(language="ko-KP", viewport={"width": 320, "height": 640})
    await page.add_init_script("localStorage.setItem('ieum:view', JSON.stringify({ size: 200 }))")
    await state(page, server, counselor, settings_of)
    await measure(page, state.__name__)


async def test_forced_colours_keep_every_border(citizen, server, counselor, settings_of):
    page = await citizen.page(language="ko-KP")
    await text_alone(page, server, counselor, settings_of)
    await page.emulate_media(forced_colors="active")
    for part in (".composer button.primary", "#line", ".live"):
        style = await page.locator(part).first.evaluate("(e) => getComputedStyle(e).borderTopStyle")
        assert style in ("solid", "dashed"), part


async def test_braille_and_keyboard_alone_go_from_the_queue_to_the_goodbye(citizen, server, counselor):
    server.hub.chats_begun = RateLimit(burst=1_000, per_second=1)
    page = await citizen.page()
    await page.goto(f"{server.public_url}/c/sign")
    await tab_to(page, "카메라·마이크 없이 글자로만")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="상담사를 기다리고 있습니다")).to_be_visible()
    await expect(page.locator("#said")).to_contain_text("상담사를 기다리고 있습니다")
    await counselor.take()
    await tab_to(page, "line")
    await page.keyboard.type("안 보이고 안 들립니다")
    await page.keyboard.press("Enter")
    assert (await counselor.until_said("message.sent"))[0]["body"]["text"] == "안 보이고 안 들립니다"
    await counselor.write("천천히 쓰겠습니다.")
    await expect(page.locator("#said")).to_contain_text("상담사의 글: 천천히 쓰겠습니다.")
    await page.keyboard.press("Shift+Tab")
    await tab_to_again(page, "설정·끝내기")
    await page.keyboard.press("Enter")
    await tab_to(page, "상담 끝내기")
    await page.keyboard.press("Enter")
    await tab_to(page, "네, 끝냅니다")
    await page.keyboard.press("Enter")
    await expect(page.locator("#over")).to_be_focused()
    ended = await counselor.until_said("call.ended")
    assert ended[0]["body"]["by"] == "citizen"


async def test_who_writes_alone_is_asked_for_no_camera_when_the_room_is_opened_again(citizen, server, counselor):
    page = await begin(await citizen.page(), server, media=False)
    await page.goto(f"{server.public_url}/c/sign")
    await expect(page.locator("body[data-state=waiting]")).to_be_attached()
    await expect(page.locator(".video-room")).to_have_attribute("data-kind", "text")
    await counselor.take()
    await counselor.say(e.CallEnded(by="agent"))
    await expect(page.locator("body[data-state=over]")).to_be_attached()
    assert await page.evaluate("localStorage.getItem('ieum:media:wished')") is None


async def tab_to_again(page, name: str) -> None:
    """From wherever the focus is, around the page."""
    await page.evaluate("document.activeElement.blur()")
    await tab_to(page, name)
