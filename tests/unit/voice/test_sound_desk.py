"""The desk's sound on a device double: devices come and go, the agent is told, the call never stops."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from client.domain.call import Devices, Level, Silence
from client.domain.codec import BadInput
from client.engines.voice.device_double import DeviceDouble
from client.engines.voice.frame_bytes import ZERO
from client.engines.voice.requests import Configure
from client.engines.voice.sound_card import NoCard, SoundFault
from client.engines.voice.sound_desk import SoundDesk
from client.settings import Settings
from tests.peers.sound import tone_wav

SPEECH = np.full(320, 3_000, np.int16).tobytes()


class Desk:
    """A sound desk whose time moves by hand: each step is 20 ms."""

    def __init__(self, card, **settings) -> None:
        self.card = card
        self.told: list = []
        self.in_call = True
        self.sound = SoundDesk(card, Settings(**settings), self.told.append)
        self.sound.start(lambda: self.in_call)
        self.now = asyncio.get_running_loop().time()

    def step(self, seconds: float, heard: bytes = ZERO) -> bytes:
        said = b""
        for n in range(int(seconds * 50)):
            self.now += 0.02
            if isinstance(self.card, DeviceDouble):
                self.card.run()
            said = self.sound.microphone()
            self.sound.ears(heard)
            if n % 5 == 4:
                self.sound.look(self.now)
        return said

    def last(self, kind):
        return [t for t in self.told if isinstance(t, kind)][-1]


@pytest.fixture
async def desk():
    made: list[Desk] = []

    def make(card=None, **settings) -> Desk:
        made.append(Desk(card or DeviceDouble(), **settings))
        return made[-1]

    yield make
    for each in made:
        each.sound.stop()


async def test_the_microphone_reaches_the_call_and_the_call_the_ears(desk):
    d = desk()
    assert set(np.frombuffer(d.step(1), np.int16)) == {1_000}
    d.step(1, SPEECH)
    assert set(d.card.played["Headset"][-1]) == {3_000}
    level = d.last(Level)
    assert (level.microphone, level.far_end) == (pytest.approx(1_000 / 32_768), pytest.approx(3_000 / 32_768))


async def test_levels_are_told_ten_times_a_second_at_most_and_only_when_they_change(desk):
    d = desk()
    loud = [0]

    def says(count):
        loud[0] += 90
        return np.full(count, loud[0] % 20_000, np.int16)

    d.card.says = says
    d.step(2)
    assert 10 < len([t for t in d.told if isinstance(t, Level)]) <= 20
    d.card.says = lambda count: np.full(count, 500, np.int16)
    d.step(1)
    before = len(d.told)
    d.step(1)
    assert len(d.told) == before


async def test_a_named_device_is_taken_and_a_missing_one_is_said(desk):
    card = DeviceDouble(inputs=["Built-in", "Jabra"], outputs=["Built-in", "Jabra"])
    d = desk(card, microphone="Jabra", speaker="Gone")
    told = d.last(Devices)
    assert (told.microphone, told.speaker, told.ring) == ("Jabra", "Built-in", "Built-in")
    assert told.default_output == "Built-in"
    assert "Gone is not there" in told.problem


async def test_an_unplugged_headset_is_said_replaced_and_taken_back(desk):
    card = DeviceDouble(inputs=["Built-in", "Jabra"], outputs=["Built-in", "Jabra"])
    d = desk(card, microphone="Jabra", speaker="Jabra")
    d.step(0.5)
    card.unplug("Jabra")
    said = d.step(0.5)
    told = d.last(Devices)
    assert (told.microphone, told.speaker) == ("Built-in", "Built-in")
    assert "Jabra" in told.problem
    assert np.frombuffer(said, np.int16).any()
    card.plug("Jabra")
    d.step(5)
    assert d.last(Devices).microphone == "Built-in"  # a running call is not disturbed for it
    d.in_call = False
    d.step(5)
    told = d.last(Devices)
    assert (told.microphone, told.speaker, told.problem) == ("Jabra", "Jabra", "")


async def test_the_last_device_gone_the_call_goes_on_and_takes_the_next_that_comes(desk):
    d = desk()
    d.card.unplug("Headset")
    assert d.step(0.5) == ZERO
    assert d.last(Devices).microphone == ""
    d.step(2)
    assert d.last(Silence).silent
    d.card.plug("New")
    assert np.frombuffer(d.step(4), np.int16).any()
    assert d.last(Devices).microphone == "New"
    assert d.last(Silence) == Silence(side="microphone", silent=False)


async def test_a_microphone_that_went_in_a_call_is_taken_back_though_the_speaker_stayed(desk):
    d = desk(DeviceDouble(inputs=["Mic"], outputs=["Speaker"]))
    d.card.unplug("Mic")
    assert d.step(0.5) == ZERO
    assert (d.last(Devices).microphone, d.last(Devices).speaker) == ("", "Speaker")
    d.card.inputs.append("Mic")
    assert np.frombuffer(d.step(4), np.int16).any()
    assert (d.last(Devices).microphone, d.last(Devices).problem) == ("Mic", "")


async def test_looking_for_a_device_that_stays_away_becomes_rare_and_never_stops(desk):
    d = desk(DeviceDouble(), microphone="Gone")
    d.in_call = False
    d.step(60)
    first = d.card.rescans
    assert first < 9
    d.step(60)
    assert first + 4 <= d.card.rescans <= first + 6


async def test_nobody_looks_for_a_device_while_the_bell_rings(desk):
    d = desk(DeviceDouble(), microphone="Gone")
    d.in_call = False
    d.sound.ring(on=True)
    before, bell = d.card.rescans, d.card.streams[-1]
    d.step(20)
    assert d.card.rescans == before
    assert bell.alive
    d.sound.ring(on=False)
    d.step(1)
    assert d.card.rescans > before


async def test_a_microphone_of_digital_zeros_is_said_within_two_seconds(desk):
    d = desk()
    d.step(1)
    d.card.says = lambda count: np.zeros(count, np.int16)
    d.step(0.1)
    d.step(1.9)
    assert d.last(Silence) == Silence(side="microphone", silent=True)
    d.card.says = lambda count: np.ones(count, np.int16)
    d.step(0.3)
    assert d.last(Silence).silent is False


async def test_the_bell_rings_at_its_own_device_and_volume_until_it_is_stopped(desk):
    d = desk(DeviceDouble(outputs=["Headset", "Loudspeaker"]), ring_device="Loudspeaker", ring_volume=50)
    d.sound.ring(on=True)
    d.step(0.5)
    ring = np.concatenate(d.card.played["Loudspeaker"])
    assert 0.4 * 32_767 < np.abs(ring).max() < 0.51 * 32_767
    assert not np.concatenate(d.card.played["Headset"]).any()
    d.sound.ring(on=False)
    played = len(d.card.played["Loudspeaker"])
    d.step(0.2)
    assert len(d.card.played["Loudspeaker"]) == played


async def test_the_soft_note_is_for_the_agent_s_ear_alone(desk):
    d = desk()
    d.step(0.2)
    d.sound.ring(on=True, soft=True)
    said = d.step(0.2)
    heard = np.concatenate(d.card.played["Headset"][-5:])
    assert 0 < np.abs(heard).max() < 0.1 * 32_767
    assert set(np.frombuffer(said, np.int16)) == {1_000}
    d.step(0.5)
    assert not np.concatenate(d.card.played["Headset"][-5:]).any()


async def test_without_a_card_a_wav_speaks_and_begins_with_the_call(desk, tmp_path):
    d = desk(NoCard(), microphone_wav=str(tone_wav(tmp_path / "a.wav", 440)))
    assert "speaker" in d.last(Devices).problem
    assert np.abs(np.frombuffer(d.step(0.2), np.int16)).max() <= 1
    d.sound.call_begins()
    assert np.abs(np.frombuffer(d.step(0.2), np.int16)).max() > 1_000
    assert d.last(Devices).microphone == "WAV"


async def test_without_any_microphone_a_call_s_silence_is_said(desk):
    d = desk(NoCard())
    d.in_call = False
    d.step(3)
    assert not [t for t in d.told if isinstance(t, Silence)]
    d.in_call = True
    d.sound.call_begins()
    d.step(2)
    assert d.last(Silence).silent


async def test_devices_change_while_running_and_a_broken_wav_is_refused(desk, tmp_path):
    d = desk(DeviceDouble(inputs=["A", "B"], outputs=["A", "B"]))
    assert d.last(Devices).microphone == "A"
    d.sound.configure(Configure(microphone="B", ring_volume=10))
    assert d.last(Devices).microphone == "B"
    (tmp_path / "x.wav").write_bytes(b"junk")
    with pytest.raises(BadInput):
        d.sound.configure(Configure(wav=str(tmp_path / "x.wav")))
    assert set(np.frombuffer(d.step(0.5), np.int16)) == {1_000}


async def test_a_device_that_cannot_be_opened_is_a_problem_and_no_crash(desk):
    class Stubborn(DeviceDouble):
        def open_input(self, name, take):
            raise SoundFault(f"{name} is used by another program")

    d = desk(Stubborn())
    assert "used by another program" in d.last(Devices).problem
    assert d.step(0.2) == ZERO


async def test_a_callback_that_failed_is_told(desk):
    d = desk()
    d.in_call = False
    d.sound.trouble("onCallState: ValueError")
    before = d.card.rescans
    d.step(10)
    assert "onCallState" in d.last(Devices).problem
    assert d.card.rescans == before  # no device is missing
    d.sound.configure(Configure(speaker="Other"))
    assert "onCallState" in d.last(Devices).problem
