"""Real-time text on the citizen's page: T.140 as the desk has it, composition on three kinds of keyboards, what is read aloud, what a reload keeps."""

from __future__ import annotations

import random

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from client.domain import event as e
from client.domain.signal import LiveText, VideoWish
from client.domain.t140 import TextLines, characters, difference
from client.domain.words import Party
from tests.citizen_video import Counselor, begin, type_line
from tests.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="session")

SIGNS = ["가", "각", "값", "ㄱ", "a", "é", "🤟🏽", "👨‍👩‍👧", "🇰🇷", " ", "1"]

WITH_A_CHANNEL = """async (base) => {
    const { RealTimeText, watchField } = await import(`${base}/video/room/rtt.js`);
    const channel = Object.assign(new EventTarget(), { readyState: "open", send: (text) => sent.push(text) });
    const sent = [];
    const rtt = new RealTimeText(() => {}, () => {});
    rtt.use(channel);
    channel.dispatchEvent(new Event("open"));
    const field = document.createElement("textarea");
    field.id = "trial";
    document.querySelector("main").append(field);
    watchField(field, rtt, (line) => { rtt.finish(line); field.value = ""; });
    Object.assign(window, { rtt, sent, field });
    field.focus();
}"""


@pytest_asyncio.fixture(loop_scope="session")
async def counselor(server):
    async with Counselor.at(server) as made:
        yield made


async def modules(page: Page) -> str:
    """Where the page's own modules stand."""
    href = await page.locator("link[rel=modulepreload]").first.get_attribute("href")
    return "/".join(href.split("/")[:4])


@pytest_asyncio.fixture(loop_scope="session")
async def trial(citizen, server):
    """A field on the real page, whose T.140 is caught."""
    page = await citizen.page()
    await begin(page, server, media=False)
    await page.evaluate(WITH_A_CHANNEL, await modules(page))
    return page


async def line_of(page: Page) -> str:
    """What the other end has by now, by the desk's own reading."""
    lines = TextLines()
    lines.take("".join(await page.evaluate("() => sent")))
    return lines.line


async def becomes(page: Page, line: str) -> list[str]:
    """Wait until the other end has this line; the pieces it came in."""

    async def there() -> bool:
        return await line_of(page) == line

    for _ in range(200):
        if await there():
            return await page.evaluate("() => sent")
    raise AssertionError(f"{await line_of(page)!r} is not {line!r}: {await page.evaluate('() => sent')}")


async def test_page_and_desk_erase_alike(trial):
    dice = random.Random(4)
    steps = [["".join(dice.choices(SIGNS, k=dice.randrange(6))) for _ in range(2)] for _ in range(200)]
    script = """async ({ base, steps }) => {
        const { difference, characters } = await import(`${base}/video/room/t140.js`);
        return steps.map(([before, after]) => [difference(before, after), characters(after)]);
    }"""
    theirs = await trial.evaluate(script, {"base": await modules(trial), "steps": steps})
    assert theirs == [[difference(before, after), characters(after)] for before, after in steps]


async def test_a_syllable_is_sent_as_it_is_composed_on_a_desktop(trial):
    keys = await trial.context.new_cdp_session(trial)
    for syllable in ("ㅎ", "하", "한"):
        await keys.send("Input.imeSetComposition", {"text": syllable, "selectionStart": 1, "selectionEnd": 1})
        await becomes(trial, syllable)
    await keys.send("Input.insertText", {"text": "한"})
    await keys.send("Input.imeSetComposition", {"text": "ㄱ", "selectionStart": 1, "selectionEnd": 1})
    sent = await becomes(trial, "한ㄱ")
    assert "".join(sent) == "ㅎ\b하\b한ㄱ"


ANDROID = """(steps) => {
    field.value = "";
    field.dispatchEvent(new CompositionEvent("compositionstart"));
    for (const word of steps) {
        field.dispatchEvent(new KeyboardEvent("keydown", { keyCode: 229, key: "Unidentified" }));
        field.value = word;
        field.dispatchEvent(new InputEvent("input", { inputType: "insertCompositionText", data: word, isComposing: true }));
    }
}"""


async def test_a_word_is_replaced_whole_while_it_is_composed_on_android(trial):
    await trial.evaluate(ANDROID, ["ㅇ", "여", "역", "여구", "여권"])
    await becomes(trial, "여권")
    await trial.evaluate(ANDROID, ["여권", "여권이", "이름이"])  # a suggestion replaces the word
    await becomes(trial, "이름이")


IOS = """(steps) => {
    for (const [erase, text] of steps) {
        if (erase) {
            field.value = field.value.slice(0, -1);
            field.dispatchEvent(new InputEvent("input", { inputType: "deleteContentBackward" }));
        }
        field.value += text;
        field.dispatchEvent(new InputEvent("input", { inputType: "insertText", data: text }));
    }
}"""


async def test_a_syllable_is_erased_and_inserted_on_ios(trial):
    await trial.evaluate(IOS, [[False, "ㄱ"], [True, "가"], [True, "각"], [True, "가"], [False, "기"]])
    sent = await becomes(trial, "가기")
    assert all(len(piece.replace("\b", "")) <= 2 for piece in sent)


async def test_enter_ends_the_line_and_no_syllable_is_left_behind(trial):
    await trial.locator("#trial").press_sequentially("한 줄")
    await trial.keyboard.press("Enter")
    lines = TextLines()
    lines.take("".join(await trial.evaluate("() => sent")))
    assert (lines.taken(), lines.line) == (["한 줄"], "")


async def test_what_is_typed_goes_round_by_the_hub_without_a_channel(citizen, server, counselor):
    page = await citizen.page()
    await begin(page, server, media=False)
    await counselor.take()
    await page.locator("#line").press_sequentially("잠깐만")
    await until(lambda: getattr(counselor.told("live_text"), "text", "") == "잠깐만")
    await page.keyboard.press("Enter")
    assert (await counselor.until_said("message.sent"))[0]["body"]["text"] == "잠깐만"
    await until(lambda: counselor.told("live_text").text == "")


async def test_both_parties_are_told_apart_and_their_line_goes_when_its_message_is_there(citizen, server, counselor):
    page = await citizen.page()
    await begin(page, server, media=False)
    await counselor.take()
    await type_line(page, "안녕하세요")
    await expect(page.locator(".messages .mine .by")).to_contain_text("나")
    await counselor.signal("live_text:agent", LiveText(party=Party.AGENT, text="어서 오"))
    await expect(page.locator(".live .by")).to_contain_text("상담사 · 쓰는 중")
    await counselor.signal("live_text:agent", LiveText(party=Party.AGENT, text="어서 오세요"))
    await counselor.write("어서 오세요")
    await expect(page.locator(".messages .theirs .by")).to_contain_text("상담사")
    await expect(page.locator(".live")).to_have_count(0)


async def test_a_reader_hears_lines_or_words_and_never_letters(citizen, server, counselor):
    page = await citizen.page()
    await begin(page, server, media=False)
    await counselor.take()
    await expect(page.locator("body[data-state=waiting]")).to_have_count(0)
    for text in ("천", "천천", "천천히"):
        await counselor.signal("live_text:agent", LiveText(party=Party.AGENT, text=text))
    await expect(page.locator(".live .text")).to_have_text("천천히")
    assert "천" not in await page.locator("#said").inner_text()
    await counselor.write("천천히 하세요")
    await expect(page.locator("#said")).to_contain_text("상담사의 글: 천천히 하세요")
    await page.click("button[aria-haspopup=dialog]")
    await page.check("#reading-words")
    await page.keyboard.press("Escape")
    await counselor.signal("live_text:agent", LiveText(party=Party.AGENT, text="여권을 가"))
    await expect(page.locator("#said")).to_contain_text("여권을")
    assert "가" not in (await page.locator("#said p").last.inner_text())


async def test_a_reload_keeps_the_unfinished_line_and_what_was_not_sent(citizen, server, counselor):
    citizen.offline_allowed = True
    page = await citizen.page()
    await begin(page, server, media=False)
    await counselor.take()
    await page.context.set_offline(True)
    await type_line(page, "끊긴 사이의 글")
    await page.locator("#line").press_sequentially("반쯤 쓴")
    await page.context.set_offline(False)
    await page.reload()
    await expect(page.locator("#line")).to_have_value("반쯤 쓴")
    assert (await counselor.until_said("message.sent"))[0]["body"]["text"] == "끊긴 사이의 글"
    await until(lambda: getattr(counselor.told("live_text"), "text", "") == "반쯤 쓴")


async def test_the_goodbye_keeps_what_stood_in_the_line(citizen, server, counselor):
    page = await citizen.page()
    await begin(page, server, media=False)
    await counselor.take()
    await page.locator("#line").press_sequentially("고맙습니")
    await page.click("button[aria-haspopup=dialog]")
    await page.click(".end")
    await page.click(".ask .primary")
    await expect(page.locator("#over")).to_be_focused()
    assert (await counselor.until_said("message.sent"))[0]["body"]["text"] == "고맙습니"


async def test_nothing_of_webrtc_is_begun_before_a_counselor_wishes_for_it(citizen, server, counselor):
    page = await citizen.page()
    await page.context.grant_permissions(["camera"])
    await page.add_init_script(
        "const Real = RTCPeerConnection; window.made = 0; window.RTCPeerConnection = class extends Real { constructor(...a) { super(...a); window.made += 1; } };"
    )
    await begin(page, server)
    await expect(page.locator(".preview")).to_be_visible()
    await counselor.take()
    await expect(page.locator("body[data-state=waiting]")).to_have_count(0)
    assert await page.evaluate("() => made") == 0
    assert counselor.told("video_offer") is None
    await counselor.signal("video_wish", VideoWish(generation=0))
    offer = await until(lambda: counselor.told("video_offer"))
    assert offer.generation == 1
    assert "a=hlang-send:kvk" in offer.sdp
    assert "a=candidate:" in offer.sdp
    assert "t140" not in offer.sdp  # negotiated in band


async def test_a_wish_after_a_dead_engine_gets_a_newer_offer(citizen, server, counselor):
    page = await citizen.page()
    await begin(page, server, media=False)
    await counselor.take()
    await counselor.signal("video_wish", VideoWish(generation=0))
    await until(lambda: getattr(counselor.told("video_offer"), "generation", 0) == 1)
    await counselor.signal("video_wish", VideoWish(generation=5))
    await until(lambda: counselor.told("video_offer").generation == 6)


async def test_a_citizen_who_leaves_the_queue_is_not_offered_any_more(citizen, server, counselor):
    page = await citizen.page()
    await begin(page, server, media=False)
    session = max(facts.id for facts in server.hub.rooms.waiting() if facts.channel.is_web)
    await page.click("button[aria-haspopup=dialog]")
    await page.click(".end")
    await page.click(".ask .primary")
    await expect(page.locator("#over")).to_be_focused()
    assert server.hub.rooms.get(session).closed is not None


async def test_events_of_the_relay_are_said_in_words(citizen, server, counselor):
    page = await citizen.page()
    await begin(page, server, media=False)
    await counselor.take()
    await counselor.say(e.RelayStarted(office="불광1동 주민센터"))
    await expect(page.locator(".noted")).to_contain_text("불광1동 주민센터")
    await counselor.say(e.RelayAgreed())
    await counselor.say(e.RelayEnded(by="office", refused=True))
    await expect(page.locator(".noted").last).to_contain_text("원하지 않아")
    await expect(page.locator("#said")).to_contain_text("원하지 않아")
