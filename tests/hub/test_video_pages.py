"""Sign-language video and calls from the homepage at the hub: hours, limits, a queue for each, the end, what a page may use."""

from __future__ import annotations

import asyncio
import json
import re
from datetime import datetime

import httpx
import pytest

from client.domain import event as e
from client.domain.signal import QueuePlace
from client.domain.words import Channel
from client.resources import resource_path
from tests.hub.saying import claim, log_of, problem_of, say
from tests.running_hub import RunningHub, running
from tests.waiting import until

TEXTS = json.loads((resource_path("citizen") / "video/texts.json").read_text(encoding="utf-8"))
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ANOTHER_DAY = (f"{DAYS[(datetime.now().weekday() + 3) % 7]} 09:00-18:00",)  # noqa: DTZ005 — the hub's own time


class Citizen:
    """A browser with its cookie, in a video or web call."""

    def __init__(self, served: RunningHub, kind: str = "sign") -> None:
        self.hub = served.hub
        self.http = served.page()
        self.kind = kind
        self.session = ""

    async def form(self, language: str = "ko", **more: str) -> httpx.Response:
        return await self.http.post("/c/video/begin", data={"kind": self.kind, "language": language, **more})

    async def begin(self, language: str = "ko", **more: str) -> str:
        answer = await self.form(language, **more)
        assert answer.status_code == 303, answer.text
        self.session = (await self.http.get("/c/api/state")).json()["session"]
        return self.session

    @property
    def place(self) -> tuple[int, bool] | None:
        """What the page was told of the queue last."""
        held = [s.body for s in self.hub.signals.of(self.session) if isinstance(s.body, QueuePlace)]
        return (held[-1].ahead, held[-1].taken) if held else None


async def begun(served: RunningHub, kind: str = "sign") -> Citizen:
    made = Citizen(served, kind)
    await made.begin()
    return made


def there(served: RunningHub, channel: Channel = Channel.SIGN_VIDEO) -> int:
    return len(served.hub.rooms.open_of(channel))


# ── beginning ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("kind", "channel", "language"),
    [("sign", "sign_video", "kvk"), ("call", "web_call", "en"), ("?", "sign_video", "kvk")],
)
async def test_a_session_waits_in_the_queue_of_its_kind_and_language(served, kind, channel, language):
    desk = await served.desk()
    session = await Citizen(served, kind).begin("en", name="이 서연\u202e")
    opened, entered = await log_of(desk, session)
    told = {key: opened["body"][key] for key in ("channel", "language", "name")}
    assert told == {"channel": channel, "language": language, "name": "이 서연"}
    assert (opened["actor"], entered["body"]) == ("gateway:web-video", {"language": "en"})


@pytest.mark.parametrize(("address", "page"), [("/sign", "/c/sign"), ("/call", "/c/call")])
async def test_addresses_in_print_lead_to_the_start(served, address, page):
    answer = await served.page().get(address)
    assert (answer.status_code, answer.headers["location"]) == (303, page)


async def test_text_alone_is_kept_in_the_rooms_address(served):
    citizen = Citizen(served)
    assert (await citizen.form()).headers["location"] == "/c/video/room?media=own"
    assert (await Citizen(served).form(media="none")).headers["location"] == "/c/video/room?media=none"
    cookie = (await citizen.form()).headers["set-cookie"].lower()
    assert {"httponly", "path=/c/", "samesite=lax"} <= set(cookie.split("; "))


async def test_a_form_sent_twice_is_one_session(served):
    answers = await asyncio.gather(*(Citizen(served).form(once="a-form") for _ in range(6)))
    assert {answer.status_code for answer in answers} == {303}
    assert there(served) == 1
    await Citizen(served, "call").begin(once="a-form")  # another form by the same chance is another session
    assert there(served, Channel.WEB_CALL) == 1


async def test_whoever_comes_again_is_led_back_into_the_room_until_it_is_over(served):
    citizen = await begun(served)
    for address in ("/c/sign", "/c/call"):
        assert (await citizen.http.get(address)).headers["location"] == "/c/video/room"
    await citizen.http.post("/c/api/end", json={})
    assert (await citizen.http.get("/c/sign")).status_code == 200


async def test_without_a_session_the_room_leads_to_the_start_and_a_chat_is_none(served):
    assert (await served.page().get("/c/video/room")).headers["location"] == "/c/sign"
    chat = served.page()
    assert (await chat.post("/c/chat/begin", data={"language": "ko"})).status_code == 303
    assert (await chat.get("/c/video/room")).headers["location"] == "/c/sign"


@pytest.mark.parametrize("language", ["vi", "<script>", "zz-" + "x" * 300, "", "한국어"])
async def test_any_language_is_greeted_and_none_stands_raw_in_the_page(served, language):
    page = await served.page().get("/c/sign", params={"lang": language})
    assert page.status_code == 200
    assert "<script>" not in page.text.replace('<script type="module"', "")
    citizen = Citizen(served)
    await citizen.begin(language)
    room = await citizen.http.get("/c/video/room")
    assert re.search(r'<html lang="(ko|en)"', room.text)


# ── what the pages may use ───────────────────────────────────────────────────────────────────────


async def test_only_the_room_may_use_camera_and_microphone(served):
    citizen = await begun(served)
    room = await citizen.http.get("/c/video/room")
    allowed = room.headers["permissions-policy"]
    assert {"camera=(self)", "microphone=(self)", "geolocation=()"} <= set(allowed.split(", "))
    for page in ("/c/chat", "/c/sign/mail"):
        policy = (await served.page().get(page)).headers["permissions-policy"]
        assert ("camera=()" in policy) == (page == "/c/chat")
    assert "camera=()" in (await served.page().get("/c/sign")).headers["permissions-policy"]
    assert "frame-ancestors 'none'" in room.headers["content-security-policy"]


async def test_korean_and_english_have_the_same_words_with_the_same_gaps():
    gaps = {lang: {key: set(re.findall(r"\{\w+\}", text)) for key, text in TEXTS[lang].items()} for lang in TEXTS}
    assert gaps["ko"] == gaps["en"]


# ── closed, full, off ────────────────────────────────────────────────────────────────────────────


async def test_outside_the_hours_a_video_message_is_offered_and_a_call_still_begins(tmp_path):
    async with running(tmp_path / "hub", video_hours=ANOTHER_DAY) as served:
        page = (await served.page().get("/c/sign?lang=en")).text
        assert TEXTS["en"]["closed.heading"] in page
        assert 'href="/c/sign/mail?lang=en"' in page
        assert 'href="/c/chat?lang=en"' in page
        assert "<form" not in page
        refused = await Citizen(served).form()
        assert (refused.status_code, there(served)) == (503, 0)
        await Citizen(served, "call").begin()


async def test_without_video_messages_none_is_offered(tmp_path):
    async with running(tmp_path / "hub", video_hours=ANOTHER_DAY, videomail=False) as served:
        page = (await served.page().get("/c/sign")).text
        assert TEXTS["ko"]["closed.heading"] in page
        assert "/c/sign/mail" not in page


async def test_switched_off_it_says_so(tmp_path):
    async with running(tmp_path / "hub", video_on=False) as served:
        for kind in ("sign", "call"):
            assert TEXTS["en"]["off.heading"] in (await served.page().get(f"/c/{kind}?lang=en")).text
            assert (await Citizen(served, kind).form()).status_code == 503
        assert (there(served), there(served, Channel.WEB_CALL)) == (0, 0)


async def test_too_many_waiting_are_told_what_else_to_do_and_each_kind_has_its_own_limit(tmp_path):
    async with running(tmp_path / "hub", video_limit=1) as served:
        first = await begun(served)
        refused = await Citizen(served).form("en")
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "300")
        assert TEXTS["en"]["full.lead"] in refused.text
        assert "/c/sign/mail" in refused.text
        await begun(served, "call")
        await claim(await served.desk(), first.session)
        await begun(served)  # who was taken waits no more
        assert there(served) == 2


# ── the queue ────────────────────────────────────────────────────────────────────────────────────


async def test_everybody_knows_their_place_in_a_queue_of_their_own(served):
    first, second, third = [await begun(served) for _ in range(3)]
    caller = await begun(served, "call")
    await until(
        lambda: [c.place for c in (first, second, third, caller)] == [(0, False), (1, False), (2, False), (0, False)]
    )
    await second.http.post("/c/api/end", json={})
    await until(lambda: third.place == (1, False))
    await claim(await served.desk(), first.session)
    await until(lambda: (first.place, third.place) == ((0, True), (0, False)))


# ── the end ──────────────────────────────────────────────────────────────────────────────────────


async def test_who_leaves_the_queue_is_offered_to_nobody(served):
    citizen = await begun(served)
    for _ in range(2):
        assert (await citizen.http.post("/c/api/end", json={})).status_code == 204
    assert served.hub.rooms.get(citizen.session).closed is not None
    assert there(served) == 0
    assert (await (await served.desk()).post(f"/v1/sessions/{citizen.session}/claim")).status_code == 409


@pytest.mark.parametrize("kind", ["sign", "call"])
async def test_an_answered_one_is_ended_for_its_counselor_to_wrap_up(served, kind):
    citizen, desk = await begun(served, kind), await served.desk()
    await claim(desk, citizen.session)
    await say(desk, citizen.session, e.CallAnswered())
    for _ in range(2):
        assert (await citizen.http.post("/c/api/end", json={})).status_code == 204
    (ended,) = [event for event in await log_of(desk, citizen.session) if event["type"] == "call.ended"]
    assert (ended["body"]["by"], ended["actor"].split(":")[0]) == ("citizen", "citizen")
    assert served.hub.rooms.get(citizen.session).closed is None
    assert (await citizen.http.get("/c/api/state")).json()["call"] == "ended"
    assert (await citizen.http.get("/c/sign")).status_code == 200  # and may begin anew


async def test_another_site_can_neither_begin_nor_end_one(served):
    citizen = await begun(served)
    for address in ("/c/video/begin", "/c/api/end"):
        answer = await citizen.http.post(address, headers={"Origin": "https://elsewhere.example"})
        assert (answer.status_code, problem_of(answer)[1]) == (403, "bad-origin")
    assert there(served) == 1
