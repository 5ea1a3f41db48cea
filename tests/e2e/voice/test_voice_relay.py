"""The relay on the real phone, through Kamailio: what an office really hears, reads and answers, and what never reaches it."""

from __future__ import annotations

import asyncio
import json
import os
import signal

import numpy as np
import pytest
import soundfile

from client import models
from client.adapters.clock import LoopClock
from client.adapters.speech import SpeechEngine
from client.domain import event as e
from client.domain.call import CallState, mix_leg, web_call
from client.domain.relay import RelayState
from client.domain.signal import Signal, VideoAnswer, VideoOffer
from client.domain.words import Channel, Party
from client.fakes.outbox import MemoryOutbox
from client.fakes.speech import FakeSpeech
from client.fakes.video import FakeVideo
from client.services.desk import Desk, Ports
from client.services.policy import Policy
from tests.desks import CODES, SCREENS, DeskHub
from tests.peers.browser_sound import BrowserSound
from tests.peers.recorded import RATE, spoken
from tests.peers.sound import tone_wav, tones_in
from tests.waiting import until

AGENT, OFFICE, CITIZEN, HELPER = 1000, 700, 440, 1400  # Hz
SOUND, SILENT = "v=0\r\nm=video 9 x\r\nm=audio 9 x\r\n", "v=0\r\nm=video 9 x\r\n"


class BrowserVideo(FakeVideo):
    """Pictures as the fake makes them, sound as an engine of its own publishes it."""

    def __init__(self, now, directory) -> None:
        super().__init__(now)
        self.browser: BrowserSound | None = None
        self._directory = directory

    async def subscribe(self) -> tuple[int, str]:
        assert self.browser is not None
        return self.browser.source()

    async def speaks(self, session: str) -> None:
        self.browser = await BrowserSound(self._directory, CITIZEN, f"{session}/far").start()


class Relay:
    """A counselor's desk on a real phone, with a citizen who signs."""

    def __init__(self, phone, directory, *, hears: bool = True, speech=None) -> None:
        clock = LoopClock()
        self.phone = phone
        self.hub = DeskHub(clock.now)
        self.video = BrowserVideo(clock.now, directory)
        ports = Ports(
            telephony=phone.phone,
            video=self.video,
            speech=speech or FakeSpeech(),
            hub=self.hub.me,
            outbox=MemoryOutbox(),
            clock=clock,
        )
        self.desk = Desk(ports, Policy(signs=True, hears=hears), lambda language: SCREENS, CODES)
        self.session = ""

    async def start(self, sdp: str = SOUND) -> Relay:
        self.desk.start()
        await until(lambda: self.desk.log.connected)
        self.session = self.hub.citizen_opens(Channel.SIGN_VIDEO, language="kvk")
        await until(lambda: self.session in self.desk.sessions)
        await self.video.speaks(self.session)
        await self.desk.video.answer(self.session)
        offer = Signal(session=self.session, key=VideoOffer.kind, body=VideoOffer(generation=1, sdp=sdp))
        self.hub.pass_on(offer)
        await until(lambda: any(isinstance(signal.body, VideoAnswer) for signal in self.hub.signals))
        self.video.far_connect(self.session)
        if sdp == SOUND:
            await self.phone.until_call(call=web_call(self.session), state=CallState.ACTIVE)
        return self

    async def stop(self) -> None:
        await self.desk.stop()
        if self.video.browser is not None:
            await self.video.browser.close()

    def consents(self, *, given: bool) -> None:
        body = e.ConsentAnswered(purpose="relay_voice", given=given, version="2026-11-3", language="ko")
        self.hub.citizen_says(self.session, body)

    async def until_state(self, state: RelayState | None) -> None:
        def stands() -> bool:
            view = self.desk.relay.view(self.session)
            return (view.state if view else None) is state

        await until(stands, 15, f"{state}: {self.desk.relay.view(self.session)}")

    def bodies(self, kind: type) -> list:
        return [event.body for event in self.hub.logs[self.session] if isinstance(event.body, kind)]


@pytest.fixture
async def relays(desks, tmp_path):
    """relays(**options): a counselor's desk 1001 whose microphone sounds at 1000 Hz, in a session."""
    made: list[Relay] = []

    async def make(sdp: str = SOUND, **options: object) -> Relay:
        phone = await desks("1001", {"sound.microphone_wav": str(tone_wav(tmp_path / "agent.wav", AGENT, 120))})
        made.append(Relay(phone, tmp_path, **options))
        return await made[-1].start(sdp)

    yield make
    for relay in made:
        await relay.stop()


@pytest.fixture
async def office(desks, tmp_path):
    return await desks("3001", {"sound.microphone_wav": str(tone_wav(tmp_path / "office.wav", OFFICE, 120))})


async def test_an_office_hears_the_citizen_by_consent_alone_and_the_citizen_hears_it_from_its_agreement(
    relays, office, listen
):
    relay = await relays()
    citizen = web_call(relay.session)
    hears = listen(relay.phone, mix_leg(citizen))
    await hears.until_tones(AGENT)
    await relay.desk.relay.start(relay.session, "3001", "은평구청")
    there = (await office.answered()).call
    await relay.until_state(RelayState.ANNOUNCING)
    at_office = listen(office, f"{there}/citizen")
    await at_office.until_tones(AGENT)
    await hears.until_tones()  # neither the office nor what it is told
    await at_office.more(0.6)
    assert tones_in(at_office.pcm) == {AGENT}

    await relay.desk.relay.agree()
    await relay.until_state(RelayState.JOINED)
    await hears.until_tones(AGENT, OFFICE)
    await at_office.more(0.6)
    assert tones_in(at_office.pcm) == {AGENT}
    own = listen(relay.phone, f"{citizen}/citizen")
    await own.until_tones(CITIZEN)  # the counselor hears them all the time

    relay.consents(given=True)
    await at_office.until_tones(AGENT, CITIZEN)
    relay.consents(given=False)
    await at_office.until_tones(AGENT)

    await relay.desk.video.toggle_hold()
    await at_office.until_tones()
    await hears.until_tones()
    await relay.desk.video.toggle_hold()
    await at_office.until_tones(AGENT)
    await hears.until_tones(AGENT, OFFICE)

    await office.phone.hang_up(there)
    await relay.until_state(None)
    await hears.until_tones(AGENT)
    await until(lambda: relay.bodies(e.RelayEnded), 10, "the relay's end")
    assert relay.bodies(e.RelayEnded)[0].by == "office"
    assert len(relay.bodies(e.RelayAgreed)) == 1


async def test_a_citizen_without_sound_is_relayed_and_a_menu_is_answered(relays, office):
    relay = await relays(SILENT)
    await relay.desk.relay.start(relay.session, "3001", "여권과")
    there = (await office.answered()).call
    await relay.until_state(RelayState.ANNOUNCING)
    await relay.desk.relay.tones("4")
    await office.until_told("tone", call=there, digit="4")
    await relay.desk.relay.agree()
    await relay.until_state(RelayState.JOINED)
    await relay.desk.relay.tones("#")
    await office.until_told("tone", call=there, digit="#")
    assert len(relay.phone.calls()) == 1
    await relay.desk.video.hang_up()
    await relay.until_state(None)
    await office.until_call(call=there, state=CallState.ENDED)
    await until(lambda: relay.bodies(e.RelayEnded), 10, "the relay's end")
    assert relay.bodies(e.RelayEnded)[0].by == "agent"


async def test_an_office_that_is_busy_or_unknown_is_said_and_the_citizen_goes_on(relays, office, listen):
    relay = await relays()
    hears = listen(relay.phone, mix_leg(web_call(relay.session)))
    await relay.desk.relay.start(relay.session, "3001")
    offered = await office.until_call(state=CallState.OFFERED)
    await office.phone.reject(offered.call, 486)
    await relay.until_state(None)
    await relay.desk.relay.start(relay.session, "3999")
    await until(lambda: len(relay.bodies(e.RelayEnded)) == 2, 10, f"both ends: {relay.phone.calls()}")
    assert [body.reason[:3] for body in relay.bodies(e.RelayEnded)] == ["486", "404"]
    await hears.until_tones(AGENT)


async def test_a_colleague_speaks_for_a_counselor_whose_microphone_stays_closed(
    relays, desks, office, listen, tmp_path
):
    relay = await relays(hears=False)
    helper = await desks("1002", {"sound.microphone_wav": str(tone_wav(tmp_path / "helper.wav", HELPER, 120))})
    await relay.desk.relay.start(relay.session, "3001", "은평구청", "1002")
    at_helper = (await helper.answered()).call
    there = (await office.answered()).call
    await relay.until_state(RelayState.ANNOUNCING)
    heard = listen(office, f"{there}/citizen")
    await heard.until_tones(HELPER)
    await relay.desk.relay.agree()
    mix = listen(relay.phone, mix_leg(web_call(relay.session)))
    await mix.until_tones(AGENT, HELPER, OFFICE)  # the counselor's voice, if there is one, is the citizen's alone
    await heard.more(0.6)
    assert tones_in(heard.pcm) == {HELPER}
    await helper.phone.hang_up(at_helper)
    await office.until_call(call=there, state=CallState.ENDED)
    await relay.until_state(None)


async def test_a_phone_engine_that_dies_ends_the_relay_and_brings_the_citizens_sound_back(relays, office, listen):
    relay = await relays()
    await relay.desk.relay.start(relay.session, "3001")
    await office.answered()
    await relay.until_state(RelayState.ANNOUNCING)
    await relay.desk.relay.agree()
    os.kill(json.loads(relay.phone.endpoint.read_text())["pid"], signal.SIGKILL)
    await until(lambda: relay.bodies(e.RelayEnded), 30, "the relay's end")
    assert relay.bodies(e.RelayEnded)[0].by == "failure"
    citizen = web_call(relay.session)
    await relay.phone.until_call(20, call=citizen, state=CallState.ACTIVE, conference=())
    hears = listen(relay.phone, mix_leg(citizen))
    await hears.until_tones(AGENT, seconds=20)
    assert relay.desk.video.running == relay.session


async def test_an_offices_words_are_read_by_the_citizen_from_its_agreement_on(relays, desks, tmp_path):
    """With the real models: the office says a known passage again and again."""
    sound = spoken(5)
    soundfile.write(tmp_path / "says.wav", np.tile(sound.samples, 6), RATE, subtype="PCM_16")
    office = await desks("3001", {"sound.microphone_wav": str(tmp_path / "says.wav")})
    phones: list = []

    async def source() -> tuple[int, str]:
        return await phones[0].phone.subscribe()

    speech = SpeechEngine(tmp_path / "speech", source, environment={"IEUM_MODELS": str(models.directory())})
    speech.start()
    try:
        relay = await relays(SILENT, speech=speech)
        phones.append(relay.phone)
        await relay.desk.relay.start(relay.session, "3001", "은평구청")
        await office.answered()
        await relay.until_state(RelayState.ANNOUNCING)
        await until(lambda: speech.pid and relay.desk.captions.state == "on", 60, "the models")
        assert not relay.bodies(e.Caption)
        agreed = asyncio.get_running_loop().time()
        await relay.desk.relay.agree()
        await until(lambda: relay.bodies(e.Caption), 60, "captions")
        caption = relay.bodies(e.Caption)[0]
        assert caption.party is Party.OFFICE
        assert Party.CITIZEN in caption.heard_by
        assert len(caption.text) > 5
        assert asyncio.get_running_loop().time() - agreed < 60
    finally:
        await speech.close(end_engine=True)
