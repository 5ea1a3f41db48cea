"""A video message from the desk's side, on the shipped fakes: who may play it, where its bytes are, how one calls back."""

from __future__ import annotations

import asyncio

import pytest

from client.domain import event as e
from client.domain.session import Stage
from client.domain.signal import VideoWish
from client.domain.words import Channel, Party
from client.fakes.video import WEBM
from client.ports.hub import GatewayState
from client.services.errors import NotPossible
from client.services.policy import Policy
from tests.desks import FakeDesk, fake_desk
from tests.waiting import until

UNTIL = "2026-12-26T00:00:00.000Z"


@pytest.fixture
async def rig():
    rig = fake_desk(Policy(signs=True))
    rig.desk.start()
    await until(lambda: rig.desk.log.connected)
    yield rig
    await rig.desk.stop()


async def left(rig: FakeDesk, data: bytes = WEBM, number: str = "") -> str:
    session = rig.hub.citizen_leaves_mail(data, 12.0, UNTIL, number)
    await until(lambda: rig.desk.mail.view(session))
    return session


async def taken(rig: FakeDesk, **more) -> str:
    session = await left(rig, **more)
    await rig.desk.sessions.claim(session)
    await until(lambda: rig.desk.sessions.get(session).stage is Stage.TALKING)
    return session


def bodies(rig: FakeDesk, session: str, kind: type) -> list:
    return [event.body for event in rig.hub.logs[session] if isinstance(event.body, kind)]


async def test_it_waits_without_ringing_and_is_no_running_video_once_taken(rig):
    session = await left(rig)
    assert (rig.desk.video.offers, rig.desk.sessions.get(session).stage) == ((), Stage.WAITING)
    await rig.desk.sessions.claim(session)
    await until(lambda: rig.desk.sessions.get(session).stage is Stage.TALKING)
    assert rig.desk.video.running is None
    waits = rig.hub.citizen_opens(Channel.SIGN_VIDEO, language="kvk")
    await until(lambda: [offer.session for offer in rig.desk.video.offers] == [waits])


async def test_its_bytes_are_here_only_while_it_is_open(rig):
    session = await taken(rig)
    await rig.desk.mail.toggle(session)
    file = rig.desk.mail._file
    assert file.read_bytes() == WEBM
    assert rig.desk.mail.view(session).playing.playing
    await rig.desk.mail.close()
    assert not file.exists()
    assert rig.desk.mail.view(session).playing is None
    assert rig.video.mail is None


async def test_another_message_takes_its_place(rig):
    first, second = await taken(rig), await left(rig)
    await rig.desk.mail.toggle(first)
    before = rig.desk.mail._file
    await rig.desk.mail.toggle(second)
    assert not before.exists()
    assert rig.desk.mail.view(first).playing is None
    assert rig.desk.mail.view(second).playing.playing


async def test_two_presses_fetch_it_once(rig):
    session = await taken(rig)
    await asyncio.gather(*(rig.desk.mail.toggle(session) for _ in range(2)))
    assert rig.desk.mail.view(session).playing.playing


async def test_a_jump_stays_inside_and_slower_comes_round(rig):
    session = await taken(rig)
    with pytest.raises(NotPossible, match="no_mail"):
        await rig.desk.mail.jump(5_000)
    await rig.desk.mail.toggle(session)
    await rig.desk.mail.jump(-5_000)
    assert rig.video.mail.position_ms == 0
    rates = []
    for _ in range(4):
        await rig.desk.mail.slower()
        rates.append(rig.video.mail.rate)
    assert rates == [0.75, 0.5, 0.25, 1.0]


async def test_a_hub_that_is_away_leaves_nothing_open(rig):
    session = await taken(rig)
    rig.hub.away = True
    with pytest.raises(NotPossible, match="hub_away"):
        await rig.desk.mail.toggle(session)
    view = rig.desk.mail.view(session)
    assert (view.playing, view.fetching, rig.desk.mail._file) == (None, False, None)


async def test_called_back_by_text_message_where_a_number_was_left(rig):
    rig.hub.gateways = [GatewayState(name="sms", channel=Channel.SMS, state="good", senders=("120",))]
    await rig.desk.gateways.refresh()
    session = await taken(rig, number="010-****-5678")
    assert await rig.desk.mail.call_back(session, "주소: {link}")
    rig.clock.advance(60)  # what can be undone is undone by then
    await until(lambda: bodies(rig, session, e.MessageSent))
    (sent,) = bodies(rig, session, e.MessageSent)
    assert (sent.via, sent.party) == (Channel.SMS, Party.AGENT)
    assert sent.text.startswith("주소: http")
    await until(lambda: rig.desk.video.running == session)
    await until(lambda: [s for s in rig.hub.signals if isinstance(s.body, VideoWish)])


async def test_called_back_on_the_page_where_none_was_left_and_talked_to_the_end(rig):
    session = await taken(rig)
    await rig.desk.mail.toggle(session)
    assert not await rig.desk.mail.call_back(session, "{link}")
    assert rig.video.mail is None
    assert bodies(rig, session, e.MessageSent) == []
    await until(lambda: rig.desk.video.running == session)
    with pytest.raises(NotPossible, match="not_yours"):
        await rig.desk.mail.call_back(session, "{link}")
    await rig.desk.video.hang_up(session)
    await until(lambda: rig.desk.sessions.get(session).stage is Stage.WRAP_UP)


async def test_nobody_calls_back_from_what_is_not_theirs(rig):
    session = await left(rig)
    with pytest.raises(NotPossible, match="not_yours"):
        await rig.desk.mail.call_back(session, "{link}")
    assert rig.desk.sessions.get(session).stage is Stage.WAITING
