"""The relay to an office from the desk's side, on the shipped fakes: who hears whom in every state, and every way out."""

from __future__ import annotations

import asyncio

import pytest

from client.domain import event as e
from client.domain.call import CallState, web_call
from client.domain.relay import (
    RELAY_TRANSITIONS,
    RelayState,
    Sense,
    Standing,
    may_relay,
    relay_state,
    who_lines,
)
from client.domain.session import Stage
from client.domain.words import Channel, Party
from client.ports.telephony import TelephonyError
from client.services.call_book import Part
from client.services.errors import NotPossible
from client.services.notices import RelayChanged, Trouble
from client.services.policy import Policy
from tests.video_sessions import SILENT, SOUND, bodies, said, settle, started, talking
from tests.waiting import until

OFFICE, COLLEAGUE = "02-351-6000", "1002"


@pytest.fixture
async def rigs():
    made = []

    async def make(*, hears: bool = True, **parts: object):
        made.append(await started(Policy(signs=True, hears=hears), **parts))
        return made[-1]

    yield make
    for rig in made:
        await rig.desk.stop()


@pytest.fixture
async def rig(rigs):
    return await rigs()


def dialled(rig) -> str:
    """The newest call that we placed."""
    return [call for call in rig.phone.calls if call.startswith("out-")][-1]


async def announcing(rig, sdp: str = SOUND) -> tuple[str, str]:
    """The office has answered and hears who relays; (session, its call)."""
    session = await talking(rig, sdp)
    await rig.desk.relay.start(session, OFFICE, "은평구청")
    office = dialled(rig)
    rig.phone.far_answer(office)
    await settle()
    return session, office


async def joined(rig, sdp: str = SOUND) -> tuple[str, str]:
    session, office = await announcing(rig, sdp)
    await rig.desk.relay.agree()
    await settle()
    return session, office


async def with_colleague(rig, sdp: str = SOUND) -> tuple[str, str, str]:
    """The colleague speaks with the office; (session, their call, the office's)."""
    session = await talking(rig, sdp)
    await rig.desk.relay.start(session, OFFICE, "은평구청", COLLEAGUE)
    helper = dialled(rig)
    rig.phone.far_answer(helper)
    await until(lambda: dialled(rig) != helper)
    office = dialled(rig)
    rig.phone.far_answer(office)
    await settle()
    return session, helper, office


def consents(rig, session: str, *, given: bool) -> None:
    body = e.ConsentAnswered(purpose="relay_voice", given=given, version="2026-11-3", language="ko")
    rig.hub.citizen_says(session, body)


def who(rig, session: str) -> dict[str, tuple[Party, ...]]:
    return {f"{line.who}.{line.sense}": line.whom for line in rig.desk.relay.view(session).who}


def mixed(rig, *calls: str) -> bool:
    """Exactly these hear each other, and nobody waits."""
    told = [rig.phone.calls[call] for call in calls]
    return all({call.call, *call.conference} == set(calls) and call.state is CallState.ACTIVE for call in told)


async def captions(rig, session) -> list[tuple[Party, str, tuple[Party, ...]]]:
    await settle()
    return [(body.party, body.text, body.heard_by) for body in bodies(rig, session, e.Caption)]


# ── the rules ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("office", "agreed", "state"),
    [
        (None, False, RelayState.DIALLING),
        (CallState.DIALLING, False, RelayState.DIALLING),
        (CallState.EARLY, True, RelayState.DIALLING),
        (CallState.ACTIVE, False, RelayState.ANNOUNCING),
        (CallState.HELD, False, RelayState.ANNOUNCING),
        (CallState.ACTIVE, True, RelayState.JOINED),
        (CallState.HELD, True, RelayState.JOINED),
        (CallState.ENDED, True, RelayState.ENDED),
    ],
)
def test_a_state_is_read_off_the_offices_call(office, agreed, state):
    assert relay_state(office, agreed=agreed) is state


def test_a_relay_goes_forward_or_ends():
    allowed = {(a, b) for a in RelayState for b in RelayState if a is not b and may_relay(a, b)}
    dialling, announcing_, joined_, ended = RelayState
    forward = {(dialling, announcing_), (announcing_, joined_)}
    assert allowed == forward | {(state, ended) for state in RelayState if state is not ended}
    assert set(RELAY_TRANSITIONS) == set(RelayState)


@pytest.mark.parametrize("state", RelayState)
@pytest.mark.parametrize("voice", [Party.AGENT, Party.COLLEAGUE])
@pytest.mark.parametrize("bits", range(32))
def test_an_office_never_sees_nor_reads_and_hears_a_citizen_by_consent_alone(state, voice, bits):
    opened, office, shown, citizen_in, heard = (bool(bits >> n & 1) for n in range(5))
    now = Standing(
        state=state,
        voice=voice,
        voice_open=opened,
        office_open=office,
        shown=shown,
        citizen_in=citizen_in,
        citizen_heard=heard,
    )
    lines = {(line.who, line.sense): line.whom for line in who_lines(now)}
    assert lines[Party.OFFICE, Sense.SEES] == lines[Party.OFFICE, Sense.READS] == ()
    may_hear = state is RelayState.JOINED and citizen_in and heard
    assert (Party.CITIZEN in lines[Party.OFFICE, Sense.HEARS]) is may_hear
    reads = lines[Party.CITIZEN, Sense.READS]
    assert (Party.OFFICE in reads) is (state is RelayState.JOINED and office)
    assert lines[Party.CITIZEN, Sense.HEARS] == () or state is RelayState.JOINED
    assert len({line.key for line in who_lines(now)}) == len(who_lines(now))


# ── a counselor who hears ────────────────────────────────────────────────────────────────────────


async def test_the_office_is_told_before_anything_passes_between_it_and_the_citizen(rig):
    session = await talking(rig)
    await rig.desk.relay.start(session, OFFICE, "은평구청")
    view = rig.desk.relay.view(session)
    assert (view.office, view.state, view.voice) == ("은평구청", RelayState.DIALLING, "counselor")
    assert rig.phone.dialled == [(OFFICE, {})], "an office learns nothing of the session"
    await settle()
    assert [(body.office, body.voice) for body in bodies(rig, session, e.RelayStarted)] == [("은평구청", "counselor")]
    assert rig.desk.sessions.get(session).relay_office == "은평구청"

    office = dialled(rig)
    rig.phone.far_answer(office)
    await settle()
    assert rig.desk.relay.view(session).state is RelayState.ANNOUNCING
    assert who(rig, session)["office.hears"] == (Party.AGENT,)
    assert who(rig, session)["citizen.hears"] == ()
    assert who(rig, session)["citizen.reads"] == (Party.AGENT,)
    assert not rig.phone.calls[office].conference
    assert not [leg for leg in rig.speech.legs if leg.startswith(office)], "captions begin with the agreement"
    assert not bodies(rig, session, e.RelayMarked)
    assert rig.desk.video.running == session
    assert rig.desk.calls.running is None
    assert not bodies(rig, session, e.ConferenceStarted)


async def test_an_office_that_agrees_is_mixed_in_captioned_and_kept_from_the_citizens_microphone(rig):
    session, office = await announcing(rig)
    seen = []
    rig.desk.publisher.subscribe(RelayChanged, seen.append)
    await rig.desk.relay.agree(session)
    await settle()
    citizen = web_call(session)
    assert mixed(rig, citizen, office)
    assert rig.phone.calls[citizen].confided
    view = rig.desk.relay.view(session)
    assert (view.state, view.citizen_voice, view.citizen_heard) == (RelayState.JOINED, True, False)
    assert who(rig, session)["office.hears"] == (Party.AGENT,)
    assert who(rig, session)["citizen.hears"] == (Party.OFFICE, Party.AGENT)
    assert seen[-1].session == session
    assert bodies(rig, session, e.RelayAgreed)
    assert [body.by for body in bodies(rig, session, e.RelayMarked)] == ["counselor"]

    assert f"{office}/agent" not in rig.speech.legs, "the agent's voice is captioned once"
    await said(rig, f"{office}/citizen", "어떤 일이신가요")
    await said(rig, f"{citizen}/agent", "기초연금 신청입니다")
    await said(rig, f"{citizen}/citizen", "맞아요")
    assert await captions(rig, session) == [
        (Party.OFFICE, "어떤 일이신가요", (Party.CITIZEN, Party.AGENT)),
        (Party.AGENT, "기초연금 신청입니다", (Party.CITIZEN, Party.OFFICE)),
        (Party.CITIZEN, "맞아요", (Party.AGENT,)),
    ]


async def test_what_an_office_said_before_it_agreed_is_not_read_later(rig):
    _, office = await announcing(rig)
    rig.clock.advance(12)
    await rig.desk.relay.agree()
    await settle()
    assert rig.speech.legs[f"{office}/citizen"].at_ms == 12_000


async def test_the_citizens_microphone_follows_their_consent_in_both_directions(rig):
    session, office = await joined(rig)
    citizen = web_call(session)
    consents(rig, session, given=True)
    await until(lambda: not rig.phone.calls[citizen].confided)
    assert who(rig, session)["office.hears"] == (Party.AGENT, Party.CITIZEN)
    assert rig.desk.relay.view(session).citizen_heard
    await said(rig, f"{citizen}/citizen", "제 말 들리세요")
    assert (await captions(rig, session))[-1][2] == (Party.AGENT, Party.OFFICE)
    consents(rig, session, given=False)
    await until(lambda: rig.phone.calls[citizen].confided)
    assert mixed(rig, citizen, office)
    assert not rig.desk.relay.view(session).citizen_heard


async def test_a_consent_that_was_given_before_holds_from_the_agreement_on(rig):
    session = await talking(rig)
    consents(rig, session, given=True)
    await until(lambda: rig.desk.sessions.get(session).consents)
    await rig.desk.relay.start(session, OFFICE)
    rig.phone.far_answer(dialled(rig))
    await settle()
    assert not rig.desk.relay.view(session).citizen_heard
    await rig.desk.relay.agree()
    assert rig.desk.relay.view(session).citizen_heard
    assert rig.desk.relay.view(session).office == OFFICE


async def test_a_citizen_without_any_sound_reads_the_office_and_what_is_voiced_for_them(rig):
    session, office = await joined(rig, SILENT)
    assert list(rig.phone.calls) == [office]
    assert {leg.language for leg in rig.speech.legs.values()} == {"ko"}
    await said(rig, f"{office}/citizen", "네 구청입니다")
    await said(rig, f"{office}/agent", "수어 통역입니다")
    assert await captions(rig, session) == [
        (Party.OFFICE, "네 구청입니다", (Party.CITIZEN, Party.AGENT)),
        (Party.AGENT, "수어 통역입니다", (Party.CITIZEN, Party.OFFICE)),
    ]
    assert who(rig, session)["citizen.hears"] == ()
    assert who(rig, session)["citizen.reads"] == (Party.AGENT, Party.OFFICE)
    assert rig.desk.calls.running is None, "the phone's bar is not the relay's"


async def test_a_microphone_that_comes_during_the_relay_is_kept_from_the_office_too(rig):
    session, office = await joined(rig, SILENT)
    citizen = await rig.phone.web(session, (0, ""), f"{session}/far")
    await until(lambda: citizen in rig.phone.calls and mixed(rig, citizen, office))
    assert rig.phone.calls[citizen].confided
    await settle()
    assert not rig.speech.legs[f"{office}/agent"].open_, "the agent's voice is captioned once"
    assert rig.speech.legs[f"{citizen}/agent"].open_


async def test_what_is_typed_never_reaches_the_office(rig):
    """There is no path: an office's calls get sound and tones, and the text goes to the video engine and the hub."""
    session, office = await joined(rig)
    before = dict(rig.phone.tones), list(rig.phone.dialled), rig.phone.calls[office]
    text = rig.desk.video.text
    text.type(session, "비밀번호는 1234#")
    text.finish(session, "비밀번호는 1234#")
    rig.video.far_types(session, "제 번호는 5678*\u2028")
    rig.hub.citizen_says(session, e.MessageSent(party=Party.CITIZEN, text="제 번호는 5678*"))
    await settle()
    assert (dict(rig.phone.tones), list(rig.phone.dialled), rig.phone.calls[office]) == before
    assert who(rig, session)["office.reads"] == ()


async def test_its_menus_are_answered_before_and_after_it_agrees(rig):
    session, office = await announcing(rig)
    await rig.desk.relay.tones("1#")
    await rig.desk.relay.agree()
    await rig.desk.relay.tones("2")
    assert rig.phone.tones == {office: "1#2"}
    await settle()
    assert [body.count for body in bodies(rig, session, e.TonesSent)] == [2, 1]
    for wrong in ("", "7x"):
        with pytest.raises(NotPossible, match="bad_tones"):
            await rig.desk.relay.tones(wrong)


async def test_office_and_citizen_have_their_own_volume(rig):
    session, office = await joined(rig)
    await rig.desk.relay.volume(Party.OFFICE, 150)
    await rig.desk.relay.volume(Party.CITIZEN, 40)
    view = rig.desk.relay.view(session)
    assert (view.office_volume, view.citizen_volume) == (150, 40)
    assert rig.phone.calls[office].volume == 150
    with pytest.raises(NotPossible, match="phone"):
        await rig.desk.relay.volume(Party.OFFICE, 500)
    with pytest.raises(NotPossible, match="no_call"):
        await rig.desk.relay.volume(Party.COLLEAGUE, 100)


@pytest.mark.parametrize("sdp", [SOUND, SILENT])
async def test_a_hold_of_the_video_holds_the_office_and_ends_for_both(rig, sdp):
    session, office = await joined(rig, sdp)
    await rig.desk.video.toggle_hold()
    await until(lambda: rig.phone.calls[office].on_hold)
    assert all(call.on_hold for call in rig.phone.calls.values())
    assert rig.desk.relay.view(session).on_hold
    assert who(rig, session)["office.hears"] == ()
    assert who(rig, session)["citizen.sees"] == ()
    assert not any(leg.open_ for leg in rig.speech.legs.values())
    await rig.desk.video.toggle_hold()
    everybody = [web_call(session), office] if sdp == SOUND else [office]
    await until(lambda: mixed(rig, *everybody))
    if sdp == SOUND:
        assert rig.phone.calls[web_call(session)].confided


async def test_an_office_on_hold_that_agrees_is_not_taken_off_it(rig):
    session, office = await announcing(rig)
    await rig.desk.video.toggle_hold()
    await until(lambda: rig.phone.calls[office].on_hold)
    await rig.desk.relay.agree()
    await settle()
    assert rig.phone.calls[office].on_hold
    await rig.desk.video.toggle_hold()
    await until(lambda: mixed(rig, web_call(session), office))


async def test_a_closed_microphone_is_closed_to_both(rig):
    session, office = await joined(rig)
    await rig.desk.video.toggle_mute()
    await until(lambda: rig.phone.calls[office].muted)
    assert who(rig, session)["office.hears"] == ()
    assert rig.desk.relay.view(session).muted
    await rig.desk.video.toggle_mute()
    await until(lambda: not rig.phone.calls[office].muted)
    await rig.desk.relay.end()
    await until(lambda: rig.desk.relay.running is None)
    await rig.desk.video.toggle_mute()
    await rig.desk.relay.start(session, OFFICE)
    await until(lambda: rig.phone.calls[dialled(rig)].muted)


# ── a counselor who does not hear ────────────────────────────────────────────────────────────────


async def test_a_counselor_who_does_not_hear_is_never_alone_with_an_office(rigs):
    rig = await rigs(hears=False)
    session = await talking(rig)
    with pytest.raises(NotPossible, match="relay_needs_voice"):
        await rig.desk.relay.start(session, OFFICE)
    assert rig.phone.dialled == []
    assert not bodies(rig, session, e.RelayStarted)


async def test_a_colleague_is_called_first_and_speaks_while_the_counselors_microphone_is_closed(rigs):
    rig = await rigs(hears=False)
    session = await talking(rig)
    await rig.desk.relay.start(session, OFFICE, "은평구청", COLLEAGUE)
    assert [to for to, _ in rig.phone.dialled] == [COLLEAGUE]
    assert rig.phone.dialled[0][1]["User-to-User"], "their desk knows the session"
    await settle()
    assert [body.voice for body in bodies(rig, session, e.RelayStarted)] == ["colleague"]
    assert rig.desk.relay.view(session).state is RelayState.DIALLING
    helper = dialled(rig)
    rig.phone.far_answer(helper)
    await until(lambda: [to for to, _ in rig.phone.dialled] == [COLLEAGUE, OFFICE])
    office = dialled(rig)
    rig.phone.far_answer(office)
    await until(lambda: mixed(rig, helper, office))
    await settle()
    assert all(rig.phone.calls[call].muted for call in (helper, office))
    assert who(rig, session)["office.hears"] == (Party.COLLEAGUE,)
    assert who(rig, session)["agent.hears"] == ()
    assert who(rig, session)["agent.reads"] == (Party.CITIZEN, Party.COLLEAGUE)
    await said(rig, f"{helper}/citizen", "수어 중계 전화입니다")
    assert f"{office}/citizen" not in rig.speech.legs

    await rig.desk.relay.agree()
    await until(lambda: mixed(rig, web_call(session), helper, office))
    await settle()
    await said(rig, f"{office}/citizen", "말씀하세요")
    await said(rig, f"{helper}/citizen", "연금 문의입니다")
    assert await captions(rig, session) == [
        (Party.COLLEAGUE, "수어 중계 전화입니다", (Party.AGENT, Party.OFFICE)),
        (Party.OFFICE, "말씀하세요", (Party.CITIZEN, Party.AGENT, Party.COLLEAGUE)),
        (Party.COLLEAGUE, "연금 문의입니다", (Party.CITIZEN, Party.AGENT, Party.OFFICE)),
    ]
    assert all(rig.phone.calls[call].muted for call in (helper, office))


async def test_opening_the_microphone_for_the_citizen_does_not_open_it_to_the_office(rigs):
    rig = await rigs(hears=False)
    session, helper, office = await with_colleague(rig)
    await rig.desk.video.toggle_mute()
    await settle()
    await rig.desk.video.toggle_mute()
    await settle()
    assert rig.phone.calls[helper].muted
    assert rig.phone.calls[office].muted
    assert not rig.phone.calls[web_call(session)].muted


@pytest.mark.parametrize("leaves", ["before", "after"])
async def test_a_colleague_who_leaves_takes_the_office_along(rigs, leaves):
    rig = await rigs(hears=False)
    if leaves == "before":
        session = await talking(rig)
        await rig.desk.relay.start(session, OFFICE, colleague=COLLEAGUE)
        rig.phone.far_refuse(dialled(rig))
    else:
        session, helper, _ = await with_colleague(rig)
        rig.phone.far_hang_up(helper)
    await until(lambda: bodies(rig, session, e.RelayEnded))
    assert list(rig.phone.calls) == [web_call(session)]
    assert [(body.by, body.refused) for body in bodies(rig, session, e.RelayEnded)] == [("failure", False)]
    assert [told.trouble for told in rig.troubles] == [Trouble.RELAY_FAILED]
    assert [to for to, _ in rig.phone.dialled] == ([COLLEAGUE] if leaves == "before" else [COLLEAGUE, OFFICE])


async def test_an_office_that_hangs_up_lets_the_colleague_go(rigs):
    rig = await rigs(hears=False)
    session, _, office = await with_colleague(rig, SILENT)
    rig.phone.far_hang_up(office)
    await until(lambda: bodies(rig, session, e.RelayEnded))
    assert rig.phone.calls == {}
    assert [body.by for body in bodies(rig, session, e.RelayEnded)] == ["office"]


# ── every way out ────────────────────────────────────────────────────────────────────────────────


async def test_an_office_that_refuses_is_let_go_and_the_citizen_is_heard_again(rig):
    session, _ = await announcing(rig)
    await rig.desk.relay.refuse()
    await until(lambda: bodies(rig, session, e.RelayEnded))
    (ended,) = bodies(rig, session, e.RelayEnded)
    assert (ended.by, ended.refused) == ("office", True)
    citizen = rig.phone.calls[web_call(session)]
    await until(lambda: not rig.phone.calls[web_call(session)].on_hold)
    assert list(rig.phone.calls) == [citizen.call]
    assert rig.desk.relay.view(session) is None
    assert rig.desk.sessions.get(session).relay_office == ""
    assert rig.desk.sessions.get(session).stage is Stage.TALKING
    assert not rig.troubles
    assert not bodies(rig, session, e.Caption)


async def test_the_agent_ends_the_relay_and_may_begin_another(rig):
    session, _ = await joined(rig)
    with pytest.raises(NotPossible, match="already_relaying"):
        await rig.desk.relay.start(session, "119")
    await rig.desk.relay.end(session)
    await until(lambda: bodies(rig, session, e.RelayEnded))
    assert bodies(rig, session, e.RelayEnded)[0].by == "agent"
    assert rig.desk.sessions.get(session).relay, "the session stays one that was relayed"
    await rig.desk.relay.start(session, "119")
    rig.phone.far_answer(dialled(rig))
    await settle()
    assert rig.desk.relay.view(session).state is RelayState.ANNOUNCING
    await rig.desk.relay.agree()
    await settle()
    assert len(bodies(rig, session, e.RelayMarked)) == 1


@pytest.mark.parametrize(
    ("act", "by", "failed"),
    [
        (lambda rig, call: rig.phone.far_hang_up(call), "office", False),
        (lambda rig, call: rig.phone.far_break(call), "failure", True),
    ],
)
async def test_an_office_that_goes_is_said_with_its_reason(rig, act, by, failed):
    session, office = await joined(rig)
    act(rig, office)
    await until(lambda: bodies(rig, session, e.RelayEnded))
    assert bodies(rig, session, e.RelayEnded)[0].by == by
    assert bool(rig.troubles) is failed
    assert mixed(rig, web_call(session))


async def test_a_busy_office_is_told_once(rig):
    session = await talking(rig)
    await rig.desk.relay.start(session, OFFICE)
    rig.phone.far_refuse(dialled(rig), 486)
    await until(lambda: bodies(rig, session, e.RelayEnded))
    assert (bodies(rig, session, e.RelayEnded)[0].by, bodies(rig, session, e.RelayEnded)[0].reason) == ("office", "486")
    assert [(told.trouble, told.detail) for told in rig.troubles] == [(Trouble.RELAY_FAILED, "486")]
    assert rig.desk.relay.view(session) is None


async def test_an_office_that_refuses_before_our_request_is_answered_is_not_called_for_ever(rig, monkeypatch):
    session = await talking(rig)
    dial = rig.phone.dial

    async def refused_at_once(*arguments: object, **options: object) -> str:
        call = await dial(*arguments, **options)
        rig.phone.far_refuse(call, 404)
        return call

    monkeypatch.setattr(rig.phone, "dial", refused_at_once)
    await rig.desk.relay.start(session, OFFICE)
    await until(lambda: bodies(rig, session, e.RelayEnded))
    assert rig.desk.relay.running is None


async def test_a_number_that_cannot_be_dialled_is_refused_in_words_and_written_down(rig, monkeypatch):
    session = await talking(rig)

    async def refuse(*_: object, **__: object) -> str:
        raise TelephonyError("xyz is neither a number nor a SIP address")

    monkeypatch.setattr(rig.phone, "dial", refuse)
    with pytest.raises(NotPossible, match="call_failed"):
        await rig.desk.relay.start(session, "xyz")
    await settle()
    assert [body.by for body in bodies(rig, session, e.RelayEnded)] == ["failure"]
    assert rig.desk.relay.running is None


async def test_the_end_of_the_video_ends_the_relay(rig):
    session, _ = await joined(rig)
    await rig.desk.video.hang_up()
    await until(lambda: not rig.phone.calls)
    await until(lambda: bodies(rig, session, e.RelayEnded))
    assert len(bodies(rig, session, e.RelayEnded)) == 1
    assert rig.desk.sessions.get(session).stage is Stage.WRAP_UP


async def test_a_citizen_who_leaves_ends_the_relay_even_while_its_office_rings(rig):
    session = await talking(rig)
    await rig.desk.relay.start(session, OFFICE)
    rig.hub.citizen_says(session, e.CallEnded(by="citizen"))
    await until(lambda: not rig.phone.calls)
    await until(lambda: bodies(rig, session, e.RelayEnded))


async def test_a_video_that_ends_while_its_office_is_being_dialled_leaves_no_call_behind(rig, monkeypatch):
    session = await talking(rig)
    dial, go = rig.phone.dial, asyncio.Event()

    async def slow(*arguments: object, **options: object) -> str:
        await go.wait()
        return await dial(*arguments, **options)

    monkeypatch.setattr(rig.phone, "dial", slow)
    starting = asyncio.ensure_future(rig.desk.relay.start(session, OFFICE))
    await until(lambda: rig.desk.relay.running == session)
    await rig.desk.video.hang_up()
    await settle()
    go.set()
    await starting
    await until(lambda: bodies(rig, session, e.RelayEnded))
    assert not rig.phone.calls
    assert len(bodies(rig, session, e.RelayEnded)) == 1


async def test_at_no_moment_is_a_citizen_mixed_with_an_office_without_having_allowed_it(rig):
    leaks = []
    rig.phone.listen(
        lambda told: (
            leaks.append(told)
            if told.name == "call" and told.account == "web" and told.conference and not told.confided
            else None
        )
    )
    session, _ = await joined(rig)
    consents(rig, session, given=True)
    await until(lambda: leaks)
    consents(rig, session, given=False)
    await until(lambda: rig.phone.calls[web_call(session)].confided)
    leaks.clear()
    await rig.desk.relay.end()
    await until(lambda: rig.desk.relay.running is None)
    await rig.desk.relay.start(session, OFFICE)
    rig.phone.far_answer(dialled(rig))
    await settle()
    await rig.desk.relay.agree()
    await settle()
    assert mixed(rig, web_call(session), dialled(rig))
    assert leaks == []


async def test_a_session_that_is_handed_over_takes_no_office_along(rig):
    session, office = await announcing(rig)
    (colleague,) = [one for one in await rig.desk.sessions.colleagues() if one.number == COLLEAGUE]
    await rig.desk.sessions.transfer(session, colleague.id, "기관이 기다립니다")
    await until(lambda: office not in rig.phone.calls)


async def test_nothing_is_relayed_without_a_session_by_video(rig):
    with pytest.raises(NotPossible, match="no_call"):
        await rig.desk.relay.start("nobody", OFFICE)
    waiting = rig.hub.citizen_opens(Channel.SIGN_VIDEO, language="kvk")
    await until(lambda: waiting in rig.desk.sessions)
    with pytest.raises(NotPossible, match="no_call"):
        await rig.desk.relay.start(waiting, OFFICE)
    for act in (rig.desk.relay.agree, rig.desk.relay.refuse, rig.desk.relay.end):
        with pytest.raises(NotPossible, match="no_relay"):
            await act()
    session = await talking(rig)
    with pytest.raises(NotPossible, match="relay_no_number"):
        await rig.desk.relay.start(session, "  ")
    assert rig.desk.relay.view(session) is None
    assert rig.desk.relay.view("nobody") is None


async def test_an_office_that_has_not_answered_cannot_have_agreed(rig):
    session = await talking(rig)
    await rig.desk.relay.start(session, OFFICE)
    with pytest.raises(NotPossible, match="relay_not_announced"):
        await rig.desk.relay.agree()
    rig.phone.far_answer(dialled(rig))
    await settle()
    await rig.desk.relay.agree()
    with pytest.raises(NotPossible, match="relay_not_announced"):
        await rig.desk.relay.agree()
    await settle()
    assert len(bodies(rig, session, e.RelayAgreed)) == 1


async def test_an_agreement_that_is_pressed_twice_is_one(rig):
    session, _ = await announcing(rig)
    outcome = await asyncio.gather(rig.desk.relay.agree(), rig.desk.relay.agree(), return_exceptions=True)
    assert [type(one) for one in outcome] == [type(None), NotPossible]
    await settle()
    assert len(bodies(rig, session, e.RelayAgreed)) == 1


async def test_a_phone_that_does_not_mix_leaves_the_office_unagreed(rig, monkeypatch):
    session, office = await announcing(rig)

    async def refuse(*_: object) -> None:
        raise TelephonyError("the phone is being brought back")

    with monkeypatch.context() as broken:
        broken.setattr(rig.phone, "conference", refuse)
        with pytest.raises(NotPossible, match="phone"):
            await rig.desk.relay.agree()
    await settle()
    assert rig.desk.relay.view(session).state is RelayState.ANNOUNCING
    assert not bodies(rig, session, e.RelayAgreed)
    assert not rig.phone.calls[office].conference
    await rig.desk.relay.agree()
    assert rig.desk.relay.view(session).state is RelayState.JOINED


async def test_a_full_disk_starts_no_relay(rig, monkeypatch):
    session = await talking(rig)

    def full(*_: object, **__: object) -> None:
        raise NotPossible("store_full")

    with monkeypatch.context() as broken:
        broken.setattr(rig.desk.log, "say", full)
        with pytest.raises(NotPossible, match="store_full"):
            await rig.desk.relay.start(session, OFFICE)
    assert rig.desk.relay.running is None
    await rig.desk.relay.start(session, OFFICE)
    assert len(rig.phone.dialled) == 1


async def test_a_desk_that_is_started_again_goes_on_with_the_relay(rig, rigs):
    session, office = await joined(rig)
    consents(rig, session, given=True)
    await until(lambda: not rig.phone.calls[web_call(session)].confided)
    again = await rigs(outbox=rig.outbox, hub=rig.hub)
    again.phone.calls = dict(rig.phone.calls)
    again.phone.tell_again()
    await settle()
    view = again.desk.relay.view(session)
    assert (view.state, view.office, view.citizen_heard) == (RelayState.JOINED, "은평구청", True)
    assert again.desk.calls.book.records[office].part is Part.RELAY
    await until(lambda: f"{office}/citizen" in again.speech.legs)
    await again.desk.relay.end()
    await until(lambda: office not in again.phone.calls)
    await until(lambda: bodies(again, session, e.RelayEnded))


async def test_two_starts_at_once_call_one_office(rig):
    session = await talking(rig)
    outcome = await asyncio.gather(
        rig.desk.relay.start(session, OFFICE), rig.desk.relay.start(session, "119"), return_exceptions=True
    )
    assert [type(one) for one in outcome] == [type(None), NotPossible]
    assert len(rig.phone.dialled) == 1
