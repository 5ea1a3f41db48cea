"""WCAG 2.2 AA in every state of the page: axe, keyboard alone, reflow, target size, focus that is seen."""

from __future__ import annotations

import pytest
from axe_playwright_python.async_playwright import Axe

from client.domain import event as e
from client.domain.words import Party
from tests.citizen_browser import Gate, enter
from tests.citizen_desk import CitizenDesk

pytestmark = pytest.mark.asyncio(loop_scope="session")

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LOOKS = (("light", 320), ("dark", 1280))
PHONE_WIDTH = 360
CONTROLS = "a[href], button, input, select, textarea, summary, [tabindex='0']"
TARGETS = """(selector) => [...document.querySelectorAll(selector)]
    .filter((c) => c.checkVisibility() && !c.closest('.heard'))
    .map((c) => ({ name: c.id || c.className || c.textContent, tag: c.tagName, box: c.getBoundingClientRect() }))
    .filter(({ tag, box }) => box.height < (tag === 'BUTTON' ? 48 : 24) || box.width < 24)
    .map(({ name, box }) => `${name}: ${box.width}x${box.height}`)"""
OVERFLOW = """() => {
    const wide = document.documentElement.clientWidth;
    return [...document.querySelectorAll('body *')]
        .filter((part) => part.checkVisibility() && !part.closest('.heard') && part.getBoundingClientRect().right > wide + 0.5)
        .map((part) => part.className || part.tagName);
}"""


async def entry(page, desk):
    await page.goto(await desk.link())


async def entry_in_another_language(page, desk):
    await entry(page, desk)
    await page.select_option("#language", "mn")
    await page.wait_for_selector("#line[lang=mn]:not([hidden])")


async def inside_in_another_language(page, desk):
    await entry_in_another_language(page, desk)
    await page.click("#enter button")
    await page.wait_for_selector("main .line[lang=mn]")


async def arabic(page, desk):
    await entry(page, desk)
    await page.select_option("#language", "ar")
    await page.wait_for_selector("#line[lang=ar]:not([hidden])")
    assert await page.eval_on_selector("#line", "line => getComputedStyle(line).direction") == "rtl"


async def inside(page, desk):
    await enter(page, await desk.link())


async def card(page, desk):
    await inside(page, desk)
    await desk.push("care-service-card")
    await page.wait_for_selector(".words")


async def choice_with_an_error(page, desk):
    await inside(page, desk)
    await desk.push("care-choice")
    await page.click("text=이것으로 할게요")


async def checklist_guided_and_shared(page, desk):
    await inside(page, desk)
    await page.click(".questions [data-consent=yes]")
    push = await desk.push("longterm-care-documents")
    await desk.guide(push, "doctor")
    await desk.partial("지금 목록을", "보내 드렸", rough=True)
    await page.check("text=신분증")
    await page.wait_for_selector(".guided")
    await page.wait_for_selector(".provisional")


async def answered_with_others_before(page, desk):
    await inside(page, desk)
    await desk.push("care-service-card")
    await desk.push("care-choice")
    await page.check("text=아이 돌봄")
    await page.click("text=이것으로 할게요")
    await page.wait_for_selector(".answer[data-state=sent]")


async def form_consent(page, desk):
    await inside(page, desk)
    await desk.push("address-form")
    await page.wait_for_selector(".form .consent")


async def form_refused(page, desk):
    await form_consent(page, desk)
    await page.click(".form [data-consent=no]")


async def form_with_errors(page, desk):
    await form_consent(page, desk)
    await page.click(".form [data-consent=yes]")
    await page.click("text=적은 것 확인하기")
    await page.wait_for_selector(".summary:focus")


async def form_review(page, desk):
    await form_consent(page, desk)
    await page.click(".form [data-consent=yes]")
    await page.fill(".write input", "김영희")
    await page.fill(".write textarea >> nth=0", "서울특별시중구세종대로110번지아주긴이름의건물일이삼사오육칠팔구십호")
    await page.click("text=적은 것 확인하기")
    await page.wait_for_selector(".check h3")


async def captions_screen(page, desk):
    await inside(page, desk)
    await desk.push("live-captions")
    for n in range(9):
        await desk.caption(f"{n}번째 말입니다. 조금 길어서 두 줄이 되기도 합니다.")
    await desk.say(e.CallHeld())
    await page.wait_for_selector(".said p:has-text('8번째')")


async def messages_without_a_connection(page, desk):
    await inside(page, desk)
    await desk.say(e.MessageSent(party=Party.AGENT, text="주소를 확인해 주세요"))
    await page.wait_for_selector(".notice:visible")
    await page.click("[data-tool=talk]")
    await Gate.close(page, "**/c/api/events", lambda route: route.fulfill(status=422, body="{}"))
    await page.fill("#composer", "안 되는 글")
    await page.press("#composer", "Enter")
    await page.wait_for_selector(".mine[data-state=refused]")
    await page.context.set_offline(True)
    await page.fill("#composer", "기다리는 글")
    await page.press("#composer", "Enter")
    await page.wait_for_selector(".banner:visible")


async def unread_message(page, desk):
    await inside(page, desk)
    await desk.say(e.MessageSent(party=Party.AGENT, text="주소를 확인해 주세요"))
    await page.wait_for_selector(".notice:visible")


async def settings(page, desk):
    await inside(page, desk)
    await page.click(".questions [data-consent=no]")
    await page.click(".top .tool >> nth=1")
    await page.wait_for_selector("dialog .decisions li")


async def plain(page, desk):
    await inside(page, desk)
    await desk.caption("첫째 말")
    await page.click(".top .tool >> nth=1")
    await page.click("dialog >> text=글자만 보기")


async def plain_with_a_question(page, desk):
    await plain(page, desk)
    await page.wait_for_selector(".plain .consent")


async def voice_only_with_a_new_screen(page, desk):
    await inside(page, desk)
    await page.click("[data-tool=voice]")
    await desk.push("care-service-card")
    await page.wait_for_selector(".arrived")


async def ended(page, desk):
    await inside(page, desk)
    await desk.caption("안녕히 계세요")
    await desk.push("care-choice")
    await desk.post("close")
    await page.wait_for_selector(".ended:visible")


async def left(page, desk):
    await inside(page, desk)
    await page.click(".top .tool >> nth=1")
    await page.click("text=이 페이지에서 나가기")
    await page.wait_for_selector("main.alone")


async def in_use(page, desk):
    context = await page.context.browser.new_context()
    await enter(await context.new_page(), await desk.link())
    await entry(page, desk)
    await page.click("#enter button")
    await page.wait_for_selector("h1:has-text('이미 다른 곳에서')")
    await context.close()


async def taken_over_with_words_unsent(page, desk):
    await inside(page, desk)
    await page.click("[data-tool=talk]")
    await page.fill("#composer", "쓰다 만 글")
    other = await CitizenDesk.open(desk.server)
    tab = await page.context.new_page()
    await enter(tab, await other.link())
    await page.wait_for_selector(".unsent li")
    await tab.close()
    await other.close()


async def replaced_with_words_unsent(page, desk):
    await inside(page, desk)
    await page.click("[data-tool=talk]")
    await page.fill("#composer", "쓰다 만 글")
    await desk.post("link/renew")
    await page.wait_for_selector(".unsent li")


async def unknown_link(page, desk):
    await page.goto(f"{desk.server.citizen_url}/c/no-such-link-was-ever-made")


STATES = (
    entry,
    entry_in_another_language,
    arabic,
    inside_in_another_language,
    inside,
    card,
    choice_with_an_error,
    checklist_guided_and_shared,
    answered_with_others_before,
    form_consent,
    form_refused,
    form_with_errors,
    form_review,
    captions_screen,
    messages_without_a_connection,
    unread_message,
    settings,
    plain,
    plain_with_a_question,
    voice_only_with_a_new_screen,
    ended,
    left,
    in_use,
    taken_over_with_words_unsent,
    replaced_with_words_unsent,
    unknown_link,
)


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
async def test_a_state_of_the_page(citizen, desk, state):
    citizen.offline_allowed = True
    page = await citizen.page()
    await state(page, desk)
    for scheme, width in LOOKS:
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        await page.set_viewport_size({"width": width, "height": 740})
        await _judge(page, f"{scheme} {width}")
    await page.set_viewport_size({"width": PHONE_WIDTH, "height": 740})
    await _measure(page, "phone")


async def test_english_and_the_largest_text_at_320_px(citizen, desk):
    page = await citizen.page(language="en-US")
    await enter(page, await desk.link())
    await desk.push("address-form", "en")
    await page.click(".form [data-consent=yes]")
    for _ in range(3):
        await page.click(".size")
    assert await page.get_attribute("html", "data-size") == "200"
    await page.set_viewport_size({"width": 320, "height": 740})
    await _judge(page, "en 200 %")
    await page.click(".top .tool >> nth=1")
    await _judge(page, "en 200 % settings")


async def _judge(page, look):
    found = await Axe().run(page, options={"runOnly": RULES, "resultTypes": ["violations"]})
    broken = [
        (v["id"], [node["html"] for node in v["nodes"]], [node["failureSummary"] for node in v["nodes"]])
        for v in found.response["violations"]
    ]
    assert broken == [], look
    await _measure(page, look)


async def _measure(page, look):
    assert await page.evaluate(OVERFLOW) == [], look
    assert await page.evaluate(TARGETS, CONTROLS) == [], look


SPACING = """() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync('* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }');
    document.adoptedStyleSheets = [sheet];
}"""


async def test_wider_spacing_of_text_hides_nothing(citizen, desk):
    """WCAG 1.4.12."""
    page = await citizen.page()
    await checklist_guided_and_shared(page, desk)
    await page.set_viewport_size({"width": 320, "height": 740})
    await page.evaluate(SPACING)
    assert await page.evaluate(OVERFLOW) == []
    assert await page.locator("button:visible").evaluate_all(
        "(all) => all.every((b) => b.scrollWidth <= b.clientWidth)"
    )


async def test_forced_colours_keep_every_border(citizen, desk):
    page = await citizen.page()
    await checklist_guided_and_shared(page, desk)
    await page.emulate_media(forced_colors="active")
    for part in (".captions", ".guided", "[data-tool=share]", "button.primary"):
        style = await page.locator(part).first.evaluate("(e) => getComputedStyle(e).borderTopStyle")
        assert style == "solid", part


LOOK = """() => {
    const it = document.activeElement;
    const box = it.getBoundingClientRect();
    const style = getComputedStyle(it);
    const bar = document.querySelector('.bar');
    const under = bar && !bar.contains(it) && getComputedStyle(bar).position === 'sticky' ? bar.getBoundingClientRect().top : innerHeight;
    return {
        name: it.id || it.dataset.tool || it.className || it.tagName,
        seen: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
        clear: box.top >= -1 && box.top < under - 8,
    };
}"""


async def test_keyboard_alone_reaches_everything_sees_it_and_answers(citizen, desk):
    page = await citizen.page()
    await page.goto(await desk.link())
    await page.keyboard.press("Tab")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await page.wait_for_selector("h1:focus")
    await desk.push("longterm-care-documents")
    await page.wait_for_selector("form.options")
    stops = await _walk(page)
    assert all(stop["seen"] and stop["clear"] for stop in stops), stops
    wanted = await page.evaluate(
        "(s) => [...document.querySelectorAll(s)].filter((c) => c.checkVisibility()).length", CONTROLS
    )
    assert len(stops) == wanted

    await page.focus("[data-item=identity]")
    await page.keyboard.press("Space")
    for _ in range(3):
        await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    answer = await desk.until_said(e.ScreenAnswered)
    assert answer.body.answers == {"checked": ("identity",)}
    await page.wait_for_selector(".answer h3:focus")


async def test_the_dialog_keeps_the_keyboard_and_gives_it_back(page):
    await page.focus(".top .tool >> nth=1")
    await page.keyboard.press("Enter")
    await page.wait_for_selector("dialog[open]")
    for _ in range(14):
        await page.keyboard.press("Tab")
        inside_it = await page.evaluate(
            "() => document.activeElement === document.body || !!document.activeElement.closest('dialog')"
        )
        assert inside_it
    await page.keyboard.press("Escape")
    await page.wait_for_selector(".top .tool >> nth=1")
    assert await page.evaluate("() => document.activeElement.getAttribute('aria-haspopup')") == "dialog"


async def _walk(page):
    """Every stop of Tab from the top of the page to its end."""
    await page.evaluate("() => { document.activeElement.blur(); document.body.focus(); }")
    await page.focus("h1")
    stops = []
    for _ in range(60):
        await page.keyboard.press("Tab")
        if await page.evaluate("() => document.activeElement === document.body"):
            return stops
        stops.append(await page.evaluate(LOOK))
    raise AssertionError("Tab never reached the end of the page")
