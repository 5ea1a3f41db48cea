"""Hancom's documents: its own empty scripts are fine, others' and foreign objects are not."""

from __future__ import annotations

import struct

import pytest

from tests.hub.attached_files import (
    HANCOMS,
    IDLE,
    MINI,
    SECTOR,
    compound,
    deflated,
    file_header,
    hwp,
    hwpx,
    only_refused,
    refusal,
    script_stream,
)
from tests.hub.attached_files import checked as kept

EVIL = 'function OnDocument_Open() { new ActiveXObject("WScript.Shell").Run("calc"); }'
OTHER = "is a document with another file or another program's object in it; save it without, or as PDF"
SCRIPT = "is a document with a script in it; save it without"


@pytest.mark.parametrize(
    "script", [IDLE, "", "// nothing\n/* at all */", "function OnA_Click()\n{\n\t//todo : \n}\n" * 9]
)
def test_hancoms_own_empty_script_is_no_reason(script):
    assert kept(hwpx(script=script))
    assert kept(hwp(script=deflated(script_stream(HANCOMS, script))))
    assert kept(hwp(properties=0, script=script_stream(HANCOMS, script)))


@pytest.mark.parametrize(
    "script",
    [
        EVIL,
        "/*@cc_on Run('calc') @*/",
        "// \u2028Run();",
        "function OnDocument_Open() { Run(); }",
        "var a = Run();",
        "/* " + "/*" * 20_000 + "*/ Run()",
        IDLE + " " * 100_000,
    ],
)
def test_a_script_that_does_something_is_refused(script):
    assert refusal(hwpx(script=script)) == SCRIPT
    assert refusal(hwp(script=deflated(script_stream(HANCOMS, script)))) == SCRIPT


def test_a_script_behind_a_long_comment_is_found():
    assert refusal(hwp(script=deflated(script_stream("//" + " " * 90_000, EVIL)))) == SCRIPT


def scrambled(script: bytes, seed: int = 20_261_126) -> bytes:
    """As Hancom's 배포용 문서 has it, written anew from its description."""
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    key = bytes(range(40, 56))
    body = Cipher(algorithms.AES(key), modes.ECB()).encryptor().update(script.ljust(-(-len(script) // 16) * 16, b"\0"))
    plain = bytearray(256)
    plain[4 + (seed & 0xF) : 20 + (seed & 0xF)] = key
    state, run, cover = seed, 0, 0

    def number() -> int:
        nonlocal state
        state = (214013 * state + 2531011) % 2**32
        return state // 65536 % 32768

    for n in range(256):
        if not run:
            cover = number() % 256
            run = number() % 16 + 1
        plain[n] ^= cover
        run -= 1
    return b"\x1c\0\0\x10" + seed.to_bytes(4, "little") + bytes(plain[4:]) + body


def test_a_document_for_reading_only_is_unscrambled():
    assert kept(hwp(1 | 1 << 2, scrambled(deflated(script_stream(HANCOMS, IDLE)))))
    assert refusal(hwp(1 | 1 << 2, scrambled(deflated(script_stream(HANCOMS, EVIL))))) == SCRIPT
    assert refusal(hwp(1 | 1 << 2, deflated(script_stream(HANCOMS, IDLE)))) == "is a damaged document"


@pytest.mark.parametrize("name", ["BIN0001.OLE", "BIN0002.eps", "BIN0003.PS", "\x01Ole10Native", "_VBA_PROJECT"])
def test_objects_of_other_programs_are_refused(name):
    assert refusal(hwp(streams={name: b"x"})) == OTHER
    assert kept(hwp(streams={"BIN0001.jpg": b"x", "BIN0002.bmp": b"x"}))


def test_an_old_office_file_is_told_what_to_become():
    for name, wanted in (("WordDocument", "DOCX"), ("Workbook", "XLSX"), ("PowerPoint Document", "PPTX")):
        assert wanted in refusal(compound({name: b"x", "FileHeader": file_header(), "DocInfo": b""}))
    assert "not taken" in refusal(compound({"Something": b"x"}))
    assert "not taken" in refusal(compound({"DocInfo": b"", "Other": file_header()}))


def test_two_headers_are_refused():
    """Ours reads the first, Hancom's program perhaps the other."""
    twice = compound({"FileHeader": file_header(), "DocInfo": b"", "FileHeadeX": file_header(1 << 1)})
    twice = twice.replace("FileHeadeX".encode("utf-16-le"), "FileHeader".encode("utf-16-le"))
    assert "not taken" in refusal(twice)
    scripts = hwp(streams={"DefaultJScripX": deflated(script_stream(EVIL))})
    scripts = scripts.replace("DefaultJScripX".encode("utf-16-le"), "DefaultJScript".encode("utf-16-le"))
    assert "not taken" in refusal(scripts)


def test_chains_that_bite_their_tail_end():
    data = bytearray(hwp())
    for at in range(SECTOR, 2 * SECTOR, 4):  # every sector follows itself
        struct.pack_into("<I", data, at, (at - SECTOR) // 4)
    only_refused(bytes(data))
    mini = bytearray(hwp(script=b"x" * (2 * MINI)))
    struct.pack_into("<I", mini, 68, 0)  # a DIFAT that begins in the FAT itself
    assert refusal(bytes(mini))
