"""Captions of calls: in which language, who could hear what was said, and what is told when there are none."""

from __future__ import annotations

import asyncio

import pytest

from client.domain import event as e
from client.domain.citizen_view import signal_shows, view_of
from client.domain.recognition import NO_LANGUAGE, spoken_language
from client.domain.timeline import CaptionLine
from client.domain.words import Party
from client.services.notices import Trouble, TroubleTold
from tests.desks import fake_desk
from tests.waiting import until

ALL = (Party.CITIZEN, Party.AGENT, Party.OFFICE)


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


async def talking(d, **headers):
    call = d.phone.far_call("01012345678", **headers)
    await settle()
    session = d.desk.calls.offers[-1].session
    await d.desk.calls.answer()
    await settle()
    return call, session


async def three_way(d):
    call, session = await talking(d)
    await d.desk.calls.consult("1003", "은평구청")
    side = list(d.phone.calls)[-1]
    d.phone.far_answer(side)
    await settle()
    await d.desk.calls.join_consultation()
    await settle()
    return call, side, session


def captions(d, session) -> list[e.Caption]:
    return [event.body for event in d.hub.logs[session] if isinstance(event.body, e.Caption)]


async def said(d, session, leg, text) -> e.Caption:
    """What somebody says, as it is written down."""
    d.speech.finish(leg, text)
    await settle()
    return captions(d, session)[-1]


def citizen_reads(d, session) -> list[str]:
    """The captions on the citizen's page."""
    events = d.hub.logs[session]
    shown = view_of(events).captions
    return [event.body.text for event in events if event.id in shown]


# ── language ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("tag", "language"),
    [("ko-KR", "ko"), ("EN_us", "en"), ("zh-Hant-TW", "zh"), ("vi", "vi"), ("*", ""), ("", ""), (" en ", "en")],
)
def test_recognition_is_asked_for_the_language_of_a_tag(tag, language):
    assert spoken_language(tag) == language


@pytest.mark.parametrize(("header", "language"), [("ko-KR", "ko"), ("en-US,en;q=0.8", "en"), ("*", "ko"), ("", "ko")])
async def test_a_regional_language_is_captioned(d, header, language):
    call, session = await talking(d, Accept_Language=header)
    assert {leg.language for leg in d.speech.legs.values()} == {language}
    assert (await said(d, session, f"{call}/citizen", "네")).language == language


async def test_a_language_that_is_not_recognised_is_said_in_the_timeline_and_another_one_is_heard(d):
    call, session = await talking(d, Accept_Language="tlh-KR")
    gaps = [event.body for event in d.hub.logs[session] if isinstance(event.body, e.CaptionGap)]
    assert [gap.reason for gap in gaps] == [NO_LANGUAGE] * 2  # of either leg
    d.speech.finish(f"{call}/citizen", "nuqneH")
    await settle()
    assert captions(d, session) == []

    await d.desk.captions.set_language(session, "en-GB")
    assert (await said(d, session, f"{call}/citizen", "hello")).language == "en"
    assert (await said(d, session, f"{call}/agent", "hello")).language == "en"


# ── who could hear ───────────────────────────────────────────────────────────────────────────────


async def test_all_three_of_a_conference_hear_each_other(d):
    call, side, session = await three_way(d)
    for leg, speaker in (
        (f"{call}/citizen", Party.CITIZEN),
        (f"{call}/agent", Party.AGENT),
        (f"{side}/citizen", Party.OFFICE),
    ):
        caption = await said(d, session, leg, f"{speaker} 말")
        assert caption.party is speaker
        assert caption.heard_by == tuple(party for party in ALL if party is not speaker)
    assert citizen_reads(d, session) == ["agent 말", "office 말"]


async def test_what_was_said_in_private_is_not_read_once_all_three_talk(d):
    await talking(d)
    await d.desk.calls.consult("1003", "은평구청")
    side = list(d.phone.calls)[-1]
    d.phone.far_answer(side)
    await settle()
    d.clock.advance(9)
    await d.desk.calls.join_consultation()
    await settle()
    assert d.speech.legs[f"{side}/citizen"].at_ms == 9_000


@pytest.mark.parametrize("by", ["agent", "citizen"])
async def test_a_citizen_on_hold_reads_nothing_of_what_the_others_say(d, by):
    call, side, session = await three_way(d)
    if by == "agent":
        await d.desk.calls.toggle_hold(session)
    else:
        d.phone.far_hold(call, on=True)
    await settle()
    assert (await said(d, session, f"{side}/citizen", "우리끼리 말인데요")).heard_by == (Party.AGENT,)
    for leg in (f"{call}/agent", f"{call}/citizen"):
        assert not d.speech.legs[leg].open_, "what is said to nobody, or said on hold, is not recognised"
    assert citizen_reads(d, session) == []

    if by == "agent":
        await d.desk.calls.toggle_hold(session)
    else:
        d.phone.far_hold(call, on=False)
    await settle()
    assert (await said(d, session, f"{side}/citizen", "다시 모두")).heard_by == (Party.CITIZEN, Party.AGENT)
    assert (await said(d, session, f"{call}/agent", "네")).heard_by == (Party.CITIZEN, Party.OFFICE)
    assert citizen_reads(d, session) == ["다시 모두", "네"]


async def test_an_office_that_holds_us_is_not_said_to_hear(d):
    call, side, session = await three_way(d)
    d.phone.far_hold(side, on=True)
    await settle()
    assert (await said(d, session, f"{call}/citizen", "어디 가셨나요")).heard_by == (Party.AGENT,)
    assert (await said(d, session, f"{call}/agent", "곧 옵니다")).heard_by == (Party.CITIZEN,)
    assert not d.speech.legs[f"{side}/citizen"].open_


async def test_what_runs_when_the_citizen_is_held_ends_there_and_the_rest_is_not_theirs(d):
    call, side, session = await three_way(d)
    leg = f"{side}/citizen"
    d.speech.hear(leg, "서류가", " 왔는데")
    d.phone.far_hold(call, on=True)
    await settle()
    d.speech.hear(leg, "이건", " 비밀")
    d.clock.advance(0.2)
    await settle()
    before, after = captions(d, session)[0], d.desk.sessions.timeline(session).lines[-1]
    assert (before.text, before.heard_by) == ("서류가 왔는데", (Party.CITIZEN, Party.AGENT))
    assert isinstance(after, CaptionLine)
    assert "비밀" in after.provisional
    assert all("비밀" not in str(signal) for signal in d.hub.signals if signal_shows(signal))
    assert citizen_reads(d, session) == ["서류가 왔는데"]


async def test_words_said_on_hold_are_not_the_citizens_though_they_are_told_after_it(d):
    call, side, session = await three_way(d)
    d.clock.advance(10)
    d.phone.far_hold(call, on=True)
    await settle()
    d.clock.advance(10)
    d.phone.far_hold(call, on=False)
    await settle()
    leg = f"{side}/citizen"
    d.speech.legs[leg].at_ms = 19_000  # recognition is a second late
    assert (await said(d, session, leg, "끊지 마세요")).heard_by == (Party.AGENT,)
    d.speech.legs[leg].at_ms = 21_000
    assert (await said(d, session, leg, "들리세요")).heard_by == (Party.CITIZEN, Party.AGENT)


async def test_a_consultation_is_nobodys_to_read(d):
    call, _ = await talking(d)
    await d.desk.calls.consult("1003", "은평구청")
    side = list(d.phone.calls)[-1]
    d.phone.far_answer(side)
    await settle()
    assert f"{side}/citizen" not in d.speech.legs
    assert f"{side}/agent" not in d.speech.legs
    assert not d.speech.legs[f"{call}/agent"].open_


async def test_the_agents_last_words_before_a_hold_are_the_citizens(d):
    call, session = await talking(d)
    d.clock.advance(10)
    d.speech.legs[f"{call}/agent"].at_ms = 9_500
    d.speech.say_word(f"{call}/agent", "잠시만요")
    await d.desk.calls.toggle_hold(session)
    await settle()
    (caption,) = captions(d, session)
    assert (caption.text, caption.heard_by) == ("잠시만요", (Party.CITIZEN,))


# ── no captions at all ───────────────────────────────────────────────────────────────────────────


async def test_models_that_are_missing_or_broken_are_told_once_with_what_to_do(d):
    d.speech.go(broken=True, detail="run `ieum models install`")
    d.speech.go(broken=True, detail="run `ieum models install`")
    assert [(told.trouble, told.detail) for told in d.troubles] == [
        (Trouble.CAPTIONS_MISSING, "run `ieum models install`")
    ]
    assert (d.desk.health.captions.state, d.desk.health.captions.key) == ("bad", "captions_missing")
    d.speech.go(away=True)  # the engine is started again …
    d.speech.go()  # … and has its models now
    assert [told.trouble for told in d.troubles] == [Trouble.CAPTIONS_MISSING, Trouble.CAPTIONS_BACK]
    assert d.desk.health.captions.state == "good"


async def test_a_call_without_any_model_goes_on_and_is_captioned_when_there_is_one(d):
    d.speech.go(broken=True, detail="no model")
    call, _ = await talking(d)
    assert d.speech.legs == {}
    d.speech.go()
    await settle()
    assert set(d.speech.legs) == {f"{call}/citizen", f"{call}/agent"}
