"""That the agent opened a session reaches the hub's access log, whenever the hub can be reached."""

from __future__ import annotations

import pytest

from client.domain import event as e
from client.domain.ids import new_id
from client.domain.words import Channel
from client.fakes.outbox import MemoryOutbox
from client.services.openings import PLACE
from tests.desks import fake_desk
from tests.waiting import until


@pytest.fixture
async def d():
    fake = fake_desk()
    fake.desk.start()
    await until(lambda: fake.desk.log.connected)
    yield fake
    await fake.desk.stop()


def session_of(d, key: str = "") -> str:
    session = new_id()
    d.desk.log.open(session, e.SessionOpened(channel=Channel.PHONE), (key or f"pbx:{session}",), "")
    return session


async def test_opening_a_session_is_told_each_time(d):
    one, two = session_of(d), session_of(d)
    for count, session in enumerate((one, two, one), 1):
        d.desk.openings.opened(session)
        await until(lambda count=count: len(d.hub.opened) == count)
    assert d.hub.opened == [(d.hub.me.person.id, session) for session in (one, two, one)]
    assert d.outbox.drafts(PLACE) == {}


async def test_with_the_hub_away_it_is_told_later_and_survives_the_desk(d):
    session = session_of(d)
    await until(lambda: session in d.hub.logs)
    d.hub.away = True
    await until(lambda: not d.desk.log.connected)
    d.desk.openings.opened(session)
    assert list(d.outbox.drafts(PLACE)) == [session]
    await d.desk.stop()
    again = fake_desk(outbox=MemoryOutbox(d.outbox.kept), hub=d.hub, clock=d.clock)
    again.desk.start()
    d.hub.away = False
    await until(lambda: d.hub.opened)
    await until(lambda: not again.outbox.drafts(PLACE))
    assert d.hub.opened == [(d.hub.me.person.id, session)]
    await again.desk.stop()


async def test_a_full_hub_is_told_when_it_has_room(d):
    session = session_of(d)
    await until(lambda: session in d.hub.logs)
    d.hub.full = True
    d.desk.openings.opened(session)
    await until(lambda: not d.desk.openings._telling)
    assert (d.hub.opened, list(d.outbox.drafts(PLACE))) == ([], [session])
    d.hub.full = False
    d.hub.away = True
    await until(lambda: not d.desk.log.connected)
    d.hub.away = False
    await until(lambda: d.hub.opened == [(d.hub.me.person.id, session)])


async def test_a_session_that_joined_another_is_told_by_its_id_there(d):
    theirs = new_id()
    opening = e.new_event(theirs, e.SessionOpened(channel=Channel.PHONE), at=d.clock.now())
    await d.hub.colleague.open_session(opening, ["pbx:1"], "")
    d.desk.openings.opened(session_of(d, "pbx:1"))
    await until(lambda: d.hub.opened == [(d.hub.me.person.id, theirs)])
    await until(lambda: not d.outbox.drafts(PLACE))


async def test_what_the_hub_refuses_is_not_asked_for_ever(d):
    unknown, known = new_id(), session_of(d)
    d.desk.openings.opened(unknown)
    d.desk.openings.opened(known)
    await until(lambda: d.hub.opened == [(d.hub.me.person.id, known)])
    await until(lambda: not d.outbox.drafts(PLACE))
