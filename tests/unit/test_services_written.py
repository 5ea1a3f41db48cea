"""Written sessions at the desk's services: undo that outlives a crash, ways to the citizen, files, reply times, colleagues."""

from __future__ import annotations

import pytest

from client.domain import event as e
from client.domain.event import DeliveryState
from client.domain.session import Stage
from client.domain.signal import Signal, Typing, Working
from client.domain.timeline import MessageLine
from client.domain.words import Channel, Party
from client.fakes.outbox import MemoryOutbox
from client.ports.hub import GatewayState
from client.services.attaching import UploadState
from client.services.errors import NotPossible
from client.services.notices import Alarm, Trouble, TroubleTold
from client.services.policy import Policy
from tests.desks import FakeDesk, fake_desk
from tests.ui import scenes
from tests.waiting import until


async def started(fake: FakeDesk) -> FakeDesk:
    fake.desk.start()
    await until(lambda: fake.desk.sessions.me)
    return fake


@pytest.fixture
async def d():
    fake = await started(fake_desk(Policy(undo_s=5, reply_s=60)))
    yield fake
    await fake.desk.stop()


def sent(d: FakeDesk, session: str) -> list[str]:
    bodies = [event.body for event in d.hub.logs[session]]
    return [b.text for b in bodies if isinstance(b, e.MessageSent) and b.party is Party.AGENT]


def messages(d: FakeDesk, session: str) -> list[MessageLine]:
    return [line for line in d.desk.sessions.timeline(session).lines if isinstance(line, MessageLine)]


# ── undo ─────────────────────────────────────────────────────────────────────────────────────────


async def test_an_sms_waits_and_then_goes(d):
    session = await scenes.taken(d)
    d.desk.writing.send(session, "안내드립니다")
    assert [held.body.text for held in d.desk.sending.held] == ["안내드립니다"]
    assert sent(d, session) == []
    d.clock.advance(5)
    await until(lambda: sent(d, session) == ["안내드립니다"])
    assert d.desk.sending.held == ()
    assert d.outbox.all_drafts() == []


async def test_undo_acts_on_the_message_it_names_and_gives_its_words_back_below_the_new_ones(d):
    first = await scenes.taken(d)
    second = await scenes.taken(d, Channel.KAKAO)
    d.desk.writing.send(first, "하나")
    d.desk.writing.send(second, "둘")
    d.desk.writing.draft(first, "message", "새 글")
    held = {one.body.text: one.id for one in d.desk.sending.held}
    assert d.desk.sending.cancel(held["하나"]) == first
    assert d.desk.writing.drafts(first)["message"] == "새 글\n하나"
    d.clock.advance(5)
    await until(lambda: sent(d, second) == ["둘"])
    assert sent(d, first) == []
    assert d.desk.sending.cancel(held["둘"]) == ""  # too late is no mistake


async def test_after_a_crash_in_the_wait_it_is_a_draft_and_the_agent_is_told():
    kept = MemoryOutbox()
    first = await started(fake_desk(Policy(undo_s=30), outbox=kept))
    session = await scenes.taken(first)
    first.desk.writing.send(session, "보내기 직전")
    await first.desk.stop()
    second = fake_desk(Policy(undo_s=30), outbox=MemoryOutbox(kept.kept), hub=first.hub)
    told: list[TroubleTold] = []
    second.desk.publisher.subscribe(TroubleTold, told.append)
    await started(second)
    assert second.desk.writing.drafts(session)["message"] == "보내기 직전"
    assert [(one.trouble, one.detail) for one in told if one.trouble is Trouble.UNSENT] == [(Trouble.UNSENT, "1")]
    assert sent(second, session) == []
    await second.desk.stop()


async def test_chat_goes_at_once_and_can_be_withdrawn(d):
    session = await scenes.taken(d, Channel.CHAT)
    message = d.desk.writing.send(session, "바로 갑니다")
    await until(lambda: sent(d, session) == ["바로 갑니다"])
    d.desk.writing.withdraw(session, message)
    assert messages(d, session)[-1].withdrawn


async def test_on_a_full_disk_nothing_is_half_sent(d):
    session = await scenes.taken(d)
    d.outbox.kept.full = True
    with pytest.raises(NotPossible) as refused:
        d.desk.writing.send(session, "글")
    assert refused.value.key == "store_full"
    assert d.desk.sending.held == ()


# ── ways ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("by", ["undo", "time"])
async def test_on_a_full_disk_what_waits_neither_goes_nor_vanishes(d, by):
    session = await scenes.taken(d)
    id_ = d.desk.writing.send(session, "안내드립니다")
    d.outbox.kept.full = True
    if by == "undo":
        with pytest.raises(NotPossible):
            d.desk.sending.cancel(id_)
    d.clock.advance(60)
    assert [held.id for held in d.desk.sending.held] == [id_]
    assert sent(d, session) == []
    d.outbox.kept.full = False
    d.desk.sending.cancel(id_)
    assert d.desk.writing.drafts(session)["message"] == "안내드립니다"
    assert d.desk.sending.held == ()


async def test_a_call_can_be_answered_by_sms_where_a_service_is_there(d):
    session = await scenes.ring(d)
    await d.desk.calls.answer(session)
    assert d.desk.writing.ways(session) == ()
    d.hub.gateways = [GatewayState(name="sms", channel=Channel.SMS, state="good", senders=("120",))]
    await d.desk.gateways.refresh()
    (way,) = d.desk.writing.ways(session)
    assert (way.via, way.senders) == (Channel.SMS, ("120",))


async def test_where_the_thread_ended_nothing_is_sent(d):
    session = await scenes.taken(d, Channel.KAKAO)
    d.hub.citizen_says(session, e.ThreadEnded(reason="blocked"))
    await until(lambda: d.desk.sessions.get(session).thread_ended == "blocked")
    ways = {way.via: way.open for way in d.desk.writing.ways(session)}
    assert ways[Channel.KAKAO] is False
    assert ways[Channel.SMS] is True  # the number is known


async def test_a_service_that_stops_and_comes_back_is_told_once_each(d):
    told: list[Trouble] = []
    d.desk.publisher.subscribe(TroubleTold, lambda one: told.append(one.trouble))
    for state in ("good", "down", "down", "good"):
        d.hub.gateways = [GatewayState(name="sms", channel=Channel.SMS, state=state)]
        await d.desk.gateways.refresh()
    assert told == [Trouble.GATEWAY_DOWN, Trouble.GATEWAY_BACK]


# ── what became of a message ─────────────────────────────────────────────────────────────────────


async def test_a_failed_message_calls_the_agent_and_is_decided_once(d):
    session = await scenes.sms_talk(d)
    line = d.desk.sessions.open_question(session)
    assert line is not None
    assert line.delivery is DeliveryState.UNCERTAIN
    assert Alarm.MESSAGE_FAILED in [alert.alarm for alert in d.desk.alerts.active]
    await d.desk.writing.settle(session, line.id, again=False)
    await until(lambda: d.desk.sessions.open_question(session) is not line)
    second = d.desk.sessions.open_question(session)
    assert second is not None
    assert second.delivery is DeliveryState.FAILED
    await d.desk.writing.settle(session, second.id, again=True)
    await until(lambda: d.desk.sessions.open_question(session) is None)


async def test_the_citizens_reading_is_shown_up_to_what_was_read(d):
    session = await scenes.taken(d, Channel.CHAT)
    first, second = (d.desk.writing.send(session, text) for text in ("하나", "둘"))
    await until(lambda: sent(d, session) == ["하나", "둘"])
    d.hub.citizen_says(session, e.MessageRead(message=first, party=Party.CITIZEN))
    await until(lambda: [line.read for line in messages(d, session)[1:]] == [True, False])
    d.hub.citizen_says(session, e.MessageRead(message=second, party=Party.CITIZEN))
    await until(lambda: [line.read for line in messages(d, session)[1:]] == [True, True])


# ── files ────────────────────────────────────────────────────────────────────────────────────────


async def test_a_file_is_uploaded_at_once_and_goes_with_the_message(d):
    session = await scenes.taken(d)
    d.desk.attaching.add(session, "안내.txt", "안내문".encode())
    await until(lambda: [item.state for item in d.desk.attaching.items(session)] == [UploadState.KEPT])
    d.desk.writing.send(session, "", attachments=d.desk.attaching.taken(session))
    assert d.desk.attaching.items(session) == ()
    d.clock.advance(5)
    await until(lambda: messages(d, session)[-1].stored)
    assert [file.name for file in messages(d, session)[-1].attachments] == ["안내.txt"]


async def test_what_the_hub_refuses_or_misses_is_said_and_can_be_tried_again(d):
    session = await scenes.taken(d)
    d.desk.attaching.add(session, "leer.txt", b"")
    await until(lambda: [item.state for item in d.desk.attaching.items(session)] == [UploadState.REFUSED])
    with pytest.raises(NotPossible) as refused:
        d.desk.attaching.taken(session)
    assert refused.value.key == "file_not_ready"
    d.desk.attaching.remove(session, d.desk.attaching.items(session)[0].id)
    d.hub.away = True
    id_ = d.desk.attaching.add(session, "a.txt", b"a")
    await until(lambda: [item.state for item in d.desk.attaching.items(session)] == [UploadState.AWAY])
    d.hub.away = False
    d.desk.attaching.retry(session, id_)
    await until(lambda: [item.state for item in d.desk.attaching.items(session)] == [UploadState.KEPT])


async def test_an_attached_file_outlives_the_desk():
    kept = MemoryOutbox()
    first = await started(fake_desk(outbox=kept))
    session = await scenes.taken(first)
    first.desk.attaching.add(session, "a.txt", b"a")
    await until(lambda: first.desk.attaching.items(session)[0].state is UploadState.KEPT)
    await first.desk.stop()
    second = await started(fake_desk(outbox=MemoryOutbox(kept.kept), hub=first.hub))
    assert [item.name for item in second.desk.attaching.items(session)] == ["a.txt"]
    await second.desk.stop()


# ── several at once ──────────────────────────────────────────────────────────────────────────────


async def test_a_late_answer_calls_once_and_ends_with_the_answer(d):
    session = await scenes.taken(d)
    d.clock.advance(61)
    assert Alarm.REPLY_LATE in [alert.alarm for alert in d.desk.alerts.active]
    assert d.desk.replies.left_s(session) < 0
    d.desk.sending.undo_s = 0
    d.desk.writing.send(session, "늦어서 죄송합니다")
    await until(lambda: d.desk.replies.left_s(session) is None)
    d.clock.advance(5)
    assert Alarm.REPLY_LATE not in [alert.alarm for alert in d.desk.alerts.active]


async def test_what_is_written_into_a_waiting_session_calls_nobody(d):
    await scenes.written(d)
    assert d.desk.alerts.active == ()


async def test_a_finished_session_is_wrapped_up_and_closed(d):
    session = await scenes.taken(d)
    d.desk.wrapups.begin(session)
    assert d.desk.sessions.get(session).stage is Stage.WRAP_UP
    await d.desk.wrapups.save(session, ("2",), "")
    await until(lambda: d.desk.sessions.get(session).stage is Stage.CLOSED)


async def test_lines_of_a_joined_session_stand_in_the_other_also_what_comes_late(d):
    source = await scenes.taken(d)
    target = await scenes.taken(d, Channel.KAKAO)
    await d.desk.sessions.merge(source, target)
    await until(lambda: d.desk.sessions.get(source).stage is Stage.CLOSED)
    assert len(messages(d, target)) == 2
    scenes.from_citizen(d, source, "늦게 온 글")
    await until(lambda: [line.text for line in messages(d, target)][-1] == "늦게 온 글")
    assert messages(d, target)[-1].session == source


async def test_the_next_who_waits_is_ours_and_none_is_said(d):
    session = await scenes.written(d)
    assert await d.desk.sessions.next_waiting() == session
    assert await d.desk.sessions.next_waiting() == ""


async def test_colleagues_who_look_on_are_known_until_they_fall_silent(d):
    session = await scenes.taken(d)
    d.hub.pass_on(
        Signal(session=session, key="working:x", body=Working(viewing=True, typing=True, principal="x", name="이나눔"))
    )
    await until(lambda: [one.name for one in d.desk.sessions.others_at(session)] == ["이나눔"])
    d.clock.advance(60)
    assert d.desk.sessions.others_at(session) == ()


async def test_looking_and_writing_are_told_and_end(d):
    session = await scenes.taken(d, Channel.CHAT)
    d.desk.attendance.look_at(session)
    d.desk.attendance.types()
    d.clock.advance(0.2)
    await until(lambda: any(isinstance(s.body, Typing) and s.body.on for s in d.hub.signals))
    d.clock.advance(5)
    d.clock.advance(0.2)
    await until(lambda: any(isinstance(s.body, Typing) and not s.body.on for s in d.hub.signals))
    d.desk.attendance.look_at("")
    d.clock.advance(0.2)
    await until(lambda: any(isinstance(s.body, Working) and not s.body.viewing for s in d.hub.signals))


async def test_the_written_language_is_the_sessions(d):
    session = await scenes.taken(d)
    scenes.from_citizen(d, session, "Tôi muốn hỏi", language="vi")
    await until(lambda: d.desk.sessions.get(session).language == "vi")


async def test_history_waits_for_the_agents_word_where_it_must(d):
    await scenes.taken(d)
    session = await scenes.taken(d)
    d.hub.confirm_citizen = True
    with pytest.raises(NotPossible):
        await d.desk.sessions.history(session)
    d.desk.writing.confirm_citizen(session)
    await d.desk.log.settled(session)
    assert len(await d.desk.sessions.history(session)) == 1
