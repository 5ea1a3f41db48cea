"""Calls beside the citizen's — consultations, conferences, emergencies — on the shipped fakes: who hears, who goes on."""

from __future__ import annotations

import asyncio

import pytest

from client.domain import event as e
from client.domain.call import Call, CallState
from client.domain.caller_name import caller_name
from client.domain.session import Stage
from client.domain.words import Party
from client.ports.telephony import TelephonyError
from client.services.call_book import Part
from client.services.call_parties import Parties
from client.services.call_views import CallStarted
from client.services.errors import NotPossible
from client.services.notices import Trouble, TroubleTold
from client.services.policy import Policy
from tests.desks import fake_desk
from tests.waiting import until


async def settle() -> None:
    """Let every task that can run do so."""
    for _ in range(20):
        await asyncio.sleep(0)


@pytest.fixture
async def desks():
    made = []

    async def make(policy: Policy | None = None):
        fake = fake_desk(policy)
        fake.troubles = []
        fake.desk.publisher.subscribe(TroubleTold, fake.troubles.append)
        fake.desk.start()
        await until(lambda: fake.desk.log.connected)
        made.append(fake)
        return fake

    yield make
    for fake in made:
        await fake.desk.stop()


@pytest.fixture
async def d(desks):
    return await desks()


async def talking(d, number: str = "01012345678", **caller: str) -> tuple[str, str]:
    call = d.phone.far_call(number, **caller)
    await settle()
    session = d.desk.calls.offers[-1].session
    await d.desk.calls.answer(session)
    await settle()
    return call, session


async def beside(d, *, answered: bool = True) -> str:
    """Consult somebody; the Call-ID."""
    await d.desk.calls.consult("1003", "은평구청")
    return await newest(d, answered=answered)


async def newest(d, *, answered: bool = True) -> str:
    side = list(d.phone.calls)[-1]
    if answered:
        d.phone.far_answer(side)
    await settle()
    return side


async def conferring(d) -> str:
    side = await beside(d)
    await d.desk.calls.join_consultation()
    await settle()
    return side


def bodies(d, session, kind):
    return [event.body for event in d.hub.logs.get(session, []) if isinstance(event.body, kind)]


# ── who hears ────────────────────────────────────────────────────────────────────────────────────


def call(state: CallState, **facts) -> Call:
    return Call(
        call="c", account="a", state=state, outbound=False, remote="", number="", display="", headers={}, **facts
    )


HEARS = call(CallState.ACTIVE, hears_agent=True)
MUTED = call(CallState.ACTIVE, muted=True)
HELD = call(CallState.HELD, on_hold=True)
AWAY = call(CallState.ACTIVE, held_by_remote=True)
RINGS = call(CallState.EARLY)


@pytest.mark.parametrize(
    ("main", "side", "key"),
    [
        (HEARS, None, "citizen"),
        (MUTED, None, "nobody_muted"),
        (HELD, None, "nobody_hold"),
        (AWAY, None, "nobody_hold"),
        (RINGS, None, "nobody"),
        (HEARS, RINGS, "citizen"),
        (MUTED, RINGS, "nobody_muted"),
        (HELD, RINGS, "nobody_hold"),
        (HELD, HEARS, "colleague_only"),
        (AWAY, HEARS, "colleague_only"),
        (HELD, MUTED, "nobody_muted"),
        (HELD, AWAY, "nobody_hold"),
        (HEARS, HEARS, "all_three"),
        (HEARS, HELD, "citizen"),
        (HEARS, AWAY, "citizen"),
        (MUTED, MUTED, "nobody_muted"),
        (None, HEARS, "colleague_only"),
        (None, MUTED, "nobody_muted"),
        (None, HELD, "nobody_hold"),
        (None, RINGS, "nobody"),
    ],
)
@pytest.mark.parametrize("part", [Part.CONSULTATION, Part.EMERGENCY])
def test_who_hears_is_what_telephony_tells_of_each_call(main, side, key, part):
    assert Parties(session="s", main=main, side=side, label="119", part=part).listener_key == key


async def test_while_the_emergency_number_rings_the_citizen_hears_and_is_not_said_to_wait(d):
    _, session = await talking(d)
    await d.desk.calls.emergency("119")
    side = await newest(d, answered=False)
    view = d.desk.calls.call(session)
    assert (view.emergency, view.ringing, view.consultation, view.conference) == (True, True, "", ("119",))
    assert d.desk.calls.listener_text_key == "citizen"
    d.phone.far_answer(side)
    await settle()
    assert not d.desk.calls.call(session).ringing
    assert bodies(d, session, e.CallHeld) == []
    assert d.desk.calls.listener_text_key == "all_three"


async def test_a_citizen_on_hold_in_a_conference_is_not_said_to_hear(d):
    citizen, _ = await talking(d)
    await conferring(d)
    assert d.desk.calls.listener_text_key == "all_three"
    await d.desk.calls.toggle_hold()
    assert d.desk.calls.listener_text_key == "colleague_only"
    await d.desk.calls.toggle_hold()
    assert d.desk.calls.listener_text_key == "all_three"
    d.phone.far_hold(citizen, on=True)
    assert d.desk.calls.listener_text_key == "colleague_only"


# ── mute and tones ───────────────────────────────────────────────────────────────────────────────


async def test_a_closed_microphone_is_closed_for_everybody(d):
    citizen, session = await talking(d)
    side = await conferring(d)
    await d.desk.calls.toggle_mute()
    await settle()
    assert [d.phone.calls[call].muted for call in (citizen, side)] == [True, True]
    assert d.desk.calls.listener_text_key == "nobody_muted"
    assert d.desk.calls.call(session).muted
    await d.desk.calls.toggle_mute()
    await settle()
    assert [d.phone.calls[call].muted for call in (citizen, side)] == [False, False]
    assert len(bodies(d, session, e.CallMuted)) == len(bodies(d, session, e.CallUnmuted)) == 1


async def test_who_is_called_by_a_muted_agent_hears_nothing_either(d):
    citizen, _ = await talking(d)
    await d.desk.calls.toggle_mute()
    side = await beside(d)
    assert d.phone.calls[side].muted
    assert d.desk.calls.listener_text_key == "nobody_muted"
    await d.desk.calls.toggle_mute()
    assert not d.phone.calls[side].muted
    assert not d.phone.calls[citizen].muted
    assert d.desk.calls.listener_text_key == "colleague_only"


async def test_muting_while_the_one_asked_still_rings_holds_when_they_answer(d):
    await talking(d)
    side = await beside(d, answered=False)
    await d.desk.calls.toggle_mute()
    d.phone.far_answer(side)
    await settle()
    assert not d.phone.calls[side].hears_agent


async def test_tones_reach_whom_the_agent_talks_with(d):
    citizen, session = await talking(d)
    side = await beside(d, answered=False)
    with pytest.raises(NotPossible, match="no_call"):
        await d.desk.calls.send_tones("1")
    d.phone.far_answer(side)
    await settle()
    await d.desk.calls.send_tones("12#")
    await d.desk.calls.cancel_consultation()
    await settle()
    await d.desk.calls.send_tones("9")
    await settle()
    assert d.phone.tones == {side: "12#", citizen: "9"}
    assert bodies(d, session, e.TonesSent) == [e.TonesSent(count=3), e.TonesSent(count=1)]


# ── who goes on ──────────────────────────────────────────────────────────────────────────────────


async def test_a_citizen_who_leaves_ends_a_consultation_that_nobody_has_taken(d):
    citizen, session = await talking(d)
    await beside(d, answered=False)
    d.phone.far_hang_up(citizen)
    await settle()
    assert d.phone.calls == {}
    assert d.desk.calls.call(session) is None
    assert Trouble.CALL_FAILED not in [told.trouble for told in d.troubles]


async def test_a_citizen_who_leaves_while_the_consultation_is_being_dialled_ends_it(d):
    citizen, _ = await talking(d)
    dial = d.phone.dial

    async def slow(*arguments, **named):
        d.phone.far_hang_up(citizen)
        return await dial(*arguments, **named)

    d.phone.dial = slow
    await d.desk.calls.consult("1003")
    await settle()
    assert d.phone.calls == {}


async def one_asked(d) -> str:
    return await beside(d)


async def help_called(d) -> str:
    await d.desk.calls.emergency("119")
    return await newest(d)


@pytest.mark.parametrize("begin", [one_asked, conferring, help_called])
async def test_who_is_left_when_the_citizen_goes_stays_in_the_bar_and_under_its_keys(d, begin):
    citizen, session = await talking(d)
    side = await begin(d)
    d.phone.far_hang_up(citizen)
    await settle()
    assert d.desk.calls.running == session
    view = d.desk.calls.call(session)
    assert (view.call, view.alone_with != "", view.consultation, view.conference) == (side, True, "", ())
    assert d.desk.calls.listener_text_key == "colleague_only"
    assert d.desk.presence.shown == "talking"
    await d.desk.calls.toggle_mute()
    assert d.desk.calls.listener_text_key == "nobody_muted"
    await d.desk.calls.toggle_mute()
    await d.desk.calls.toggle_hold()
    assert d.phone.calls[side].on_hold
    assert d.desk.calls.listener_text_key == "nobody_hold"
    assert d.desk.calls.running == session
    await d.desk.calls.toggle_hold()
    await d.desk.calls.send_tones("5")
    assert d.phone.tones == {side: "5"}
    with pytest.raises(NotPossible):
        await d.desk.calls.complete_transfer()
    await d.desk.calls.hang_up()
    await settle()
    assert d.phone.calls == {}
    assert d.desk.calls.running is None
    assert d.desk.presence.shown == "wrap_up"
    assert d.desk.sessions.get(session).stage is Stage.WRAP_UP


async def test_an_emergency_that_still_rings_outlives_the_citizen(d):
    citizen, session = await talking(d)
    await d.desk.calls.emergency("119")
    side = await newest(d, answered=False)
    d.phone.far_hang_up(citizen)
    await settle()
    assert d.desk.calls.call(session).state is CallState.DIALLING
    await d.desk.calls.hang_up(session)
    await settle()
    assert side not in d.phone.calls


@pytest.mark.parametrize("begin", [conferring, help_called])
async def test_hanging_up_ends_a_conference_whole(d, begin):
    citizen, _ = await talking(d)
    side = await begin(d)
    assert set(d.desk.calls.hang_up_means) == {citizen, side}
    await d.desk.calls.hang_up()
    await settle()
    assert d.phone.calls == {}
    assert d.desk.calls.running is None


@pytest.mark.parametrize("answered", [True, False])
async def test_hanging_up_on_one_who_was_asked_does_not_cut_the_waiting_citizen_off(d, answered):
    citizen, session = await talking(d)
    side = await beside(d, answered=answered)
    assert d.desk.calls.hang_up_means == (side,)
    await d.desk.calls.hang_up()
    await settle()
    assert list(d.phone.calls) == [citizen]
    assert d.desk.calls.listener_text_key == "citizen"
    assert d.desk.calls.running == session


@pytest.mark.parametrize("begin", [one_asked, conferring])
async def test_an_emergency_sends_away_who_was_asked_and_keeps_the_citizen(d, begin):
    citizen, session = await talking(d)
    asked = await begin(d)
    await d.desk.calls.emergency("119")
    await settle()
    assert asked not in d.phone.calls
    assert d.desk.calls.listener_text_key == "citizen"
    side = await newest(d)
    assert d.phone.calls[citizen].conference == (side,)
    assert d.desk.calls.listener_text_key == "all_three"
    assert bodies(d, session, e.ConferenceStarted)[-1].emergency
    with pytest.raises(NotPossible, match="already_consulting"):
        await d.desk.calls.emergency("112")


async def test_an_emergency_does_not_wait_for_the_end_of_a_consultation_that_hangs(d):
    _, session = await talking(d)
    asked = await beside(d)
    hang_up = d.phone.hang_up
    late = []

    async def slow(call):
        late.append(call)

    d.phone.hang_up = slow
    await d.desk.calls.emergency("119")
    side = await newest(d)
    assert d.desk.calls.call(session).emergency
    assert d.desk.calls.listener_text_key == "all_three"
    await hang_up(asked)
    await settle()
    assert d.desk.calls.call(session).conference == ("119",)
    assert side in d.phone.calls


# ── what is written down ─────────────────────────────────────────────────────────────────────────


async def test_of_two_held_calls_the_last_one_talked_in_is_the_running_one(desks):
    d = await desks(Policy(second_call=True))
    calls = [await talking(d, "0211111111"), await talking(d, "0222222222")]
    for call, session in [*calls, *reversed(calls)]:
        await d.phone.resume(call)
        await d.phone.hold(call)
        await settle()
        assert {told.state for told in d.phone.calls.values()} == {CallState.HELD}
        assert d.desk.calls.running == session


async def test_a_call_lost_after_a_transfer_that_failed_is_called_lost(d):
    citizen, session = await talking(d)
    await d.desk.calls.consult("404")
    side = await newest(d)
    await d.desk.calls.complete_transfer()
    await settle()
    assert d.troubles[-1].trouble is Trouble.TRANSFER_FAILED
    assert {citizen, side} <= set(d.phone.calls)
    d.phone.far_break(citizen)
    await settle()
    assert bodies(d, session, e.CallEnded)[0].lost
    assert Trouble.CALL_LOST in [told.trouble for told in d.troubles]


async def test_a_transfer_that_the_phone_refuses_leaves_the_call_as_it_was(d):
    citizen, session = await talking(d)
    side = await beside(d)

    async def refuse(*_):
        raise TelephonyError("not now")

    d.phone.transfer_attended = refuse
    with pytest.raises(NotPossible):
        await d.desk.calls.complete_transfer()
    d.phone.far_break(citizen)
    await settle()
    assert bodies(d, session, e.CallEnded)[0].lost
    assert side in d.phone.calls


@pytest.mark.parametrize(
    ("display", "name"),
    [
        ("김시민", "김시민"),
        ("은평구청 3층", "은평구청 3층"),
        ("", ""),
        ("01012345678", ""),
        ("+82 10-1234-5678", ""),
        ("(02) 1234-5678", ""),
        ("０１０１２３４５６７８", ""),
        ("107", ""),
        ("김시민 010-1234-5678", "김시민 010-****-5678"),
        ("sip:01012345678@dasan.test", "sip:010-****-5678@dasan.test"),
    ],
)
def test_a_number_in_the_place_of_a_name_is_no_name(display, name):
    assert caller_name(display) == name


async def test_a_display_name_that_is_a_number_is_shown_nowhere(d):
    _, session = await talking(d, "01012345678", display="010-1234-5678")
    view = d.desk.sessions.get(session)
    assert (view.name, view.number) == ("", "010-****-5678")
    assert "1234-5678" not in str(d.hub.logs[session])


async def test_legs_of_a_dialled_call_join_with_the_band_they_really_have(d):
    started = []
    d.desk.publisher.subscribe(CallStarted, started.append)
    session = await d.desk.calls.dial("0212345678")
    d.phone.far_answer("out-1")
    await settle()
    assert [leg.wide_band for leg in bodies(d, session, e.LegJoined)] == [True, True]
    assert [notice.call.wide_band for notice in started] == [True]
    assert [one.wide_band for one in d.speech.legs.values()] == [True, True]
    d.phone.far_hang_up("out-1")
    await settle()
    assert len(bodies(d, session, e.LegLeft)) == 2


async def test_a_relay_centre_that_is_called_is_marked_and_leaves_as_what_it_was(d):
    session = await d.desk.calls.dial("107")
    d.phone.far_answer("out-1")
    await settle()
    assert d.desk.sessions.get(session).relay
    d.phone.far_hang_up("out-1")
    await settle()
    parties = [Party.RELAY_OPERATOR, Party.AGENT]
    assert [leg.party for leg in bodies(d, session, e.LegJoined)] == parties
    assert [leg.party for leg in bodies(d, session, e.LegLeft)] == parties


async def test_what_is_said_after_the_citizen_has_left_a_conference_is_nobody_s_caption(d):
    citizen, session = await talking(d)
    side = await conferring(d)
    leg = f"{side}/citizen"
    d.speech.finish(leg, "네 구청입니다")
    d.phone.far_hang_up(citizen)
    await settle()
    assert not d.speech.legs[leg].open_
    d.speech.finish(leg, "우리끼리 하는 말")
    await settle()
    assert [said.text for said in bodies(d, session, e.Caption)] == ["네 구청입니다"]
