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
        ("a\r\nb", "", 0, TextKind.SMS, 4),
        ("가" * 1_000, "가" * 20, 3, TextKind.MMS, 2_000),  # all at their limits
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


def test_a_picture_over_300_kb_is_said():
    assert plan("", pictures=1, largest_picture=300_000).problems == ()
    assert plan("", pictures=1, largest_picture=300_001).problems == (TextProblem.PICTURE_TOO_LARGE,)


@pytest.mark.parametrize(("size", "parts"), [(0, 1), (90, 1), (91, 1), (2_000, 1), (2_001, 2), (4_000, 2), (4_001, 3)])
def test_how_many_messages_a_text_would_fill(size, parts):
    assert plan("a" * size).parts == parts


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("역 ☎\ufe0f", "☎\ufe0f"),  # CP949 has ☎ and not the sign that makes it an emoji
        ("문 1\ufe0f\u20e3", "1\ufe0f\u20e3"),
        ("둘 A\u200b", "A\u200b"),
        ("Việt", "ệ"),
        ("Vie\u0323\u0302t", "e\u0323\u0302"),
    ],
)
def test_what_is_invisible_is_marked_with_what_it_follows(text, marked):
    assert [text[slice(*span)] for span in unsendable(text)] == [marked]


def test_half_an_emoji_is_counted_and_marked():
    text = "가\ud83d나"  # what Qt hands over between the two halves of a pair
    assert (unsendable(text), utf16(text, (1, 2)), sms_bytes(text)) == (((1, 2),), (1, 2), 6)


@pytest.mark.parametrize("text", ["“인용” ‘따옴’ … ―", "①㈜㎡°C", "ㄱㄴㅏ", "漢字"])
def test_signs_that_the_carriers_have_are_left_alone(text):
    assert (unsendable(text), replaced(text)) == ((), text)


@given(st.text(alphabet="가a \u00a0\u2013\u2022\u20a9\u00ab\u200b\u200d\ufe0f\u2028😀é–☎\n"))
def test_replacing_brings_no_new_sign_and_is_done_at_once(text):
    kept = set(unicodedata.normalize("NFC", text)) | set("-·원'\"《》 \n")
    assert set(replaced(text)) <= kept
    assert replaced(replaced(text)) == replaced(text)


def test_a_joiner_that_is_replaced_leaves_one_composed_sign():
    assert replaced("\u1112\u200d\u1161") == "하"


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
    kept = [text[a:b] for a, b in zip([0, *(e for _, e in marked)], [*(s for s, _ in marked), len(text)], strict=True)]
    for part in kept:
        unicodedata.normalize("NFC", part).encode("cp949")


@given(st.text(alphabet="가나다라abc \n뷁"))
def test_bytes_are_those_of_the_encoding(text):
    assert sms_bytes(text) == len(text.encode("cp949"))
