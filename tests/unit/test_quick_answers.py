"""Quick answers: found by key, any word and initial consonants; nothing goes out with a hole in it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.domain.codec import BadInput
from client.domain.hangul import find, initials
from client.domain.quick_answers import QuickAnswer, filled, holes, read_quick_answers, search
from client.domain.words import Channel
from client.resources import resource_path


@pytest.fixture(scope="module")
def answers():
    file = resource_path("quick_answers.toml")
    return read_quick_answers(file.name, file.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("파손", "파손"),
        ("ㅍㅅ", "파손"),
        ("도로", "파손"),
        ("ㄷㄹ", "파손"),
        ("파소", "파손"),  # the last syllable is half typed
        ("지하철 분실", "분실"),
        ("1577", "정신건강"),
        ("hel", "hello"),
    ],
)
def test_an_answer_is_found(answers, query, first):
    assert search(answers, query)[0].key == first


def test_an_empty_query_shows_all_in_order(answers):
    assert search(answers, "") == list(answers)


def test_what_fits_nowhere_finds_nothing(answers):
    assert search(answers, "없는말입니다") == []


def test_an_answer_for_other_channels_is_left_out():
    answer = QuickAnswer(key="k", title="t", text="x", category="c", channels=(Channel.KAKAO,))
    assert search([answer], "k", channel=Channel.SMS) == []
    assert search([answer], "k", channel=Channel.KAKAO) == [answer]


def test_variables_are_filled_and_holes_named():
    text, left = filled("{기관} {상담사}입니다. 접수번호 {접수번호}", {"기관": "서울 120", "상담사": "김이음"})
    assert text == "서울 120 김이음입니다. 접수번호 {접수번호}"
    assert left == holes(text) == ("접수번호",)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("answers = 3", "q.toml: answers"),
        ("x", "q.toml"),
        ("[[answers]]\nkey='a b'\ntitle='t'\ntext='x'\ncategory='c'", "q.toml: answers.0.key"),
        ("[[answers]]\nkey='a'\ntitle='t'\ntext='x'\ncategory='c'\n" * 2, "q.toml: answers"),
    ],
)
def test_a_bad_file_is_refused_by_its_place(text, place):
    with pytest.raises(BadInput) as refused:
        read_quick_answers("q.toml", text)
    assert refused.value.path == place


@pytest.mark.parametrize(
    ("query", "text", "at"),
    [
        ("ㄷㄹ", "도로", 0),
        ("ㄷ로", "상도 도로", 3),
        ("팟", "파손", 0),
        ("닭", "닭", 0),
        ("달", "닭", -1),
        ("과", "과태료", 0),
        ("고", "과태료", 0),  # ㅗ on its way to ㅘ
        ("가", "과태료", -1),
        ("ㅌㄹ", "과태료", 1),
    ],
)
def test_korean_is_found_while_it_is_typed(query, text, at):
    assert find(query, text) == at


@given(st.text(alphabet="가각간갈감강개객거계고과괴교구귀기나다라마바사아자차카타파하", min_size=1))
def test_every_text_is_found_by_its_initials(text):
    assert find(initials(text), text) == 0
