"""Korean text messages: their length in bytes of CP949, which kind they become, and what in them cannot be sent.

SMS 90 bytes, LMS and MMS 2,000 bytes, a subject 40 bytes (the carriers' common limits). A character that CP949 lacks is refused
by one provider and becomes `?` at another, so it is found here, before sending. A line break counts as the one byte that we send.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import StrEnum

SMS_BYTES = 90
LMS_BYTES = 2_000
SUBJECT_BYTES = 40
MAX_PICTURES = 3
PICTURE_BYTES = 300_000

Span = tuple[int, int]


class TextKind(StrEnum):
    """What the carriers bill and deliver."""

    SMS = "SMS"
    LMS = "LMS"
    MMS = "MMS"


class TextProblem(StrEnum):
    """Why a text cannot be sent as it is."""

    TOO_LONG = "too_long"
    SUBJECT_TOO_LONG = "subject_too_long"
    UNSENDABLE = "unsendable"
    TOO_MANY_PICTURES = "too_many_pictures"


@dataclass(frozen=True, slots=True, kw_only=True)
class TextPlan:
    """What becomes of a text: `bytes` of `limit`; `unsendable` — (start, end) characters that have no place in CP949."""

    kind: TextKind
    bytes: int
    limit: int
    unsendable: tuple[Span, ...] = ()
    problems: tuple[TextProblem, ...] = ()


def plan(text: str, *, subject: str = "", pictures: int = 0) -> TextPlan:
    """How this text goes out. A subject or more than 90 bytes make it an LMS, a picture an MMS."""
    size = sms_bytes(text)
    kind = TextKind.MMS if pictures else TextKind.LMS if subject or size > SMS_BYTES else TextKind.SMS
    limit = SMS_BYTES if kind is TextKind.SMS else LMS_BYTES
    unfit = unsendable(text)
    found = {
        TextProblem.TOO_LONG: size > limit,
        TextProblem.SUBJECT_TOO_LONG: sms_bytes(subject) > SUBJECT_BYTES,
        TextProblem.UNSENDABLE: bool(unfit or unsendable(subject)),
        TextProblem.TOO_MANY_PICTURES: pictures > MAX_PICTURES,
    }
    problems = tuple(problem for problem, there in found.items() if there)
    return TextPlan(kind=kind, bytes=size, limit=limit, unsendable=unfit, problems=problems)


def sms_bytes(text: str) -> int:
    """Bytes in CP949, composed first (a Mac writes syllables as their parts); what has no place there counts as two."""
    composed = unicodedata.normalize("NFC", text)
    return sum(len(char.encode("cp949")) if _fits(char) else 2 for char in composed)


def unsendable(text: str) -> tuple[Span, ...]:
    """(start, end) of runs that CP949 cannot hold, in characters of `text` as it is."""
    spans: list[Span] = []
    for start, end in _units(text):
        if all(_fits(char) for char in unicodedata.normalize("NFC", text[start:end])):
            continue
        if spans and spans[-1][1] == start:
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    return tuple(spans)


def utf16(text: str, span: Span) -> Span:
    """The same span in UTF-16 code units, as Qt counts."""
    start = len(text[: span[0]].encode("utf-16-le")) // 2
    return start, start + len(text[slice(*span)].encode("utf-16-le")) // 2


_PLAIN = {
    "\u00a0": " ",  # no-break space
    "\u2011": "-",
    "\u2012": "-",
    "\u2013": "-",
    "\u2014": "-",
    "\u2212": "-",
    "\u2022": "\u00b7",
    "\u20a9": "원",
    "\u201a": "'",
    "\u201e": '"',
    "\u00ab": "\u300a",
    "\u00bb": "\u300b",
    "\u2028": "\n",
    "\u200b": "",
    "\u200d": "",
    "\ufe0f": "",
    "\ufeff": "",
}


def replaced(text: str) -> str:
    """The text with look-alikes that can be sent in place of what cannot; for the agent to agree to, never by itself."""
    return "".join(char if _fits(char) else _PLAIN.get(char, char) for char in unicodedata.normalize("NFC", text))


def _fits(char: str) -> bool:
    try:
        char.encode("cp949")
    except UnicodeEncodeError:
        return False
    return True


def _units(text: str) -> list[Span]:
    """Spans of text that are normalised together: a starter with the parts that follow it (Hangul jamo, accents)."""
    units: list[Span] = []
    for at, char in enumerate(text):
        joins = unicodedata.combining(char) or "\u1160" <= char <= "\u11ff"
        if joins and units:
            units[-1] = (units[-1][0], at + 1)
        else:
            units.append((at, at + 1))
    return units
