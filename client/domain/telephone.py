"""Telephone numbers as they are compared and given to providers: national digits, however they were written."""

from __future__ import annotations

import re

_COUNTRY = "82"
_LONGEST_DOMESTIC = 11  # digits of 010-1234-5678


def national(number: str) -> str:
    """`+82 10-1234-5678`, `821012345678`, `010.1234.5678` → `01012345678`; of other countries all digits; "" for no number."""
    digits = re.sub(r"\D", "", number.split("@", maxsplit=1)[0].removeprefix("sip:").removeprefix("tel:"))
    if digits.startswith("00" + _COUNTRY):
        digits = digits[2:]
    if digits.startswith(_COUNTRY) and (number.strip().startswith("+") or len(digits) > _LONGEST_DOMESTIC - 1):
        rest = digits[len(_COUNTRY) :]
        return rest if rest.startswith("0") else "0" + rest
    return digits
