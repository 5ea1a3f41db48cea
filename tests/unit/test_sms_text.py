"""Korean text messages: bytes of CP949, kinds, and what cannot be sent."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.domain.sms_text import TextKind, TextProblem, plan, replaced, sms_bytes, unsendable, utf16


@pytest.mark.parametrize(
    ("text", "subject", "pictures", "kind", "size"),
    [
        ("가" * 45, "", 0, TextKind.SMS, 90),
        ("가" * 45 + "a", "", 0, TextKind.LMS, 91),
        ("짧음", "제목", 0, TextKind.LMS, 4),
        ("", "", 1, TextKind.MMS, 0),
        ("a\nb", "", 0, TextKind.SMS, 3),
        ("뷁똠", "", 0, TextKind.SMS, 4),  # in CP949 and not in EUC-KR
    ],
)
def test_the_kind_follows_from_bytes_subject_and_pictures(text, subject, pictures, kind, size):
    planned = plan(text, subject=subject, pictures=pictures)
    assert (planned.kind, planned.bytes, planned.problems) == (kind, size, ())


@pytest.mark.parametrize(
    ("text", "subject", "pictures", "problem"),
    [
        ("가" * 1001, "", 0, TextProblem.TOO_LONG),
        ("글", "가" * 21, 0, TextProblem.SUBJECT_TOO_LONG),
        ("글😀", "", 0, TextProblem.UNSENDABLE),
        ("글", "제목😀", 0, TextProblem.UNSENDABLE),
        ("글", "", 4, TextProblem.TOO_MANY_PICTURES),
    ],
)
def test_what_cannot_be_sent_is_said(text, subject, pictures, problem):
    assert plan(text, subject=subject, pictures=pictures).problems == (problem,)


def test_unsendable_characters_are_shown_where_they_stand():
    text = "안녕😀😀 반가워요❤"
    spans = unsendable(text)
    assert [text[slice(*span)] for span in spans] == ["😀😀", "❤"]
    assert [utf16(text, span) for span in spans] == [(2, 6), (11, 12)]


def test_syllables_in_their_parts_are_the_same_text():
    parts = unicodedata.normalize("NFD", "한글은 각자 모입니다")
    assert (unsendable(parts), sms_bytes(parts)) == ((), sms_bytes("한글은 각자 모입니다"))


def test_look_alikes_take_the_place_of_what_cannot_be_sent():
    text = "A\u00a0B \u2013 C\u200b"
    assert replaced(text) == "A B - C"
    assert unsendable(replaced(text)) == ()


@given(st.text())
def test_what_is_not_marked_can_be_encoded(text):
    marked = unsendable(text)
    left, at = "", 0
    for start, end in marked:
        left, at = left + text[at:start], end
    unicodedata.normalize("NFC", left + text[at:])
    kept = [text[a:b] for a, b in zip([0, *(e for _, e in marked)], [*(s for s, _ in marked), len(text)], strict=True)]
    for part in kept:
        unicodedata.normalize("NFC", part).encode("cp949")


@given(st.text(alphabet="가나다라abc \n뷁"))
def test_bytes_are_those_of_the_encoding(text):
    assert sms_bytes(text) == len(text.encode("cp949"))
