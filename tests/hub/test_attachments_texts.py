"""Plain text, names, and whatever else people and their enemies send: kept or refused, never a surprise."""

from __future__ import annotations

import random
import unicodedata
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.hub.attachments.clean import safe_name
from tests.hub.attached_files import (
    HANCOMS,
    checked,
    deflated,
    hwp,
    hwpx,
    office,
    only_refused,
    pdf,
    picture,
    refusal,
    script_stream,
    stream,
)

WEB = "is a web page, a drawing or a script in text form"
SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"


@pytest.mark.parametrize(
    "text",
    [
        "민원입니다.",
        "<공지> 단수 안내",
        "MZ세대를 위한 <br>",
        "PKM 아파트\r\n\t2동",
        "RIFF가 무엇인가요",
        "BM 25",
        "%PDF",
        "< 3",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949"])
def test_plain_text_is_kept_in_utf8(text, encoding):
    kept = checked(text.encode(encoding), "메모.csv", "text/csv")
    assert (kept.data.decode(), kept.media_type, kept.name) == (text, "text/plain", "메모.txt")


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (SVG, "그림.png"),
        (b"\xef\xbb\xbf \n" + SVG, "그림.png"),
        (b"<!DOCTYPE html><script>1</script>", "사진.jpg"),
        (b"<?xml version='1.0'?>" + SVG, "a.pdf"),
        (b"<!-- -->" + SVG, "a.txt"),
        (b"<?php system($_GET[0]);", "a.txt"),
        (b"<HTML>", "a"),
        (b"#!/bin/sh\nrm -rf /", "a.txt"),
        ("\u00a0\ufeff<script>".encode(), "a.txt"),
    ],
)
def test_what_a_browser_or_a_shell_runs_is_refused_whatever_its_name(data, name):
    assert refusal(data, name, "image/png") == WEB


@pytest.mark.parametrize("name", ["a.html", "a.svg", "a.js", "a.bat", "a.PS1", "a.xml", "a.hta. ", "a.lnk", "a.url"])
def test_a_text_that_calls_itself_a_program_is_refused(name):
    assert refusal(b"echo hello", name) == "calls itself a program or a web page"
    assert refusal(b"echo hello", "a.txt", "text/html; charset=utf-8") == "calls itself a program or a web page"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "is empty"),
        (b"MZ\x90\0\x03\0\0\0", "is a program"),
        (b"\x7fELF\x02\x01\x01\0", "is a program"),
        (b"\xca\xfe\xba\xbe\0\0\0\x34", "is a program"),
        (b"Rar!\x1a\x07\0", "is an archive; send its files one by one"),
        (b"7z\xbc\xaf\x27\x1c\0", "is an archive; send its files one by one"),
        (b"\x1f\x8b\x08\0", "is an archive; send its files one by one"),
        (b"PK\x05\x06" + bytes(18), "is an archive; send its files one by one"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "is a picture of a kind that is not taken; send it as JPEG or PNG"),
        (b"II*\0\x08\0\0\0", "is a picture of a kind that is not taken; send it as JPEG or PNG"),
        (b"\0\0\0\x18ftypmp42\0\0\0\0", "is a film or a sound, which is not taken"),
        (b"HWP Document File V3.00 \x1a\1\2", "is of an old HWP; save it as HWP 5, HWPX or PDF"),
        (b"\0\1\2\3", "is of a kind that is not taken: pictures, PDF, HWP, office documents and plain text are"),
        ("민원".encode("utf-16"), "is of a kind that is not taken: pictures, PDF, HWP, office documents and plain text are"),
    ],
)  # fmt: skip
def test_a_refusal_says_what_it_is(data, why):
    assert refusal(data, "사진.jpg", "image/jpeg") == why


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("현장.jpg", "현장.txt"),
        (unicodedata.normalize("NFD", "현장.jpg"), "현장.txt"),
        ("2026.11.26 민원", "2026.11.26 민원.txt"),
        ("../../etc/passwd", "passwd.txt"),
        ("..\\..\\windows\\system32\\cmd.exe", "cmd.txt"),
        ("/", "file.txt"),
        ("..", "file.txt"),
        ("", "file.txt"),
        (".bashrc", "bashrc.txt"),
        ("송장\u202egpj.exe", "송장gpj.txt"),
        ("a\r\nSet-Cookie: b\0.png", "a Set-Cookie_ b.txt"),
        ("a\u2028b\u2066c", "a bc.txt"),
        ('<a>:"|?*.png', "_a______.txt"),
        ("CON.png", "_CON.txt"),
        ("lpt1", "_lpt1.txt"),
        ("CONCERT", "CONCERT.txt"),
        ("가" * 500, "가" * 120 + ".txt"),
        ("민원".encode("cp949").decode("utf-8", "surrogateescape"), "ο.txt"),
        ("\ud83d.png", "file.txt"),
        ("민원 . . .pdf", "민원.txt"),
    ],
)
def test_names_say_what_it_was_called_and_nothing_else(name, safe):
    assert safe_name(name, "txt") == safe


@given(st.text(st.characters(), max_size=300))
def test_no_name_is_dangerous(name):
    safe = safe_name(name, "png")
    assert safe.endswith(".png")
    assert not set(safe) & set('/\\<>:"|?*\0\r\n')
    assert all(unicodedata.category(c)[0] != "C" for c in safe)
    assert 5 <= len(safe) <= 125
    assert not safe.startswith((".", " "))
    assert safe.encode()


# ── anything at all ──────────────────────────────────────────────────────────────────────────────

BEGINNINGS = [
    b"",
    b"\xff\xd8\xff\xe0\0\x10JFIF",
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
    b"GIF89a",
    b"RIFF\x20\0\0\0WEBPVP8X",
    b"%PDF-1.7\n",
    b"PK\x03\x04\x14\0",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
]


@cache
def whole() -> tuple[bytes, ...]:
    """One good file of each kind."""
    packed = stream(b"/Type /ObjStm /Filter /FlateDecode", b"x\x9c\x03\0\0\0\0\1")
    pictures = [picture(kind) for kind in ("JPEG", "PNG", "GIF", "WEBP")]
    return (*pictures, picture("PNG", mode="RGBA"), office(), office("xlsx", method=0), hwpx(), hwp(), pdf(packed))


@given(st.sampled_from(BEGINNINGS), st.binary(max_size=400), st.text(max_size=20), st.text(max_size=20))
def test_any_bytes_are_kept_or_refused(beginning, rest, name, claimed):
    only_refused(beginning + rest, name, claimed)


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow's, as in a hub
@pytest.mark.parametrize("which", range(10))
@given(seed=st.integers(0, 2**32))
def test_good_files_with_bytes_changed_are_kept_or_refused(which, seed):
    chance = random.Random(seed)
    data = bytearray(whole()[which])
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(data))
        data[at : at + chance.choice((0, 1, 4))] = chance.randbytes(chance.choice((0, 1, 1, 1, 4)))
    only_refused(bytes(data))


@given(seed=st.integers(0, 2**32))
def test_a_changed_header_or_directory_of_hwp_is_kept_or_refused(seed):
    """Most of the file is padding: change the numbers that lead from place to place."""
    chance = random.Random(seed)
    data = bytearray(hwp(script=deflated(script_stream(HANCOMS))))
    for _ in range(3):
        at = chance.choice((28, 44, 48, 56, 60, 64, 68, 72, 76, *range(512, 560, 4), *range(1024 + 64, 2048, 4)))
        data[at : at + 4] = chance.choice((0, 1, 2, 5, 0x7FFFFFFF, 0xFFFFFFFE, 0xFFFFFFFF)).to_bytes(4, "little")
    only_refused(bytes(data))


def test_the_good_files_are_good():
    assert [checked(data).extension for data in whole()] == ["jpg", "png", "png", "jpg", "png", "docx", "xlsx", "hwpx", "hwp", "pdf"]  # fmt: skip
