"""WCAG 2.2 AA in every state of the web chat: axe, keyboard alone, reflow, large text, focus that is seen, words said."""

from __future__ import annotations

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from client.domain import event as e
from client.domain.words import Party
from tests.citizen_browser import Gate
from tests.citizen_chat import Agent, begin, file, picture, send
from tests.e2e.citizen_page.test_accessibility import CONTROLS, OVERFLOW, RULES, SPACING, TARGETS

pytestmark = pytest.mark.asyncio(loop_scope="session")

LOOKS = (("light", 320, 700), ("dark", 1280, 800))
LONG = {"ko": "여권", "vi": "Giấy chứng nhận đăng ký tạm trú", "mn": "Оршин суугаа хаягийн бүртгэл"}


@pytest_asyncio.fixture(loop_scope="session")
async def agent(server):
    async with Agent.at(server) as made:
        yield made


async def first_page(page, server, agent, language):
    await page.goto(f"{server.citizen_url}/c/chat?lang={language}")


async def first_page_in_arabic(page, server, agent, language):
    await page.goto(f"{server.citizen_url}/c/chat?lang=ar")
    await expect(page.locator(".line[lang=ar]")).to_be_visible()


async def waiting(page, server, agent, language):
    await begin(page, server, language)
    await expect(page.locator("[data-standing=waiting]")).to_be_visible()


async def talking(page, server, agent, language):
    await begin(page, server, language)
    await agent.take()
    await send(page, f"{LONG[language]}? " * 6)
    mine = (await agent.until_said("message.sent"))[0]["id"]
    await agent.say(e.MessageRead(message=mine, party=Party.AGENT))
    await agent.write("https://example.go.kr/" + "a" * 90)
    wrong = await agent.write("취소할 글")
    await agent.say(e.MessageWithdrawn(message=wrong))
    await expect(page.locator(".gone")).to_be_visible()
    await page.set_input_files("#file", [file("a.png", picture(900)), file("글.txt", b"words", "text/plain")])
    await expect(page.locator(".mine[data-state=sent]")).to_have_count(3)


async def uploading_and_refused(page, server, agent, language):
    await waiting(page, server, agent, language)
    await page.set_input_files("#file", file("그림.svg", b"<svg/>", "image/svg+xml"))
    await expect(page.locator(".upload .error")).to_be_visible()
    await Gate.close(page, "**/c/api/attachments?*", lambda route: route.abort())
    await page.set_input_files("#file", file(f"{LONG[language]}.png", picture()))
    await expect(page.locator(".upload button:visible")).to_have_count(3)


async def without_a_connection(page, server, agent, language):
    await talking(page, server, agent, language)
    await page.context.set_offline(True)
    await expect(page.locator("[data-standing=away]")).to_be_visible()
    await send(page, "기다리는 글")
    await expect(page.locator(".mine[data-state=pending]")).to_be_visible()


async def too_long(page, server, agent, language):
    await waiting(page, server, agent, language)
    await page.fill("#message", "가" * 2010)
    await expect(page.locator("#problem")).not_to_be_empty()


async def form(page, server, agent, language):
    await begin(page, server, language)
    await agent.take()
    await agent.push("address-form")
    await page.click("[data-consent=yes]")
    await page.click(".write button[type=submit]")
    await expect(page.locator(".summary")).to_be_focused()


async def menu(page, server, agent, language):
    await waiting(page, server, agent, language)
    await page.click("button[aria-haspopup=dialog]")
    await page.click(".end")
    await expect(page.locator(".ask h3")).to_be_focused()


async def ended(page, server, agent, language):
    await talking(page, server, agent, language)
    await agent.say(e.SessionClosed(reason="done"))
    await expect(page.locator("#over")).to_be_visible()


async def moved(page, server, agent, language):
    await waiting(page, server, agent, language)
    await page.context.clear_cookies()
    await page.context.set_offline(True)
    await page.context.set_offline(False)
    await expect(page.locator(".alone h1")).to_be_focused()


STATES = [
    first_page,
    first_page_in_arabic,
    waiting,
    talking,
    uploading_and_refused,
    without_a_connection,
    too_long,
    form,
    menu,
    ended,
    moved,
]


async def judge(page, look) -> None:
    found = await Axe().run(page, options={"runOnly": RULES, "resultTypes": ["violations"]})
    broken = [(v["id"], [node["html"] for node in v["nodes"]]) for v in found.response["violations"]]
    assert broken == [], look
    await measure(page, look)


async def measure(page, look) -> None:
    assert await page.evaluate(OVERFLOW) == [], look
    assert await page.evaluate(TARGETS, CONTROLS) == [], look


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
async def test_a_state_of_the_chat(citizen, server, agent, state):
    citizen.offline_allowed = True
    scheme, width, height = LOOKS[0]
    page = await citizen.page(language="ko-KP", scheme=scheme, viewport={"width": width, "height": height})
    await state(page, server, agent, "ko")
    for scheme, width, height in LOOKS:
        # without motion: a colour on its way to another has a contrast that nobody reads by
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        await page.set_viewport_size({"width": width, "height": height})
        await judge(page, (scheme, width))


@pytest.mark.parametrize("language", ["mn", "vi"])
async def test_long_words_in_the_largest_text_at_320_px(citizen, server, agent, language):
    page = await citizen.page(language=language, viewport={"width": 320, "height": 640})
    await page.add_init_script("localStorage.setItem('ieum:view', JSON.stringify({ size: 200 }))")
    await first_page(page, server, agent, language)
    await measure(page, "first page")
    await talking(page, server, agent, language)
    await measure(page, "talking")
    for part in (".top", "footer"):
        assert await page.locator(f".room > {part}").evaluate("(p) => getComputedStyle(p).position") == "static"
    await page.click("button[aria-haspopup=dialog]")
    await page.click(".end")
    await measure(page, "menu")


async def test_wider_spacing_of_text_hides_nothing(citizen, server, agent):
    """WCAG 1.4.12."""
    page = await citizen.page(viewport={"width": 320, "height": 740})
    await talking(page, server, agent, "ko")
    await page.evaluate(SPACING)
    assert await page.evaluate(OVERFLOW) == []
    assert await page.locator("button:visible").evaluate_all(
        "(all) => all.every((b) => b.scrollWidth <= b.clientWidth)"
    )


async def test_forced_colours_keep_every_border(citizen, server, agent):
    page = await citizen.page()
    await form(page, server, agent, "ko")
    await page.emulate_media(forced_colors="active")
    for part in (".pushed", ".composer button.primary", "#message"):
        style = await page.locator(part).first.evaluate("(e) => getComputedStyle(e).borderTopStyle")
        assert style == "solid", part


LOOK = """() => {
    const it = document.activeElement;
    const box = it.getBoundingClientRect();
    const style = getComputedStyle(it);
    const [head, foot] = ['.room > .top', '.room > footer'].map((part) => document.querySelector(part));
    const inside = [head, foot].some((part) => part.contains(it));
    const [above, below] = inside ? [0, innerHeight] : [head.getBoundingClientRect().bottom, foot.getBoundingClientRect().top];
    return {
        name: it.id || it.getAttribute('aria-label') || it.textContent.trim(),
        seen: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
        clear: box.bottom > above + 8 && box.top < below - 8,
    };
}"""


async def test_keyboard_alone_begins_writes_and_ends(citizen, server, agent):
    page = await citizen.page()
    await page.goto(f"{server.citizen_url}/c/chat?lang=ko")
    await tab_to(page, "name")
    await page.keyboard.type("홍길동")
    await page.keyboard.press("Enter")
    await expect(page.locator("#message")).to_be_visible()
    await agent.take()
    await tab_to(page, "message")
    await page.keyboard.type("글쇠로만 씁니다")
    await page.keyboard.press("Enter")
    await expect(page.locator(".mine[data-state=sent]")).to_be_visible()
    await tab_to(page, "저장·끝내기")
    await page.keyboard.press("Enter")
    await tab_to(page, "상담 끝내기")
    await page.keyboard.press("Enter")
    await tab_to(page, "네, 끝냅니다")
    await page.keyboard.press("Enter")
    await expect(page.locator("#over")).to_be_focused()
    assert (await agent.until_said("thread.ended"))[0]["body"] == {"reason": "ended"}


NAME = "() => document.activeElement.id || document.activeElement.textContent.trim()"


async def tab_to(page, name: str) -> None:
    for _ in range(30):
        await page.keyboard.press("Tab")
        if await page.evaluate(NAME) == name:
            return
    raise AssertionError(f"Tab never reached {name}")


async def test_every_stop_of_the_keyboard_is_seen_and_not_hidden(citizen, server, agent):
    page = await citizen.page(viewport={"width": 360, "height": 640})
    await talking(page, server, agent, "ko")
    await agent.push("longterm-care-documents")
    await expect(page.locator(".pushed form")).to_be_visible()
    await page.click("h1")  # where Tab goes on from
    stops = []
    while True:
        await page.keyboard.press("Tab")
        if await page.evaluate("() => document.activeElement === document.body"):
            break
        stops.append(await page.evaluate(LOOK))
        assert len(stops) < 60
    assert all(stop["seen"] and stop["clear"] for stop in stops), stops
    shown = "(s) => [...document.querySelectorAll(s)].filter((c) => c.checkVisibility()).length"
    assert len(stops) == await page.evaluate(shown, CONTROLS)


async def test_the_menu_keeps_the_keyboard_and_gives_it_back(citizen, server):
    page = await begin(await citizen.page(), server)
    await page.focus("button[aria-haspopup=dialog]")
    await page.keyboard.press("Enter")
    await expect(page.locator("dialog[open]")).to_be_visible()
    inside = "() => document.activeElement === document.body || !!document.activeElement.closest('dialog')"
    for _ in range(8):
        await page.keyboard.press("Tab")
        assert await page.evaluate(inside)
    await page.keyboard.press("Escape")
    await expect(page.locator("button[aria-haspopup=dialog]")).to_be_focused()


async def test_what_happens_is_said_and_nothing_takes_the_keyboard(citizen, server, agent):
    citizen.offline_allowed = True
    page = await begin(await citizen.page(), server)
    said = page.locator("#said")
    assert await said.get_attribute("aria-live") == "polite"
    await page.focus("#message")
    await agent.take()
    await expect(said).to_contain_text("상담사가 들어왔습니다")
    await agent.write("무엇을 도와드릴까요?")
    await expect(said).to_contain_text("상담사의 글: 무엇을 도와드릴까요?")
    await agent.push("water-choice")
    await expect(said).to_contain_text("상담사가 화면을 보냈습니다: 수도")
    await page.context.set_offline(True)
    await expect(said).to_contain_text("연결이 끊어졌습니다")
    await page.context.set_offline(False)
    await expect(said).to_contain_text("다시 연결되었습니다.")
    await expect(page.locator("#message")).to_be_focused()
