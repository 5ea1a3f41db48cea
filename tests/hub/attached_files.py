"""Files to attach, made here: good ones as programs write them, and the means to make them bad."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping
from typing import Any

import pytest
from PIL import Image

from client.domain.codec import BadInput
from client.hub.attachments.checking import check
from client.hub.attachments.clean import Clean, Limits

OOXML = "application/vnd.openxmlformats-officedocument."
TYPES = '<?xml version="1.0"?><Types><Override PartName="/{part}" ContentType="{type}"/></Types>'
MAIN = {
    "docx": ("word/document.xml", OOXML + "wordprocessingml.document.main+xml"),
    "xlsx": ("xl/workbook.xml", OOXML + "spreadsheetml.sheet.main+xml"),
    "pptx": ("ppt/presentation.xml", OOXML + "presentationml.presentation.main+xml"),
}
HANCOMS = "var Documents = XHwpDocuments;\r\nvar Document = Documents.Active_XHwpDocument;\r\n"
IDLE = "function OnDocument_New()\r\n{\r\n\t//todo : \r\n}\r\n"
PACKED = zipfile.ZIP_DEFLATED


def checked(data: bytes, name: str = "파일", claimed: str = "", **limits: int) -> Clean:
    return check(data, name, claimed, Limits(**limits))


def refusal(data: bytes, name: str = "파일", claimed: str = "", **limits: int) -> str:
    """Why it is refused; fails when it is not."""
    with pytest.raises(BadInput) as told:
        checked(data, name, claimed, **limits)
    assert told.value.path == "file"
    return told.value.why


def only_refused(data: bytes, name: str = "파일", claimed: str = "") -> None:
    """It is kept or refused, as it may be: nothing else happens, and what is kept is of a kind that is taken."""
    try:
        clean = checked(data, name, claimed)
    except BadInput:
        return
    assert clean.extension in ("jpg", "png", "pdf", "txt", "hwp", "hwpx", "docx", "xlsx", "pptx")
    assert clean.name.endswith(f".{clean.extension}")
    assert clean.data


def picture(kind: str = "JPEG", size: tuple[int, int] = (40, 30), mode: str = "RGB", **saved: Any) -> bytes:
    out = io.BytesIO()
    ink = {"L": 128, "P": 0, "RGBA": (255, 0, 0, 99)}.get(mode, "red")
    Image.new(mode, size, ink).save(out, kind, **saved)
    return out.getvalue()


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def archive(parts: Mapping[str, bytes], method: int = PACKED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as made:
        for name, data in parts.items():
            made.writestr(name, data)
    return out.getvalue()


def office(
    kind: str = "docx", parts: Mapping[str, bytes] | None = None, types: str = "", method: int = PACKED
) -> bytes:
    part, media_type = MAIN[kind]
    content_types = TYPES.format(part=part, type=media_type).replace("</Types>", f"{types}</Types>")
    return archive({"[Content_Types].xml": content_types.encode(), part: b"<document/>", **(parts or {})}, method)


def hwpx(parts: Mapping[str, bytes] | None = None, script: str = IDLE) -> bytes:
    return archive(
        {
            "mimetype": b"application/hwp+zip",
            "version.xml": b"<version/>",
            "Contents/content.hpf": b"<package/>",
            "Contents/section0.xml": "<sec>민원</sec>".encode(),
            "Preview/PrvText.txt": "MZ세대 민원 ".encode() * 20,
            "Scripts/headerScripts.js": HANCOMS.encode("utf-16-le"),
            "Scripts/sourceScripts.js": script.encode("utf-16-le"),
            **(parts or {}),
        }
    )


def pdf(objects: bytes = b"", trailer: bytes = b"<< /Root 1 0 R >>") -> bytes:
    head = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog >>\nendobj\n"
    return head + objects + b"\ntrailer\n" + trailer + b"\nstartxref\n9\n%%EOF\n"


def stream(dictionary: bytes, data: bytes) -> bytes:
    return b"7 0 obj\n<< " + dictionary + b" >>\nstream\r\n" + data + b"\r\nendstream\nendobj\n"


# ── HWP 5: a compound file with everything in its mini stream ────────────────────────────────────

SECTOR, MINI, END, FREE = 512, 64, 0xFFFFFFFE, 0xFFFFFFFF


def script_stream(*scripts: str) -> bytes:
    parts = b"".join(struct.pack("<I", len(text)) + text.encode("utf-16-le") for text in scripts)
    return parts + struct.pack("<I", FREE)


def deflated(data: bytes) -> bytes:
    deflate = zlib.compressobj(wbits=-15)
    return deflate.compress(data) + deflate.flush()


def file_header(properties: int = 1) -> bytes:
    return (b"HWP Document File".ljust(32, b"\0") + struct.pack("<II", 0x05010000, properties)).ljust(256, b"\0")


def hwp(properties: int = 1, script: bytes | None = None, streams: Mapping[str, bytes] | None = None) -> bytes:
    idle = deflated(script_stream(HANCOMS, IDLE, "", ""))
    return compound(
        {
            "FileHeader": file_header(properties),
            "DocInfo": b"info",
            "DefaultJScript": idle if script is None else script,
            "Section0": b"text",
            **(streams or {}),
        }
    )


def compound(streams: Mapping[str, bytes]) -> bytes:
    mini, mini_fat, entries = b"", [], []
    for name, data in streams.items():
        assert len(data) < 4096
        count = -(-len(data) // MINI)
        entries.append(_entry(name, 2, len(mini_fat), len(data)))
        mini_fat += [len(mini_fat) + n + 1 for n in range(count - 1)] + [END]
        mini += data.ljust(count * MINI, b"\0")
    minis, dirs = -(-len(mini) // SECTOR), -(-(len(entries) + 1) // 4)
    entries.insert(0, _entry("Root Entry", 5, 2 + dirs, len(mini)))
    fat = [0xFFFFFFFD, *_run(1, dirs), END, *_run(2 + dirs, minis)]
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<9I", 0, 1, 1, 0, 4096, 1 + dirs, 1, END, 0) + struct.pack("<109I", 0, *[FREE] * 108)
    tables = (_numbers(fat), b"".join(entries).ljust(dirs * SECTOR, b"\0"), _numbers(mini_fat))
    return header + b"".join(tables) + mini.ljust(minis * SECTOR, b"\0")


def _run(start: int, count: int) -> list[int]:
    return [*range(start + 1, start + count), END]


def _numbers(values: list[int]) -> bytes:
    assert len(values) <= SECTOR // 4
    return struct.pack("<128I", *values, *[FREE] * (128 - len(values)))


def _entry(name: str, kind: int, start: int, size: int) -> bytes:
    text = name.encode("utf-16-le") + b"\0\0"
    links = struct.pack("<HBB3I", len(text), kind, 1, FREE, FREE, FREE)
    return text.ljust(64, b"\0") + links + bytes(36) + struct.pack("<IQ", start, size)
