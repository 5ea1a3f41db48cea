"""Quick answers: found by key, any word and initial consonants; nothing goes out with a hole in it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.composition import load_answers
from client.domain.codec import BadInput
from client.domain.hangul import folded
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


def test_the_best_come_first_and_all_words_must_fit():
    by_text = QuickAnswer(key="a", title="제목", text="버스 노선", category="교통")
    by_category = QuickAnswer(key="b", title="제목", text="내용", category="버스")
    inside_title = QuickAnswer(key="c", title="마을버스 안내", text="내용", category="교통")
    by_title = QuickAnswer(key="d", title="심야 버스", text="내용", category="교통")
    by_key_prefix = QuickAnswer(key="버스분실", title="제목", text="내용", category="교통")
    by_key = QuickAnswer(key="버스", title="제목", text="내용", category="교통")
    ranked = [by_key, by_key_prefix, by_title, inside_title, by_category, by_text]
    assert search(ranked[::-1], "버스") == ranked
    assert search(ranked, "버스 노선") == [by_text]


def test_answers_in_the_citizens_language_come_first_of_the_same_rank():
    korean = QuickAnswer(key="a", title="hello", text="x", category="c")
    english = QuickAnswer(key="b", title="hello", text="x", category="c", language="en")
    assert search([korean, english], "hello", language="en") == [english, korean]
    assert search([korean, english], "hello") == [korean, english]


def test_initials_alone_are_not_looked_for_in_long_texts():
    answer = QuickAnswer(key="a", title="제목", text="감사합니다", category="c")
    assert (search([answer], "ㄱㅅ"), search([answer], "ㄳ"), search([answer], "감ㅅ")) == ([], [], [answer])


def test_what_the_desk_does_not_know_is_left_as_a_hole_even_when_empty():
    assert filled("{시민} 님, {오늘}", {"시민": "", "오늘": "1월 2일"}) == ("{시민} 님, 1월 2일", ("시민",))


def test_what_is_put_in_is_not_filled_again():
    text, left = filled("{시민}", {"시민": "{상담사}", "상담사": "김이음"})
    assert (text, left) == ("{상담사}", ("상담사",))


def test_a_search_looks_at_each_text_once_ready(answers):
    """500 answers take a keystroke's moment because texts and query are made ready once: nothing is folded twice."""
    search(answers, "도로")
    before = folded.cache_info().misses
    search(answers, "도로")
    assert folded.cache_info().misses == before


@given(st.text(max_size=8))
def test_any_query_is_answered(answers, query):
    assert len(search(answers, query)) <= len(answers)


def test_a_file_that_is_not_utf8_is_named(tmp_path):
    own = tmp_path / "quick_answers.toml"
    own.write_bytes("[[answer]]\nkey = '인사'".encode("cp949"))
    with pytest.raises(BadInput, match=r"quick_answers\.toml: must be UTF-8"):
        load_answers(tmp_path)
