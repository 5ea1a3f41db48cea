"""What is kept as long as the rule says goes then, and not before."""

from __future__ import annotations

import pytest

from client.domain import event as e
from client.domain.words import Party, Role
from client.hub.retention import sweep
from tests.hub.held_time import HeldTime
from tests.hub.saying import listening, log_of, open_session, say
from tests.running_hub import running


@pytest.fixture
def time():
    return HeldTime()


@pytest.fixture
async def served(tmp_path, time):
    days = {"keep_content_days": 10, "keep_trace_days": 20, "keep_record_days": 30, "keep_access_days": 15}
    async with running(tmp_path, now=time, **days) as made:
        yield made


async def types(desk, session) -> list[str]:
    return [event["type"] for event in await log_of(desk, session)]


async def test_each_class_of_event_goes_on_its_day_and_the_envelopes_stay(served, time):
    desk = await served.desk()
    session = await open_session(desk)
    await say(desk, session, e.NoteWritten(text="메모"), e.CallMuted(), e.WrapUpSaved(codes=("1",)))
    first = ["session.opened", "note.written", "call.muted", "wrapup.saved"]
    time.pass_(days=9)
    assert await sweep(served.hub) == 0
    assert await types(desk, session) == first
    for days, emptied in ((2, {1}), (10, {1, 2}), (10, {0, 1, 2, 3})):
        time.pass_(days=days)
        await sweep(served.hub)
        found = await types(desk, session)
        assert [n for n in range(4) if found[n] == "log.emptied"] == sorted(emptied)
    events = await log_of(desk, session)
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert events[4]["body"]["reason"] == "retention: content"
    assert events[4]["actor"] == "hub"
    assert await sweep(served.hub) == 0


async def test_the_citizen_is_told_what_was_erased_and_not_why(served):
    desk = await served.desk()
    session = await open_session(desk)
    path = (await desk.post(f"/v1/sessions/{session}/link")).json()["address"].removeprefix(served.server.citizen_url)
    page = served.page()
    await page.post(f"{path}/enter", json={})
    (message,) = await say(desk, session, e.MessageSent(party=Party.AGENT, text="잘못 보낸 말"))
    supervisor = await served.desk("팀장", Role.SUPERVISOR)
    wish = {"reason": "상담사 박다리의 실수", "events": [message["id"]]}
    async with listening(page, "/c/api/stream") as heard:
        assert (await supervisor.post(f"/v1/sessions/{session}/erase", json=wish)).status_code == 200
        told = await heard.next("event", lambda event: event["type"] == "log.erased")
    assert told["body"] == {"events": [message["id"]], "reason": ""}
    assert "박다리" not in (await page.get("/c/api/state")).text
    assert (await log_of(desk, session))[-1]["body"]["reason"] == "상담사 박다리의 실수"


async def test_the_whole_number_goes_with_the_words_of_a_closed_session(served, time):
    desk = await served.desk()
    kept, gone = await open_session(desk), await open_session(desk)
    await desk.post(f"/v1/sessions/{gone}/close")
    time.pass_(days=11)
    await sweep(served.hub)
    numbers = [await served.hub.log.number(session) for session in (kept, gone)]
    assert numbers == ["01012345678", ""]


async def test_the_access_log_goes_on_its_own_day(served, time):
    desk = await served.desk()
    session = await open_session(desk)
    await desk.post(f"/v1/sessions/{session}/unmask", json={"reason": "다시 걸기"})
    time.pass_(days=14)
    await sweep(served.hub)
    assert len(await served.hub.access.entries(0)) == 1
    time.pass_(days=2)
    await sweep(served.hub)
    assert list(await served.hub.access.entries(0)) == []


async def test_sessions_of_yesterday_leave_memory_and_stay_in_the_store(served, time):
    desk = await served.desk()
    session = await open_session(desk)
    await say(desk, session, e.MessageSent(party=Party.AGENT, text="안녕하세요"))
    await desk.post(f"/v1/sessions/{session}/link")
    await desk.post(f"/v1/sessions/{session}/close")
    time.pass_(hours=25)
    await sweep(served.hub)
    assert (await desk.get("/v1/sessions")).json() == {"sessions": []}
    assert served.hub.rooms.get(session) is None
    assert len(await log_of(desk, session)) == 4


async def test_a_swept_link_opens_nothing(served, time):
    desk = await served.desk()
    session = await open_session(desk)
    address = (await desk.post(f"/v1/sessions/{session}/link")).json()["address"]
    await desk.post(f"/v1/sessions/{session}/close")
    time.pass_(hours=2)
    page = served.page()
    path = address.removeprefix(served.server.citizen_url)
    assert (await page.get(path)).status_code == 410
    await sweep(served.hub)
    assert (await page.get(path)).status_code == 404
    again = (await desk.post(f"/v1/sessions/{session}/link")).json()
    assert again["address"] != address
    assert again["expires"] != ""
