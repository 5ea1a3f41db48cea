"""The desk's services on the shipped fakes: a call from offer to wrap-up, and what happens on the way."""

from __future__ import annotations

import asyncio

import pytest

from client.domain import event as e
from client.domain.session import Stage
from client.domain.session_key import user_to_user
from client.domain.timeline import CaptionLine
from client.domain.words import Channel, Party
from client.fakes.outbox import MemoryOutbox
from client.services.errors import NotPossible
from client.services.notices import Alarm, Trouble, TroubleTold
from client.services.policy import Policy
from client.services.presence import Presence
from tests.desks import fake_desk
from tests.waiting import until


async def settle() -> None:
    """Let every task that can run do so."""
    for _ in range(20):
        await asyncio.sleep(0)


@pytest.fixture
async def d():
    fake = fake_desk()
    fake.troubles = []
    fake.desk.publisher.subscribe(TroubleTold, fake.troubles.append)
    fake.desk.start()
    await until(lambda: fake.desk.log.connected)
    yield fake
    await fake.desk.stop()


async def offered(d, number="01012345678", **headers):
    call = d.phone.far_call(number, **headers)
    await settle()
    return call, d.desk.calls.offers[-1].session


async def talking(d, **headers):
    call, session = await offered(d, **headers)
    await d.desk.calls.answer()
    await settle()
    return call, session


def types(d, session):
    return [event.type for event in d.hub.logs.get(session, [])]


def bodies(d, session, kind):
    return [event.body for event in d.hub.logs.get(session, []) if isinstance(event.body, kind)]


async def test_a_call_from_offer_to_closed(d):
    call, session = await offered(d, X_ARS_Menu="3-1", X_Queue="care", Accept_Language="en-US,en;q=0.8")
    view = d.desk.sessions.get(session)
    assert (view.stage, view.ars, view.queue, view.language, view.number) == (
        Stage.OFFERED,
        "3-1",
        "care",
        "en-US",
        "010-****-5678",
    )
    assert d.phone.rings == "ring"
    assert [alert.alarm for alert in d.desk.alerts.active] == [Alarm.CALL_OFFERED]

    await d.desk.calls.answer()
    await settle()
    assert d.phone.rings == "off"
    assert d.desk.alerts.active == ()
    assert d.desk.calls.running == session
    assert d.desk.calls.listener_text_key == "citizen"
    assert d.desk.presence.shown == "talking"
    assert d.hub.owners[session] == d.desk.sessions.me
    assert set(d.speech.legs) == {f"{call}/citizen", f"{call}/agent"}

    d.phone.far_hang_up(call)
    await settle()
    assert d.desk.calls.running is None
    assert d.desk.presence.shown == "wrap_up"
    assert sorted(d.speech.detached) == [f"{call}/agent", f"{call}/citizen"]
    with pytest.raises(NotPossible, match="code_required"):
        await d.desk.wrapups.save(session, (), "")
    with pytest.raises(NotPossible, match="unknown_code"):
        await d.desk.wrapups.save(session, ("77",), "")
    await d.desk.wrapups.save(session, ("3-1",), "장기요양 안내")
    await settle()
    assert d.desk.sessions.get(session).stage is Stage.CLOSED
    assert types(d, session) == [
        "session.opened",
        "call.offered",
        "call.answered",
        "leg.joined",
        "leg.joined",
        "session.claimed",
        "leg.left",
        "leg.left",
        "call.ended",
        "wrapup.started",
        "wrapup.saved",
        "session.closed",
    ]
    assert d.outbox.waiting() == ()


async def test_numbers_are_masked_in_the_log_and_whole_only_for_the_hub(d):
    _, session = await offered(d)
    await settle()
    assert d.hub.number(session) == "01012345678"
    assert "01012345678" not in str(d.hub.logs[session])
    assert await d.desk.sessions.unmask(session, "call back") == "01012345678"
    assert d.hub.looks == [(d.desk.sessions.me, session, "call back")]


async def test_an_unanswered_offer_goes_back_and_the_agent_is_told(d):
    call, session = await offered(d)
    d.clock.advance(20)
    await settle()
    assert call not in d.phone.calls
    assert d.desk.calls.offers == ()
    assert d.phone.rings == "off"
    assert bodies(d, session, e.SessionReleased) == [e.SessionReleased(reason="unanswered")]
    assert [told.trouble for told in d.troubles] == [Trouble.OFFER_MISSED]
    assert d.desk.sessions.get(session).stage is Stage.WAITING


async def test_declining_and_silencing_and_answering_are_three_acts(d):
    call, session = await offered(d)
    await d.desk.calls.silence(session)
    assert d.phone.rings == "off"
    assert d.desk.calls.offers[0].silenced
    d.clock.advance(10)
    await settle()
    assert d.phone.rings == "off"
    await d.desk.calls.decline(session)
    await settle()
    assert call not in d.phone.calls
    assert bodies(d, session, e.SessionReleased) == [e.SessionReleased(reason="declined")]
    assert bodies(d, session, e.CallEnded) == []
    with pytest.raises(NotPossible):
        await d.desk.calls.answer(session)


async def test_a_citizen_who_gives_up_while_it_rings_closes_the_session(d):
    call, session = await offered(d)
    d.phone.far_hang_up(call)
    await settle()
    assert d.desk.sessions.get(session).stage is Stage.CLOSED
    assert d.desk.alerts.active == ()


async def test_a_desk_in_a_call_is_offered_no_second_one(d):
    await talking(d)
    second = d.phone.far_call("0233334444")
    await settle()
    assert second not in d.phone.calls
    assert d.desk.calls.offers == ()


async def test_where_the_centre_allows_it_a_second_call_rings_softly_and_answering_holds_the_first():
    d = fake_desk(Policy(second_call=True))
    d.desk.start()
    await until(lambda: d.desk.log.connected)
    first, session = await talking(d)
    _, other = await offered(d, "0233334444")
    assert d.phone.rings == "soft"
    await d.desk.calls.answer(other)
    await settle()
    assert d.phone.calls[first].on_hold
    assert d.desk.calls.running == other
    assert bodies(d, session, e.CallHeld) == [e.CallHeld(reason="other_call")]
    await d.desk.stop()


@pytest.mark.parametrize("state", [Presence.BREAK, Presence.OFFLINE])
async def test_an_agent_who_is_away_is_offered_nothing(d, state):
    d.desk.presence.set(state)
    d.phone.far_call()
    await settle()
    assert d.phone.calls == {}
    assert d.desk.sessions.all() == ()


async def test_during_wrap_up_nothing_is_offered(d):
    call, _ = await talking(d)
    d.phone.far_hang_up(call)
    await settle()
    d.phone.far_call()
    await settle()
    assert d.phone.calls == {}


async def test_hold_and_mute_are_facts_and_close_the_gates(d):
    call, session = await talking(d)
    agent, citizen = d.speech.legs[f"{call}/agent"], d.speech.legs[f"{call}/citizen"]
    await d.desk.calls.toggle_mute()
    await settle()
    assert (agent.open_, citizen.open_) == (False, True)
    assert d.desk.calls.listener_text_key == "nobody_muted"
    await d.desk.calls.toggle_mute()
    await d.desk.calls.toggle_hold()
    await settle()
    assert (agent.open_, citizen.open_) == (False, False)
    assert d.desk.calls.listener_text_key == "nobody_hold"
    await d.desk.calls.toggle_hold()
    await settle()
    assert (agent.open_, citizen.open_) == (True, True)
    assert types(d, session)[6:] == ["call.muted", "call.unmuted", "call.held", "call.resumed"]


async def test_the_far_ends_hold_closes_the_gates_too(d):
    call, _ = await talking(d)
    d.phone.far_hold(call, on=True)
    await settle()
    assert not d.speech.legs[f"{call}/agent"].open_
    assert d.desk.calls.listener_text_key == "nobody_hold"


async def test_what_is_said_becomes_lines_in_place_and_one_event_each(d):
    call, session = await talking(d)
    leg = f"{call}/citizen"
    d.speech.hear(leg, "은평구요", " 치매")
    line = d.desk.sessions.timeline(session).lines[-1]
    assert isinstance(line, CaptionLine)
    assert (line.stable, line.provisional, line.final) == ("은평구요", " 치매", False)
    d.speech.finish(leg, "은평구요 치매 진단은")
    await settle()
    assert d.desk.sessions.timeline(session).lines[-1].final
    (said,) = bodies(d, session, e.Caption)
    assert (said.text, said.party, said.heard_by) == ("은평구요 치매 진단은", Party.CITIZEN, (Party.AGENT,))
    d.clock.advance(0.2)
    await settle()
    assert {signal.key for signal in d.hub.signals} == {f"caption:{leg}"}


async def test_what_a_muted_agent_says_is_nowhere(d):
    call, session = await talking(d)
    await d.desk.calls.toggle_mute()
    await settle()
    d.speech.hear(f"{call}/agent", "속말")
    d.speech.finish(f"{call}/agent", "속말")
    await settle()
    assert "속말" not in str(d.hub.logs) + str(d.hub.signals) + str(d.desk.sessions.timeline(session).lines)


async def test_last_words_after_the_hang_up_still_find_their_session(d):
    call, session = await talking(d)
    d.speech.hear(f"{call}/citizen", "고맙습니다")
    d.phone.far_hang_up(call)
    await settle()
    assert [said.text for said in bodies(d, session, e.Caption)] == ["고맙습니다"]


async def test_a_caption_is_corrected_and_a_running_one_is_not(d):
    call, session = await talking(d)
    leg = f"{call}/citizen"
    d.speech.hear(leg, "자기요양")
    running = d.desk.sessions.timeline(session).lines[-1]
    with pytest.raises(NotPossible, match="not_final"):
        d.desk.captions.correct(session, running.id, "장기요양")
    d.speech.finish(leg, "자기요양")
    with pytest.raises(NotPossible, match="empty_text"):
        d.desk.captions.correct(session, running.id, " ")
    d.desk.captions.correct(session, running.id, "장기요양")
    await settle()
    assert d.desk.sessions.timeline(session).find(running.id).text == "장기요양"
    assert len(bodies(d, session, e.CaptionCorrected)) == 1


async def test_a_restarted_speech_engine_goes_on_where_the_last_final_ended(d):
    call, session = await talking(d)
    leg = f"{call}/citizen"
    d.speech.finish(leg, "첫 문장")
    d.speech.hear(leg, "둘째")
    d.speech.go(away=True, detail="killed")
    assert [told.trouble for told in d.troubles] == [Trouble.CAPTIONS_AWAY]
    assert d.desk.health.captions.state == "bad"
    d.speech.go()
    await settle()
    assert [told.trouble for told in d.troubles] == [Trouble.CAPTIONS_AWAY, Trouble.CAPTIONS_BACK]
    assert d.desk.health.captions.state == "good"
    d.speech.finish(leg, "둘째 문장")
    texts = [line.text for line in d.desk.sessions.timeline(session).lines if isinstance(line, CaptionLine)]
    assert texts == ["첫 문장", "둘째 문장"]


async def test_a_call_answered_while_recognition_is_away_is_heard_from_its_first_sample(d):
    d.speech.go(away=True)
    call, _ = await talking(d)
    assert d.speech.legs == {}
    d.speech.go()
    await settle()
    assert d.speech.legs[f"{call}/citizen"].at_ms == 0


async def test_rough_recognition_is_said_to_be_rough(d):
    d.speech.go(rough=True, detail="no whisper")
    assert d.desk.health.captions.state == "careful"
    assert d.troubles[-1].trouble is Trouble.CAPTIONS_ROUGH


async def test_a_dead_voice_engine_ends_the_call_aloud_and_calling_back_is_one_step(d):
    _, session = await talking(d)
    d.phone.break_off()
    await settle()
    assert [told.trouble for told in d.troubles] == [Trouble.CALL_LOST]
    assert bodies(d, session, e.CallEnded)[0].lost
    assert d.desk.sessions.get(session).lost
    assert Alarm.CALL_LOST in [alert.alarm for alert in d.desk.alerts.active]
    await d.desk.calls.call_back(session)
    assert d.phone.dialled[-1] == ("01012345678", {"User-to-User": user_to_user(session)})
    d.phone.far_answer("out-2")
    await settle()
    assert d.desk.sessions.get(session).stage is Stage.TALKING


async def test_a_transfer_outside_ends_the_session_here(d):
    _, session = await talking(d)
    await d.desk.calls.transfer("0221331234", "장기요양 문의")
    await settle()
    assert d.phone.dialled == [("0221331234", {"User-to-User": user_to_user(session)})]
    assert bodies(d, session, e.CallTransferred) == [e.CallTransferred(to="0221331234")]
    assert bodies(d, session, e.NoteWritten) == [e.NoteWritten(text="장기요양 문의")]
    assert not bodies(d, session, e.CallEnded)[0].lost
    assert d.desk.wrapups.pending() == (session,)


async def test_a_transfer_to_a_colleague_takes_the_session_along(d):
    _, session = await talking(d)
    colleague = d.hub.colleague.person.id
    await d.desk.calls.transfer("1002", "부탁드려요")  # the colleague is found by the number
    await settle()
    assert d.hub.owners[session] == colleague
    assert bodies(d, session, e.SessionOffered) == [e.SessionOffered(to=colleague)]
    assert bodies(d, session, e.CallEnded) == []
    assert d.desk.sessions.get(session).stage is Stage.TALKING
    assert d.desk.wrapups.pending() == ()
    seen = [state.id for state in await d.hub.colleague.sessions()]
    assert seen == [session]


async def test_a_consulted_colleague_is_asked_and_nothing_of_it_is_the_citizens(d):
    session = "01a203c1-36a6-733e-b637-2a90d2ccf62b"
    call = d.phone.far_call("1001", User_to_User=user_to_user(session), X_Ieum_Part="consultation")
    await settle()
    assert [offer.session for offer in d.desk.calls.offers] == [session]
    await d.desk.calls.answer()
    await settle()
    assert d.desk.calls.running == session
    assert d.speech.legs == {}
    d.phone.far_hang_up(call)
    await settle()
    assert types(d, session) == ["session.opened"]
    assert d.desk.wrapups.pending() == ()
    assert d.desk.presence.may_be_offered()


async def test_a_key_of_anothers_session_gets_the_call_a_session_of_its_own(d):
    theirs = "01a203c1-36a6-733e-b637-2a90d2ccf62b"
    event = e.new_event(theirs, e.SessionOpened(channel=Channel.PHONE), at=d.clock.now())
    await d.hub.colleague.open_session(event, (f"uui:{theirs.replace('-', '')}",), "")
    await d.hub.colleague.claim(theirs)
    call = d.phone.far_call(User_to_User=user_to_user(theirs))
    await until(lambda: d.desk.calls.offers and d.desk.calls.offers[0].session != theirs)
    session = d.desk.calls.offers[0].session
    await d.desk.calls.answer(session)
    await settle()
    assert types(d, session)[:3] == ["session.opened", "call.offered", "call.answered"]
    assert types(d, theirs) == ["session.opened", "session.claimed"]
    assert d.outbox.set_aside() == ()
    assert call in d.phone.calls


async def test_a_transfer_that_fails_leaves_the_call(d):
    call, session = await talking(d)
    await d.desk.calls.transfer("404")
    await settle()
    assert d.troubles[-1].trouble is Trouble.TRANSFER_FAILED
    assert call in d.phone.calls
    assert bodies(d, session, e.CallTransferred) == []


async def test_consultation_is_private_then_three_way_then_alone_again(d):
    call, session = await talking(d)
    await d.desk.calls.consult("1003", "은평구청")
    side = list(d.phone.calls)[-1]
    assert d.desk.calls.call(session).consultation == "은평구청"
    assert d.desk.calls.listener_text_key == "nobody_hold"
    d.phone.far_answer(side)
    await settle()
    assert d.desk.calls.listener_text_key == "colleague_only"
    assert f"{side}/citizen" not in d.speech.legs
    assert not d.speech.legs[f"{call}/citizen"].open_
    with pytest.raises(NotPossible, match="already_consulting"):
        await d.desk.calls.consult("1004")

    await d.desk.calls.join_consultation()
    await settle()
    assert d.desk.calls.listener_text_key == "all_three"
    assert d.desk.calls.call(session).conference == ("은평구청",)
    assert f"{side}/citizen" in d.speech.legs
    d.speech.finish(f"{side}/citizen", "네 구청입니다")
    await settle()
    (said,) = bodies(d, session, e.Caption)
    assert (said.party, said.heard_by) == (Party.OFFICE, (Party.CITIZEN, Party.AGENT))

    await d.desk.calls.end_conference()
    await settle()
    assert d.desk.calls.listener_text_key == "citizen"
    assert [kind for kind in types(d, session) if "conference" in kind] == [
        "call.conference_started",
        "call.conference_ended",
    ]


async def test_an_attended_transfer_connects_both_and_leaves(d):
    _, session = await talking(d)
    with pytest.raises(NotPossible, match="no_consultation"):
        await d.desk.calls.complete_transfer()
    await d.desk.calls.consult("1003")
    d.phone.far_answer(list(d.phone.calls)[-1])
    await settle()
    await d.desk.calls.complete_transfer()
    await settle()
    assert d.phone.calls == {}
    assert bodies(d, session, e.CallTransferred) == [e.CallTransferred(to="1003", attended=True)]


async def test_a_refused_consultation_gives_the_citizen_back(d):
    call, session = await talking(d)
    await d.desk.calls.consult("1003")
    d.phone.far_refuse(list(d.phone.calls)[-1])
    await settle()
    assert d.troubles[-1].trouble is Trouble.CALL_FAILED
    assert not d.phone.calls[call].on_hold
    assert d.desk.calls.listener_text_key == "citizen"
    assert d.desk.sessions.get(session).stage is Stage.TALKING


async def test_an_emergency_call_keeps_the_citizen(d):
    call, session = await talking(d)
    with pytest.raises(NotPossible, match="not_an_emergency_number"):
        await d.desk.calls.emergency("1588")
    await d.desk.calls.emergency("119")
    assert not d.phone.calls[call].on_hold
    side = list(d.phone.calls)[-1]
    d.phone.far_answer(side)
    await settle()
    assert d.phone.calls[call].conference == (side,)
    assert d.desk.calls.call(session).emergency
    assert bodies(d, session, e.ConferenceStarted)[0].emergency


async def test_a_relay_operator_is_told_from_the_citizen(d):
    call, session = await offered(d, "107")
    assert d.desk.sessions.get(session).relay
    await d.desk.calls.answer()
    await settle()
    d.speech.finish(f"{call}/citizen", "통신중계입니다")
    await settle()
    assert bodies(d, session, e.Caption)[0].party is Party.RELAY_OPERATOR
    d.desk.calls.mark_relay(session, False)
    d.speech.finish(f"{call}/citizen", "여보세요")
    await settle()
    assert bodies(d, session, e.Caption)[1].party is Party.CITIZEN


async def test_a_transferred_call_joins_the_session_it_carries(d):
    session = d.desk.calls.offers or "01a203c1-36a6-733e-b637-2a90d2ccf62b"
    d.phone.far_call(User_to_User=user_to_user(session))
    await settle()
    assert d.desk.calls.offers[0].session == session
    await settle()
    assert session in d.hub.logs


async def test_tones_sent_are_counted_and_long_runs_received_are_hidden(d):
    call, session = await talking(d)
    with pytest.raises(NotPossible, match="bad_tones"):
        await d.desk.calls.send_tones("12x")
    await d.desk.calls.send_tones("1234#")
    for digit in "12":
        d.phone.far_tone(call, digit)
    d.clock.advance(2)
    for digit in "1234567":
        d.phone.far_tone(call, digit)
    d.clock.advance(2)
    await settle()
    assert bodies(d, session, e.TonesSent) == [e.TonesSent(count=5)]
    assert bodies(d, session, e.TonesReceived) == [
        e.TonesReceived(digits="12", count=2),
        e.TonesReceived(digits="", count=7),
    ]


async def test_dialling_out_opens_a_session_and_an_answer_is_a_talk(d):
    session = await d.desk.calls.dial("0212345678")
    assert d.desk.sessions.get(session).outbound
    d.phone.far_answer("out-1")
    await settle()
    assert d.desk.sessions.get(session).stage is Stage.TALKING
    with pytest.raises(NotPossible, match="call_failed"):
        await d.desk.calls.dial(" ")


async def test_nothing_can_be_done_without_a_call(d):
    for act in (
        d.desk.calls.toggle_hold,
        d.desk.calls.toggle_mute,
        d.desk.calls.hang_up,
        d.desk.calls.cancel_consultation,
    ):
        with pytest.raises(NotPossible):
            await act()


async def test_a_restarted_desk_adopts_the_call_and_says_nothing_twice(d):
    call, session = await talking(d)
    d.speech.finish(f"{call}/citizen", "먼저 한 말")
    await settle()
    before = types(d, session)
    await d.desk.stop()

    again = fake_desk(outbox=MemoryOutbox(d.outbox.kept), hub=d.hub, clock=d.clock)
    again.phone.calls = d.phone.calls
    again.desk.start()
    await until(lambda: again.desk.log.connected)
    await settle()
    assert again.desk.calls.running == session
    assert types(again, session) == before
    assert again.speech.legs[f"{call}/citizen"].at_ms == 1200
    assert [line.text for line in again.desk.sessions.timeline(session).lines if isinstance(line, CaptionLine)] == [
        "먼저 한 말"
    ]
    await again.desk.calls.hang_up()
    await settle()
    assert again.desk.sessions.get(session).stage is Stage.WRAP_UP
    await again.desk.stop()


async def test_the_wrap_up_asks_at_its_limit_and_may_be_extended_and_keeps_its_draft(d):
    call, session = await talking(d)
    d.phone.far_hang_up(call)
    await settle()
    d.desk.wrapups.draft(session, ("3",), "쓰던 글")
    assert d.desk.wrapups.pending() == (session,)
    d.clock.advance(60)
    await settle()
    state = d.desk.wrapups.state(session)
    assert (state.asked, state.codes, state.summary) == (True, ("3",), "쓰던 글")
    assert Alarm.WRAPUP_TIME in [alert.alarm for alert in d.desk.alerts.active]
    d.clock.advance(30)
    d.desk.wrapups.extend(session, 60)
    state = d.desk.wrapups.state(session)
    assert not state.asked
    assert (state.ends - d.clock.now()).total_seconds() == 60
    await d.desk.wrapups.save(session, ("3",), "쓰던 글")
    assert d.desk.wrapups.state(session) is None
    with pytest.raises(NotPossible, match="no_wrapup"):
        d.desk.wrapups.extend(session, 60)
    assert d.desk.writing.drafts(session) == {}
