"""Korean found by initial consonants, by letters, by both, and at every keystroke on the way."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.domain.hangul import (
    CLUSTERS,
    FINAL_SPLIT,
    FINALS,
    FIRST,
    INITIALS,
    LAST,
    MEDIALS,
    find,
    initials,
    is_initials,
    matches,
)

SYLLABLES = st.characters(min_codepoint=FIRST, max_codepoint=LAST)
KOREAN = st.text(SYLLABLES, min_size=1, max_size=6)
BEFORE = {9: (8,), 10: (8,), 11: (8,), 14: (13,), 15: (13,), 16: (13,), 19: (18,)}  # ㅘ is typed ㅗ ㅏ


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("도로 파손", "ㄷㄹ ㅍㅅ"),
        ("꽃 뷁", "ㄲ ㅂ"),
        ("LOST112 버스", "LOST112 ㅂㅅ"),
        ("가힣", "ㄱㅎ"),
        (unicodedata.normalize("NFD", "도로"), "ㄷㄹ"),
        ("ㅋㅏ", "ㅋㅏ"),
        ("", ""),
    ],
)
def test_initials(text, expected):
    assert initials(text) == expected


@pytest.mark.parametrize(
    ("query", "text", "at"),
    [
        ("ㄷㄹ", "도로", 0),
        ("ㄷ로", "상도 도로", 3),
        ("ㄷㄹ파손", "도로 파손", 0),  # spacing is a matter of taste
        ("파소", "도로 파손", 3),
        ("팟", "파손", 0),  # its final is the next initial
        ("도롶", "도로 파손", 0),
        ("닭", "닭", 0),
        ("달", "닭", 0),
        ("닭", "달가", 0),
        ("달", "담", -1),
        ("달", "다리", 0),
        ("업", "없음", 0),
        ("과", "과태료", 0),
        ("고", "과태료", 0),  # ㅗ on its way to ㅘ
        ("가", "과태료", -1),
        ("ㅌㄹ", "과태료", 1),
        ("소파", "소나", -1),
        ("닭도", "달도", -1),  # only the last syllable may be half typed
        ("ㄳ", "감사합니다", 0),  # what the keyboard makes of ㄱ and ㅅ
        ("ㄳ", "ㄳ", 0),
        ("ㅂㅄ", "버버스", 0),
        ("\u1103\u1105", "도로", 0),  # conjoining consonants
        (unicodedata.normalize("NFD", "파소"), "파손", 0),
        ("파손", unicodedata.normalize("NFD", "도로 파손"), 3),
        ("lost", "LOST112", 0),
        ("1577", "전화 1577-0199", 3),
        ("(", "가(나)", 1),
        (".*", "가나다", -1),
        ("", "가", 0),
        ("가나", "가", -1),
        ("가", "", -1),
    ],
)
def test_korean_is_found_while_it_is_typed(query, text, at):
    assert find(query, text) == at
    assert matches(query, text) is (at >= 0)


@pytest.mark.parametrize(
    ("text", "answer"), [("ㄱㅅ", True), ("ㄳ", True), ("감ㅅ", False), ("ㅏ", False), ("a", False)]
)
def test_only_consonants_are_initials(text, answer):
    assert is_initials(text) is answer


@given(KOREAN)
def test_every_text_is_found_by_its_initials(text):
    assert find(initials(text), text) == 0


@given(KOREAN, st.data())
def test_every_text_is_found_by_letters_and_initials_mixed(text, data):
    mixed = "".join(initials(char) if data.draw(st.booleans()) else char for char in text)
    assert find(mixed, text) == 0


@given(KOREAN)
def test_every_text_is_found_at_each_keystroke(text):
    for n, syllable in enumerate(text):
        for half in keystrokes(syllable):
            assert find(text[:n] + half, text) == 0


@given(SYLLABLES, SYLLABLES)
def test_a_syllable_that_borrows_the_next_initial_is_found(first, second):
    lent = borrowed(first, second)
    assert lent is None or find(lent, first + second) == 0


@given(SYLLABLES, SYLLABLES)
def test_another_initial_is_not_found(typed, there):
    assert initials(typed) == initials(there) or find(typed, there) == -1


@given(st.text(max_size=10), st.text(max_size=20))
def test_any_text_can_be_looked_for(query, text):
    assert find(query, text) >= -1


def keystrokes(syllable):
    """What stands in the field while a syllable is typed on the two-set keyboard: ㄷ 다 달 닭."""
    code = ord(syllable) - FIRST
    start, medial, final = code // (MEDIALS * FINALS), code // FINALS % MEDIALS, code % FINALS
    finals = [0, FINAL_SPLIT.index(FINAL_SPLIT[final][0])] if final else [0]
    yield INITIALS[start]
    for vowel in (*BEFORE.get(medial, ()), medial):
        yield chr(FIRST + (start * MEDIALS + vowel) * FINALS)
    for kept in (*finals, final):
        yield chr(FIRST + (start * MEDIALS + medial) * FINALS + kept)


def borrowed(first, second):
    """`first` with the initial of `second` as (part of) its final, as the field shows it before the vowel; None: cannot be."""
    code = ord(first) - FIRST
    whole = FINAL_SPLIT[code % FINALS] + initials(second)
    joined = FINAL_SPLIT.index(whole) if whole in FINAL_SPLIT else None
    return None if joined is None else chr(FIRST + code - code % FINALS + joined)


def test_the_tables_are_those_of_unicode():
    """Read off the standard's own names: HANGUL JONGSEONG KIYEOK-SIOS is the final of 갃 and so on."""
    for n, parts in enumerate(FINAL_SPLIT[1:], 1):
        name = unicodedata.name(chr(0x11A7 + n)).removeprefix("HANGUL JONGSEONG ")
        letter = next(
            k
            for k in "ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"
            if unicodedata.name(k).endswith(f" {name}")
        )
        assert CLUSTERS.get(letter, letter) == parts
    assert len(FINAL_SPLIT) == FINALS
