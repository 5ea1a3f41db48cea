"""PDF: whole, without what acts by itself, and nothing hung behind it."""

from __future__ import annotations

import zlib

import pytest

from tests.hub.attached_files import (
    archive,
    pdf,
    refusal,
    stream,
)
from tests.hub.attached_files import checked as kept

TOO_FAR = "unpacks to more than a document does"


@pytest.mark.parametrize("name", [b"JavaScript", b"Launch", b"EmbeddedFile", b"EmbeddedFiles", b"RichMedia", b"Java#53cript", b"#4c#61unch"])  # fmt: skip
def test_a_pdf_that_acts_is_refused(name):
    action = b"2 0 obj\n<< /S /" + name + b" /JS (app.alert(1)) >>\nendobj\n"
    packed = zlib.compress(action)
    assert "scripts, programs or files" in refusal(pdf(action))
    for kind in (b"/Type /ObjStm", b"/Type /Obj#53tm", b"/Type /ObjStm /X ( obj)"):
        assert "scripts, programs or files" in refusal(pdf(stream(kind + b" /Filter /FlateDecode", packed)))


def test_a_pdf_is_not_refused_for_what_its_pictures_happen_to_contain():
    assert kept(pdf(stream(b"/Filter /DCTDecode", b"\xff\xd8 /JS /AA /XFA \xff" * 1000)))
    assert kept(pdf(stream(b"/Type /ObjStm /Filter /FlateDecode", zlib.compress(b"<< /Type /Font /LaunchPad 1 >>"))))


def test_a_pdf_whose_objects_cannot_be_read_is_refused():
    assert "cannot be looked into" in refusal(pdf(stream(b"/Type /ObjStm /Filter /ASCIIHexDecode", b"414243>")))
    assert "locked" in refusal(pdf(trailer=b"<< /Root 1 0 R /Encrypt 5 0 R >>"))


def test_a_pdf_unpacks_no_further_than_a_document():
    bomb = pdf(stream(b"/Type /ObjStm /Filter /FlateDecode", zlib.compress(bytes(30_000_000))))
    assert refusal(bomb) == TOO_FAR
    many = pdf(stream(b"/Type /ObjStm /Filter /FlateDecode", zlib.compress(bytes(1_000_000))) * 25)
    assert refusal(many) == TOO_FAR


def test_what_hangs_behind_a_pdf_is_gone():
    assert kept(pdf() + b"\n" * 20 + b"<script>").data == pdf()
    assert refusal(pdf() + b"x" * 2000)
    assert refusal(pdf().replace(b"startxref", b"xxxxxxxxx"))
    assert refusal(pdf(archive({"a": b"x"}))) == "is a PDF and an archive at once"


def test_a_pdf_has_only_so_many_streams():
    assert refusal(pdf(b"stream\n" * 50_001)) == "has more parts than a document has"
