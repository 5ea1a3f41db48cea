"""How a setting is declared, and what its value must be like. A rule says in words what is wrong, never only that."""

from __future__ import annotations

import dataclasses
import ipaddress
import re
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from client.domain.codec import BadInput
from client.domain.opening_hours import read_hours
from client.domain.words import Channel

Check = Callable[[str, Any], None]
"""(path, value) → nothing; raises `BadInput` naming the path."""

MAX_NAME = 100  # characters
MAX_WEIGHT = 50
_TOKEN = re.compile(r"[A-Za-z0-9.!%*_+`'~-]+")  # RFC 3261, 25.1
_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")  # the shape of RFC 5646
_NUMBER = re.compile(r"\+?[0-9*#]{2,20}")
_ICE = re.compile(r"(stuns?|turns?):[A-Za-z0-9.\[\]:_-]+(\?transport=(udp|tcp))?")  # RFC 7064, RFC 7065
_SIP_URI = re.compile(r"sips?:[^\s<>\"]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """One setting: `key` (`table.name`), `help`, and what limits it beside its type."""

    key: str
    help: str
    choices: tuple[str, ...] = ()
    low: int | None = None
    high: int | None = None
    check: Check | None = None
    secret: bool = False

    def refuse_unfit(self, path: str, value: Any) -> None:
        """Raise `BadInput` if a value of the right type is not allowed."""
        if self.choices and value not in self.choices:
            raise BadInput(path, f"must be one of {', '.join(self.choices)}")
        if self.low is not None and value < self.low:
            raise BadInput(path, f"must be at least {self.low}")
        if self.high is not None and value > self.high:
            raise BadInput(path, f"must be at most {self.high}")
        if self.check:
            self.check(path, value)


def setting(
    key: str,
    default: Any,
    help: str,  # noqa: A002 — the field's word
    *,
    choices: tuple[str, ...] = (),
    low: int | None = None,
    high: int | None = None,
    check: Check | None = None,
    secret: bool = False,
) -> Any:
    """A field of `Settings`. `secret` values are never printed and may rest in the key store."""
    declaration = Declaration(key=key, help=help, choices=choices, low=low, high=high, check=check, secret=secret)
    metadata = {"key": key, "help": help, "declaration": declaration}
    if isinstance(default, dict):
        return dataclasses.field(default_factory=default.copy, metadata=metadata)
    return dataclasses.field(default=default, metadata=metadata)


def web_address(path: str, value: str) -> None:
    """Empty, or an absolute http(s) URL without credentials, query or fragment."""
    if not value:
        return
    try:
        parts = urllib.parse.urlsplit(value)
        good = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        good = False
    if not good or re.search(r"\s", value):
        raise BadInput(path, "must be an http:// or https:// address")
    if parts.username or parts.query or parts.fragment:
        raise BadInput(path, "must not hold a user name, a query or a fragment")


def local_address(path: str, value: str) -> None:
    """Empty, or an IP address of this machine."""
    if not value:
        return
    try:
        ipaddress.ip_address(value)
    except ValueError:
        raise BadInput(path, "must be an IP address") from None


def header_name(path: str, value: str) -> None:
    """A SIP header's name: a token of RFC 3261."""
    if not _TOKEN.fullmatch(value):
        raise BadInput(path, "must be a SIP header's name")


def language_tag(path: str, value: str) -> None:
    """A language tag of BCP 47."""
    if not _TAG.fullmatch(value):
        raise BadInput(path, "must be a language tag like ko or en-GB")


def numbers(path: str, value: tuple[str, ...]) -> None:
    """Telephone numbers: digits, * and #."""
    for n, number in enumerate(value):
        if not _NUMBER.fullmatch(number):
            raise BadInput(f"{path}.{n}", "must be a telephone number")


def token(path: str, value: str) -> None:
    """Empty, or what may stand in an Authorization header."""
    if not re.fullmatch(r"[!-~]*", value):
        raise BadInput(path, "must be visible ASCII characters without spaces")


def sip_uri(path: str, value: str) -> None:
    """Empty, or a SIP URI."""
    if value and not _SIP_URI.fullmatch(value):
        raise BadInput(path, "must be a SIP address like sip:pbx.example:5060")


def command(path: str, value: tuple[str, ...]) -> None:
    """Empty, or a program and its arguments. A list needs no quotes, so that no path of Windows is taken apart."""
    if value and not value[0].strip():
        raise BadInput(f"{path}.0", "must be a program")
    for n, part in enumerate(value):
        if "\0" in part:
            raise BadInput(f"{path}.{n}", "must not hold a zero byte")


def filled(path: str, value: str) -> None:
    """A short text that says something."""
    if not value.strip():
        raise BadInput(path, "must not be empty")
    if len(value) > MAX_NAME:
        raise BadInput(path, f"must be at most {MAX_NAME} characters")


def gateways(path: str, value: tuple[Any, ...]) -> None:
    """Accounts of gateways: a name that can stand in an address, addresses of the web, registered sender numbers."""
    for n, account in enumerate(value):
        at = f"{path}.{n}"
        if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,30}", account.name):
            raise BadInput(f"{at}.name", "must be lower-case letters, digits and hyphens")
        for name in ("base_url", "callback_url", "offices_url"):
            web_address(f"{at}.{name}", getattr(account, name, ""))
        if hasattr(account, "senders"):
            if not account.senders:
                raise BadInput(f"{at}.senders", "must name at least one registered number")
            numbers(f"{at}.senders", account.senders)
        for name, allowed in (("encoding", ("ucs2", "ksc5601")), ("long_text", ("udh", "payload"))):
            if getattr(account, name, allowed[0]) not in allowed:
                raise BadInput(f"{at}.{name}", f"must be one of {', '.join(allowed)}")
    if len({account.name for account in value}) < len(value):
        raise BadInput(path, "must have a name of its own each")


def weights(path: str, value: dict[str, int]) -> None:
    """Channel → 0 to 50."""
    for channel, weight in value.items():
        if channel not in list(Channel):
            raise BadInput(f"{path}.{channel}", f"must be one of {', '.join(Channel)}")
        if not 0 <= weight <= MAX_WEIGHT:
            raise BadInput(f"{path}.{channel}", f"must be 0 to {MAX_WEIGHT}")


def ice_addresses(path: str, value: tuple[str, ...]) -> None:
    """STUN or TURN addresses (RFC 7064, RFC 7065)."""
    for n, address in enumerate(value):
        if not _ICE.fullmatch(address):
            raise BadInput(f"{path}.{n}", "must be like stun:host:port or turn:host:port")


def opening_hours(path: str, value: tuple[str, ...]) -> None:
    """Lines of days and times."""
    for n, line in enumerate(value):
        read_hours(f"{path}.{n}", line)
