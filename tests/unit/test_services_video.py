"""A video session from the desk's side, on the shipped fakes: offers, answers, text, hold, breaks, the end."""

from __future__ import annotations

import asyncio

import pytest

from client.domain import event as e
from client.domain.session import Stage
from client.domain.signal import LiveText, MediaState, Signal, VideoAnswer, VideoOffer, VideoWish
from client.domain.video import TextReceived, VideoLink
from client.domain.words import Channel, Party
from client.services.errors import NotPossible
from client.services.notices import Trouble, TroubleTold
from client.services.policy import Policy
from tests.desks import FakeDesk, fake_desk
from tests.waiting import until

SDP = "v=0\r\nm=video 9 x\r\nm=audio 9 x\r\n"


@pytest.fixture
async def rig():
    rig = fake_desk(Policy(signs=True))
    rig.desk.start()
    await until(lambda: rig.desk.log.connected)
    yield rig
    await rig.desk.stop()


async def citizen_waits(rig: FakeDesk, channel: Channel = Channel.SIGN_VIDEO) -> str:
    session = rig.hub.citizen_opens(channel, language="kvk")
    await until(lambda: session in rig.desk.sessions)
    return session


def offer(rig: FakeDesk, session: str, generation: int, sdp: str = SDP) -> None:
    body = VideoOffer(generation=generation, sdp=sdp)
    rig.hub.pass_on(Signal(session=session, key=VideoOffer.kind, body=body))


def told(rig: FakeDesk, kind: type) -> list:
    return [signal.body for signal in rig.hub.signals if isinstance(signal.body, kind)]


async def talking(rig: FakeDesk) -> str:
    session = await citizen_waits(rig)
    await rig.desk.video.answer(session)
    await until(lambda: told(rig, VideoWish))
    offer(rig, session, 1)
    await until(lambda: told(rig, VideoAnswer))
    rig.video.far_connect(session)
    await until(lambda: rig.video.sources.get(session))
    return session


async def test_the_engine_is_woken_by_the_first_who_waits_for_this_agent():
    rig = fake_desk(Policy(web_calls=True))
    rig.desk.start()
    await until(lambda: rig.desk.log.connected)
    await citizen_waits(rig, Channel.SIGN_VIDEO)  # for others
    assert not rig.video.awake
    await citizen_waits(rig, Channel.WEB_CALL)
    assert rig.video.awake
    await rig.desk.stop()


def bodies(rig: FakeDesk, session: str, kind: type) -> list:
    return [event.body for event in rig.hub.logs[session] if isinstance(event.body, kind)]


async def test_nothing_is_asked_of_the_page_before_the_answer(rig):
    session = await citizen_waits(rig)
    assert [offer.session for offer in rig.desk.video.offers] == [session]
    assert not told(rig, VideoWish)
    await rig.desk.video.answer()
    await until(lambda: told(rig, VideoWish))
    assert rig.desk.video.running == session
    assert rig.desk.video.offers == ()


async def test_a_call_that_is_no_sign_language_is_offered_by_choice_alone():
    rig = fake_desk(Policy(signs=False, web_calls=True))
    rig.desk.start()
    await until(lambda: rig.desk.log.connected)
    await citizen_waits(rig)
    web = await citizen_waits(rig, Channel.WEB_CALL)
    assert [offer.session for offer in rig.desk.video.offers] == [web]
    await rig.desk.stop()


async def test_who_is_faster_has_the_citizen(rig):
    session = await citizen_waits(rig)
    await rig.hub.colleague.claim(session)
    with pytest.raises(NotPossible) as refused:
        await rig.desk.video.answer(session)
    assert refused.value.key == "owned"
    assert rig.desk.video.running is None


async def test_the_offer_is_answered_and_sound_goes_through_the_bridge(rig):
    session = await talking(rig)
    (answer,) = told(rig, VideoAnswer)
    assert (answer.generation, answer.refused) == (1, "")
    assert rig.video.sources[session] == f"web:{session}/mix"
    view = rig.desk.video.view(session)
    assert view is not None
    assert view.call is not None
    assert view.call.link is VideoLink.CONNECTED


async def test_a_browser_without_a_common_codec_is_told_so(rig):
    session = await citizen_waits(rig)
    await rig.desk.video.answer(session)
    offer(rig, session, 1, SDP + "VP9 only")
    await until(lambda: told(rig, VideoAnswer))
    assert told(rig, VideoAnswer)[0].refused == "no_codec"


async def test_sdp_garbage_is_refused_and_the_session_goes_on(rig):
    session = await citizen_waits(rig)
    await rig.desk.video.answer(session)
    offer(rig, session, 1, "\x00 nonsense")
    await until(lambda: told(rig, VideoAnswer))
    assert told(rig, VideoAnswer)[0].refused == "bad_offer"
    offer(rig, session, 2)
    await until(lambda: len(told(rig, VideoAnswer)) > 1)
    assert told(rig, VideoAnswer)[1].sdp


async def test_text_passes_as_it_is_typed_and_lasts_as_a_message(rig):
    session = await talking(rig)
    text = rig.desk.video.text
    text.type(session, "ㅇ")
    text.type(session, "아")
    text.type(session, "안")
    await until(lambda: rig.video.written.get(session) == "ㅇ\b아\b안")
    text.finish(session, "안녕")
    await until(lambda: rig.video.written[session].endswith("녕\u2028"))
    assert bodies(rig, session, e.MessageSent)[-1].text == "안녕"
    rig.video.far_types(session, "네\b예\u2028다")
    assert text.of(session).pending == ["예"]
    assert text.of(session).citizen == "다"
    rig.hub.citizen_says(session, e.MessageSent(party=Party.CITIZEN, text="예"))
    await until(lambda: text.of(session).pending == [])


async def test_a_message_that_overtakes_its_live_line_is_shown_once(rig):
    session = await talking(rig)
    text = rig.desk.video.text
    rig.video.far_types(session, "빠른 길")
    rig.hub.citizen_says(session, e.MessageSent(party=Party.CITIZEN, text="빠른 길"))
    await until(lambda: text.of(session).early == ["빠른 길"])
    rig.video.far_types(session, "\u2028다음")
    assert (text.of(session).pending, text.of(session).citizen) == ([], "다음")
    rig.video.far_types(session, "\u2028")
    assert text.of(session).pending == ["다음"]


async def test_a_line_that_comes_round_late_spoils_nothing_of_the_channel(rig):
    session = await talking(rig)
    text = rig.desk.video.text
    late = Signal(session=session, key="live_text:citizen", body=LiveText(party=Party.CITIZEN, text="둘째 줄의 반"))
    text.take(TextReceived(call=session, text="", fresh=True))
    rig.hub.pass_on(late)
    await until(lambda: text.of(session).citizen == "둘째 줄의 반")
    rig.video.far_types(session, "둘째 줄의 반 더")
    assert text.of(session).citizen == "둘째 줄의 반 더"
    rig.hub.pass_on(late)
    rig.hub.pass_on(
        Signal(session=session, key="media:citizen", body=MediaState(party=Party.CITIZEN, link="connected"))
    )
    await until(lambda: rig.desk.video.view(session).citizen)  # so the late line has come, too
    assert text.of(session).citizen == "둘째 줄의 반 더"
    rig.video.far_types(session, "!\u2028")
    assert text.of(session).pending == ["둘째 줄의 반 더!"]


async def test_a_line_that_comes_round_is_shown_once_the_channel_is_lost(rig):
    session = await talking(rig)
    text = rig.desk.video.text
    rig.video.far_types(session, "첫 글")
    rig.hub.pass_on(
        Signal(session=session, key="live_text:citizen", body=LiveText(party=Party.CITIZEN, text="첫 글자"))
    )
    rig.video.far_hang_up(session)
    await until(lambda: text.of(session).citizen == "첫 글자")
    rig.hub.citizen_says(session, e.MessageSent(party=Party.CITIZEN, text="첫 글자"))
    await until(lambda: text.of(session).citizen == "")
    assert text.of(session).pending == []


async def test_text_goes_round_by_the_hub_where_no_channel_is_open(rig):
    session = await talking(rig)
    rig.video.far_break(session)
    rig.desk.video.text.type(session, "기다려")
    await until(lambda: rig.clock.advance(0.2) or told(rig, LiveText))
    assert told(rig, LiveText)[-1] == LiveText(party=Party.AGENT, text="기다려")
    body = LiveText(party=Party.CITIZEN, text="여기 있어요")
    rig.hub.pass_on(Signal(session=session, key="live_text:citizen", body=body))
    await until(lambda: rig.desk.video.text.of(session).citizen == "여기 있어요")
    rig.video.far_connect(session)
    await until(lambda: rig.video.written.get(session, "").endswith("기다려"))


async def test_a_break_is_told_once_and_its_end(rig):
    session = await talking(rig)
    rig.video.far_break(session)
    rig.video.far_break(session)
    await until(lambda: bodies(rig, session, e.VideoInterrupted))
    rig.video.far_connect(session)
    await until(lambda: bodies(rig, session, e.VideoRestored))
    assert len(bodies(rig, session, e.VideoInterrupted)) == 1


async def test_a_dead_engine_asks_the_page_for_a_new_connection(rig):
    session = await talking(rig)
    rig.video.break_off()
    await until(lambda: len(told(rig, VideoWish)) > 1)
    assert told(rig, VideoWish)[-1].generation == 1
    offer(rig, session, 2)
    await until(lambda: told(rig, VideoAnswer)[-1].generation == 2)
    rig.video.far_connect(session)
    await until(lambda: bodies(rig, session, e.VideoRestored))
    assert rig.desk.video.running == session


async def test_hold_stops_picture_and_sound_and_says_why(rig):
    session = await talking(rig)
    await rig.desk.video.toggle_hold()
    assert rig.video.calls[session].on_hold
    assert rig.phone.calls[f"web:{session}"].on_hold
    await until(lambda: bodies(rig, session, e.CallHeld))
    assert rig.desk.sessions.get(session).stage is Stage.HELD
    await rig.desk.video.toggle_hold()
    assert not rig.video.calls[session].on_hold
    assert not rig.phone.calls[f"web:{session}"].on_hold


async def test_the_privacy_card_is_an_event_for_the_citizen(rig):
    session = await talking(rig)
    await rig.desk.video.toggle_picture()
    assert not rig.video.calls[session].shown
    shown = [event for event in rig.hub.logs[session] if isinstance(event.body, e.PictureShown)]
    await until(
        lambda: [x.body.on for x in rig.hub.logs[session] if isinstance(x.body, e.PictureShown)] == [True, False]
    )
    assert all(event.audience == "citizen" for event in shown)


async def test_the_end_keeps_what_was_typed_and_begins_the_wrap_up(rig):
    session = await talking(rig)
    rig.desk.video.text.type(session, "고맙습니")
    await rig.desk.video.hang_up()
    await until(lambda: bodies(rig, session, e.CallEnded))
    assert bodies(rig, session, e.MessageSent)[-1].text == "고맙습니"
    assert rig.desk.sessions.get(session).stage is Stage.WRAP_UP
    assert rig.desk.wrapups.pending() == (session,)
    assert not rig.video.calls
    assert not rig.phone.calls
    assert len(bodies(rig, session, e.CallAnswered)) == len(bodies(rig, session, e.CallEnded)) == 1


async def test_the_citizen_ends_it(rig):
    session = await talking(rig)
    rig.hub.citizen_says(session, e.CallEnded(by="citizen"))
    await until(lambda: rig.desk.wrapups.pending() == (session,))
    await until(lambda: not rig.video.calls)


async def test_no_call_rings_while_the_agent_signs(rig):
    await talking(rig)
    rig.phone.far_call()
    await asyncio.sleep(0)
    assert rig.desk.calls.offers == ()


async def test_what_the_page_says_of_itself_is_shown(rig):
    session = await talking(rig)
    state = MediaState(party=Party.CITIZEN, generation=1, link="connected", camera="off", microphone="none")
    rig.hub.pass_on(Signal(session=session, key="media:citizen", body=state))
    await until(lambda: rig.desk.video.view(session).citizen == state)


async def test_quality_that_makes_signing_unreadable_is_said(rig):
    session = await talking(rig)
    rig.video.far_quality(session, fps_in=29.5, delay_ms=80)
    assert rig.desk.video.view(session).readable
    rig.video.far_quality(session, fps_in=12.0, delay_ms=80)
    assert not rig.desk.video.view(session).readable
    rig.video.far_quality(session, fps_in=29.0, delay_ms=500)
    assert not rig.desk.video.view(session).readable


async def test_an_offer_that_comes_again_is_answered_again(rig):
    session = await talking(rig)
    offer(rig, session, 1)
    await until(lambda: len(told(rig, VideoAnswer)) > 1)
    first, again = told(rig, VideoAnswer)
    assert first == again
    assert len(rig.video.calls) == 1


async def test_a_wish_is_repeated_until_an_offer_comes(rig):
    session = await citizen_waits(rig)
    await rig.desk.video.answer(session)
    await until(lambda: len(told(rig, VideoWish)) == 1)
    await until(lambda: rig.clock.advance(4.1) or len(told(rig, VideoWish)) > 1)
    offer(rig, session, 1)
    await until(lambda: told(rig, VideoAnswer))
    count = len(told(rig, VideoWish))
    rig.clock.advance(10)
    await asyncio.sleep(0)
    assert len(told(rig, VideoWish)) == count


async def test_who_had_hidden_is_not_shown_by_a_desk_that_starts_again(rig):
    session = await talking(rig)
    await rig.desk.video.toggle_picture()
    await rig.desk.video.toggle_mute()
    await rig.desk.log.drained(5)
    await rig.desk.stop()
    again = fake_desk(Policy(signs=True), rig.clock, rig.outbox, rig.hub)
    again.desk.start()
    await until(lambda: len(told(rig, VideoWish)) > 1)
    offer(rig, session, 2)
    await until(lambda: again.video.calls.get(session) and again.video.calls[session].muted)
    assert not again.video.calls[session].shown
    await again.desk.stop()


async def test_a_restarted_desk_takes_a_running_session_up_again(rig):
    session = await talking(rig)
    await rig.desk.log.drained(5)
    await rig.desk.stop()
    again = fake_desk(Policy(signs=True), rig.clock, rig.outbox, rig.hub)
    again.desk.start()
    await until(lambda: len(told(rig, VideoWish)) > 1)
    offer(rig, session, 2)
    await until(lambda: again.video.calls.get(session))
    again.video.far_connect(session)
    await until(lambda: again.video.sources.get(session))
    assert again.desk.video.running == session
    await again.desk.stop()


async def test_a_desk_that_is_adopted_keeps_the_connection(rig):
    session = await talking(rig)
    await rig.desk.log.drained(5)
    await rig.desk.stop()
    wishes = len(told(rig, VideoWish))
    again = fake_desk(Policy(signs=True), rig.clock, rig.outbox, rig.hub)
    again.video.calls = rig.video.calls
    again.phone.calls = rig.phone.calls
    again.desk.start()
    await until(lambda: again.desk.video.running == session)
    await until(lambda: again.desk.video.view(session).call)
    assert len(told(rig, VideoWish)) == wishes
    await again.desk.stop()


async def test_a_running_session_is_handed_over_and_shows_nobody_before_it_is_taken_up(rig):
    session = await talking(rig)
    rig.desk.video.text.type(session, "마지막 줄")
    await rig.desk.video.hand_over(session, rig.hub.colleague.person.id, "기관에 전화해 주세요")
    await until(lambda: not rig.video.calls)
    assert rig.desk.video.running is None
    assert not rig.phone.calls
    assert bodies(rig, session, e.MessageSent)[-1].text == "마지막 줄"
    assert bodies(rig, session, e.CallHeld)[-1].reason == "hand_over"
    assert not rig.desk.wrapups.pending()


async def test_what_a_colleague_hands_over_waits_for_an_answer(rig):
    session = await citizen_waits(rig)
    other = rig.hub.colleague
    await other.claim(session)
    rig.hub.citizen_says(session, e.CallAnswered(), e.CallHeld(reason="hand_over"))
    await other.transfer(session, rig.hub.me.person.id, "이어 주세요")
    await until(lambda: rig.desk.sessions.get(session).handed_waits)
    assert [offer.session for offer in rig.desk.video.offers] == [session]
    offer(rig, session, 4)  # the page looks for somebody meanwhile
    await asyncio.sleep(0)
    assert not told(rig, VideoWish)
    assert rig.desk.video.running is None
    await rig.desk.video.answer()
    await until(lambda: told(rig, VideoWish))
    assert told(rig, VideoWish)[-1].generation == 4
    assert rig.desk.sessions.get(session).stage is Stage.TALKING
    offer(rig, session, 5)
    await until(lambda: rig.video.calls.get(session))
    assert bodies(rig, session, e.CallResumed)


async def test_a_call_from_the_homepage_shows_no_picture_and_says_nothing_of_one():
    rig = fake_desk(Policy())
    rig.desk.start()
    await until(lambda: rig.desk.log.connected)
    session = await citizen_waits(rig, Channel.WEB_CALL)
    await rig.desk.video.answer(session)
    offer(rig, session, 1, "v=0\r\nm=audio 9 x\r\n")
    await until(lambda: rig.video.calls.get(session))
    assert not rig.video.calls[session].shown
    assert not bodies(rig, session, e.PictureShown)
    await rig.desk.stop()


@pytest.mark.parametrize("signs", [True, False])
async def test_who_does_not_sign_is_not_told_of_a_missing_camera(signs):
    rig = fake_desk(Policy(signs=signs))
    troubles = []
    rig.desk.publisher.subscribe(TroubleTold, lambda told: troubles.append(told.trouble))
    rig.desk.start()
    rig.video.lose_camera("there is no camera")
    assert (Trouble.CAMERA_LOST in troubles) is signs
    await rig.desk.stop()
