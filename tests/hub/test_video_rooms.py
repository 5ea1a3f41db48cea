"""Sign-language video and web calls at the hub: where they begin, hours and limits, a queue for each, either side's end."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import httpx
import pytest

from client.domain import event as e
from client.domain.signal import QueuePlace
from client.domain.words import Channel
from tests.hub.saying import claim, log_of, problem_of, say
from tests.running_hub import RunningHub, running
from tests.waiting import until

CAMERA = "camera=(self), microphone=(self)"


class Citizen:
    """A browser with its cookie, in a video session."""

    def __init__(self, served: RunningHub) -> None:
        self.hub = served.hub
        self.http = served.page()
        self.session = ""

    async def form(self, kind: str = "sign", **more: str) -> httpx.Response:
        return await self.http.post("/c/video/begin", data={"kind": kind, "language": "ko", **more})

    async def begin(self, kind: str = "sign", **more: str) -> str:
        answer = await self.form(kind, **more)
        assert answer.status_code == 303, answer.text
        assert answer.headers["location"].startswith("/c/video/room")
        self.session = (await self.http.get("/c/api/state")).json()["session"]
        return self.session

    async def end(self) -> httpx.Response:
        return await self.http.post("/c/api/end", json={})

    @property
    def place(self) -> tuple[int, bool] | None:
        held = [s.body for s in self.hub.signals.of(self.session) if isinstance(s.body, QueuePlace)]
        return (held[-1].ahead, held[-1].taken) if held else None


async def begun(served: RunningHub, kind: str = "sign") -> Citizen:
    made = Citizen(served)
    await made.begin(kind)
    return made


@pytest.mark.parametrize(
    ("kind", "channel", "language"),
    [("sign", "sign_video", "kvk"), ("call", "web_call", "en"), ("what", "sign_video", "kvk")],
)
async def test_a_session_waits_in_its_own_channel_and_language(served, kind, channel, language):
    citizen, desk = Citizen(served), await served.desk()
    session = await citizen.begin(kind, language="en", name=" 김\n수어 ")
    opened, entered = await log_of(desk, session)
    assert {key: opened["body"][key] for key in ("channel", "language", "name")} == {
        "channel": channel,
        "language": language,
        "name": "김 수어",
    }
    assert entered["body"] == {"language": "en"}  # what the page speaks


async def test_only_the_room_may_use_camera_and_microphone(served):
    citizen = await begun(served)
    room = await citizen.http.get("/c/video/room")
    assert CAMERA in room.headers["permissions-policy"]
    assert "geolocation=()" in room.headers["permissions-policy"]
    for path in ("/c/chat", "/c/api/state"):
        assert "camera=()" in (await citizen.http.get(path)).headers["permissions-policy"]


async def test_with_a_running_session_every_door_leads_into_its_room(served):
    citizen = await begun(served)
    for path in ("/c/sign", "/c/call"):
        assert (await citizen.http.get(path)).headers["location"] == "/c/video/room"
    assert (await served.page().get("/c/video/room")).headers["location"] == "/c/sign"
    for path in ("/sign", "/call"):
        assert (await served.page().get(path)).headers["location"] == f"/c{path}"


async def test_a_form_sent_twice_is_one_session(served):
    both = [Citizen(served) for _ in range(2)]
    answers = await asyncio.gather(*(citizen.form(once="a-form") for citizen in both for _ in range(5)))
    assert {answer.status_code for answer in answers} == {303}
    assert len(served.hub.rooms.open_of(Channel.SIGN_VIDEO)) == 1


async def test_each_kind_has_a_queue_of_its_own(served):
    signing = [await begun(served) for _ in range(2)]
    calling = await begun(served, "call")
    await until(lambda: signing[1].place == (1, False))
    await until(lambda: calling.place == (0, False))
    await claim(await served.desk(), signing[0].session)
    await until(lambda: signing[1].place == (0, False))
    assert signing[0].place == (0, True)


async def test_text_alone_is_the_same_session_without_media(served):
    answer = await Citizen(served).form(media="none")
    assert answer.headers["location"] == "/c/video/room?media=none"


@pytest.mark.parametrize(("hour", "open_"), [(10, True), (20, False)])
async def test_outside_the_hours_a_message_can_be_left(tmp_path, hour, open_):
    local = datetime(2026, 11, 23, hour, 0).astimezone()  # the hub's own time; a Monday
    async with running(tmp_path, now=lambda: local.astimezone(UTC), video_hours=("mon-fri 09:00-18:00",)) as served:
        page = served.page()
        start = await page.get("/c/sign")
        assert ("/c/sign/mail" in start.text) is not open_
        assert ('action="/c/video/begin"' in start.text) is open_
        answer = await page.post("/c/video/begin", data={"kind": "sign", "language": "ko"})
        assert answer.status_code == (303 if open_ else 503)
        call = await page.post("/c/video/begin", data={"kind": "call", "language": "ko"})
        assert call.status_code == 303  # the hours are the counselors'


async def test_who_would_wait_too_long_is_told_and_may_leave_a_message(tmp_path):
    async with running(tmp_path, video_limit=1) as served:
        await begun(served)
        answer = await Citizen(served).form()
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "300")
        assert "/c/sign/mail" in answer.text
        assert (await Citizen(served).form("call")).status_code == 303


async def test_where_it_is_switched_off_the_page_says_what_else_there_is(tmp_path):
    async with running(tmp_path, video_on=False) as served:
        start = await served.page().get("/c/sign")
        assert "/c/chat" in start.text
        assert "/c/sign/mail" not in start.text
        assert (await Citizen(served).form()).status_code == 503


async def test_another_sites_form_begins_nothing(served):
    answer = await served.page("https://evil.example").post("/c/video/begin", data={"kind": "sign"})
    assert problem_of(answer)[:2] == (403, "bad-origin")


async def test_a_citizen_who_leaves_the_queue_closes_it(served):
    citizen = await begun(served)
    assert (await citizen.end()).status_code == 204
    assert served.hub.rooms.get(citizen.session).closed is not None
    assert (await citizen.http.get("/c/sign")).status_code == 200


async def test_a_citizen_who_ends_the_talk_leaves_the_rest_to_the_counselor(served):
    citizen, desk = await begun(served), await served.desk()
    await claim(desk, citizen.session)
    await say(desk, citizen.session, e.CallAnswered())
    for _ in range(2):
        assert (await citizen.end()).status_code == 204
    ended = [event for event in await log_of(desk, citizen.session) if event["type"] == "call.ended"]
    assert [event["body"]["by"] for event in ended] == ["citizen"]
    assert served.hub.rooms.get(citizen.session).closed is None
    assert (await citizen.http.get("/c/api/state")).json()["call"] == "ended"
    assert (await citizen.http.get("/c/sign")).status_code == 200  # and may begin anew


@pytest.mark.parametrize("language", ["", "한국어", "<script>", "zz-ZZ-ZZ-ZZ-ZZ-ZZ", "ja"])
async def test_any_language_opens_a_page(served, language):
    page = await served.page().get("/c/sign", params={"lang": language})
    assert page.status_code == 200
    assert "<script>" not in page.text.replace('<script type="module"', "")
    assert (await Citizen(served).form(language=language)).status_code == 303
