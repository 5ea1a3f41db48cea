"""The access log: nobody reads another's session unseen, a search names whom it found, the mirror is logged first."""

from __future__ import annotations

import json
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

import pytest

from client.domain import event as e
from client.domain.event import timestamp
from client.domain.ids import new_id
from client.domain.screen import Item, Screen, ScreenKind
from client.domain.words import Role
from client.hub.database import StoreFull
from tests.hub.held_time import HeldTime
from tests.hub.saying import WORDING, claim, event_json, listening, log_of, open_session, problem_of, say
from tests.running_hub import running
from tests.waiting import until


@pytest.fixture
def time():
    return HeldTime()


@pytest.fixture
async def served(tmp_path, time):
    async with running(tmp_path / "hub", now=time) as made:
        yield made


@pytest.fixture
async def desk(served):
    return await served.desk()


async def entries(served, *actions: str) -> list[tuple[str, str, str]]:
    """(who, session, what) of the log, by name."""
    people = served.hub.principals
    return [
        (people.account(entry.principal).person.name, entry.session, entry.action)
        for entry in await served.hub.access.entries(0)
        if not actions or entry.action in actions
    ]


async def test_whoever_reads_anothers_session_is_logged_wherever_they_begin(served, desk, time):
    session = await open_session(desk)
    await claim(desk, session)
    await say(desk, session, e.NoteWritten(text="메모"))
    supervisor = await served.desk("팀장", Role.SUPERVISOR)
    await log_of(supervisor, session, after=1)
    for after in (0, 2):
        await log_of(supervisor, session, after=after)
    await log_of(desk, session)
    assert await entries(served) == [("팀장", session, "open")]
    time.pass_(minutes=61)
    await log_of(supervisor, session, after=2)
    assert await entries(served) == [("팀장", session, "open")] * 2


async def test_a_waiting_session_is_the_openers_own_and_nobody_elses(served, desk):
    session = await open_session(desk)
    await log_of(desk, session)
    colleague = await served.desk("박다리")
    await log_of(colleague, session, after=1)
    assert await entries(served) == [("박다리", session, "open")]
    await claim(colleague, session)
    await log_of(colleague, session)
    assert await entries(served) == [("박다리", session, "open")]


async def test_a_look_that_cannot_be_logged_is_not_given(served, desk, monkeypatch):
    session = await open_session(desk)
    await claim(desk, session)
    supervisor = await served.desk("팀장", Role.SUPERVISOR)

    async def full(**_look):
        raise StoreFull("disk full")

    with monkeypatch.context() as patched:
        patched.setattr(served.hub.access, "write", full)
        answers = [
            await supervisor.get(f"/v1/sessions/{session}/events?after=1"),
            await supervisor.get(f"/v1/stream?session={session}"),
            await desk.post(f"/v1/sessions/{session}/opened", json={"at": served.hub.stamp()}),
            await desk.get("/v1/search", params={"q": "메모"}),
        ]
        assert [problem_of(answer)[:2] for answer in answers] == [(507, "store-full")] * 4
        async with listening(supervisor, "/v1/stream") as heard:
            await heard.next("heads")
    await log_of(supervisor, session, after=1)
    assert await entries(served) == [("팀장", session, "open")]


async def test_who_listens_is_logged(served, desk):
    session = await open_session(desk)
    await claim(desk, session)
    supervisor = await served.desk("팀장", Role.SUPERVISOR)
    async with AsyncExitStack() as stack:
        for client, path in ((desk, ""), (desk, f"?session={session}"), (supervisor, f"?session={session}")) * 2:
            heard = await stack.enter_async_context(listening(client, f"/v1/stream{path}"))
            await heard.next("heads")
    assert sorted(await entries(served)) == sorted([("김이음", "", "listen"), ("팀장", session, "open")])


async def test_an_opening_told_late_has_its_own_time(served, desk):
    session = await open_session(desk)
    then = datetime.now(UTC) - timedelta(hours=2)
    for at in (served.hub.stamp(), timestamp(then)):
        answer = await desk.post(f"/v1/sessions/{session}/opened", json={"at": at})
        assert answer.status_code == 204
    reasons = [entry.reason for entry in await served.hub.access.entries(0)]
    assert reasons == ["", f"at {timestamp(then)}"]
    bad = await desk.post(f"/v1/sessions/{session}/opened", json={"at": "gestern"})
    assert problem_of(bad) == (422, "bad-input", "at")


async def test_a_search_is_logged_with_whom_it_found_and_without_its_words(served, desk):
    sessions = [await open_session(desk) for _ in range(2)]
    for session in sessions:
        await say(desk, session, e.NoteWritten(text="홍길동님 문의"), e.NoteWritten(text="홍길동님 재문의"))
    assert len((await desk.get("/v1/search", params={"q": "홍길동"})).json()["hits"]) == 4
    assert (await desk.get("/v1/search", params={"q": "임꺽정"})).json()["hits"] == []
    found = await served.hub.access.entries(0)
    assert [(x.session, x.action, x.reason) for x in found] == [
        (sessions[1], "search", "홍**"),
        (sessions[0], "search", "홍**"),
        ("", "search", "임**"),
    ]
    assert {x.origin for x in found} == {"127.0.0.1"}


CHOICE = Screen(kind=ScreenKind.CHOICE, title="어느 쪽", items=(Item(id="a", text="가"), Item(id="b", text="나")))


class Sharing:
    """A citizen's page that shares what it shows."""

    def __init__(self, page, session: str, push: str) -> None:
        self.page = page
        self.session = session
        self.push = push

    async def show(self, focus: str) -> None:
        mirror = {"key": "mirror", "kind": "mirror", "body": {"push": self.push, "values": {}, "focus": focus}}
        answer = await self.page.post("/c/api/signals", json={"signals": [mirror]})
        assert answer.status_code == 204, answer.text


@pytest.fixture
async def shared(served, desk):
    session = await open_session(desk)
    await claim(desk, session)
    address = (await desk.post(f"/v1/sessions/{session}/link")).json()["address"]
    page = served.page()
    await page.post(address.removeprefix(served.server.citizen_url) + "/enter", json={})
    push = new_id()
    await say(desk, session, e.ScreenPushed(push=push, screen=CHOICE), audience=e.Audience.CITIZEN)
    consent = event_json(session, e.ConsentAnswered(purpose="share_screen", given=True, version=WORDING))
    assert (await page.post("/c/api/events", json={"events": [consent]})).status_code == 200
    return Sharing(page, session, push)


async def test_the_mirror_is_logged_with_the_watchers_address(served, desk, shared):
    async with listening(desk, "/v1/stream") as heard:
        await heard.next("heads")
        for focus in ("a", "b"):
            await shared.show(focus)
            await heard.next("signal", lambda signal, focus=focus: signal["body"].get("focus") == focus)
    async with listening(desk, "/v1/stream") as again:
        assert (await again.next("signal", lambda signal: signal["kind"] == "mirror"))["body"]["focus"] == "b"
    looks = [entry for entry in await served.hub.access.entries(0) if entry.action == "mirror"]
    assert [entry.origin for entry in looks] == ["127.0.0.1"]


async def test_a_mirror_is_not_shown_before_it_is_logged(served, desk, shared, monkeypatch):
    """The disk is full when the sharing begins: nothing is shown, and once there is room the next one is, and logged."""
    tried: list[str] = []

    async def full(**look):
        tried.append(look["action"])
        raise StoreFull("disk full")

    async with listening(desk, "/v1/stream") as heard:
        await heard.next("heads")
        with monkeypatch.context() as patched:
            patched.setattr(served.hub.access, "write", full)
            await shared.show("a")
            await until(lambda: "mirror" in tried)
        await shared.show("b")
        shown = await heard.next("signal", lambda signal: signal["kind"] == "mirror")
        assert shown["body"]["focus"] == "b"
    assert await entries(served, "mirror") == [("김이음", shared.session, "mirror")]


async def test_no_line_of_the_log_holds_what_was_looked_for(served, desk):
    session = await open_session(desk)
    await say(desk, session, e.NoteWritten(text="홍길동"))
    await desk.get("/v1/search", params={"q": "홍길동"})
    lines = [json.dumps(e.encode(entry), ensure_ascii=False) for entry in await served.hub.access.entries(0)]
    assert lines
    assert not any("홍길동" in line for line in lines)
