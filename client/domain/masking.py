"""Hiding a citizen's number where it is not needed."""

from __future__ import annotations

import re

_SHOWN_TAIL = 4
_MAILBOX = re.compile(r"([^\s@*]{0,2})[^\s@]*@")
_NUMBER = re.compile(r"\+?\d[\d ().-]{5,}\d")
_SHORTEST = 7  # digits of a telephone number, without its area
_LONGEST_DOMESTIC = 10  # digits after the country code 82


def mask_contact(contact: str) -> str:
    """`홍길동 01012345678` → `홍길동 010-****-5678`, `hong@seoul.kr` → `ho***@seoul.kr`; what is starred stays so."""
    named = _MAILBOX.sub(r"\1***@", contact)
    return _NUMBER.sub(lambda found: _hidden(found.group()), named)


def _hidden(number: str) -> str:
    return mask_number(number) if len(re.sub(r"\D", "", number)) >= _SHORTEST else number


def mask_number(number: str) -> str:
    """`01012345678` → `010-****-5678`, `0212345678` → `02-****-5678`; short service numbers stay as they are."""
    digits = re.sub(r"\D", "", number)
    if digits.startswith("82") and len(digits) > _LONGEST_DOMESTIC:
        digits = "0" + digits[2:]
    if len(digits) <= 2 * _SHOWN_TAIL:
        return number if len(digits) <= _SHOWN_TAIL else "*" * (len(digits) - _SHOWN_TAIL) + digits[-_SHOWN_TAIL:]
    head = digits[:2] if digits.startswith("02") else digits[:3]
    return f"{head}-****-{digits[-_SHOWN_TAIL:]}"
