from __future__ import annotations

import pytest

from client.domain.catalogue import read_catalogue, read_codes
from client.domain.codec import BadInput
from client.domain.codes import for_ars, walk
from client.domain.screen import FieldKind, ScreenKind
from client.resources import resource_path

CHOICE = """
name = "bus"
kind = "choice"
reviewed = "2026-11-01"
[ko]
title = "버스"
items = [{ id = "late", text = "늦음" }, { id = "lost", text = "분실" }]
[en]
title = "Bus"
items = [{ id = "late", text = "Late" }, { id = "lost", text = "Lost" }]
"""


def shipped():
    files = sorted(resource_path("screens").glob("*.toml"))
    return read_catalogue((file.name, file.read_text(encoding="utf-8")) for file in files)


def test_a_file_is_one_screen_in_all_its_languages():
    catalogue = read_catalogue([("bus.toml", CHOICE)])
    korean, english = catalogue.screen("bus", "ko"), catalogue.screen("bus", "en")
    assert (korean.title, korean.language, korean.reviewed) == ("버스", "ko", "2026-11-01")
    assert [item.id for item in english.items] == ["late", "lost"]
    assert english.kind is ScreenKind.CHOICE


@pytest.mark.parametrize(("asked", "given"), [("ko", "ko"), ("ko-KR", "ko"), ("en-GB", "en"), ("vi", "en")])
def test_a_missing_language_falls_back_to_english(asked, given):
    assert [screen.language for screen in read_catalogue([("bus.toml", CHOICE)])(asked)] == [given]


def test_without_english_korean_is_shown():
    only_korean = CHOICE[: CHOICE.index("[en]")]
    assert read_catalogue([("bus.toml", only_korean)])("vi")[0].language == "ko"


@pytest.mark.parametrize(
    ("text", "path"),
    [
        (CHOICE.replace("name =", "nome ="), "a.toml: name"),
        (CHOICE.replace('{ id = "late", text = "Late" }, ', ""), "a.toml: en"),
        (CHOICE.replace('"choice"', '"quiz"'), "a.toml: ko.kind"),
        (CHOICE.replace('title = "버스"', 'titel = "버스"'), "a.toml: ko.titel"),
        (CHOICE + "broken = [", "a.toml"),
        ('name = "x"\nkind = "card"', "a.toml"),
        ('name = "x"\nkind = "card"\nko = 3', "a.toml: ko"),
    ],
)
def test_a_bad_file_is_refused_by_name(text, path):
    with pytest.raises(BadInput) as refusal:
        read_catalogue([("a.toml", text)])
    assert refusal.value.path == path


def test_two_screens_of_one_name_are_refused():
    with pytest.raises(BadInput, match="taken"):
        read_catalogue([("a.toml", CHOICE), ("b.toml", CHOICE)])


def test_the_shipped_catalogue_speaks_korean_and_english_and_has_every_kind():
    catalogue = shipped()
    assert {screen.kind for screen in catalogue("ko")} == set(ScreenKind)
    assert {screen.language for screen in catalogue("ko")} == {"ko"}
    assert {screen.language for screen in catalogue("en")} == {"en"}


def test_the_shipped_address_form_tells_the_browser_what_it_asks():
    kinds = [field.kind for field in shipped().screen("address-form", "ko").fields]
    assert kinds == [FieldKind.NAME, FieldKind.ADDRESS, FieldKind.TEXT]


def test_the_shipped_codes_follow_the_ars():
    file = resource_path("wrapup_codes.toml")
    codes = read_codes(file.name, file.read_text(encoding="utf-8"))
    assert for_ars(codes, "3-1-2").label == "장기요양"
    assert {code.id for code in codes} >= {"1", "2", "3", "4", "5", "9"}
    assert all(code.label and code.en for code, _ in walk(codes))


def test_a_code_that_stands_twice_is_refused():
    with pytest.raises(BadInput, match="twice"):
        read_codes("c.toml", '[[codes]]\nid="1"\nlabel="a"\n[[codes]]\nid="1"\nlabel="b"')
