"""Resident-registration and card numbers in a run of digits: their form alone, however they were said.

A resident number is six digits of a date and seven more (주민등록법 시행규칙 2: birth date, sex and century, then, since
October 2020, random digits: no check digit can be relied on). A card number has 14 to 19 digits with a Luhn check digit
(ISO/IEC 7812-1); sixteen said in a row are taken for a card even without it: one of them may have been misheard.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

RESIDENT_DIGITS = 13
CARD_DIGITS = 16
_TELEPHONE = re.compile(r"0\d{8,10}")  # with its area code, said at one go
_FIELD_DIGITS = 8  # of one part of a number that is typed into several fields; a telephone number has more
_FEWEST = 13  # digits of the shortest number that is looked for
_MOBILES = re.compile(r"(01[016789]\d{7,8})+")  # telephone numbers said one after the other
_AMEX = ("34", "37")
_DINERS = ("30", "36", "38")
_DAYS = 31
_MONTHS = 12


def resident_numbers(digits: str) -> Iterator[tuple[int, int]]:
    """(from, to) of every stretch that reads as a resident-registration number."""
    if _MOBILES.fullmatch(digits):
        return
    for start in range(len(digits) - RESIDENT_DIGITS + 1):
        month, day = int(digits[start + 2 : start + 4]), int(digits[start + 4 : start + 6])
        if 1 <= month <= _MONTHS and 1 <= day <= _DAYS:
            yield start, start + RESIDENT_DIGITS


def card_numbers(digits: str) -> Iterator[tuple[int, int]]:
    """(from, to) of every stretch that reads as a payment card's number."""
    if _MOBILES.fullmatch(digits):
        return
    if len(digits) == CARD_DIGITS:
        yield 0, CARD_DIGITS
        return
    for length in (19, 18, 17, CARD_DIGITS, 15, 14):
        for start in range(len(digits) - length + 1):
            number = digits[start : start + length]
            if _is_plausible(number) and luhn(number):
                yield start, start + length


def _is_plausible(number: str) -> bool:
    if len(number) == 15:  # noqa: PLR2004 — American Express
        return number.startswith(_AMEX)
    if len(number) == 14:  # noqa: PLR2004 — Diners
        return number.startswith(_DINERS)
    return number[0] in "23456789" and len(set(number)) > 1


def luhn(number: str) -> bool:
    """True if the last digit is the Luhn check digit of the others (ISO/IEC 7812-1, annex B)."""
    total = 0
    for place, digit in enumerate(reversed(number)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value  # noqa: PLR2004 — the sum of two digits
    return total % 10 == 0


def is_telephone(digits: str) -> bool:
    """True if a run of digits is a whole telephone number."""
    return _TELEPHONE.fullmatch(digits) is not None


def split_numbers(parts: Sequence[str], finders: Sequence[Callable[[str], Iterator[tuple[int, int]]]]) -> set[int]:
    """Which of the parts (digits; empty: not digits alone) make up such a number with their neighbours.

    Only a stretch that begins and ends with parts counts: a birth date beside a postal code is no resident number.
    """
    hidden: set[int] = set()
    for first in range(len(parts)):
        last = first
        while last < len(parts) and 0 < len(parts[last]) <= _FIELD_DIGITS:
            last += 1
        for end in range(first + 2, last + 1):
            digits = "".join(parts[first:end])
            if len(digits) == CARD_DIGITS and not luhn(digits):
                continue  # typed, not heard: its check digit is right
            if len(digits) >= _FEWEST and any((0, len(digits)) in finder(digits) for finder in finders):
                hidden.update(range(first, end))
    return hidden
