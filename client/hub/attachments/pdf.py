"""PDF (ISO 32000-2): whole, readable, and without what acts by itself as far as that can be seen.

That is a best effort and no proof: names are looked for in the file and in its object streams, not behind filters that
nothing but an attacker uses there. A PDF is therefore never shown in place, only given as a download.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib

from client.hub.attachments.clean import Clean, Limits, refused

# Long enough not to turn up in compressed bytes by chance, as /JS does; a script's action names both (12.6.4.17).
ACTIVE = re.compile(rb"/(JavaScript|Launch|EmbeddedFiles?|RichMedia|ImportData)(?![A-Za-z0-9])")
LOCKED = re.compile(rb"/Encrypt(?![A-Za-z0-9])")
ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")  # in names (7.3.5)
STREAM = re.compile(rb"(?<!end)stream\r?\n")
END = b"%%EOF"
END_WITHIN = 1024  # bytes, as readers take it (Adobe's implementation note to 7.5.5)
DICTIONARY = 1024  # bytes before a stream's keyword in which its dictionary is looked for
STREAMS = 50_000
CHUNK = 1 << 16


def pdf(data: bytes, limits: Limits) -> Clean:
    """The file up to its last end mark; what hung behind it is gone."""
    end = data.rfind(END)
    if end < max(0, len(data) - len(END) - END_WITHIN) or b"startxref" not in data[max(0, end - END_WITHIN) : end]:
        raise refused("is a PDF that does not end: it arrived cut off or damaged")
    whole = data[: end + len(END)] + b"\n"
    if zipfile.is_zipfile(io.BytesIO(whole)):
        raise refused("is a PDF and an archive at once")
    plain = _unescaped(whole)
    if LOCKED.search(plain):
        raise refused("is a PDF locked with a password; send it without")
    if ACTIVE.search(plain) or _acts_in_object_streams(whole, limits):
        raise refused("is a PDF with scripts, programs or files in it; print it into a new PDF and send that")
    return Clean(data=whole, media_type="application/pdf", extension="pdf")


def _unescaped(data: bytes) -> bytes:
    return ESCAPE.sub(lambda found: bytes([int(found[1], 16)]), data) if b"#" in data else data


def _acts_in_object_streams(data: bytes, limits: Limits) -> bool:
    """Objects are packed together since PDF 1.5 (7.5.7): most actions stand there."""
    left = min(limits.unpacked, max(limits.always, limits.ratio * len(data)))
    for count, found in enumerate(STREAM.finditer(data)):
        if count >= STREAMS:
            raise refused("has more parts than a document has")
        near = data[max(0, found.start() - DICTIONARY) : found.start()]
        if b"/ObjStm" not in _unescaped(near):
            continue
        objects = _inflated(data, found.end(), left)
        if objects is None and _is_packed(near.rpartition(b" obj")[2]):
            raise refused("is a PDF with parts that cannot be looked into")
        left -= len(objects or b"")
        if ACTIVE.search(_unescaped(objects or b"")):
            return True
    return False


def _is_packed(dictionary: bytes) -> bool:
    plain = _unescaped(dictionary)
    return b"/ObjStm" in plain and b"/Filter" in plain


def _inflated(data: bytes, at: int, left: int) -> bytes | None:
    """What begins there; None for what is not deflated. In steps, so that the rest of the file is not copied."""
    inflate = zlib.decompressobj()
    objects = bytearray()
    try:
        while not inflate.eof and at < len(data):
            objects += inflate.decompress(data[at : at + CHUNK], left + 1 - len(objects))
            at += CHUNK
            if len(objects) > left:
                raise refused("unpacks to more than a document does")
    except zlib.error:
        return bytes(objects) or None
    return bytes(objects)
