"""The recognition of one leg, without a model: every word once, stable text that only grows, gate, gap, restart."""

from __future__ import annotations

import numpy as np
import pytest

from client.domain.recognition import FinalText, PartialText, TextGap
from client.engines.speech.leg import Leg, Urgency
from client.engines.speech.leg_audio import shut
from tests.doubles.spoken_levels import RATE, LevelVoice, hear_one, say, text

FRAME = 320


class Listening:
    """Feeds a leg frame by frame and hears whatever it asks for, `slow` frames later."""

    def __init__(self, *, slow: int = 0, from_sample: int = 0, wide_band: bool = False) -> None:
        self.leg = Leg("leg", language="ko", wide_band=wide_band, from_sample=from_sample, voice=LevelVoice())
        self.at = from_sample
        self.told: list = []
        self._slow = slow
        self._pending: tuple | None = None

    def feed(self, pcm: bytes) -> Listening:
        for at in range(0, len(pcm), 2 * FRAME):
            frame = pcm[at : at + 2 * FRAME]
            self.told += self.leg.feed(self.at, frame)
            self.at += len(frame) // 2
            self._hear()
        return self

    def end(self) -> Listening:
        self.told += self.leg.end()
        while not self.leg.idle:
            self._hear(now=True)
        return self

    def _hear(self, *, now: bool = False) -> None:
        if self._pending is None and (job := self.leg.next_job()) is not None:
            self._pending = (self.at + self._slow * FRAME, job)
        if self._pending is not None and (now or self.at >= self._pending[0]):
            job = self._pending[1]
            self._pending = None
            self.told += self.leg.done(job, hear_one(job.stretch))

    @property
    def finals(self) -> list[FinalText]:
        return [fact for fact in self.told if isinstance(fact, FinalText)]

    @property
    def partials(self) -> list[PartialText]:
        return [fact for fact in self.told if isinstance(fact, PartialText)]


def assert_lawful(told) -> None:
    """Stable text only grows and stays in the final; a final is told once and nothing follows it."""
    stable: dict[str, str] = {}
    over: set[str] = set()
    for fact in told:
        if isinstance(fact, TextGap):
            continue
        assert fact.utterance not in over
        if isinstance(fact, PartialText):
            assert fact.stable.startswith(stable.get(fact.utterance, ""))
            stable[fact.utterance] = fact.stable
        else:
            assert fact.text.startswith(stable.get(fact.utterance, ""))
            over.add(fact.utterance)


@pytest.mark.parametrize("slow", [0, 5, 20, 60])
@pytest.mark.parametrize("count", [1, 3, 12, 33])
def test_every_word_is_told_once_however_slow_hearing_is(count, slow):
    words = range(count)
    listening = Listening(slow=slow).feed(say(*words, silence_s=2.0)).end()
    assert " ".join(final.text for final in listening.finals) == text(*words)
    assert_lawful(listening.told)


def test_words_become_stable_while_the_speaker_goes_on():
    listening = Listening().feed(say(*range(10)))
    assert listening.finals == []
    assert listening.partials[-1].stable.startswith(text(0, 1, 2, 3, 4, 5))
    assert "?" not in listening.partials[-1].stable


def test_the_final_comes_with_the_pause_that_ends_the_utterance():
    listening = Listening().feed(say(0, 1, 2, silence_s=0.75))
    (final,) = listening.finals
    assert final.text == text(0, 1, 2)
    assert final.end_ms == pytest.approx(1_400, abs=70)
    assert [word.start_ms for word in final.words] == pytest.approx([0, 500, 1_000], abs=30)
    assert all(word.confidence == 1.0 for word in final.words)


def test_two_utterances_have_names_and_times_of_their_own():
    listening = Listening().feed(say(0, 1, silence_s=1.5)).feed(say(2, 3, silence_s=1.5)).end()
    first, second = listening.finals
    assert first.utterance != second.utterance
    assert first.end_ms < second.start_ms


def test_nothing_is_told_of_silence():
    assert Listening().feed(bytes(2 * 10 * RATE)).end().told == []


def test_a_closed_gate_is_not_heard_and_what_was_said_before_is_finished():
    listening = Listening().feed(say(0, 1, 2))
    at = listening.at
    listening.told += listening.leg.gate(open_=False, at_sample=at)
    listening.feed(say(3, 4, 5, silence_s=1.0))
    listening.told += listening.leg.gate(open_=True)
    listening.feed(say(6, 7, silence_s=1.5)).end()
    assert [final.text for final in listening.finals] == [text(0, 1, 2), text(6, 7)]
    assert_lawful(listening.told)


def test_a_gate_closed_late_takes_back_what_was_said_after_it():
    listening = Listening().feed(say(0, 1))
    at = listening.at
    listening.feed(say(2, 3, 4, 5))
    listening.told += listening.leg.gate(open_=False, at_sample=at)
    listening.feed(say(6)).end()
    assert [final.text for final in listening.finals] == [text(0, 1)]


def test_missing_sound_is_told_and_the_rest_is_heard():
    listening = Listening().feed(say(0, 1, 2))
    listening.at += 2 * RATE
    listening.feed(say(3, 4, silence_s=1.5)).end()
    (gap,) = [fact for fact in listening.told if isinstance(fact, TextGap)]
    assert gap.end_ms - gap.start_ms == 2_000
    assert " ".join(final.text for final in listening.finals) == text(0, 1, 2, 3, 4)


def test_sound_that_comes_twice_is_heard_once():
    listening = Listening().feed(say(0, 1))
    listening.told += listening.leg.feed(0, say(0, 1))
    listening.feed(say(2, silence_s=1.5)).end()
    assert [final.text for final in listening.finals] == [text(0, 1, 2)]


def test_a_leg_that_is_taken_up_again_goes_on_after_its_last_final():
    whole = say(0, 1, silence_s=1.5) + say(2, 3, silence_s=1.5)
    (first, second) = Listening().feed(whole).end().finals
    start = first.end_ms * 16
    again = Listening(from_sample=start).feed(whole[2 * start :]).end()
    assert [final.text for final in again.finals] == [second.text]
    assert again.finals[0].start_ms == pytest.approx(second.start_ms, abs=40)


def test_an_endless_speaker_is_cut_and_loses_nothing():
    words = range(45)  # 22 s; a level stands for a word, so its pauses are too short to cut at
    listening = Listening(slow=3).feed(say(*words, silence_s=2.0)).end()
    assert len(listening.finals) > 1
    assert " ".join(final.text for final in listening.finals) == text(*words)
    assert_lawful(listening.told)


def test_first_words_of_the_quick_recogniser_are_shown_until_there_is_better():
    listening = Listening(wide_band=True, slow=10_000).feed(say(0, 1))
    leg = listening.leg
    utterance, pcm = leg.early_audio(1_600)
    assert len(pcm) > 0
    (shown,) = leg.early_text(utterance, "말영")
    assert (shown.stable, shown.provisional, shown.engine) == ("", "말영", "vosk")
    assert leg.early_text(utterance, "말영") == []
    assert leg.early_text("another", "x") == []


def test_the_quick_recogniser_is_not_asked_on_a_phone_leg():
    assert Listening(wide_band=False, slow=10_000).feed(say(0, 1)).leg.early_audio(1_600) is None


def test_a_final_goes_before_a_running_utterance():
    listening = Listening(slow=10_000).feed(say(0, 1, silence_s=1.0))
    listening.leg.done(listening._pending[1], hear_one(listening._pending[1].stretch))
    assert listening.leg.urgency() is Urgency.FINAL
    assert listening.leg.next_job().span is not None
    assert listening.leg.next_job() is None  # one at a time


def test_half_a_frame_at_the_end_is_no_trouble():
    listening = Listening()
    listening.told += listening.leg.feed(0, np.zeros(7, np.int16).tobytes())
    assert listening.end().told == []


def test_a_closed_stretch_is_silence_wherever_the_frames_begin():
    pcm = np.ones(10, np.int16).tobytes()

    def left(first, closed):
        return np.frombuffer(shut(first, pcm, closed), np.int16).tolist()

    assert left(100, ()) == [1] * 10
    assert left(100, ((0, 100), (110, 200))) == [1] * 10
    assert left(100, ((95, 103), (108, 1 << 62))) == [0, 0, 0, 1, 1, 1, 1, 1, 0, 0]


def test_a_leg_heard_from_the_newest_sample_on_misses_nothing_before_it():
    leg = Leg("leg", language="ko", wide_band=False, newest=True, voice=LevelVoice())
    assert leg.feed(50 * RATE, say(0)) == []
    assert leg.end_sample == 50 * RATE + len(say(0)) // 2
