"""The speech engine without its models: what it refuses and tells, and a leg whose connection breaks."""

from __future__ import annotations

import asyncio
import gc
import threading
import weakref

import pytest

from client.domain.recognition import NO_LANGUAGE, FinalText, RecognitionReady, SoundStopped, TextGap
from client.engines.server import EngineRefusal, EngineServer
from client.engines.speech import engine as engine_module
from client.engines.speech import leg as leg_module
from client.engines.speech.early_words import EarlyWords
from client.engines.speech.engine import SpeechEngine
from client.engines.speech.leg import Leg
from client.engines.speech.vosk import RoughText
from tests.doubles.spoken_levels import RATE, LevelVoice, hear, say, text
from tests.waiting import until

FRAME = 640  # bytes
LEG = "call-1/citizen"


class Publisher:
    """The voice engine's side of the streams."""

    async def request(self, op, args):
        raise EngineRefusal(op)

    def snapshot(self):
        return ()

    async def stop(self):
        pass


class FakeWhisper:
    languages = ("ko", "en")
    vocabulary = ()


class Ear:
    """A quick recogniser that hears nothing; `words` asks for word times."""

    def hear(self, _pcm):
        return RoughText("")

    def finish(self):
        return RoughText("", ended=True)

    def reset(self):
        pass


class FakeVosk:
    def __init__(self):
        self.made = []

    def recogniser(self, *, words=False):
        made = Ear()
        self.made.append(weakref.ref(made))
        return made


class Models:
    """Stands for `Recognisers`; what is loaded is set by the test."""

    whisper = FakeWhisper()
    vosk = None
    error: Exception | None = None

    def __init__(self, _directory):
        if self.error is not None:
            raise self.error
        self.languages = self.whisper.languages if self.whisper else ("ko",) if self.vosk else ()

    def hear(self, stretches):
        return hear(stretches)

    def ready(self):
        return RecognitionReady(engines=("double",) if self.languages else (), detail="run `ieum models install`")


class Rig:
    """Attributes: `told` — what the engine said; `server` — the publisher of sound."""

    def __init__(self, directory):
        self.told = []
        self.at = 0
        self.server = EngineServer(directory / "pcm.json", Publisher(), keep_s=3_600)
        self.engine = SpeechEngine(directory)
        self.engine.tell = self.told.append
        self._serving = asyncio.ensure_future(self.server.serve())

    async def start(self):
        await until(lambda: self.server.port)
        self.engine.start()
        await until(lambda: self.of(RecognitionReady))

    async def stop(self):
        await self.engine.stop()
        self._serving.cancel()
        await asyncio.gather(self._serving, return_exceptions=True)

    def of(self, kind):
        return [fact for fact in self.told if isinstance(fact, kind)]

    def source(self):
        return {"leg": LEG, "port": self.server.port, "token": self.server.grant()}

    async def attach(self, language="ko"):
        await self.engine.request("attach", {**self.source(), "language": language, "wide_band": False})

    def publish(self, pcm):
        for at in range(0, len(pcm), FRAME):
            self.server.publish_pcm(LEG, self.at, pcm[at : at + FRAME])
            self.at += len(pcm[at : at + FRAME]) // 2

    async def heard(self):
        """All that was published has arrived at the leg."""
        legs = {**self.engine._legs, **self.engine._rough}
        await until(lambda: legs[LEG].end_sample == self.at)

    async def cut_off(self):
        """The connection breaks; the leg does not end."""
        count = len(self.of(SoundStopped))
        for writer in list(self.server._subscribers):
            writer.transport.abort()
        await until(lambda: len(self.of(SoundStopped)) > count)

    async def texts(self):
        self.server.end_leg(LEG)
        await self.engine.request("detach", {"leg": LEG})
        return [final.text for final in self.of(FinalText)]


@pytest.fixture
async def rig(tmp_path, monkeypatch):
    monkeypatch.setattr(engine_module, "Recognisers", Models)
    monkeypatch.setattr(leg_module, "VoiceActivity", LevelVoice)
    made = Rig(tmp_path)
    yield made
    await made.stop()


async def test_a_leg_is_heard_from_its_first_sample_to_its_end(rig):
    await rig.start()
    await rig.attach()
    rig.publish(say(0, 1, 2, silence_s=1.5) + say(3, 4))
    await rig.heard()
    assert await rig.texts() == [text(0, 1, 2), text(3, 4)]
    assert rig.of(TextGap) == []


async def test_a_broken_connection_is_taken_up_again_and_loses_nothing(rig):
    await rig.start()
    await rig.attach()
    rig.publish(say(0, 1))
    await rig.heard()
    for n in (2, 5):
        await rig.cut_off()
        rig.publish(say(n, n + 1))
        await rig.engine.request("sound", rig.source())
        await rig.heard()
        rig.publish(say(n + 2))
        await rig.heard()
    assert " ".join(await rig.texts()) == text(*range(8))
    assert rig.of(TextGap) == []
    assert rig.of(SoundStopped) == [SoundStopped(leg=LEG)] * 2


async def test_only_what_is_really_lost_of_a_broken_connection_is_a_gap(rig):
    await rig.start()
    await rig.attach()
    rig.publish(say(0, 1))
    await rig.heard()
    await rig.cut_off()
    lost_from = rig.at
    rig.at += 3 * RATE  # never published: longer away than the publisher keeps
    rig.publish(say(2, 3))
    await rig.engine.request("sound", rig.source())
    await rig.heard()
    assert " ".join(await rig.texts()) == text(0, 1, 2, 3)
    (gap,) = rig.of(TextGap)
    assert (gap.start_ms, gap.end_ms) == (lost_from // 16, lost_from // 16 + 3_000)


async def test_a_source_that_gives_nothing_is_told_and_not_asked_for_again(rig):
    await rig.start()
    await rig.engine.request("attach", {**rig.source(), "token": "forged", "language": "ko"})
    (gap,) = await until(lambda: rig.of(TextGap))
    assert (gap.leg, gap.start_ms, gap.reason) == (LEG, 0, "the sound stopped arriving")
    assert rig.of(SoundStopped) == []


async def test_sound_that_still_comes_is_not_taken_twice(rig):
    await rig.start()
    await rig.attach()
    rig.publish(say(0))
    await rig.heard()
    reader = rig.engine._readers[LEG]
    await rig.engine.request("sound", rig.source())
    assert rig.engine._readers[LEG] is reader
    await rig.engine.request("sound", {**rig.source(), "leg": "nobody"})
    assert set(rig.engine._readers) == {LEG}


async def test_the_language_changes_with_the_next_utterance_and_an_unknown_one_is_refused(rig):
    await rig.start()
    await rig.attach()
    rig.publish(say(0, 1))
    await rig.heard()
    await rig.engine.request("language", {"leg": LEG, "language": "en"})
    rig.publish(say(2, silence_s=1.5) + say(3, 4, silence_s=1.5))
    await rig.heard()
    with pytest.raises(EngineRefusal, match=NO_LANGUAGE):
        await rig.engine.request("language", {"leg": LEG, "language": "en-US"})
    assert await rig.texts() == [text(0, 1, 2), text(3, 4)]
    assert [final.language for final in rig.of(FinalText)] == ["ko", "en"]


async def test_a_leg_in_an_unknown_language_is_refused(rig):
    await rig.start()
    with pytest.raises(EngineRefusal, match=NO_LANGUAGE):
        await rig.attach("tlh")
    assert rig.engine._readers == {}


async def test_without_whisper_a_foreign_caller_is_refused_and_not_captioned_as_korean(rig, monkeypatch):
    monkeypatch.setattr(Models, "whisper", None)
    monkeypatch.setattr(Models, "vosk", FakeVosk())
    await rig.start()
    with pytest.raises(EngineRefusal, match=NO_LANGUAGE):
        await rig.attach("en")
    await rig.attach("ko")
    with pytest.raises(EngineRefusal, match=NO_LANGUAGE):
        await rig.engine.request("language", {"leg": LEG, "language": "vi"})
    await rig.engine.request("language", {"leg": LEG, "language": "ko"})


async def test_a_rough_legs_broken_connection_is_taken_up_again(rig, monkeypatch):
    monkeypatch.setattr(Models, "whisper", None)
    monkeypatch.setattr(Models, "vosk", FakeVosk())
    await rig.start()
    await rig.attach()
    rig.publish(say(0, 1))
    await rig.heard()
    await rig.cut_off()
    rig.publish(say(2, 3))
    await rig.engine.request("sound", rig.source())
    await rig.heard()
    assert await rig.texts() == []
    assert rig.of(TextGap) == []


async def test_models_that_cannot_be_loaded_are_told_and_requests_are_refused_with_what_to_do(rig, monkeypatch):
    monkeypatch.setattr(Models, "error", RuntimeError("model.bin is cut off"))
    await rig.start()
    (ready,) = rig.of(RecognitionReady)
    assert ready.broken
    assert ready.engines == ()
    assert "model.bin is cut off" in ready.detail
    assert "ieum models verify" in ready.detail
    assert list(rig.engine.snapshot()) == [ready]
    with pytest.raises(EngineRefusal, match="ieum models verify"):
        await rig.attach()
    assert not rig.engine.broken.is_set()  # to start it again would not help


async def test_without_any_model_a_leg_is_refused_with_what_to_do(rig, monkeypatch):
    monkeypatch.setattr(Models, "whisper", None)
    await rig.start()
    with pytest.raises(EngineRefusal, match="ieum models install"):
        await rig.attach()


async def test_names_that_are_configured_reach_the_model(rig):
    await rig.start()
    await rig.engine.request("configure", {"vocabulary": ["다산콜", "안심돌봄"]})
    assert rig.engine._recognisers.whisper.vocabulary == ("다산콜", "안심돌봄")


async def test_a_recogniser_is_gone_with_its_leg_even_if_a_hearing_still_waited():
    """A recogniser grows by 100 MB and more: one that is made again after its leg has gone would stay for ever."""
    held = threading.Event()
    vosk = FakeVosk()
    early = EarlyWords(vosk)
    leg = Leg(LEG, language="ko", wide_band=True, voice=LevelVoice())
    early._thread.submit(held.wait, 10)
    for at in range(0, len(pcm := say(0, 1)), FRAME):
        leg.feed(at // 2, pcm[at : at + FRAME])
    waiting = asyncio.ensure_future(early.hear(leg))
    await until(lambda: leg.name in early._busy)
    leg.end()
    early.drop(LEG)
    held.set()
    assert await waiting == []
    early.close()
    assert len(vosk.made) == 1
    del waiting
    gc.collect()
    await until(lambda: vosk.made[0]() is None)
    assert early._ears == {}
