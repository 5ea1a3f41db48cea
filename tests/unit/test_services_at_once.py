"""Several written sessions between several desks: races, hand-overs, joined sessions, and reading what is closed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.domain import event as e
from client.domain.event import new_event
from client.domain.ids import new_id
from client.domain.ownership import OWNED, owner_told
from client.domain.session import Stage
from client.domain.timeline import MessageLine
from client.domain.words import Channel
from client.services.errors import NotPossible
from client.services.notices import Alarm
from client.services.policy import Policy
from tests.desks import FakeDesk, fake_desk
from tests.ui import scenes
from tests.waiting import until

NOTE = "접수번호를 알려 드려야 합니다"


@pytest.fixture
async def d():
    fake = fake_desk(Policy(undo_s=0, reply_s=60))
    fake.desk.start()
    await until(lambda: fake.desk.sessions.me)
    yield fake
    await fake.desk.stop()


async def colleagues(fake: FakeDesk) -> str:
    """A session that a colleague opened, claimed and wrote in before this desk could see it."""
    hub = fake.hub.colleague
    opened = new_event(new_id(), e.SessionOpened(channel=Channel.SMS, number="010-****-4567"), at=fake.clock.now())
    fake.hub._streams, streams = [], fake.hub._streams
    await hub.open_session(opened, (), "01055554567")
    await hub.claim(opened.session)
    scenes.from_citizen(fake, opened.session, "도로에 구멍이 있어요")
    fake.hub._streams = streams
    assert opened.session not in fake.desk.sessions
    return opened.session


def texts(fake: FakeDesk, session: str) -> list[str]:
    return [line.text for line in fake.desk.sessions.timeline(session).lines if isinstance(line, MessageLine)]


async def test_who_was_faster_is_named(d):
    session = await scenes.written(d)
    await d.hub.colleague.claim(session)
    with pytest.raises(NotPossible) as refused:
        await d.desk.sessions.claim(session)
    assert (refused.value.key, refused.value.detail) == ("owned", "이나눔")


async def test_at_capacity_the_hub_says_so(d):
    d.hub.capacity = 1
    await scenes.taken(d)
    session = await scenes.written(d)
    for refused in (d.desk.sessions.claim(session), d.desk.sessions.next_waiting()):
        with pytest.raises(NotPossible) as why:
            await refused
        assert (why.value.key, why.value.detail) == ("hub_refused", "full")


async def test_what_a_colleague_took_waits_no_longer(d):
    session = await scenes.written(d)
    assert [view.id for view in d.desk.sessions.waiting()] == [session]
    await d.hub.colleague.claim(session)
    await until(lambda: d.desk.sessions.get(session).owner == d.hub.colleague.person.id)
    assert d.desk.sessions.waiting() == ()
    assert d.desk.sessions.mine() == ()


async def test_a_session_handed_over_calls_though_it_was_never_seen_and_brings_its_note(d):
    session = await colleagues(d)
    await d.hub.colleague.transfer(session, d.desk.sessions.me, NOTE)
    await until(lambda: session in d.desk.sessions and d.desk.sessions.get(session).owner == d.desk.sessions.me)
    await until(lambda: [alert.alarm for alert in d.desk.alerts.active] == [Alarm.TRANSFER_ARRIVED])
    view = d.desk.sessions.get(session)
    assert (view.handed_by, view.handed_note, view.stage) == ("이나눔", NOTE, Stage.TALKING)
    assert texts(d, session) == ["도로에 구멍이 있어요"]


async def test_what_is_fetched_at_the_start_calls_nobody():
    first = fake_desk()
    session = await colleagues(first)
    await first.hub.colleague.transfer(session, first.hub.me.person.id, NOTE)
    first.desk.start()
    await until(lambda: session in first.desk.sessions and first.desk.sessions.get(session).handed_note == NOTE)
    assert first.desk.alerts.active == ()
    await first.desk.stop()


async def test_a_note_goes_with_the_session_that_goes_back(d):
    session = await colleagues(d)
    await d.hub.colleague.transfer(session, d.desk.sessions.me, NOTE)
    await until(lambda: session in d.desk.sessions and d.desk.sessions.get(session).handed_note == NOTE)
    await d.desk.sessions.release(session, "released")
    await until(lambda: d.desk.sessions.get(session).stage is Stage.WAITING)
    assert d.desk.sessions.get(session).handed_note == ""


async def test_a_waiting_session_that_a_supervisor_gives_out_is_in_hand_at_once(d):
    session = await scenes.written(d)
    given_out = e.SessionTransferred(to=d.desk.sessions.me, name="김이음")
    d.hub.citizen_says(session, given_out)
    await until(lambda: d.desk.sessions.get(session).stage is Stage.TALKING)
    assert [view.id for view in d.desk.sessions.mine()] == [session]


async def test_a_closed_session_is_read_again_and_nothing_is_written_there(d):
    session = await scenes.taken(d)
    d.desk.wrapups.begin(session)
    await d.desk.wrapups.save(session, ("2",), "")
    await d.desk.log.drained(2)
    d.desk.sessions.drop(session)  # as after a restart: closed long ago, and not told any more
    await d.desk.reading.fetch(session)
    assert d.desk.sessions.get(session).stage is Stage.CLOSED
    assert texts(d, session) == ["도로에 큰 구멍이 났어요"]
    assert not d.desk.sessions.may_write(session)
    with pytest.raises(NotPossible):
        d.desk.writing.send(session, "글")
    assert d.desk.alerts.active == ()


async def test_anothers_session_is_not_read(d):
    session = await colleagues(d)
    with pytest.raises(NotPossible) as refused:
        await d.desk.reading.fetch(session)
    assert refused.value.detail == "not-yours"


async def test_after_a_restart_the_lines_of_a_joined_session_are_fetched(d):
    source, target = await scenes.taken(d), await scenes.taken(d, Channel.KAKAO)
    await d.desk.sessions.merge(source, target)
    await d.desk.log.drained(2)
    again = fake_desk(hub=d.hub)
    shown = d.hub.heads_of
    d.hub.heads_of = lambda person: type(shown(person))(  # closed long ago: the hub does not name it any more
        heads={id_: head for id_, head in shown(person).heads.items() if id_ != source}
    )
    again.desk.start()
    await until(lambda: target in again.desk.sessions and len(texts(again, target)) == 2)
    assert source not in {view.id for view in again.desk.sessions.all()}
    await again.desk.stop()


@given(st.text(min_size=1))
def test_the_name_is_told_back_whatever_it_is(name):
    assert owner_told(f"{name}{OWNED}") == name


@given(st.text())
def test_other_words_name_nobody(words):
    assert owner_told(words) == "" or words.endswith(OWNED)


async def test_how_it_was_made_sure_who_writes_is_kept(d):
    session = await scenes.taken(d)
    d.desk.writing.confirm_citizen(session, "asked")
    await d.desk.log.drained(2)
    said = [event.body for event in d.hub.logs[session] if isinstance(event.body, e.CitizenConfirmed)]
    assert said == [e.CitizenConfirmed(how="asked")]
