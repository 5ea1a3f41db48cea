"""Hiding a citizen's number where it is not needed."""

from __future__ import annotations

import re

_SHOWN_TAIL = 4
_LONGEST_DOMESTIC = 10  # digits after the country code 82


def mask_number(number: str) -> str:
    """`01012345678` → `010-****-5678`, `0212345678` → `02-****-5678`; short service numbers stay as they are."""
    digits = re.sub(r"\D", "", number)
    if digits.startswith("82") and len(digits) > _LONGEST_DOMESTIC:
        digits = "0" + digits[2:]
    if len(digits) <= 2 * _SHOWN_TAIL:
        return number if len(digits) <= _SHOWN_TAIL else "*" * (len(digits) - _SHOWN_TAIL) + digits[-_SHOWN_TAIL:]
    head = digits[:2] if digits.startswith("02") else digits[:3]
    return f"{head}-****-{digits[-_SHOWN_TAIL:]}"
