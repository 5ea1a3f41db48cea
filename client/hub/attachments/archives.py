"""Documents that are ZIP archives (ECMA-376 part 2, KS X 6101): looked through in memory, never unpacked to the disk."""

from __future__ import annotations

import io
import re
import struct
import zipfile
from collections.abc import Sequence

from client.hub.attachments.clean import Clean, Limits, refused
from client.hub.attachments.inflating import LOCAL, Budget, parts
from client.hub.attachments.parts import Looked, look

END = b"PK\x05\x06"
END_BYTES = 22
END_64 = b"PK\x06\x07"
DIRECTORY = 2_000_000  # bytes of the central directory that are read at all
METHODS = (
    zipfile.ZIP_STORED,
    zipfile.ZIP_DEFLATED,
)  # all that OPC (annex B) and OWPML know; others inflate without bounds
ODD = re.compile(r"^/|\\|^[A-Za-z]:|(^|/)\.\.?(/|$)|[\x00-\x1f]")  # a name that leads out of the archive
ARCHIVE = "is an archive; send its files one by one"
DAMAGED = "is a damaged document"
OOXML = "application/vnd.openxmlformats-officedocument."
KINDS = {
    "wordprocessingml.document.main+xml": (OOXML + "wordprocessingml.document", "docx"),
    "spreadsheetml.sheet.main+xml": (OOXML + "spreadsheetml.sheet", "xlsx"),
    "presentationml.presentation.main+xml": (OOXML + "presentationml.presentation", "pptx"),
}
HWPX = ("application/hwp+zip", "hwpx")


def zipped(data: bytes, limits: Limits) -> Clean:
    """The document as it is; refused where it is another archive, locked, lies, unpacks too far or can act.

    What it unpacks to is bounded by `limits` twice: as its directory says, and as it turns out.
    """
    _require_one_end(data)
    entries = _directory(data)
    if not any(entry.filename in ("[Content_Types].xml", "mimetype") for entry in entries):
        raise refused(ARCHIVE)
    _require_plain(entries, limits)
    _require_apart(data, entries)
    most = min(limits.unpacked, max(limits.always, limits.ratio * len(data)))
    if sum(entry.file_size for entry in entries) > most:
        raise refused("unpacks to more than a document does")
    looked = look(parts(data, entries, Budget(most)))
    media_type, extension = _kind(looked)
    return Clean(data=data, media_type=media_type, extension=extension)


def _require_one_end(data: bytes) -> None:
    """Its directory's end is the file's end: readers that search for it must find the same one."""
    at = data.rfind(END)
    if at < 0 or at != len(data) - END_BYTES:
        raise refused("is a document with something hung behind it, or cut off")
    (size,) = struct.unpack_from("<I", data, at + 12)
    if size > DIRECTORY or data[max(0, at - 20) : at].startswith(END_64):
        raise refused("has more parts than a document has")


def _directory(data: bytes) -> Sequence[zipfile.ZipInfo]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, struct.error, LookupError) as error:
        raise refused(DAMAGED) from error


def _require_plain(entries: Sequence[zipfile.ZipInfo], limits: Limits) -> None:
    if len(entries) > limits.entries:
        raise refused("has more parts than a document has")
    if any(entry.flag_bits & 0x1 for entry in entries):
        raise refused("is locked with a password; send it without")
    names = {entry.orig_filename.lower() for entry in entries}
    odd = any(ODD.search(entry.orig_filename) or entry.compress_type not in METHODS for entry in entries)
    if odd or len(names) < len(entries):
        raise refused("is a document with parts that no document has")


def _require_apart(data: bytes, entries: Sequence[zipfile.ZipInfo]) -> None:
    """No part may lie in another (a small file would unpack to anything), and the first begins the file."""
    free = 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        if entry.header_offset < free or (not free and entry.header_offset):
            raise refused(DAMAGED)
        name, extra = struct.unpack("<HH", data[entry.header_offset + 26 : entry.header_offset + 30].ljust(4, b"\0"))
        free = entry.header_offset + LOCAL + name + extra + entry.compress_size


def _kind(looked: Looked) -> tuple[str, str]:
    if looked.mimetype == HWPX[0]:
        return HWPX
    kinds = [kind for main, kind in KINDS.items() if main in looked.content_types]
    if len(kinds) != 1:
        raise refused("is of a kind that is not taken; save it as DOCX, XLSX, PPTX, HWPX or PDF")
    return kinds[0]
