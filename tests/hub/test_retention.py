"""What is kept as long as the rule says goes then, and not before."""

from __future__ import annotations

import asyncio
import sqlite3

import httpx
import pytest

from client.domain import event as e
from client.domain.words import Party, Role
from client.hub import retention
from client.hub.database import StoreFull
from client.hub.retention import sweep
from tests.hub.held_time import HeldTime
from tests.hub.hub_process import hub_process
from tests.hub.saying import WORDING, event_json, listening, log_of, open_session, say, until_async
from tests.running_hub import running
from tests.waiting import until


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


CAPTIONS = [e.Caption(utterance=str(n), party=Party.AGENT, text=f"비밀{n}") for n in range(2)]


async def captioned(served, desk, *, consent: bool | None, entered: bool = True):
    """A session with captions; its page, which was entered, and answered or not. Gives (session, page)."""
    session = await open_session(desk)
    said = await say(desk, session, *CAPTIONS)
    await say(desk, session, e.CaptionCorrected(caption=said[0]["id"], text="비밀이 아님"))
    page = served.page()
    if entered:
        path = (await desk.post(f"/v1/sessions/{session}/link")).json()["address"]
        await page.post(path.removeprefix(served.server.citizen_url) + "/enter", json={})
    if consent is not None:
        await answer_consent(page, session, given=consent)
    return session, page


async def answer_consent(page, session, *, given: bool) -> None:
    body = e.ConsentAnswered(purpose="keep_captions", given=given, version=WORDING)
    answer = await page.post("/c/api/events", json={"events": [event_json(session, body)]})
    assert answer.status_code == 200, answer.text


async def kept(served, session: str) -> int:
    events = await served.hub.log.events(session, 0, 1_000)
    return sum(isinstance(taken.event.body, e.Caption | e.CaptionCorrected) for taken in events)


async def all_gone(served, session: str) -> bool:
    return await kept(served, session) == 0


@pytest.mark.parametrize(
    ("consent", "entered", "left"), [(True, True, 3), (None, False, 3), (None, True, 0), (False, True, 0)]
)
async def test_captions_stay_as_the_citizen_wished(served, time, consent, entered, left):
    """Whoever was on the page and never said yes does not want them kept; whoever never was there was not asked."""
    desk = await served.desk()
    session, _ = await captioned(served, desk, consent=consent, entered=entered)
    time.pass_(minutes=10)
    await sweep(served.hub)
    assert await kept(served, session) == 3
    await desk.post(f"/v1/sessions/{session}/close")
    time.pass_(minutes=40)
    await sweep(served.hub)
    assert await kept(served, session) == left
    time.pass_(days=3)
    await sweep(served.hub)
    assert await kept(served, session) == left


async def test_silence_can_still_become_a_yes_after_the_close(served, time):
    desk = await served.desk()
    session, page = await captioned(served, desk, consent=None)
    await desk.post(f"/v1/sessions/{session}/close")
    time.pass_(minutes=20)
    await sweep(served.hub)
    await answer_consent(page, session, given=True)
    time.pass_(minutes=20)
    await sweep(served.hub)
    assert await kept(served, session) == 3


async def test_a_refusal_after_the_close_counts_at_once(served):
    desk = await served.desk()
    session, page = await captioned(served, desk, consent=True)
    await desk.post(f"/v1/sessions/{session}/close")
    await answer_consent(page, session, given=False)
    await until_async(lambda: all_gone(served, session))


async def test_a_session_that_nobody_closed_is_over_after_a_quiet_day(served, time):
    desk = await served.desk()
    session, _ = await captioned(served, desk, consent=False)
    time.pass_(hours=20)
    await sweep(served.hub)
    assert await kept(served, session) == 3
    await say(desk, session, e.NoteWritten(text="다시 일함"))
    time.pass_(hours=20)
    await sweep(served.hub)
    assert await kept(served, session) == 3
    time.pass_(hours=5)
    await sweep(served.hub)
    assert await kept(served, session) == 0


async def test_captions_that_come_late_to_a_settled_session_go_too(served, time):
    desk = await served.desk()
    session, _ = await captioned(served, desk, consent=None)
    await desk.post(f"/v1/sessions/{session}/close")
    time.pass_(days=2)
    await sweep(served.hub)
    served.hub.on_over = lambda _session: None  # the hub dies before it comes to it
    await say(desk, session, e.Caption(utterance="9", party=Party.AGENT, text="늦은 비밀"))
    assert await kept(served, session) == 1
    await sweep(served.hub)
    assert await kept(served, session) == 0


async def test_a_full_disk_at_the_end_of_a_session_is_made_up_for(served, monkeypatch):
    desk = await served.desk()
    session, _ = await captioned(served, desk, consent=False)
    tried = asyncio.Event()

    async def full(*_arguments):
        tried.set()
        raise StoreFull("disk full")

    with monkeypatch.context() as patched:
        patched.setattr(served.hub.log, "erase", full)
        await desk.post(f"/v1/sessions/{session}/close")
        await asyncio.wait_for(tried.wait(), 10)
    assert await kept(served, session) == 3
    await sweep(served.hub)
    assert await kept(served, session) == 0


async def test_refused_captions_go_though_the_hub_is_killed_at_the_close(tmp_path):
    async with hub_process(tmp_path, "--embedded") as first:
        desk = httpx.AsyncClient(
            base_url=first.endpoint["desk_url"],
            headers={"Authorization": f"Bearer {first.endpoint['token']}"},
            trust_env=False,
        )
        session = await open_session(desk)
        await say(desk, session, *CAPTIONS)
        address = (await desk.post(f"/v1/sessions/{session}/link")).json()["address"]
        face = first.endpoint["citizen_url"]
        async with httpx.AsyncClient(base_url=face, headers={"Origin": face}, trust_env=False) as page:
            await page.post(address.removeprefix(face) + "/enter", json={})
            await answer_consent(page, session, given=False)
        assert (await desk.post(f"/v1/sessions/{session}/close")).status_code == 200
        first.kill()
        await desk.aclose()
    async with hub_process(tmp_path, "--embedded") as second:
        hub = second.client()

        async def gone() -> bool:
            return not [event for event in await hub.events(session, 0) if isinstance(event.body, e.Caption)]

        await until_async(gone)
        await hub.disconnect()


async def test_a_hub_that_died_before_it_forgot_does_so_at_its_start(tmp_path):
    async with running(tmp_path) as served:
        desk = await served.desk()
        session, _ = await captioned(served, desk, consent=False)
        served.hub.on_over = lambda _session: None
        await desk.post(f"/v1/sessions/{session}/close")
        assert await kept(served, session) == 3
    async with running(tmp_path) as served:
        await until_async(lambda: all_gone(served, session))


async def test_upkeep_goes_on_after_a_step_that_cannot_read(served, monkeypatch):
    tries: list[str] = []
    monkeypatch.setattr(retention, "EVERY_S", 0.01)

    async def broken(_hub):
        tries.append("broken")
        raise sqlite3.OperationalError("disk I/O error")

    async def works(_hub):
        tries.append("works")
        return 0

    monkeypatch.setattr(retention, "STEPS", (broken, works))
    upkeep = asyncio.create_task(retention.keep_up(served.hub))
    await until(lambda: len(tries) >= 6)
    assert tries[:4] == ["broken", "works", "broken", "works"]
    assert not upkeep.done()
    upkeep.cancel()


async def test_a_hub_whose_upkeep_has_died_still_closes_its_store(tmp_path, monkeypatch):
    died = asyncio.Event()

    async def dies(_hub):
        died.set()
        raise RuntimeError("a mistake of ours")

    monkeypatch.setattr("client.hub.server.keep_up", dies)
    async with running(tmp_path) as served:
        await asyncio.wait_for(died.wait(), 10)
        session = await open_session(await served.desk())
    monkeypatch.undo()
    async with running(tmp_path) as served:
        assert (await served.hub.facts(session)).last_seq == 1


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
