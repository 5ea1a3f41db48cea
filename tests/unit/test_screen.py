from __future__ import annotations

import pytest

from client.domain.codec import BadInput
from client.domain.screen import Field, Item, Screen, ScreenKind, check_answers

ITEMS = (Item(id="a", text="신분증"), Item(id="b", text="소견서"))
CHOICE = Screen(kind=ScreenKind.CHOICE, title="고르기", items=ITEMS)
LIST = Screen(kind=ScreenKind.CHECKLIST, title="준비물", items=ITEMS)
FORM = Screen(
    kind=ScreenKind.FORM,
    title="신청",
    fields=(Field(id="name", label="이름", required=True), Field(id="more", label="더")),
)
CARD = Screen(kind=ScreenKind.CARD, title="안내")


@pytest.mark.parametrize(
    ("screen", "answers"),
    [(CHOICE, {"choice": "a"}), (LIST, {"checked": ("a", "b")}), (LIST, {}), (FORM, {"name": "홍"}), (CARD, {})],
)
def test_fitting_answers_are_taken(screen, answers):
    check_answers(screen, answers)


@pytest.mark.parametrize(
    ("screen", "answers", "path"),
    [
        (CHOICE, {"choice": "z"}, "answers.choice"),
        (CHOICE, {}, "answers.choice"),
        (CHOICE, {"choice": "a", "x": "1"}, "answers.x"),
        (LIST, {"checked": ("a", "z")}, "answers.checked"),
        (LIST, {"checked": "a"}, "answers.checked"),
        (FORM, {}, "answers.name"),
        (FORM, {"name": "  "}, "answers.name"),
        (FORM, {"name": "홍", "zip": "1"}, "answers.zip"),
        (FORM, {"name": ("홍",)}, "answers.name"),
        (FORM, {"name": "홍", "more": "x" * 2001}, "answers.more"),
        (CARD, {"ok": "1"}, "answers.ok"),
    ],
)
def test_other_answers_are_refused_by_field(screen, answers, path):
    with pytest.raises(BadInput) as caught:
        check_answers(screen, answers)
    assert caught.value.path == path


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": ScreenKind.CARD, "title": " "},
        {"kind": ScreenKind.CHOICE, "title": "x"},
        {"kind": ScreenKind.CHECKLIST, "title": "x"},
        {"kind": ScreenKind.FORM, "title": "x"},
        {"kind": ScreenKind.CHOICE, "title": "x", "items": (ITEMS[0], ITEMS[0])},
    ],
)
def test_a_screen_that_cannot_be_answered_is_refused(fields):
    with pytest.raises(BadInput):
        Screen(**fields)
