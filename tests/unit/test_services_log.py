"""The desk's log on a hub that comes and goes, refuses and forgets to tell."""

from __future__ import annotations

import pytest

from client.domain import event as e
from client.domain.event import new_event
from client.domain.ids import new_id
from client.domain.screen import ScreenKind
from client.domain.signal import Mirror, PageState, Signal, Typing
from client.domain.timeline import MessageLine, ScreenLine, ScreenState
from client.domain.words import Channel, Party, Role
from client.fakes.outbox import MemoryOutbox
from client.ports.hub import HubRefused
from client.services.errors import NotPossible
from client.services.notices import Alarm, SessionChanged, Trouble, TroubleTold
from client.services.presence import Presence
from tests.desks import SCREENS, fake_desk
from tests.waiting import until


@pytest.fixture
async def d():
    fake = fake_desk()
    fake.troubles = []
    fake.desk.publisher.subscribe(TroubleTold, lambda told: fake.troubles.append(told.trouble))
    fake.desk.start()
    await until(lambda: fake.desk.log.connected)
    yield fake
    await fake.desk.stop()


def opened(d, key=""):
    session = new_id()
    d.desk.log.open(session, e.SessionOpened(channel=Channel.PHONE), (key or f"pbx:{session}",), "")
    return session


async def test_with_the_hub_away_work_goes_on_and_drains_later_in_order(d):
    session = opened(d)
    await until(lambda: session in d.hub.logs)
    d.hub.away = True
    await until(lambda: not d.desk.log.connected)
    for n in range(5):
        d.desk.writing.note(session, f"메모 {n}")
    assert d.desk.log.waiting == 5
    assert d.desk.health.hub.state == "careful"
    assert [line.text for line in d.desk.sessions.timeline(session).lines] == [f"메모 {n}" for n in range(5)]
    d.hub.away = False
    await until(lambda: not d.outbox.waiting())
    assert [event.body.text for event in d.hub.logs[session][1:]] == [f"메모 {n}" for n in range(5)]
    await until(lambda: Trouble.HUB_BACK in d.troubles)
    assert d.troubles == [Trouble.HUB_AWAY, Trouble.HUB_BACK]


async def test_what_waited_before_a_restart_is_shown_at_once_and_sent_once(d):
    session = opened(d)
    await until(lambda: session in d.hub.logs)
    d.hub.away = True
    d.desk.writing.note(session, "못 보낸 말")
    await d.desk.stop()
    again = fake_desk(outbox=MemoryOutbox(d.outbox.kept), hub=d.hub, clock=d.clock)
    again.desk.start()
    assert [line.text for line in again.desk.sessions.timeline(session).lines] == ["못 보낸 말"]
    d.hub.away = False
    await until(lambda: not again.outbox.waiting())
    await until(lambda: again.desk.sessions.last_seq(session) == 2)
    assert [event.type for event in d.hub.logs[session]] == ["session.opened", "note.written"]
    await again.desk.stop()


async def test_a_full_store_refuses_aloud_and_keeps_the_text(d):
    session = opened(d)
    d.desk.writing.draft(session, "note", "쓰던 글")
    d.outbox.kept.full = True
    with pytest.raises(NotPossible, match="store_full"):
        d.desk.writing.note(session, "쓰던 글")
    assert d.troubles == [Trouble.STORE_FULL]
    assert d.desk.writing.drafts(session) == {"note": "쓰던 글"}
    assert d.desk.sessions.timeline(session).lines == []
    d.outbox.kept.full = False
    d.desk.writing.note(session, "쓰던 글")
    assert d.desk.writing.drafts(session) == {}


async def test_one_refused_event_is_set_aside_and_holds_up_no_other(d, monkeypatch):
    session = opened(d)
    await until(lambda: session in d.hub.logs)
    real = d.hub.me.append

    async def append(target, events):
        if any(isinstance(event.body, e.NoteWritten) and event.body.text == "나쁜" for event in events):
            raise HubRefused(422, "bad-input", "no")
        return await real(target, events)

    monkeypatch.setattr(d.hub.me, "append", append)
    for text in ("앞", "나쁜", "뒤"):
        d.desk.writing.note(session, text)
    await until(lambda: not d.outbox.waiting())
    assert [event.body.text for event in d.hub.logs[session][1:]] == ["앞", "뒤"]
    assert [(event.body.text, why) for event, why in d.outbox.set_aside()] == [("나쁜", "422 bad-input")]
    assert d.troubles == [Trouble.HUB_REFUSED]


async def test_what_the_hub_refused_is_shown_after_a_restart_and_sent_when_it_is_tried_again(d, monkeypatch):
    session = opened(d)
    await until(lambda: session in d.hub.logs)

    async def refuse(target, events):
        raise HubRefused(422, "bad-input", "no")

    with monkeypatch.context() as broken:
        broken.setattr(d.hub.me, "append", refuse)
        d.desk.writing.note(session, "받지 않은 메모")
        await until(d.outbox.set_aside)
    assert [line.refused for line in d.desk.sessions.timeline(session).lines] == ["422 bad-input"]
    await d.desk.stop()

    again = fake_desk(outbox=MemoryOutbox(d.outbox.kept), hub=d.hub, clock=d.clock)
    told = []
    again.desk.publisher.subscribe(TroubleTold, told.append)
    again.desk.start()
    (line,) = again.desk.sessions.timeline(session).lines
    assert (line.text, line.refused) == ("받지 않은 메모", "422 bad-input")
    assert [(one.trouble, one.detail) for one in told] == [(Trouble.HUB_REFUSED, "1")]
    again.desk.log.try_again()
    await until(lambda: len(d.hub.logs[session]) == 2)
    assert again.outbox.set_aside() == again.outbox.waiting() == ()
    assert [line.refused for line in again.desk.sessions.timeline(session).lines] == [""]
    await again.desk.stop()


async def test_a_credential_the_hub_does_not_know_loses_nothing_and_is_told(d, monkeypatch):
    session = opened(d)
    await until(lambda: session in d.hub.logs)

    async def unknown(*_):
        raise HubRefused(401, "bad-credential", "who?")

    async def no_stream():
        raise HubRefused(401, "bad-credential", "who?")
        yield

    with monkeypatch.context() as rotated:
        rotated.setattr(d.hub.me, "append", unknown)
        rotated.setattr(d.hub.me, "stream", no_stream)
        d.hub.away = True
        await until(lambda: not d.desk.log.connected)
        d.hub.away = False
        d.desk.writing.note(session, "아직 못 보낸 메모")
        await until(lambda: d.desk.log.denied)
        assert (d.desk.health.hub.state, d.desk.health.hub.key) == ("bad", "hub_denied")
        assert d.outbox.set_aside() == ()
    await until(lambda: d.desk.log.connected and not d.outbox.waiting())
    assert not d.desk.log.denied
    assert [event.body.text for event in d.hub.logs[session][1:]] == ["아직 못 보낸 메모"]
    assert d.troubles == [Trouble.HUB_AWAY, Trouble.HUB_DENIED, Trouble.HUB_BACK]


async def test_a_claim_that_a_full_hub_could_not_store_is_asked_again(d, monkeypatch):
    session = opened(d)
    await until(lambda: session in d.hub.logs)
    real, answers = d.hub.me.claim, [HubRefused(507, "store-full", "full")]

    async def claim(target):
        if answers:
            raise answers.pop()
        return await real(target)

    monkeypatch.setattr(d.hub.me, "claim", claim)
    d.desk.log.own(session)
    await until(lambda: d.hub.owners[session] is not None)
    assert answers == []


async def test_a_full_hub_is_asked_again_and_a_known_id_is_done(d, monkeypatch):
    session = opened(d)
    await until(lambda: session in d.hub.logs)
    answers = [HubRefused(507, "store-full", "full"), HubRefused(409, "id-reused", "known")]

    async def append(target, events):
        raise answers.pop(0)

    monkeypatch.setattr(d.hub.me, "append", append)
    d.desk.writing.note(session, "x")
    await until(lambda: not d.outbox.waiting())
    assert answers == []
    assert d.troubles == [Trouble.STORE_FULL]
    assert d.outbox.set_aside() == ()


async def test_a_session_that_was_open_elsewhere_is_joined_under_its_own_id(d):
    first = opened(d, "pbx:77")
    await until(lambda: first in d.hub.logs)
    second = new_id()
    d.desk.log.open(second, e.SessionOpened(channel=Channel.PHONE, language="en"), ("pbx:77",), "")
    d.desk.writing.note(second, "이어서")
    await until(lambda: not d.outbox.waiting())
    assert second not in d.desk.sessions
    d.desk.writing.note(second, "그리고")
    await until(lambda: not d.outbox.waiting())
    assert [event.type for event in d.hub.logs[first]].count("note.written") == 2
    assert second not in d.hub.logs


async def test_a_hole_is_fetched(d):
    session = opened(d)
    await until(lambda: d.desk.sessions.last_seq(session) == 1)
    d.hub.unheard(session, e.MessageSent(party=Party.CITIZEN, text="하나"))
    d.hub.citizen_says(session, e.MessageSent(party=Party.CITIZEN, text="둘"))
    await until(lambda: d.desk.sessions.last_seq(session) == 3)
    assert [line.text for line in d.desk.sessions.timeline(session).lines] == ["하나", "둘"]


async def test_a_lost_tail_and_a_session_missed_whole_are_fetched_by_heads(d):
    session = opened(d)
    await until(lambda: d.desk.sessions.last_seq(session) == 1)
    d.hub.away = True
    await until(lambda: not d.desk.log.connected)
    d.hub.away = False
    d.hub.citizen_says(session, e.MessageSent(party=Party.CITIZEN, text="끝말"))
    other = new_id()
    chat = new_event(other, e.SessionOpened(channel=Channel.CHAT), at=d.clock.now())
    await d.hub.client("창구", Role.GATEWAY).open_session(chat, ("chat:1",), "")
    await until(lambda: d.desk.sessions.last_seq(session) == 2 and other in d.desk.sessions)
    assert d.desk.sessions.get(other).channel is Channel.CHAT


async def test_what_the_citizen_writes_is_unread_until_shown_and_calls_for_the_agent(d):
    session = opened(d)
    await until(lambda: d.desk.sessions.last_seq(session) == 1)
    d.hub.citizen_says(session, e.MessageSent(party=Party.CITIZEN, text="여보세요"))
    await until(lambda: d.desk.sessions.unread(session) == 1)
    assert [alert.alarm for alert in d.desk.alerts.active] == [Alarm.MESSAGE]
    assert d.phone.rings == "soft"
    d.desk.sessions.shown = session
    d.desk.sessions.mark_read(session)
    d.desk.alerts.acknowledge_session(session)
    assert (d.desk.sessions.unread(session), d.desk.alerts.active) == (0, ())
    d.hub.citizen_says(session, e.MessageSent(party=Party.CITIZEN, text="보고 있어요"))
    await until(lambda: len(d.desk.sessions.timeline(session).lines) == 2)
    assert d.desk.alerts.active == ()


async def test_an_alert_is_repeated_until_acknowledged(d):
    session = opened(d)
    d.desk.alerts.raise_(Alarm.MESSAGE, session)
    d.desk.alerts.raise_(Alarm.MESSAGE, session)
    d.clock.advance(16)
    (alert,) = d.desk.alerts.active
    assert alert.repeats == 3
    d.desk.alerts.acknowledge(alert.id)
    d.clock.advance(60)
    assert d.desk.alerts.active == ()


async def test_writing_needs_a_reader(d):
    session = opened(d)
    await until(lambda: session in d.hub.logs)
    with pytest.raises(NotPossible, match="page_not_open"):
        d.desk.writing.send(session, "안녕하세요")
    d.hub.citizen_says(session, e.PageEntered())
    await until(lambda: d.desk.sessions.get(session).page_entered)
    with pytest.raises(NotPossible, match="bad_text"):
        d.desk.writing.send(session, "  ")
    d.desk.writing.send(session, "안녕하세요")
    await until(lambda: not d.outbox.waiting())
    (line,) = [line for line in d.desk.sessions.timeline(session).lines if isinstance(line, MessageLine)]
    await until(lambda: d.desk.sessions.timeline(session).find(line.id).stored)


async def test_a_colleagues_session_is_read_only(d):
    session = opened(d)
    await until(lambda: session in d.hub.logs)
    await d.desk.sessions.claim(session)
    await d.desk.sessions.transfer(session, d.hub.colleague.person.id, "")
    with pytest.raises(NotPossible, match="not_yours"):
        d.desk.screens.push(session, SCREENS[0])
    assert session not in [view.id for view in d.desk.sessions.mine()]


async def test_a_screen_from_push_to_answer_with_its_mirror(d):
    session = opened(d)
    await until(lambda: session in d.hub.logs)
    assert [screen.name for screen in d.desk.screens.find("장기요양 신청")] == ["long-term-care"]
    assert [screen.name for screen in d.desk.screens.find("소견서")] == ["long-term-care"]
    assert d.desk.screens.find("없는것") == ()
    link = await d.desk.screens.link(session)
    assert link.startswith("http://")
    push = d.desk.screens.push(session, SCREENS[0])
    assert d.desk.screens.mirror(session).page == "none"
    for body in (
        e.PageEntered(),
        e.ScreenOpened(push=push),
        e.ConsentAnswered(purpose="share_screen", given=True, version="1"),
    ):
        d.hub.citizen_says(session, body)
    for key, body in (
        ("mirror", Mirror(push=push, values={"id": "on"}, focus="doctor")),
        ("page", PageState(state="open")),
        ("typing:citizen", Typing(party=Party.CITIZEN, on=True)),
    ):
        d.hub.citizen_signals(Signal(session=session, key=key, body=body))
    await until(lambda: d.desk.sessions.signal(session, "typing:citizen"))
    mirror = d.desk.screens.mirror(session)
    assert (mirror.screen.kind, mirror.values, mirror.focus, mirror.sharing) == (
        ScreenKind.CHECKLIST,
        {"id": "on"},
        "doctor",
        True,
    )
    assert (mirror.page, mirror.link) == ("open", link)

    d.hub.citizen_says(session, e.ConsentAnswered(purpose="share_screen", given=False, version="1"))
    await until(lambda: not d.desk.sessions.get(session).sharing)
    mirror = d.desk.screens.mirror(session)
    assert (mirror.values, mirror.focus, mirror.sharing) == ({}, "", False)

    d.hub.citizen_says(session, e.ScreenAnswered(push=push, answers={"checked": ("id",)}))
    await until(lambda: d.desk.screens.pushes(session)[0].state is ScreenState.ANSWERED)
    assert Alarm.SCREEN_ANSWERED in [alert.alarm for alert in d.desk.alerts.active]
    d.desk.screens.guide(session, push, "doctor")
    d.clock.advance(1)
    await until(lambda: any(signal.key == "guide" for signal in d.hub.signals))
    d.desk.screens.withdraw(session, push)
    assert d.desk.screens.mirror(session).screen is None
    assert isinstance(d.desk.sessions.timeline(session).find(push), ScreenLine)


async def test_the_hub_being_away_is_said_when_it_is_asked(d):
    session = opened(d)
    await until(lambda: session in d.hub.logs)
    d.hub.away = True
    for ask in (d.desk.screens.link(session), d.desk.sessions.unmask(session, "x"), d.desk.sessions.colleagues()):
        with pytest.raises(NotPossible, match="hub_away"):
            await ask


async def test_health_says_what_works(d):
    assert (d.desk.health.phone.key, d.desk.health.hub.key) == ("phone_away", "hub_connected")
    d.desk.health.phone_there(there=True)
    assert d.desk.health.phone.key == "phone_ready"
    d.phone.register(registered=False, code=403)
    assert d.desk.health.phone.key == "not_registered"
    assert d.troubles == [Trouble.NOT_REGISTERED]
    d.phone.register(registered=True)
    assert d.desk.health.phone.state == "good"
    d.phone.fall_silent("microphone", silent=True)
    assert d.desk.health.microphone.key == "microphone_silent"
    assert [alert.alarm for alert in d.desk.alerts.active] == [Alarm.MICROPHONE_SILENT]
    d.phone.fall_silent("microphone", silent=False)
    assert (d.desk.health.microphone.state, d.desk.alerts.active) == ("good", ())


async def test_presence_is_the_agents_choice(d):
    since = d.desk.presence.since
    d.clock.advance(5)
    d.desk.presence.set(Presence.BREAK)
    d.desk.presence.set(Presence.BREAK)
    assert (d.desk.presence.shown, (d.desk.presence.since - since).total_seconds()) == ("break", 5)


async def test_signals_are_the_newest_of_each_key_and_lost_without_a_hub(d):
    session = opened(d)
    await until(lambda: session in d.hub.logs)
    d.hub.away = True
    d.desk.screens.guide(session, "p", "a")
    d.clock.advance(1)
    await until(lambda: not d.desk.log.connected)
    d.hub.away = False
    await until(lambda: d.desk.log.connected)
    d.desk.screens.guide(session, "p", "b")
    d.desk.screens.guide(session, "p", "c")
    d.clock.advance(1)
    await until(lambda: d.hub.signals)
    assert [signal.body.focus for signal in d.hub.signals] == ["c"]


async def test_sessions_are_listed_running_first_and_closed_ones_not(d):
    seen = []
    d.desk.publisher.subscribe(SessionChanged, lambda notice: seen.append(notice.session))
    waiting, closed = opened(d), opened(d)
    d.desk.log.say(closed, e.SessionClosed())
    talking = opened(d)
    d.desk.log.say(talking, e.CallAnswered())
    assert [view.id for view in d.desk.sessions.all()] == [talking, waiting]
    assert [view.id for view in d.desk.sessions.waiting()] == [waiting]
    assert talking in seen
