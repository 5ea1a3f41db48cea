"""The desk's own service of calls on the real engine, through Kamailio: emergencies, relay, who hears and who is left."""

from __future__ import annotations

import pytest

from client.adapters.clock import LoopClock
from client.domain import event as e
from client.domain.call import CallState
from client.domain.words import Party
from client.fakes.outbox import MemoryOutbox
from client.fakes.speech import FakeSpeech
from client.fakes.video import FakeVideo
from client.services.desk import Desk, Ports
from client.services.policy import Policy
from tests.desks import CODES, SCREENS, DeskHub
from tests.peers.baresip import Baresip
from tests.peers.sound import tone_wav, tones_over_time
from tests.waiting import until


class Agent:
    """A desk's services on a real phone; `hub` keeps what is written down."""

    def __init__(self, phone) -> None:
        clock = LoopClock()
        self.phone = phone
        self.hub = DeskHub(clock.now)
        ports = Ports(
            telephony=phone.phone,
            video=FakeVideo(clock.now),
            speech=FakeSpeech(),
            hub=self.hub.me,
            outbox=MemoryOutbox(),
            clock=clock,
        )
        self.desk = Desk(ports, Policy(), lambda language: SCREENS, CODES)
        self.calls = self.desk.calls

    async def start(self) -> Agent:
        self.desk.start()
        await until(lambda: self.desk.log.connected)
        return self

    async def takes(self) -> str:
        """Answer the call that rings; its session."""
        session = (await until(lambda: self.calls.offers, 10, "an offer"))[0].session
        await self.calls.answer(session)
        await self.hears("citizen")
        return session

    async def hears(self, key: str) -> None:
        await until(lambda: self.calls.listener_text_key == key, 10, f"{key}, not {self.calls.listener_text_key}")

    def bodies(self, session: str, kind: type) -> list:
        return [event.body for event in self.hub.logs.get(session, []) if isinstance(event.body, kind)]


@pytest.fixture
async def agents(desks, tmp_path):
    """agents(): a desk 1001 with its services, whose microphone sounds at 1000 Hz."""
    made: list[Agent] = []

    async def make() -> Agent:
        wav = str(tone_wav(tmp_path / "agent.wav", 1000, 60))
        made.append(await Agent(await desks("1001", {"sound.microphone_wav": wav})).start())
        return made[-1]

    yield make
    for agent in made:
        await agent.desk.stop()


async def test_an_emergency_number_joins_the_citizen_and_a_closed_microphone_is_closed_to_both(
    tmp_path, agents, desks, citizens, listen
):
    agent = await agents()
    rescue = await desks("119", {"sound.microphone_wav": str(tone_wav(tmp_path / "rescue.wav", 700, 60))})
    wav = tone_wav(tmp_path / "citizen.wav", 440)
    record = tmp_path / "heard.wav"
    citizen = citizens("--wav", str(wav), "--at-end=loop", f"--record={record}")
    session = await agent.takes()
    await agent.calls.emergency("119")
    await rescue.until_call(state=CallState.OFFERED)
    assert agent.calls.listener_text_key == "citizen"
    there = (await rescue.answered()).call
    await agent.hears("all_three")
    heard = listen(rescue, f"{there}/citizen")
    await heard.until_tones(440, 1000)
    await agent.calls.toggle_mute()
    await agent.hears("nobody_muted")
    await heard.until_tones(440)
    await heard.more(0.6)  # whole half seconds, by which the citizen's record is judged
    await agent.calls.toggle_mute()
    await heard.until_tones(440, 1000)
    assert agent.bodies(session, e.ConferenceStarted)[0].emergency
    assert not agent.bodies(session, e.CallHeld)

    citizen.do("hangup")
    assert await citizen.peer.ended() == 0
    times = tones_over_time(record)
    joined = times.index({700, 1000})
    assert {700} in times[joined:], "the citizen heard the agent, whose microphone was closed"
    await agent.hears("colleague_only")
    await heard.until_tones(1000)
    assert agent.calls.running == session
    assert agent.calls.call(session).alone_with == "119"
    await agent.calls.hang_up()
    await rescue.until_call(call=there, state=CallState.ENDED)
    await until(lambda: agent.calls.running is None, 10, "no call")


async def test_hanging_up_in_a_conference_ends_it_for_all(agents, desks, citizens):
    agent, rescue = await agents(), await desks("119")
    citizen = citizens("--at-end=loop")
    await agent.takes()
    await agent.calls.emergency("119")
    there = (await rescue.answered()).call
    await agent.hears("all_three")
    await agent.calls.hang_up()
    await rescue.until_call(call=there, state=CallState.ENDED)
    assert await citizen.peer.ended() == 0
    await until(lambda: not agent.desk.calls.book.told, 10, "no call")


async def test_an_emergency_during_a_consultation_takes_its_place(agents, desks, citizens):
    agent, colleague, rescue = await agents(), await desks("1002"), await desks("112")
    citizen = citizens("--at-end=loop")
    await agent.takes()
    await agent.calls.consult("1002")
    asked = (await colleague.answered()).call
    await agent.hears("colleague_only")
    await agent.calls.emergency("112")
    await colleague.until_call(call=asked, state=CallState.ENDED)
    await rescue.answered()
    await agent.hears("all_three")
    assert not citizen.all("ended")


async def test_a_citizen_who_leaves_while_a_colleague_is_called_stops_the_ringing(agents, desks, citizens):
    agent, colleague = await agents(), await desks("1002")
    citizen = citizens("--at-end=loop")
    session = await agent.takes()
    await agent.calls.consult("1002")
    rings = await colleague.until_call(state=CallState.OFFERED)
    await agent.hears("nobody_hold")
    citizen.do("hangup")
    ended = await colleague.until_call(call=rings.call, state=CallState.ENDED)
    assert ended.code == 487
    await until(lambda: agent.calls.call(session) is None, 10, "no call")


async def test_a_telephone_that_ignores_replaces_leaves_no_call_behind(tmp_path, kamailio, agents, citizens):
    agent = await agents()
    other = Baresip(tmp_path, kamailio, tone_wav(tmp_path / "b.wav", 700, 60, rate=8_000), user="2002", answer=True)
    try:
        await other.until("200 OK")
        citizens("--at-end=loop")
        session = await agent.takes()
        await agent.calls.consult("2002")
        await agent.hears("colleague_only")
        await agent.calls.complete_transfer()
        await until(lambda: not agent.calls.book.told, 10, "both calls over for us")
        assert agent.bodies(session, e.CallTransferred) == [e.CallTransferred(to="2002", attended=True)]
        assert not agent.bodies(session, e.CallEnded)[0].lost
    finally:
        other.close()


async def test_a_relay_centre_that_calls_is_told_from_the_citizen(agents, citizens):
    agent = await agents()
    citizens("--at-end=loop", "--from=107")
    session = await agent.takes()
    assert agent.desk.sessions.get(session).relay
    joined = await until(lambda: agent.bodies(session, e.LegJoined), 10, "the legs")
    assert joined[0] == e.LegJoined(party=Party.RELAY_OPERATOR, wide_band=True)


async def test_a_relay_centre_that_is_called_is_marked_and_heard_in_its_band(agents, desks):
    agent, relay = await agents(), await desks("107")
    session = await agent.calls.dial("107")
    await relay.answered()
    joined = await until(lambda: agent.bodies(session, e.LegJoined), 10, "the legs")
    assert joined == [e.LegJoined(party=party, wide_band=True) for party in (Party.RELAY_OPERATOR, Party.AGENT)]
    await agent.calls.hang_up()
    left = await until(lambda: agent.bodies(session, e.LegLeft), 10, "the legs' end")
    assert left[0].party is Party.RELAY_OPERATOR
