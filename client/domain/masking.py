"""Hiding a citizen's number where it is not needed."""

from __future__ import annotations

import re

_SHOWN_TAIL = 4
_SHOWN_HEAD = 2
_LONGEST_DOMESTIC = 10  # digits after the country code 82


def mask_contact(contact: str) -> str:
    """`홍길동 01012345678` → `홍길동 010-****-5678`, `hong@seoul.kr` → `ho***@seoul.kr`; what is starred stays so."""
    return " ".join(_masked(word) for word in contact.split())


def _masked(word: str) -> str:
    name, at, host = word.partition("@")
    if at:
        return word if "*" in name else f"{name[:_SHOWN_HEAD]}***@{host}"
    digits = re.sub(r"\D", "", word)
    return mask_number(word) if len(digits) > 2 * _SHOWN_TAIL and "*" not in word else word


def mask_number(number: str) -> str:
    """`01012345678` → `010-****-5678`, `0212345678` → `02-****-5678`; short service numbers stay as they are."""
    digits = re.sub(r"\D", "", number)
    if digits.startswith("82") and len(digits) > _LONGEST_DOMESTIC:
        digits = "0" + digits[2:]
    if len(digits) <= 2 * _SHOWN_TAIL:
        return number if len(digits) <= _SHOWN_TAIL else "*" * (len(digits) - _SHOWN_TAIL) + digits[-_SHOWN_TAIL:]
    head = digits[:2] if digits.startswith("02") else digits[:3]
    return f"{head}-****-{digits[-_SHOWN_TAIL:]}"
