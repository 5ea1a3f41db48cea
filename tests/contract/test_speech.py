"""What all speech recognition keeps to: the one with a script, and the engine with the real models."""

from __future__ import annotations

import pytest

from client.domain.recognition import NO_LANGUAGE, FinalText, PartialText, RecognitionReady, TextGap
from client.fakes.speech import FakeSpeech
from client.ports.speech import Speech
from tests.peers.speech_rig import SpeechRig, assert_lawful, passage, silence
from tests.waiting import until

LEG = "call-1/citizen"


class FakeRig:
    """Speaks by script."""

    def __init__(self) -> None:
        self.fake = FakeSpeech()
        self.speech: Speech = self.fake
        self.told: list = []
        self.speech.listen(self.told.append)

    async def attach(self, leg: str, *, language: str = "ko") -> None:
        await self.speech.attach(leg, (0, ""), language=language, wide_band=True)

    async def speak(self, leg: str, *, pause: bool = True) -> None:
        for word in ("통일에", "대한", "희망과", "함께"):
            self.fake.say_word(leg, word)
        if pause:
            self.fake.say(leg)

    async def close(self) -> None:
        pass


class RealRig(SpeechRig):
    """Speaks four seconds of a recording at its own pace."""

    async def speak(self, leg: str, *, pause: bool = True) -> None:
        await self.play(leg, passage(7, 4.0)[0])
        if pause:
            await self.play(leg, silence(1.2))


@pytest.fixture(params=["fake", "real"])
async def rig(request, tmp_path):
    made = FakeRig() if request.param == "fake" else await RealRig(tmp_path).start()
    yield made
    await made.close()


def finals(rig) -> list[FinalText]:
    return [fact for fact in rig.told if isinstance(fact, FinalText)]


async def test_a_leg_is_heard_word_by_word_then_finished_then_gated_then_dropped(rig):
    assert any(isinstance(fact, RecognitionReady) for fact in rig.told)

    await rig.attach(LEG)
    await rig.speak(LEG)
    final = await until(lambda: next(iter(finals(rig)), None), 20)
    partials = [fact for fact in rig.told if isinstance(fact, PartialText)]
    assert partials
    assert partials[0].leg == final.leg == LEG
    assert partials[0].utterance == final.utterance
    assert final.language == "ko"
    assert "대한" in final.text
    assert " ".join(word.text for word in final.words) == final.text
    assert all(0 <= word.confidence <= 1 for word in final.words)
    times = [ms for word in final.words for ms in (word.start_ms, word.end_ms)]
    assert times == sorted(times)
    assert final.start_ms <= times[0]

    await rig.speech.gate(LEG, open_=False)
    await rig.speak(LEG)
    await rig.speech.gate(LEG, open_=True)
    assert len(finals(rig)) == 1

    await rig.speak(LEG, pause=False)
    await rig.speech.detach(LEG)
    await until(lambda: len(finals(rig)) == 2, 20)
    first, second = finals(rig)
    assert second.text
    assert second.start_ms >= first.end_ms
    assert second.utterance != first.utterance
    assert_lawful(rig.told)


async def test_nothing_is_heard_of_a_leg_that_is_not_attached(rig):
    await rig.speech.gate("nobody", open_=False)
    await rig.speech.set_language("nobody", "en")
    await rig.speech.detach("nobody")
    assert [fact for fact in rig.told if not isinstance(fact, RecognitionReady)] == []


@pytest.mark.parametrize("language", ["tlh", "ko-KR"])
async def test_a_language_that_is_not_known_is_a_gap_until_a_known_one_is_set(rig, language):
    await rig.attach(LEG, language=language)
    (gap,) = [fact for fact in rig.told if isinstance(fact, TextGap)]
    assert (gap.leg, gap.start_ms, gap.end_ms, gap.reason) == (LEG, 0, 0, NO_LANGUAGE)

    await rig.speech.set_language(LEG, "ko")
    await rig.speak(LEG)
    final = await until(lambda: next(iter(finals(rig)), None), 20)
    assert final.language == "ko"

    await rig.speech.set_language(LEG, language)
    assert [fact.reason for fact in rig.told if isinstance(fact, TextGap)] == [NO_LANGUAGE] * 2
    heard = len(finals(rig))
    await rig.speak(LEG)  # it goes on in the language of before
    await until(lambda: len(finals(rig)) > heard, 20)
    assert {final.language for final in finals(rig)} == {"ko"}
    assert_lawful(rig.told)
