"""What may stand in an office document: not another archive, program or foreign object, no macro, nothing fetched from outside."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from client.hub.attachments.clean import refused
from client.hub.attachments.scripts import require_idle

KEPT = 8_000_000  # bytes of a part that is read as text
READ = re.compile(
    r"\[Content_Types\]\.xml|mimetype|META-INF/manifest\.xml|.*\.rels|Scripts/.*", re.IGNORECASE | re.DOTALL
)
MACRO = re.compile(r"vba(Project|Data)|/activeX/|/macrosheets/", re.IGNORECASE)
MACRO_TYPE = re.compile(r"macroEnabled|vbaProject", re.IGNORECASE)
RUNS = re.compile(
    r"\.(exe|dll|com|scr|msi|bat|cmd|ps1|vb[se]?|ws[fh]|hta|jar|class|lnk|e?ps|ole|zip|rar|7z|gz|cab|iso"
    r"|do[ct][mx]|xl[ast][mxb]|p[op][tps][mx]|hwpx?|html?|svg|swf)$",
    re.IGNORECASE,
)
SCRIPT = re.compile(r"\.m?jse?$", re.IGNORECASE)
BEGINS = re.compile(
    rb"(.{4})?\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1|PK[\x03\x05]|Rar!|7z\xbc\xaf|MSCF|MZ.{,62}\0|\x7fELF|\xca\xfe\xba\xbe|%!PS"
    rb"|\xc5\xd0\xd3\xc6|\{\\rtf|%PDF-",
    re.DOTALL,
)
HEAD = 64  # bytes that tell what a part is
# relationships that a program follows by itself; what a reader clicks is of type hyperlink (ECMA-376 part 1, clause 17)
FETCHED = re.compile(r"/(attachedTemplate|oleObject|frame|subDocument|package|image|control)\b", re.IGNORECASE)
OUTSIDE = re.compile(r"TargetMode\s*=\s*[\"']\s*External", re.IGNORECASE)

MACROS = "is a document with macros; save it without, or as PDF"
NESTED = "is a document with another file or another program's object in it; save it without, or as PDF"


@dataclass(slots=True)
class Looked:
    """What was learnt of a document: both say of which kind it is."""

    mimetype: str = ""
    content_types: str = ""


def look(parts: Iterable[tuple[str, Iterator[bytes]]]) -> Looked:
    """Go through every part to its end; raises `BadInput` at the first that may not be there."""
    looked = Looked()
    for name, steps in parts:
        _require_harmless_name(name)
        text = _read(name, steps)
        if name == "mimetype":
            looked.mimetype = text.decode("ascii", "replace").strip()
        elif name == "[Content_Types].xml":
            looked.content_types = html.unescape(_xml(text))
        elif text:
            _require_harmless(name, text)
    if MACRO_TYPE.search(looked.content_types):
        raise refused(MACROS)
    return looked


def _require_harmless_name(name: str) -> None:
    if MACRO.search(name):
        raise refused(MACROS)
    if RUNS.search(name) or (SCRIPT.search(name) and not name.startswith("Scripts/")):
        raise refused(NESTED)


def _read(name: str, steps: Iterator[bytes]) -> bytes:
    """The whole of a part that is read as text, else nothing; the beginning is looked at either way."""
    wanted = READ.fullmatch(name) is not None
    kept = _head(steps)
    for step in steps:
        if wanted:
            kept += step
        if len(kept) > KEPT:
            raise refused("is a document with a part larger than it should be")
    return bytes(kept) if wanted else b""


def _head(steps: Iterator[bytes]) -> bytearray:
    """The first bytes; the steps may be as small as who wrote the file liked."""
    head = bytearray()
    for step in steps:
        head += step
        if len(head) >= HEAD:
            break
    if BEGINS.match(head):
        raise refused(NESTED)
    return head


def _require_harmless(name: str, text: bytes) -> None:
    if name.startswith("Scripts/"):
        require_idle(text.decode("utf-16-le" if b"\0" in text else "utf-8", "replace"))
    elif name.lower().endswith(".rels"):
        _require_inside(_xml(text))
    elif "encryption-data" in _xml(text):
        raise refused("is locked with a password; send it without")


def _xml(text: bytes) -> str:
    """As text; a document type is forbidden in a package's own parts (ECMA-376 part 2, clause 8)."""
    xml = text.decode("utf-16" if text[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8", "replace")
    if "<!DOCTYPE" in xml or "<!ENTITY" in xml or "\0" in xml:
        raise refused("is a damaged document")
    return xml


def _require_inside(relations: str) -> None:
    for element in map(html.unescape, relations.split("<")):
        if OUTSIDE.search(element) and FETCHED.search(element):
            raise refused("is a document that fetches something from elsewhere; save it as PDF")
