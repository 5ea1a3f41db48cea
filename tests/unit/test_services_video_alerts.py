"""Alerts of video: who waits calls by light, text and (for who hears) sound; signing that cannot be read is an alarm."""

from __future__ import annotations

import pytest

from client.domain.words import Channel
from client.services.errors import NotPossible
from client.services.notices import Alarm
from client.services.policy import Policy
from client.services.video_alerts import UNREADABLE_S
from tests.video_sessions import settle, started, talking

HEARS, DEAF = Policy(signs=True), Policy(signs=True, hears=False)


@pytest.fixture
async def desk_of():
    """Makes desks, and ends them."""
    made = []

    async def make(policy: Policy):
        made.append(await started(policy))
        made[-1].desk.health.phone_there(there=True)
        return made[-1]

    yield make
    for rig in made:
        await rig.desk.stop()


async def waits(rig, channel: Channel = Channel.SIGN_VIDEO) -> str:
    session = rig.hub.citizen_opens(channel, language="kvk")
    await settle()
    return session


def alarms(rig) -> list[tuple[Alarm, str]]:
    return [(alert.alarm, alert.session) for alert in rig.desk.alerts.active]


async def test_a_citizen_who_waits_calls_again_and_again_until_answered(desk_of):
    rig = await desk_of(HEARS)
    session = await waits(rig)
    assert alarms(rig) == [(Alarm.VIDEO_OFFERED, session)]
    rig.clock.advance(5)
    assert rig.desk.alerts.active[0].repeats == 1
    assert rig.phone.rings == "ring"
    await rig.desk.video.answer(session)
    await settle()
    assert alarms(rig) == []
    assert rig.phone.rings == "off"


async def test_a_deaf_counselors_desk_makes_no_sound_at_all(desk_of):
    rig = await desk_of(DEAF)
    rings = []
    ring = rig.phone.ring

    async def heard(on: bool, **more: object) -> None:
        rings.append((on, more))
        await ring(on, **more)

    rig.phone.ring = heard
    await waits(rig)
    rig.clock.advance(30)
    rig.phone.far_call("01012345678")
    await settle()
    rig.desk.alerts.raise_(Alarm.MICROPHONE_SILENT)
    assert {alarm for alarm, _ in alarms(rig)} == {Alarm.VIDEO_OFFERED, Alarm.CALL_OFFERED, Alarm.MICROPHONE_SILENT}
    rig.clock.advance(12)
    await settle()
    assert [one for one in rings if one[0]] == []


async def test_silencing_stops_light_and_sound_here_and_the_citizen_goes_on_waiting(desk_of):
    rig = await desk_of(HEARS)
    session = await waits(rig)
    rig.desk.video.silence(session)
    await settle()
    assert rig.desk.alerts.active[0].silenced
    assert rig.phone.rings == "off"
    assert [offer.session for offer in rig.desk.video_offers] == [session]
    await waits(rig)
    assert rig.phone.rings == "ring", "another who comes rings again"


async def test_who_was_answered_by_a_colleague_calls_no_more(desk_of):
    rig = await desk_of(HEARS)
    session = await waits(rig)
    await rig.hub.colleague.claim(session)
    await settle()
    assert alarms(rig) == []
    assert rig.phone.rings == "off"


async def test_nobody_calls_while_the_agent_talks_and_again_afterwards(desk_of):
    rig = await desk_of(HEARS)
    session = await talking(rig)
    waiting = await waits(rig)
    assert alarms(rig) == []
    with pytest.raises(NotPossible):
        await rig.desk.video.answer(waiting)
    await rig.desk.video.hang_up(session)
    await rig.desk.wrapups.save(session, ["1"], "")
    await settle()
    assert alarms(rig) == [(Alarm.VIDEO_OFFERED, waiting)]


async def test_signing_that_cannot_be_read_for_some_seconds_is_an_alarm_until_it_can(desk_of):
    rig = await desk_of(DEAF)
    session = await talking(rig)
    rig.video.far_quality(session, fps_in=11, delay_ms=90)
    rig.clock.advance(UNREADABLE_S - 0.5)
    assert alarms(rig) == []
    rig.video.far_quality(session, fps_in=12, delay_ms=90)
    rig.clock.advance(0.6)
    assert alarms(rig) == [(Alarm.VIDEO_UNREADABLE, session)]
    rig.video.far_quality(session, fps_in=30, delay_ms=90)
    assert alarms(rig) == []


@pytest.mark.parametrize("figures", [{"fps_in": 30, "delay_ms": 401}, {"fps_in": 19.5, "delay_ms": 50}])
async def test_both_slowness_and_stumbling_make_it_unreadable(desk_of, figures):
    rig = await desk_of(DEAF)
    session = await talking(rig)
    rig.video.far_quality(session, **figures)
    rig.clock.advance(UNREADABLE_S)
    assert alarms(rig) == [(Alarm.VIDEO_UNREADABLE, session)]


async def test_a_picture_that_stumbled_once_is_no_alarm(desk_of):
    rig = await desk_of(DEAF)
    session = await talking(rig)
    rig.video.far_quality(session, fps_in=8, delay_ms=90)
    rig.clock.advance(1)
    rig.video.far_quality(session, fps_in=30, delay_ms=90)
    rig.clock.advance(UNREADABLE_S)
    assert alarms(rig) == []


async def test_a_session_that_ends_or_breaks_takes_its_alarm_along(desk_of):
    rig = await desk_of(DEAF)
    session = await talking(rig)
    rig.video.far_quality(session, fps_in=8, delay_ms=90)
    rig.clock.advance(UNREADABLE_S)
    assert alarms(rig) == [(Alarm.VIDEO_UNREADABLE, session)]
    rig.video.far_break(session)
    await settle()
    assert (Alarm.VIDEO_UNREADABLE, session) not in alarms(rig), "the card says that the connection is broken"
    rig.video.far_connect(session)
    rig.video.far_quality(session, fps_in=8, delay_ms=90)
    await rig.desk.video.hang_up(session)
    rig.clock.advance(UNREADABLE_S)
    await settle()
    assert (Alarm.VIDEO_UNREADABLE, session) not in alarms(rig)
