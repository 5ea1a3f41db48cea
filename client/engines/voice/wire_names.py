"""What the agent names, made safe for a SIP message: numbers and addresses to call, headers to send, tones."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote

from client.engines.server import EngineRefusal

_SCHEME = re.compile(r"(?i:sips?|tel):")
_NUMBER = re.compile(r"\+?[0-9A-Za-z*#_.-]+")
_HEADER = re.compile(r"[A-Za-z0-9!%*_+`'~.-]{1,64}")  # RFC 3261, 25.1 token
MOST_TONES = 64
MOST_HEADER = 1_000  # characters
UNRESERVED = "-_.!~*'()[]/?:+$"  # of a URI's headers, RFC 3261, 25.1 hnv-unreserved


def dial_uri(to: str, account: str) -> str:
    """`to` as a SIP URI: an address as it is, a number at the account's own domain."""
    text = to.strip()
    if _SCHEME.match(text):
        if re.search(r"[\s<>\"\x00-\x1f]", text):
            raise EngineRefusal(f"{to} is not a SIP address")
        return text
    plain = re.sub(r"[\s().-]", "", text) if re.match(r"[+0-9]", text) else text
    domain = account.rpartition("@")[2]
    if not _NUMBER.fullmatch(plain) or not domain:
        raise EngineRefusal(f"{to} is neither a number nor a SIP address")
    return f"sip:{quote(plain, safe='+*')}@{domain}"


def transfer_uri(uri: str, headers: Mapping[str, str]) -> str:
    """A Refer-To address whose INVITE carries `headers` (RFC 3261, 19.1.1)."""
    if not headers:
        return uri
    pairs = (f"{quote(name, safe=UNRESERVED)}={quote(value, safe=UNRESERVED)}" for name, value in headers.items())
    return f"{uri}?{'&'.join(pairs)}"


def safe_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Headers that can break no message; raises `EngineRefusal`."""
    for name, value in headers.items():
        if not _HEADER.fullmatch(name):
            raise EngineRefusal(f"{name!r} is no SIP header")
        if len(value) > MOST_HEADER or re.search(r"[\x00-\x1f\x7f]", value):
            raise EngineRefusal(f"the value of {name} cannot stand in a SIP message")
    return dict(headers)


def valid_tones(digits: str) -> str:
    """DTMF digits (RFC 4733, 3.2); raises `EngineRefusal`."""
    if not re.fullmatch(r"[0-9A-D*#]+", digits) or len(digits) > MOST_TONES:
        raise EngineRefusal("tones are 0-9, *, # and A-D")
    return digits
