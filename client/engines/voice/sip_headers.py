"""What the engine reads from a SIP request, safely: a far end may send anything.

Pure text in, pure text out: whatever a header holds becomes printable, bounded text or nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

MAX_VALUE = 512  # characters kept of one header
MAX_NUMBER = 40  # E.164 has 15 digits; SIP users of a PBX are short

_COMPACT = {"f": "from", "t": "to", "i": "call-id", "m": "contact", "v": "via", "s": "subject", "r": "refer-to"}
_FOLD = re.compile(r"\r?\n[ \t]+")
_NAME_ADDR = re.compile(r'^\s*(?:"((?:[^"\\]|\\.)*)"|([^<"]*?))\s*<([^>]*)>')
_URI = re.compile(r"^(?:sips?|tel):([^@;?>\s]*)", re.IGNORECASE)
_SEPARATORS = re.compile(r"[-.()\s]")
_PHONE = re.compile(r"\+?[0-9*#]{2,}")


def clean(text: str, limit: int = MAX_VALUE) -> str:
    """Printable, bounded text: bytes that were no UTF-8 and control characters become U+FFFD."""
    return "".join(c if c.isprintable() and not "\ud800" <= c <= "\udfff" else "\ufffd" for c in text[:limit]).strip()


def headers_of(message: str) -> dict[str, list[str]]:
    """Every header of a SIP message by lower-case name, in order (RFC 3261, 7.3): folded lines joined, values cleaned."""
    head = re.split(r"\r?\n\r?\n", message, maxsplit=1)[0]
    found: dict[str, list[str]] = {}
    for line in _FOLD.sub(" ", head).splitlines()[1:]:
        name, colon, value = line.partition(":")
        key = name.strip().lower()
        if colon and key:
            found.setdefault(_COMPACT.get(key, key), []).append(clean(value))
    return found


def asked_for(message: str, names: Iterable[str]) -> dict[str, str]:
    """The first value of each header that the settings name and the message has, by the name in the settings."""
    headers = headers_of(message)
    return {name: headers[name.lower()][0] for name in names if name and headers.get(name.lower())}


def name_and_uri(value: str) -> tuple[str, str]:
    """(display name, URI) of a name-addr or addr-spec (RFC 3261, 25.1)."""
    if match := _NAME_ADDR.match(value):
        quoted, plain, uri = match.groups()
        name = re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else plain
        return clean(name), clean(uri)
    return "", clean(value.split(";", 1)[0])


def number_of(uri: str) -> str:
    """The telephone number or user of a sip, sips or tel URI; empty for an anonymous or broken one (RFC 3323)."""
    match = _URI.match(uri.strip())
    if match is None or "anonymous" in uri.lower():
        return ""
    user = clean(match.group(1).split(":")[0], MAX_NUMBER)
    plain = _SEPARATORS.sub("", user)
    return plain if _PHONE.fullmatch(plain) else user


def caller(message: str, identity_header: str) -> tuple[str, str]:
    """(number, display name) of who calls: the identity that the network asserts (RFC 3325) before From."""
    headers = headers_of(message)
    number, display = "", ""
    for value in [*headers.get(identity_header.lower(), []), *headers.get("from", [])]:
        name, uri = name_and_uri(value)
        number, display = number or number_of(uri), display or name
    return number, display
