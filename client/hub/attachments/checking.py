"""What a file really is, by its bytes: pictures are made anew, documents looked into, everything else refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from client.hub.attachments.archives import zipped
from client.hub.attachments.clean import Clean, Limits, refused, safe_name
from client.hub.attachments.hwp import hwp
from client.hub.attachments.pdf import pdf
from client.hub.attachments.pictures import picture

KNOWN: tuple[tuple[re.Pattern[bytes], Callable[[bytes, Limits], Clean]], ...] = (
    (re.compile(rb"\xff\xd8\xff"), lambda data, limits: picture(data, "JPEG", limits)),
    (re.compile(rb"\x89PNG\r\n\x1a\n"), lambda data, limits: picture(data, "PNG", limits)),
    (re.compile(rb"GIF8[79]a"), lambda data, limits: picture(data, "GIF", limits)),
    (re.compile(rb"RIFF.{4}WEBP", re.DOTALL), lambda data, limits: picture(data, "WEBP", limits)),
    (re.compile(rb"%PDF-\d"), pdf),
    (re.compile(rb"PK\x03\x04"), zipped),
    (re.compile(rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), hwp),
)
"""What is taken, by how it begins."""

ARCHIVE = "is an archive; send its files one by one"
PROGRAM = "is a program"
OTHER_PICTURE = "is a picture of a kind that is not taken; send it as JPEG or PNG"
FILM = "is a film or a sound, which is not taken"
NOT_TAKEN: tuple[tuple[re.Pattern[bytes], str], ...] = (
    (re.compile(rb"PK|Rar!|7z\xbc\xaf|\x1f\x8b|BZh|\xfd7zXZ|MSCF"), ARCHIVE),
    (re.compile(rb"MZ|\x7fELF|\xca\xfe\xba\xbe|[\xce\xcf]\xfa\xed\xfe|L\0\0\0\x01\x14\x02\0|\0asm"), PROGRAM),
    (re.compile(rb".{4}ftyp(hei|hev|mif1|msf1|avi[fs])|BM|II\*\0|MM\0\*|8BPS", re.DOTALL), OTHER_PICTURE),
    (re.compile(rb".{4}ftyp|RIFF|ID3|OggS|fLaC|\x1aE\xdf\xa3|\xff[\xf2-\xfb]", re.DOTALL), FILM),
    (re.compile(rb"HWP Document File V"), "is of an old HWP; save it as HWP 5, HWPX or PDF"),
)
"""What people send by mistake deserves to be named. Looked at last: a text may begin with MZ, too."""

UNKNOWN = "is of a kind that is not taken: pictures, PDF, HWP, office documents and plain text are"
ACTIVE_NAME = re.compile(
    r"\.(html?|xhtml|shtml|mht(ml)?|svgz?|xml|xslt?|m?js|jse|vb[se]?|ws[fh]|hta|bat|cmd|ps1|sh|py|pl|rb|php|exe|dll"
    r"|com|scr|cpl|msi|jar|class|lnk|url|reg|chm|swf|apk|iso|desktop|do[ct]m|xl[ast]m|p[op][tps]m|ppam)[\s.]*$",
    re.IGNORECASE,
)
ACTIVE_TYPE = re.compile(
    r"html|svg|(java|ecma|vb)script|[/+]xml\b|x-(sh|php|httpd|bat|ms-?dos|msdownload|dosexec)|macroenabled|java-archive",
    re.IGNORECASE,
)
MARKUP = re.compile(r"<[a-zA-Z!?/]|#!")  # <공지> begins a text, <svg does not
NOT_TEXT = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f]")


def check(data: bytes, name: str, claimed: str, limits: Limits) -> Clean:
    """The file made harmless; `BadInput` on `file` says in words why it is refused. For a thread: it computes.

    The bytes alone say what it is. `name` and `claimed` (a media type) are corrected where they are merely wrong;
    a document that calls itself a program or a web page is refused. Pictures may call themselves what they like:
    nothing of them is kept but the pixels.
    """
    if not data:
        raise refused("is empty")
    if len(data) > limits.size:
        raise refused(f"must be at most {limits.size // 1_000_000} MB")
    clean = _made_harmless(data, limits)
    if not clean.width and (ACTIVE_NAME.search(name) or ACTIVE_TYPE.search(claimed)):
        raise refused("calls itself a program or a web page")
    return replace(clean, name=safe_name(name, clean.extension))


def _made_harmless(data: bytes, limits: Limits) -> Clean:
    for begins, look in KNOWN:
        if begins.match(data):
            return look(data, limits)
    return _text(data)


def _text(data: bytes) -> Clean:
    """Plain text in UTF-8 or CP949, kept in UTF-8."""
    for encoding in ("utf-8-sig", "cp949"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if NOT_TEXT.search(text) is None:
            return _plain(text)
    raise refused(next((why for begins, why in NOT_TAKEN if begins.match(data)), UNKNOWN))


def _plain(text: str) -> Clean:
    if MARKUP.match(text.lstrip("\ufeff \t\r\n\f\x85\xa0")):
        raise refused("is a web page, a drawing or a script in text form")
    return Clean(data=text.encode(), media_type="text/plain", extension="txt")
