"""Alerts of the services: each goes on until the agent has done something about it, and not a moment longer."""

from __future__ import annotations

import asyncio

import pytest

from client.domain import event as e
from client.domain.call import Silence
from client.domain.event import new_event
from client.domain.ids import new_id
from client.domain.words import Channel, Party
from client.services.alerts import SLOW_AFTER, SLOWER
from client.services.notices import Alarm
from client.services.policy import Policy
from tests.desks import fake_desk
from tests.waiting import until


@pytest.fixture
async def d():
    fake = fake_desk(Policy(second_call=True, offer_s=3600, wrapup_s=60))
    fake.desk.start()
    fake.desk.health.phone_there(there=True)
    await until(lambda: fake.desk.log.connected)
    yield fake
    await fake.desk.stop()


async def settle() -> None:
    """Let every task that can run do so."""
    for _ in range(20):
        await asyncio.sleep(0)


async def offered(d, number="01012345678"):
    call = d.phone.far_call(number)
    await settle()
    return call, next(offer.session for offer in d.desk.calls.offers if offer.number_masked[-4:] == number[-4:])


async def talking(d, number="01012345678"):
    call, session = await offered(d, number)
    await d.desk.calls.answer(session)
    await settle()
    return call, session


def alarms(d):
    return [alert.alarm for alert in d.desk.alerts.active]


# ── done with ────────────────────────────────────────────────────────────────────────────────────


async def overdue(d):
    call, session = await talking(d)
    d.phone.far_hang_up(call)
    await settle()
    d.clock.advance(61)
    assert alarms(d) == [Alarm.WRAPUP_TIME]
    return session


async def test_extending_the_wrap_up_notices_its_alert(d):
    session = await overdue(d)
    d.desk.wrapups.extend(session, 60)
    assert alarms(d) == []
    d.clock.advance(59)
    assert alarms(d) == []
    d.clock.advance(2)
    assert alarms(d) == [Alarm.WRAPUP_TIME]


async def test_saving_the_wrap_up_notices_whatever_the_session_called_for(d):
    session = await overdue(d)
    d.hub.citizen_says(session, e.MessageSent(party=Party.CITIZEN, text="하나 더요"))
    await until(lambda: Alarm.MESSAGE in alarms(d))
    await d.desk.wrapups.save(session, ("3-1",), "")
    assert alarms(d) == []


async def test_calling_back_notices_the_lost_call_while_it_is_still_being_dialled(d):
    _, session = await talking(d)
    d.phone.break_off()
    await settle()
    assert Alarm.CALL_LOST in alarms(d)
    d.phone.rings = "off"
    await d.desk.calls.call_back(session)
    await settle()
    d.clock.advance(30)
    await settle()
    assert alarms(d) == []
    assert d.phone.rings == "off"


async def test_a_wrap_up_that_is_interrupted_by_calling_back_is_not_asked_for(d):
    session = await overdue(d)
    await d.desk.calls.call_back(session)
    d.phone.far_answer(next(call for call in d.phone.calls if call.startswith("out-")))
    await settle()
    assert alarms(d) == []


async def test_a_lost_call_that_nobody_calls_back_stays_an_alert(d):
    _, session = await talking(d)
    d.phone.break_off()
    await settle()
    await d.desk.calls.dial("01099998888")
    d.phone.far_answer(next(call for call in d.phone.calls if call.startswith("out-")))
    await settle()
    assert [(alert.alarm, alert.session) for alert in d.desk.alerts.active] == [(Alarm.CALL_LOST, session)]


async def test_silence_of_the_far_end_names_its_session_and_ends_with_its_call(d):
    call, session = await talking(d)
    d.phone.fall_silent("far_end", silent=True)
    assert [(alert.alarm, alert.session) for alert in d.desk.alerts.active] == [(Alarm.FAR_END_SILENT, session)]
    assert d.desk.health.phone.key == "far_end_silent"
    d.phone.far_hang_up(call)
    await settle()
    assert alarms(d) == []
    assert d.desk.health.phone.key == "phone_ready"


async def test_a_far_end_that_is_heard_again_is_no_alert(d):
    call, _ = await talking(d)
    d.desk.health.take(Silence(side="far_end", silent=True, call=call))
    d.desk.alerts.acknowledge(d.desk.alerts.active[0].id)
    assert d.desk.health.phone.state == "bad", "noticed, but still so"
    d.desk.health.take(Silence(side="far_end", silent=False, call=call))
    assert (alarms(d), d.desk.health.phone.state) == ([], "good")


async def test_what_another_agent_has_now_no_longer_calls_here(d):
    session = new_id()
    d.desk.log.open(session, e.SessionOpened(channel=Channel.CHAT), (f"chat:{session}",), "")
    await until(lambda: session in d.hub.logs)
    await d.hub.me.claim(session)
    await until(lambda: d.desk.sessions.get(session).owner == d.desk.sessions.me)
    d.hub.citizen_says(session, e.MessageSent(party=Party.CITIZEN, text="계세요?"))
    await until(lambda: alarms(d) == [Alarm.MESSAGE])
    await d.hub.me.transfer(session, d.hub.colleague.person.id, "")
    await until(lambda: d.desk.sessions.get(session).owner not in (None, d.desk.sessions.me))
    d.clock.advance(5)
    assert alarms(d) == []


# ── the bell ─────────────────────────────────────────────────────────────────────────────────────


async def test_answering_one_of_two_makes_the_others_ring_soft(d):
    _, first = await offered(d)
    await offered(d, "01099998888")
    assert d.phone.rings == "ring"
    await d.desk.calls.answer(first)
    await settle()
    assert d.phone.rings == "off"
    d.clock.advance(5)
    await settle()
    assert d.phone.rings == "soft"


async def test_an_offer_that_is_left_over_rings_again_when_the_call_is_over(d):
    call, first = await offered(d)
    await offered(d, "01099998888")
    await d.desk.calls.answer(first)
    d.phone.far_hang_up(call)
    await settle()
    assert d.phone.rings == "ring"


async def test_silencing_one_offer_leaves_the_other_ringing(d):
    _, first = await offered(d)
    _, other = await offered(d, "01099998888")
    await d.desk.calls.silence(first)
    await settle()
    assert d.phone.rings == "ring"
    await d.desk.calls.silence(other)
    await settle()
    assert d.phone.rings == "off"
    d.clock.advance(30)
    await settle()
    assert d.phone.rings == "off"


async def test_a_new_offer_rings_after_another_was_silenced(d):
    _, first = await offered(d)
    await d.desk.calls.silence(first)
    await settle()
    await offered(d, "01099998888")
    assert d.phone.rings == "ring"


async def test_nobody_is_rung_at_while_dialling(d):
    await d.desk.calls.dial("0233334444")
    await offered(d)
    assert d.phone.rings == "soft"


# ── again and again ──────────────────────────────────────────────────────────────────────────────


async def test_an_alert_never_gives_up_it_only_slows_down(d):
    d.desk.alerts.raise_(Alarm.MICROPHONE_SILENT)
    every = d.desk.policy.repeat_alert_s
    d.clock.advance(every * SLOW_AFTER)
    assert d.desk.alerts.active[0].repeats == SLOW_AFTER
    d.clock.advance(every * (SLOWER - 1))
    assert d.desk.alerts.active[0].repeats == SLOW_AFTER
    d.clock.advance(every * SLOWER * 100)
    assert d.desk.alerts.active[0].repeats == SLOW_AFTER + 100
    d.phone.rings = "off"
    d.clock.advance(every * SLOWER)
    await settle()
    assert d.phone.rings == "soft"


# ── looking ──────────────────────────────────────────────────────────────────────────────────────


async def test_the_open_session_calls_too_while_the_window_is_not_looked_at(d):
    opened = new_event(new_id(), e.SessionOpened(channel=Channel.CHAT), at=d.clock.now())
    d.desk.log.open(opened.session, opened.body, (f"chat:{opened.session}",), "")
    await until(lambda: opened.session in d.hub.logs)
    await d.hub.me.claim(opened.session)
    await until(lambda: d.desk.sessions.get(opened.session).owner == d.desk.sessions.me)
    d.desk.sessions.shown = opened.session
    d.desk.alerts.look(at_window=False)
    d.hub.citizen_says(opened.session, e.MessageSent(party=Party.CITIZEN, text="계세요?"))
    await until(lambda: alarms(d) == [Alarm.MESSAGE])
    d.desk.alerts.raise_(Alarm.CALL_LOST, opened.session)
    d.desk.alerts.look(at_window=True)
    assert alarms(d) == [Alarm.CALL_LOST]
    d.hub.citizen_says(opened.session, e.MessageSent(party=Party.CITIZEN, text="보고 계시네요"))
    await until(lambda: len(d.desk.sessions.timeline(opened.session).lines) >= 2)
    assert alarms(d) == [Alarm.CALL_LOST]
