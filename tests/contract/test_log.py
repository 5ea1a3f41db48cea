"""What every session log does: the one in SQLite and the one in memory."""

from __future__ import annotations

import ast
import asyncio
import inspect
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from client.domain import event as e
from client.domain.event import Event, event_from_json, new_event, timestamp
from client.domain.ids import new_id
from client.domain.session_log import CHANGING, Appended, LogRefused, Opening, SessionFacts, Twin, after, draft
from client.domain.words import Channel
from client.hub.database import Database
from client.hub.memory_log import MemoryLog
from client.hub.store import SqliteLog


def now() -> datetime:
    return datetime.now(UTC)


class Ticking:
    """A stamp that is later each time: sessions opened in one millisecond have no order."""

    def __init__(self) -> None:
        self._last = now()

    def __call__(self) -> str:
        self._last = max(now(), self._last + timedelta(milliseconds=1))
        return timestamp(self._last)


def note(session: str, text: str = "메모") -> Event:
    return new_event(session, e.NoteWritten(text=text), at=now())


@pytest.fixture(params=["memory", "sqlite"])
async def log(request, tmp_path):
    tick = Ticking()
    made = MemoryLog(tick) if request.param == "memory" else SqliteLog(Database(tmp_path / "hub.db"), tick)
    yield made
    made.close()


def opening(session: str | None = None, keys=(), number: str = "", **more) -> Opening:
    event = new_event(session or new_id(), e.SessionOpened(channel=Channel.PHONE), at=now())
    return Opening(session=event.session, keys=keys, draft=draft(event, "p1"), number=number, **more)


async def opened(log, **more) -> str:
    return (await log.open(opening(**more))).facts.id


async def say(log, session: str, *events: Event, actor: str = "p1") -> Appended:
    return await log.append(session, lambda _view: [draft(event, actor) for event in events])


async def refused(doing) -> LogRefused:
    with pytest.raises(LogRefused) as caught:
        await doing
    return caught.value


async def test_an_opened_session_has_its_first_event(log):
    done = await log.open(opening())
    assert done.before is None
    assert (done.facts.last_seq, done.facts.opener, done.facts.owner) == (1, "p1", None)
    (taken,) = await log.events(done.facts.id, 0, 10)
    assert (taken.event.seq, taken.event.actor) == (1, "p1")
    assert event_from_json(json.loads(taken.text)) == taken.event


async def test_opening_the_same_again_joins_it(log):
    wish = opening()
    first = await log.open(wish)
    again = await log.open(wish)
    assert again.facts == first.facts
    assert [taken.duplicate for taken in again.taken] == [True]


async def test_a_key_joins_and_brings_its_other_keys(log):
    session = await opened(log, keys=("sip:1",))
    joined = await log.open(opening(keys=("uui:1", "sip:1")))
    assert (joined.facts.id, joined.taken) == (session, ())
    assert (await log.open(opening(keys=("uui:1",)))).facts.id == session


async def test_who_may_not_see_it_adds_no_key(log):
    session = await opened(log, keys=("sip:1",))
    joined = await log.open(opening(keys=("sip:1", "uui:1"), allowed=lambda _facts: False))
    assert joined.facts.id == session
    assert (await log.open(opening(keys=("uui:1",)))).facts.id != session


async def test_opening_with_an_id_that_said_something_else_is_refused(log):
    wish = opening()
    await log.open(wish)
    other = draft(replace(wish.draft.event, body=e.SessionOpened(channel=Channel.SMS)), "p1")
    assert (await refused(log.open(replace(wish, draft=other)))).code == "id-reused"
    elsewhere = replace(wish, session=new_id(), draft=draft(replace(wish.draft.event, session=new_id()), "p1"))
    assert (await refused(log.open(elsewhere))).code == "id-reused"
    assert len(await log.recent("2000-01-01T00:00:00.000Z")) == 1


async def test_numbers_have_no_holes_though_many_write_at_once(log):
    session = await opened(log)
    await asyncio.gather(*(say(log, session, *(note(session) for _ in range(n % 4))) for n in range(60)))
    events = await log.events(session, 0, 1000)
    assert [taken.event.seq for taken in events] == list(range(1, 1 + 1 + 90))
    assert (await log.facts(session)).last_seq == 91


async def test_what_is_told_comes_in_order_and_once(log):
    told: list[tuple[str, int]] = []
    log.listen(lambda done: told.extend((done.facts.id, t.event.seq or 0) for t in done.fresh))
    one, two = await opened(log), await opened(log)
    said = note(one)
    await asyncio.gather(*(say(log, s, note(s)) for s in (one, two) * 10), say(log, one, said), say(log, one, said))
    for session, count in ((one, 12), (two, 11)):
        assert [seq for told_of, seq in told if told_of == session] == list(range(1, count + 1))


async def test_the_same_event_is_stored_once(log):
    session = await opened(log)
    said = note(session)
    first = await say(log, session, said, said)
    again = await say(log, session, said, actor="p2")
    assert [(t.event.seq, t.duplicate) for t in (*first.taken, *again.taken)] == [(2, False), (2, True), (2, True)]
    assert again.taken[0].event.actor == "p1"
    assert again.fresh == ()


async def test_an_event_is_known_by_what_was_said_before_masking(log):
    session = await opened(log)
    said = note(session, "900101-1234567")
    stored = replace(said, body=e.NoteWritten(text="******-*******"))
    await log.append(session, lambda _view: [draft(stored, "p1", said=said, key=b"k")])
    again = await log.append(session, lambda _view: [draft(stored, "p1", said=said, key=b"k")])
    assert again.taken[0].duplicate
    other = replace(said, body=e.NoteWritten(text="900101-1234568"))
    assert (await refused(log.append(session, lambda _v: [draft(stored, "p1", said=other, key=b"k")]))).status == 409


async def test_a_refused_batch_leaves_nothing(log):
    session, other = await opened(log), await opened(log)
    used = note(other)
    await say(log, other, used)
    batch = [note(session), replace(used, session=session), note(session)]
    assert (await refused(say(log, session, *batch))).code == "id-reused"
    assert len(await log.events(session, 0, 10)) == 1
    assert [t.event.seq for t in (await say(log, session, batch[0])).taken] == [2]


async def test_a_refused_decision_disturbs_nobody_else(log):
    session = await opened(log)

    def refuse(_view):
        raise LogRefused(403, "not-yours", "no")

    outcomes = await asyncio.gather(
        *(log.append(session, refuse) if n % 2 else say(log, session, note(session)) for n in range(20)),
        return_exceptions=True,
    )
    assert sum(isinstance(outcome, LogRefused) for outcome in outcomes) == 10
    assert (await log.facts(session)).last_seq == 11


async def test_a_decision_sees_the_session_as_it_is(log):
    session = await opened(log)
    said = note(session)
    await say(log, session, said)
    seen = []

    def look(view):
        seen.extend([view.facts.last_seq, view.get(said.id), view.get(new_id()), len(view.having("note.written"))])
        return []

    done = await log.append(session, look)
    assert seen == [2, (await log.events(session, 1, 1))[0].event, None, 1]
    assert done.taken == ()


async def test_a_twin_is_answered_and_not_stored(log):
    session = await opened(log)
    said = note(session)
    await say(log, session, said)
    asked = new_id()
    done = await log.append(session, lambda view: [Twin(id=asked, of=view.having("note.written")[0])])
    assert (done.taken[0].id, done.taken[0].event.seq, done.taken[0].duplicate) == (asked, 2, True)
    assert done.facts.last_seq == 2


async def test_facts_follow_from_events(log):
    session = await opened(log)
    claimed = new_event(session, e.SessionClaimed(agent="p1", name="김이음"), at=now())
    offered = new_event(session, e.SessionOffered(to="p3"), at=now())
    assert set((await say(log, session, claimed, offered)).facts.former) == {"p3"}
    moved = new_event(session, e.SessionTransferred(to="p2", name="박다리"), at=now())
    done = await say(log, session, moved)
    assert (done.facts.owner, done.facts.owner_name) == ("p2", "박다리")
    assert set(done.facts.former) == {"p1", "p3"}
    released = new_event(session, e.SessionReleased(), at=now())
    assert (await say(log, session, released, actor="p1")).facts.owner == "p2"
    again = new_event(session, e.SessionReleased(), at=now())
    assert (await say(log, session, again, actor="p2")).facts.owner is None
    closed = await say(log, session, new_event(session, e.SessionClosed(), at=now()))
    assert closed.facts.closed == closed.taken[0].event.recorded
    assert await log.facts(session) == closed.facts


def test_every_event_that_changes_facts_is_known_to_the_store():
    """The store folds only these; an event that `after` looks at and is not named would be forgotten on disk alone."""
    facts = SessionFacts(id="s", opened="t", opener="p1", owner="p1", owner_name="x")
    samples = {
        e.SessionOpened: e.SessionOpened(channel=Channel.SMS),
        e.SessionClaimed: e.SessionClaimed(agent="p2"),
        e.SessionTransferred: e.SessionTransferred(to="p2"),
        e.SessionOffered: e.SessionOffered(to="p2"),
        e.SessionReleased: e.SessionReleased(),
        e.SessionClosed: e.SessionClosed(),
    }
    assert set(samples) == set(CHANGING)
    for body in samples.values():
        event = new_event(new_id(), body, at=now()).numbered(2, "t", "p1")
        assert replace(after(facts, event), last_seq=0) != facts
    tree = ast.parse(inspect.getsource(after))
    named = {node.cls.id for node in ast.walk(tree) if isinstance(node, ast.MatchClass)}
    assert named == {kind.__name__ for kind in CHANGING}


async def test_recent_names_open_and_lately_closed_sessions_newest_first(log):
    sessions = [await opened(log) for _ in range(3)]
    await say(log, sessions[0], new_event(sessions[0], e.SessionClosed(), at=now()))
    assert [f.id for f in await log.recent("2000-01-01T00:00:00.000Z")] == sessions[::-1]
    assert [f.id for f in await log.recent("2999-01-01T00:00:00.000Z")] == sessions[:0:-1]


async def test_erasing_empties_the_body_keeps_the_envelope_and_says_so(log):
    session = await opened(log)
    said = note(session, "지울 것")
    await say(log, session, said, note(session, "남을 것"))
    erasure = new_event(session, e.EventsErased(events=(said.id,), reason="요청"), at=now())
    done = await log.erase(session, [said.id], draft(erasure, "p1"))
    assert [t.event.type for t in done.taken] == ["log.erased"]
    events = [t.event for t in await log.events(session, 0, 10)]
    assert [event.type for event in events] == ["session.opened", "log.emptied", "note.written", "log.erased"]
    assert (events[1].id, events[1].seq, events[1].body) == (said.id, 2, e.Emptied(was="note.written"))
    assert "지울 것" not in "".join(t.text for t in await log.events(session, 0, 10))


async def test_an_erased_event_said_again_does_not_come_back(log):
    session = await opened(log)
    said = note(session)
    await say(log, session, said)
    erasure = new_event(session, e.EventsErased(events=(said.id,), reason="요청"), at=now())
    await log.erase(session, [said.id], draft(erasure, "p1"))
    again = await say(log, session, said)
    assert (again.taken[0].duplicate, again.taken[0].event.type) == (True, "log.emptied")


async def test_erasing_what_is_not_there_is_refused_and_empties_nothing(log):
    session = await opened(log)
    said = note(session)
    await say(log, session, said)
    erasure = new_event(session, e.EventsErased(events=(), reason="요청"), at=now())
    assert (await refused(log.erase(session, [said.id, new_id()], draft(erasure, "p1")))).status == 422
    assert [t.event.type for t in await log.events(session, 1, 10)] == ["note.written"]


async def test_the_whole_number_goes_with_the_opening(log):
    wish = opening(number="01012345678")
    session = (await log.open(wish)).facts.id
    said = note(session)
    await say(log, session, said)

    async def erase(id_):
        erasure = new_event(session, e.EventsErased(events=(id_,), reason="요청"), at=now())
        await log.erase(session, [id_], draft(erasure, "p1"))

    assert await log.number(session) == "01012345678"
    await erase(said.id)
    assert await log.number(session) == "01012345678"
    await erase(wish.draft.event.id)
    assert await log.number(session) == ""


async def test_the_keys_of_a_call_go_with_the_opening(log):
    wish = opening(keys=("sip:1",))
    session = (await log.open(wish)).facts.id
    other = await opened(log, keys=("sip:2",))
    erasure = new_event(session, e.EventsErased(events=(wish.draft.event.id,), reason="요청"), at=now())
    await log.erase(session, [wish.draft.event.id], draft(erasure, "p1"))
    assert await opened(log, keys=("sip:1",)) not in (session, other)
    assert await opened(log, keys=("sip:2",)) == other


async def test_pages_follow_each_other(log):
    session = await opened(log)
    await say(log, session, *(note(session) for _ in range(9)))
    pages = [[t.event.seq for t in await log.events(session, after, 4)] for after in (0, 4, 8, 10)]
    assert pages == [[1, 2, 3, 4], [5, 6, 7, 8], [9, 10], []]


async def test_a_session_that_is_not_there_is_unknown(log):
    session = new_id()
    erasure = new_event(session, e.EventsErased(events=(), reason="x"), at=now())
    for doing in (say(log, session, note(session)), log.facts(session), log.erase(session, [], draft(erasure, "p1"))):
        assert (await refused(doing)).code == "unknown-session"
    assert list(await log.events(session, 0, 10)) == []
    assert await log.number(session) == ""


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 5)), max_size=25))
async def test_both_logs_agree_whatever_is_said(tmp_path_factory, said):
    """The same sequence of (session, which note) in both: repeated notes, notes of another session."""
    sessions = [new_id() for _ in range(3)]
    notes = [note(sessions[n % 3], str(n)) for n in range(6)]
    openings = [opening(session) for session in sessions]
    disk = SqliteLog(Database(tmp_path_factory.mktemp("log") / "hub.db"), lambda: "2026-11-22T00:00:00.000Z")
    memory = MemoryLog(lambda: "2026-11-22T00:00:00.000Z")
    outcomes = []
    for log in (disk, memory):
        for wish in openings:
            await log.open(wish)
        steps = []
        for which, n in said:
            moved = replace(notes[n], session=sessions[which])
            try:
                done = await say(log, sessions[which], moved)
                steps.append([(t.event.seq, t.duplicate) for t in done.taken])
            except LogRefused as error:
                steps.append(error.code)
        texts = [[json.loads(t.text) for t in await log.events(session, 0, 100)] for session in sessions]
        outcomes.append((steps, texts))
        log.close()
    assert outcomes[0] == outcomes[1]
