"""Real-time text: whole characters, erasures, lines; and that a difference always arrives as the line that was meant."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.domain.t140 import ERASE, MARK, MAX_LINE, NEW_LINE, TextLines, characters, difference

SIGNS = st.text(st.sampled_from("가각값ㄱaé🤟🏽👨‍👩‍👧🇰🇷 1\u0301\u1100\u1161\u11a8"), max_size=12)


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("안녕", ["안", "녕"]),
        ("e\u0301a", ["e\u0301", "a"]),
        ("🤟🏽!", ["🤟🏽", "!"]),
        ("👨‍👩‍👧", ["👨‍👩‍👧"]),
        ("🇰🇷🇯🇵", ["🇰🇷", "🇯🇵"]),
        ("\u1100\u1161\u11a8\u1100", ["\u1100\u1161\u11a8", "\u1100"]),  # conjoining jamo are one syllable
        ("ㄱㅏ", ["ㄱ", "ㅏ"]),  # compatibility jamo stand alone
        ("1\ufe0f\u20e3", ["1\ufe0f\u20e3"]),
    ],
)
def test_a_character_is_what_a_reader_sees(text, whole):
    assert characters(text) == whole


def test_a_syllable_that_grows_is_erased_whole():
    steps, line, sent = ["ㄱ", "가", "각", "가가", "가각"], "", []
    for step in steps:
        sent.append(difference(line, step))
        line = step
    assert sent == ["ㄱ", f"{ERASE}가", f"{ERASE}각", f"{ERASE}가가", f"{ERASE}각"]


@given(SIGNS, SIGNS)
def test_a_difference_arrives_as_the_line_that_was_meant(before, after):
    lines = TextLines()
    lines.take(before)
    lines.take(difference(before, after))
    assert lines.line == after
    assert lines.finished == []


@given(st.lists(SIGNS, max_size=8))
def test_any_way_of_typing_ends_as_what_stands_there(steps):
    lines, line = TextLines(), ""
    for step in steps:
        lines.take(difference(line, step))
        line = step
    assert lines.line == line


@given(st.text(max_size=60))
def test_rubbish_makes_no_harm(text):
    lines = TextLines()
    lines.take(text)
    assert all(sign >= " " or sign == "\t" for sign in lines.line + "".join(lines.finished))


def test_lines_end_by_every_mark_that_is_one():
    lines = TextLines()
    lines.take(f"{MARK}가{NEW_LINE}나\r\n다\n라\r")
    lines.take("\n마")  # the CR before it was in another packet
    assert lines.taken() == ["가", "나", "다", "라"]
    assert lines.line == "마"
    assert lines.taken() == []


def test_erasing_stops_at_the_line_and_is_counted():
    lines = TextLines()
    lines.take(f"가{NEW_LINE}{ERASE}나{ERASE}{ERASE}")
    assert lines.finished == ["가"]
    assert (lines.line, lines.erased_beyond) == ("", 2)


def test_a_new_channel_begins_the_line_anew():
    lines = TextLines()
    lines.take("반쯤")
    lines.restart()
    lines.take("반쯤 쓴 말")
    assert lines.line == "반쯤 쓴 말"


def test_a_line_without_end_is_bounded():
    lines = TextLines()
    lines.take("가" * (MAX_LINE + 10))
    assert len(lines.line) == MAX_LINE
