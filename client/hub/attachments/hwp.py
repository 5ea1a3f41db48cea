"""HWP 5 (Hancom's published format, revision 1.3): a compound file with a FileHeader; never opened further than that."""

from __future__ import annotations

import re
import struct
import zlib

from client.hub.attachments.clean import Clean, Limits, refused
from client.hub.attachments.compound import STREAM, Compound, Entry
from client.hub.attachments.distributed import unscrambled
from client.hub.attachments.parts import NESTED
from client.hub.attachments.scripts import MAX_SCRIPT, require_idle

SIGNATURE = b"HWP Document File".ljust(32, b"\0")
PROPERTIES = 36  # where they stand in the FileHeader
PACKED = 1 << 0
LOCKED = 1 << 1 | 1 << 4 | 1 << 8 | 1 << 10  # a password, DRM, a certificate, DRM by one (표 3)
FOR_READING = 1 << 2  # 배포용: its text and scripts are scrambled, the program shows them and lets nobody change them
FOREIGN = {
    "EncryptedPackage": "is locked with a password; send it without",
    "WordDocument": "is of an old Office; save it as DOCX or PDF",
    "Workbook": "is of an old Office; save it as XLSX or PDF",
    "Book": "is of an old Office; save it as XLSX or PDF",
    "PowerPoint Document": "is of an old Office; save it as PPTX or PDF",
}
END = 0xFFFFFFFF
OBJECT = re.compile(r"\.(ole|e?ps|exe|dll|js|vbs|bat|cmd|scr|lnk|zip)$|Ole10Native|VBA", re.IGNORECASE)


def hwp(data: bytes, limits: Limits) -> Clean:  # noqa: ARG001 — nothing of it is unpacked but its script
    """The document as it is; refused where it is locked, has a script that does something, or others' objects."""
    file = Compound(data)
    names = {entry.name for entry in file.entries}
    if (why := next((FOREIGN[name] for name in FOREIGN if name in names), None)) is not None:
        raise refused(why)
    headers, scripts = _streams(file, "FileHeader"), _streams(file, "DefaultJScript")
    if len(headers) != 1 or len(scripts) > 1 or "DocInfo" not in names:
        raise refused("is a document of a kind that is not taken; save it as HWP 5, HWPX, DOCX or PDF")
    properties = _properties(file, headers[0])
    if properties & LOCKED:
        raise refused("is locked with a password; send it without")
    if any(OBJECT.search(name) for name in names):
        raise refused(NESTED)
    for entry in scripts:
        require_idle(_script(file.read(entry, MAX_SCRIPT), properties))
    return Clean(data=data, media_type="application/x-hwp", extension="hwp")


def _streams(file: Compound, name: str) -> list[Entry]:
    return [entry for entry in file.entries if entry.kind == STREAM and entry.name == name]


def _properties(file: Compound, entry: Entry) -> int:
    header = file.read(entry, 4096)
    if len(header) < PROPERTIES + 4 or not header.startswith(SIGNATURE):
        raise refused("is a damaged document")
    return int(struct.unpack_from("<I", header, PROPERTIES)[0])


def _script(data: bytes, properties: int) -> str:
    """All parts of the script, each a length in characters and its UTF-16 (4.2.6)."""
    if properties & FOR_READING:
        data = unscrambled(data)
    if properties & (PACKED | FOR_READING):
        data = _inflated(data)
    parts, at = [], 0
    while at + 4 <= len(data) and (length := struct.unpack_from("<I", data, at)[0]) != END:
        parts.append(data[at + 4 : at + 4 + 2 * length].decode("utf-16-le", "replace"))
        at += 4 + 2 * length
    return "".join(parts)


def _inflated(data: bytes) -> bytes:
    try:
        script = zlib.decompressobj(-15).decompress(data, MAX_SCRIPT + 1)
    except zlib.error as error:
        raise refused("is a document with a script that cannot be looked into") from error
    if len(script) > MAX_SCRIPT:
        raise refused("is a document with a script in it; save it without")
    return script
