"""Which words are stable, which text is a loop, where utterances are cut, what was said at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.domain.agreement import agreed_words, common_words, plain
from client.domain.rough_text import cleaned
from client.domain.speech_evidence import Evidence, believable

WORDS = st.lists(st.sampled_from(["서울", "시청", "입니다", "네", "민원"]), max_size=8)


def test_punctuation_case_and_spaces_do_not_make_words_differ():
    assert plain(" 국민여러분, ") == "국민여러분"
    assert common_words([" Hello,", " World"], [" hello", " world."]) == 2


def test_a_word_is_stable_once_enough_hearings_agree_and_it_is_not_at_the_edge():
    hearings = [["나는", "오늘", "배"], ["나는", "오늘", "베를린"]]
    assert agreed_words(hearings, 2, 1) == 2
    assert agreed_words(hearings, 3, 1) == 0
    assert agreed_words([["나는", "오늘"], ["나는", "오늘"]], 2, 1) == 1
    assert agreed_words([["나는", "오늘"], ["나는", "오늘"]], 2, 0) == 2


@given(WORDS, WORDS)
def test_what_is_agreed_stands_at_the_head_of_both_hearings(one, other):
    count = agreed_words([one, other], 2, 0)
    assert one[:count] == other[:count]
    assert count == min(len(one), len(other)) or one[count] != other[count]


@pytest.mark.parametrize(
    ("raw", "clean"),
    [("[7] 민원 + 접수 (십)", "민원 접수"), ("+", ""), ("서울 시청", "서울 시청"), ("<unk> 네", "네")],
)
def test_rough_text_is_cleaned(raw, clean):
    assert cleaned(raw) == clean


def evidence(**changes):
    return Evidence(**{"voice_s": 3.0, "sure": True, "log_prob": -0.4, "no_speech": 0.1, **changes})


@pytest.mark.parametrize(
    ("text", "found", "said"),
    [
        ("민원을 접수해 주세요", evidence(), True),
        ("시청해 주셔서 감사합니다", evidence(), True),  # a caller may say it: words alone condemn nothing
        ("시청해 주셔서 감사합니다", evidence(voice_s=0.3), False),
        ("시청해 주셔서 감사합니다", evidence(sure=False), False),
        ("MBC 뉴스 김성현입니다", evidence(log_prob=-0.9), False),
        ("민원을 접수해 주세요 감사합니다", evidence(voice_s=0.2), False),  # more than can be said in the time
        ("네", evidence(no_speech=0.9, log_prob=-1.3), False),
        ("네", evidence(sure=False, log_prob=-0.9), False),
        ("네", evidence(sure=False, log_prob=-0.3), True),
        ("", evidence(voice_s=0.0), True),
    ],
)
def test_only_what_the_sound_bears_out_is_believed(text, found, said):
    assert believable(text, found) is said
