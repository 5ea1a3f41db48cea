from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.domain.sensitive_numbers import card_numbers, luhn, resident_numbers
from client.domain.spoken_digits import ends_in_digits, has_digits, runs

SINO = "공일이삼사오육칠팔구"
NATIVE = ["공", "하나", "둘", "셋", "넷", "다섯", "여섯", "일곱", "여덟", "아홉"]
ENGLISH = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]


def found(text: str) -> list[str]:
    return [run.digits for run in runs(text)]


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("010-1234-5678", "01012345678"),
        ("공일공 일이삼사에 오육칠팔", "01012345678"),
        ("공일공 다시 하나 둘 셋 넷", "0101234"),
        ("영 제로 륙 육", "0066"),
        ("０１２", "012"),
        ("nine zero oh, Three", "9003"),
        ("구 음 공 어 일", "901"),
    ],
)
def test_digits_written_and_said_are_read(text, digits):
    assert found(text) == [digits]


def test_words_between_end_a_run():
    assert found("일번 문에서 이번 문으로") == ["1", "2"]
    assert found("카드는 1234 그래서 5678") == ["1234", "5678"]


def test_a_run_knows_where_its_digits_stand():
    (run,) = runs("번호 하나-2")
    assert (run.spans, run.from_start, run.to_end) == (((3, 5), (6, 7)), False, True)
    (run,) = runs("에 다시 3, 4 입니다")
    assert (run.digits, run.from_start, run.to_end) == ("34", True, False)


@given(st.lists(st.integers(0, 9), min_size=1, max_size=30), st.sampled_from(["", " ", "-", ", ", "에 ", " 다시 "]))
def test_whatever_way_it_is_said_the_digits_come_out(digits, between):
    expected = "".join(map(str, digits))
    for words in (SINO, NATIVE, "0123456789"):
        assert found(between.join(words[d] for d in digits)) == [expected]
    assert found(" ".join(ENGLISH[d] for d in digits)) == [expected]


@given(st.text(max_size=200))
def test_any_text_is_read_without_loss_or_overlap(text):
    spans = [span for run in runs(text) for span in run.spans]
    assert spans == sorted(spans)
    assert all(start < end <= len(text) for start, end in spans)
    assert all(a[1] <= b[0] for a, b in pairwise(spans))
    total = sum(len(run.digits) for run in runs(text))
    assert has_digits(text, total)
    assert ends_in_digits(text) or not any(run.to_end and text[run.spans[-1][1] :] == "" for run in runs(text))


@pytest.mark.parametrize("number", ["4111111111111111", "5500000000000004", "378282246310005", "30569309025904"])
def test_cards_with_their_check_digit_are_found(number):
    assert luhn(number)
    assert (0, len(number)) in list(card_numbers(number))
    assert (3, 3 + len(number)) in list(card_numbers("010" + number))


def test_sixteen_digits_are_a_card_even_if_one_was_misheard():
    assert list(card_numbers("4111111111111112")) == [(0, 16)]
    assert list(card_numbers("41111111111111120")) == []


@given(st.dates(), st.integers(0, 9_999_999))
def test_every_birth_date_makes_a_resident_number(date, rest):
    assert (0, 13) in list(resident_numbers(f"{date:%y%m%d}{rest:07}"))


@pytest.mark.parametrize(
    "digits", ["01012345678", "0101234567801012345678", "9013011234567", "9001321234567", "0212345678", "120"]
)
def test_other_numbers_are_not(digits):
    assert list(resident_numbers(digits)) == []
    assert list(card_numbers(digits)) == []
