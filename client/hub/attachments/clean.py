"""What every look at a file works with: its limits, what comes out, and how a refusal is said."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from client.domain.codec import BadInput

MAX_NAME = 120  # characters before the suffix
SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,5}$")  # so that 「2026.11.26 민원」 keeps its last word
# what Windows opens as a device, whatever suffix follows ("Naming Files, Paths, and Namespaces")
DEVICE = re.compile(r"(CON|PRN|AUX|NUL|COM\d|LPT\d)(\.|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """`size` — bytes of one file; `pixels` — of a picture that is decoded at all; `longest` — px kept of its longer side.

    `unpacked` — bytes of a document's parts together; `ratio` — how many times its own size they may be, from
    `always` bytes on; `entries` — parts of one document.
    """

    size: int = 10_000_000
    pixels: int = 50_000_000
    longest: int = 4096
    unpacked: int = 200_000_000
    ratio: int = 100
    always: int = 20_000_000
    entries: int = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Clean:
    """A file as it may be kept: `media_type` and `extension` by its bytes; `width` and `height` of a picture in px."""

    data: bytes
    media_type: str
    extension: str
    name: str = ""
    width: int = 0
    height: int = 0


def refused(why: str) -> BadInput:
    """The refusal of a file, in words that follow 'the file'."""
    return BadInput("file", why)


def safe_name(name: str, extension: str) -> str:
    """A name that says what it was called and nothing else: no path, no control or direction characters, no device."""
    last = re.split(r"[\\/]", unicodedata.normalize("NFC", name))[-1]
    shown = "".join(" " if c.isspace() else c for c in last if c.isspace() or unicodedata.category(c)[0] != "C")
    stem = re.sub(r'[<>:"|?*]', "_", SUFFIX.sub("", " ".join(shown.split()))).strip(" .")[:MAX_NAME].strip(" .")
    return f"{'_' if DEVICE.match(stem) else ''}{stem or 'file'}.{extension}"
