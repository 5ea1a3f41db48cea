"""What is said over and over: people's repetitions stay, a decoder's loops are cut to one saying."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.domain.recognition import FinalText
from client.domain.repetition import loop_start, run_start, without_run
from client.engines.speech.hearing import HeardWord
from client.engines.speech.leg import Leg
from client.engines.speech.whisper import Stretch, _hearing
from tests.doubles.spoken_levels import RATE, LevelVoice, say


@pytest.mark.parametrize(
    ("words", "hurried", "kept"),
    [
        (["난", "오늘"] * 5, False, 2),
        (["네", "네", "네"], False, None),
        (["네", "네", "네", "네"], False, 1),
        (["감사합니다", "국민", "국민"], True, 2),
        (["잠깐만", "요", "잠깐만", "요"], False, None),
        (["가", "나", "다"], True, None),
        (["0", "0", "0", "0"], False, None),
        (["가", "나", "다", "라", "마", "바", "사", "아", "자", "차"] * 3, False, 10),
        ([], True, None),
    ],
)
def test_a_loop_is_found_where_it_begins_to_repeat(words, hurried, kept):
    assert loop_start(words, hurried=hurried) == kept


@given(st.lists(st.text("가나다라마바사아자차카타파하", min_size=2), max_size=12, unique=True))
def test_words_that_differ_are_no_loop(words):
    assert loop_start(words, hurried=True) is None


def test_a_loop_that_was_let_through_before_is_no_reason_to_drop_what_follows():
    assert loop_start(["국민", "국민", "여러분"], hurried=True) == 1
    assert loop_start(["국민", "국민", "여러분"], hurried=True, known=2) is None
    assert loop_start(["국민", "국민", "국민"], hurried=True, known=2) == 1


@pytest.mark.parametrize(
    ("letters", "kept"),
    [
        ("네네네네네", None),
        ("네네네네네네", 1),
        ("はいはいはい", None),
        ("はい" * 6, 2),
        ("いろいろ", None),
        ("今日はいい天気ですね" * 2, None),
        ("そうです今日はいい天気ですね" + "今日はいい天気ですね" * 2, 14),
        ("谢谢谢谢您", None),
        ("100000000", None),
        ("1" + "0" * 40, 2),
        ("", None),
    ],
)
def test_a_run_of_letters_is_found_where_it_begins_to_repeat(letters, kept):
    assert run_start(letters) == kept


@pytest.mark.parametrize(
    ("word", "short"),
    [
        (" 네네네네네네네네", " 네"),
        (" 네네네네", " 네네네네"),
        (" 아니하하하하하하하", " 아니하"),
        (" 1,000,000", " 1,000,000"),
    ],
)
def test_a_run_inside_a_word_is_said_once(word, short):
    assert without_run(word) == short


# ── through whisper's answer ─────────────────────────────────────────────────────────────────────


class Spelling:
    """A tokenizer whose tokens are letters; words are parted where they begin with a gap, or everywhere."""

    def __init__(self, *, parted: bool = True) -> None:
        self._parted = parted

    def encode(self, text):
        return [ord(letter) for letter in text]

    def split_to_word_tokens(self, tokens):
        words: list[str] = []
        for letter in map(chr, tokens):
            if not words or not self._parted or letter == " ":
                words.append("")
            words[-1] += letter
        return words, [self.encode(word) for word in words]


def heard(text, *, language="ko", seconds=10.0, prefix=()):
    spelling = Spelling(parted=language == "ko")
    answer = SimpleNamespace(scores=[-0.2], no_speech_prob=0.0)
    stretch = Stretch(audio=np.zeros(int(seconds * RATE), np.float32), language=language, prefix=prefix)
    return _hearing(spelling, spelling.encode(text), answer, stretch)


@pytest.mark.parametrize(
    ("language", "said", "kept", "looped"),
    [
        ("ko", " 잠시만요 네네네네네네네네네네", " 잠시만요 네", True),
        ("ko", " 네네네네네네네네 알겠습니다", " 네 알겠습니다", False),
        ("ko", " 네네네네 알겠습니다", " 네네네네 알겠습니다", False),
        ("ko", " 그러니까" * 9, " 그러니까", True),
        ("ko", " 신청서를 내시고" * 3, " 신청서를 내시고", True),
        ("ja", "はいはいはい", "はいはいはい", False),
        ("ja", "はい" * 30, "はい", True),
        (
            "ja",
            "ええ" + "今日は市役所の窓口でお待ちしております" * 3,
            "ええ今日は市役所の窓口でお待ちしております",
            True,
        ),
        ("zh", "请您先到一楼的窗口取号然后再来" * 4, "请您先到一楼的窗口取号然后再来", True),
        ("zh", "谢谢谢谢", "谢谢谢谢", False),
    ],
)
def test_whispers_loops_are_cut_and_peoples_repetitions_kept(language, said, kept, looped):
    hearing = heard(said, language=language)
    assert "".join(word.text for word in hearing.words) == kept
    assert hearing.looped is looped
    for word in hearing.words:
        assert list(word.tokens) == Spelling().encode(word.text), "what is aligned and forced is what is shown"


def test_fast_japanese_is_no_loop():
    said = "いろいろと書いてください"
    assert "".join(word.text for word in heard(said, language="ja", seconds=1.0).words) == said


def test_a_loop_goes_on_from_the_stable_text_and_only_new_words_are_cut():
    prefix = tuple(HeardWord(text=f" {word}", tokens=()) for word in ("신청서를", "내시고", "신청서를", "내시고"))
    hearing = heard(" 신청서를 내시고" * 4, prefix=prefix)
    assert (hearing.words, hearing.looped) == ((), True)
    assert [word.text for word in heard(" 기다리세요", prefix=prefix).words] == [" 기다리세요"]


def test_a_looping_utterance_gets_no_stable_text_and_ends_with_one_saying():
    leg = Leg("leg", language="ko", wide_band=False, voice=LevelVoice())
    told, pcm = [], say(*range(4), silence_s=1.5)

    def hear_all():
        while (job := leg.next_job()) is not None:
            told.extend(leg.done(job, heard(" 잠시만요 " + "네" * 30)))

    for at in range(0, len(pcm), 640):
        told += leg.feed(at // 2, pcm[at : at + 640])
        hear_all()
    told += leg.end()
    hear_all()
    (final,) = [fact for fact in told if isinstance(fact, FinalText)]
    assert final.text == "잠시만요 네"
    partials = [fact for fact in told if not isinstance(fact, FinalText)]
    assert partials
    assert {(fact.stable, fact.provisional) for fact in partials} == {("", "잠시만요 네")}
