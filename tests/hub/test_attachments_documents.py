"""Documents of every kind: kept as they are, refused when locked, cut off or called something dangerous."""

from __future__ import annotations

import zipfile

import pytest

from client.hub.attachments.clean import Limits
from tests.hub.attached_files import checked as kept
from tests.hub.attached_files import (
    compound,
    hwp,
    hwpx,
    office,
    pdf,
    refusal,
)

LOCKED = "is locked with a password; send it without"


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        *((kind, office(kind)) for kind in ("docx", "xlsx", "pptx")),
        ("docx", office(method=zipfile.ZIP_STORED)),
        ("hwpx", hwpx()),
        ("hwp", hwp()),
        ("pdf", pdf()),
    ],
)
def test_a_document_is_kept_as_it_is(kind, data):
    clean = kept(data, "2026.11.26 민원.exe.doc", "application/octet-stream")
    assert (clean.extension, clean.name) == (kind, f"2026.11.26 민원.exe.{kind}")
    assert (clean.width, clean.height) == (0, 0)
    assert clean.data == data or kind == "pdf"


def test_what_is_locked_is_said():
    locked = bytearray(office())
    for at in (locked.index(b"PK\x01\x02") + 8, 6):
        locked[at] |= 1
    assert refusal(bytes(locked)) == LOCKED
    assert refusal(compound({"EncryptedPackage": b"x", "EncryptionInfo": b"y"})) == LOCKED
    assert refusal(hwpx({"META-INF/manifest.xml": b"<file><encryption-data/></file>"})) == LOCKED
    assert [refusal(hwp(1 | bit)) for bit in (1 << 1, 1 << 4, 1 << 8, 1 << 10)] == [LOCKED] * 4


@pytest.mark.parametrize("make", [office, hwpx, hwp, pdf])
@pytest.mark.parametrize("share", [0.2, 0.6, 0.95])
def test_a_document_that_was_cut_off_is_refused(make, share):
    assert refusal(make()[: int(len(make()) * share)])


@pytest.mark.parametrize("make", [office, hwpx, hwp, pdf])
@pytest.mark.parametrize(
    ("name", "claimed"), [("a.html", ""), ("a.SVG ", ""), ("a.exe", ""), ("a", "text/html"), ("a", "image/svg+xml"), ("a.docm", "")]
)  # fmt: skip
def test_a_document_that_calls_itself_a_program_is_refused(make, name, claimed):
    assert refusal(make(), name, claimed) == "calls itself a program or a web page"


def test_the_usual_limits_hold_what_they_say():
    assert refusal(b"x" * 10_000_001) == "must be at most 10 MB"
    assert kept(b"x" * Limits().size).extension == "txt"
