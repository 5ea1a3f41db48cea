"""The sound of a citizen's browser beside its session: joined, captioned, muted, held and left, on the shipped fakes."""

from __future__ import annotations

import pytest

from client.domain import event as e
from client.domain.recognition import spoken_language
from client.domain.words import Channel, Party
from client.services.policy import Policy
from tests.video_sessions import SILENT, bodies, offered, said, settle, started, talking
from tests.waiting import until


@pytest.fixture
async def rig():
    rig = await started()
    yield rig
    await rig.desk.stop()


def legs(session: str) -> tuple[str, str]:
    return f"web:{session}/citizen", f"web:{session}/agent"


async def captions(rig, session) -> list[tuple[Party, str, tuple[Party, ...]]]:
    await settle()
    return [(body.party, body.text, body.heard_by) for body in bodies(rig, session, e.Caption)]


@pytest.mark.parametrize(("tag", "language"), [("kvk", ""), ("KVK-KR", ""), ("ase", ""), ("ko", "ko")])
def test_a_signed_language_is_not_spoken(tag, language):
    assert spoken_language(tag) == language


async def test_both_sides_are_captioned_wide_band_in_the_centres_language_where_one_signs(rig):
    session = await talking(rig)
    theirs, ours = legs(session)
    await until(lambda: set(rig.speech.legs) == {theirs, ours})
    assert {(leg.language, leg.wide_band) for leg in rig.speech.legs.values()} == {("ko", True)}
    await said(rig, theirs, "잘 들려요")
    await said(rig, ours, "네 들립니다")
    assert await captions(rig, session) == [
        (Party.CITIZEN, "잘 들려요", (Party.AGENT,)),
        (Party.AGENT, "네 들립니다", (Party.CITIZEN,)),
    ]
    assert [(body.party, body.wide_band) for body in bodies(rig, session, e.LegJoined)] == [
        (Party.CITIZEN, True),
        (Party.AGENT, True),
    ]
    assert not bodies(rig, session, e.CaptionGap)


async def test_a_web_call_is_captioned_in_its_own_language_until_another_is_chosen(rig):
    session = await talking(rig, "v=0\r\nm=audio 9 x\r\n", Channel.WEB_CALL, "vi-VN")
    assert {leg.language for leg in rig.speech.legs.values()} == {"vi"}
    await rig.desk.captions.set_language(session, "en")
    assert {leg.language for leg in rig.speech.legs.values()} == {"en"}
    await rig.desk.captions.set_language(session, "kvk")
    assert {leg.language for leg in rig.speech.legs.values()} == {"ko"}
    assert not bodies(rig, session, e.CaptionGap)


async def test_a_closed_microphone_and_a_hold_close_the_captions(rig):
    session = await talking(rig)
    theirs, ours = (rig.speech.legs[leg] for leg in legs(session))
    await rig.desk.video.toggle_mute()
    await settle()
    assert (theirs.open_, ours.open_) == (True, False)
    await rig.desk.video.toggle_hold()
    await settle()
    assert (theirs.open_, ours.open_) == (False, False)
    await rig.desk.video.toggle_hold()
    await settle()
    assert (theirs.open_, ours.open_) == (True, False)
    await rig.desk.video.toggle_mute()
    await settle()
    assert (theirs.open_, ours.open_) == (True, True)


async def test_an_operators_mark_does_not_change_whose_browser_it_is(rig):
    session = await talking(rig)
    rig.desk.calls.mark_relay(session, True)
    await said(rig, legs(session)[0], "제가 말해요")
    assert (await captions(rig, session))[0][0] is Party.CITIZEN


async def test_a_new_connection_goes_on_in_the_same_call_and_the_end_leaves_its_legs_once(rig):
    session = await talking(rig)
    await offered(rig, session, 2)
    assert list(rig.phone.calls) == [f"web:{session}"]
    assert not rig.speech.detached
    await rig.desk.video.hang_up()
    await until(lambda: sorted(rig.speech.detached) == sorted(legs(session)))
    assert not rig.phone.calls
    assert len(bodies(rig, session, e.LegLeft)) == 2
    assert len(bodies(rig, session, e.LegJoined)) == 2
    assert len(bodies(rig, session, e.CallEnded)) == 1


async def test_a_phone_engine_that_died_gets_the_sound_again(rig):
    session = await talking(rig)
    await rig.desk.video.toggle_mute()
    rig.phone.break_off()
    await until(lambda: f"web:{session}" in rig.phone.calls)
    await until(lambda: rig.phone.calls[f"web:{session}"].muted)
    await until(lambda: set(rig.speech.legs) == set(legs(session)))
    assert rig.desk.video.running == session


async def test_where_the_citizen_sends_no_sound_there_is_no_call(rig):
    session = await talking(rig, SILENT)
    assert rig.desk.video.running == session
    assert not rig.phone.calls
    assert not rig.speech.legs
    assert rig.desk.calls.running is None


async def test_a_desk_that_is_started_again_takes_the_sound_up(rig):
    session = await talking(rig)
    again = await started(Policy(signs=True), outbox=rig.outbox, hub=rig.hub)
    again.desk.calls.book.keep(f"web:{session}", again.desk.calls.book.records[f"web:{session}"])
    await again.phone.web(session, (0, ""), "")
    await settle()
    assert set(again.speech.legs) == set(legs(session))
    assert again.desk.calls.running is None
    await again.desk.stop()
