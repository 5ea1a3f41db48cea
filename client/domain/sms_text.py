"""Korean text messages: their length in bytes of CP949, which kind they become, and what in them cannot be sent.

SMS 90 bytes, LMS and MMS 2,000 bytes, a subject 40 bytes (the carriers' common limits). A character that CP949 lacks is refused
by one provider and becomes `?` at another, so it is found here, before sending. Every character counts as it stands, because it is
sent as it stands: a line break of the desk is a line feed, one byte; CR LF in a text from elsewhere is two, as it goes out.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import StrEnum

SMS_BYTES = 90
LMS_BYTES = 2_000
SUBJECT_BYTES = 40
MAX_PICTURES = 3
PICTURE_BYTES = 300_000  # of each, 300 KB in the narrower reading

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
    PICTURE_TOO_LARGE = "picture_too_large"


@dataclass(frozen=True, slots=True, kw_only=True)
class TextPlan:
    """What becomes of a text: `bytes` of `limit`; `unsendable` — (start, end) characters that have no place in CP949.

    `parts` — how many messages of this kind its bytes would fill: more than 1 only with `TOO_LONG`, for nothing is cut here.
    """

    kind: TextKind
    bytes: int
    limit: int
    parts: int = 1
    unsendable: tuple[Span, ...] = ()
    problems: tuple[TextProblem, ...] = ()


def plan(text: str, *, subject: str = "", pictures: int = 0, largest_picture: int = 0) -> TextPlan:
    """How this text goes out. A subject or more than 90 bytes make it an LMS, a picture an MMS; `largest_picture` in bytes."""
    size = sms_bytes(text)
    kind = TextKind.MMS if pictures else TextKind.LMS if subject or size > SMS_BYTES else TextKind.SMS
    limit = SMS_BYTES if kind is TextKind.SMS else LMS_BYTES
    unfit = unsendable(text)
    found = {
        TextProblem.TOO_LONG: size > limit,
        TextProblem.SUBJECT_TOO_LONG: sms_bytes(subject) > SUBJECT_BYTES,
        TextProblem.UNSENDABLE: bool(unfit or unsendable(subject)),
        TextProblem.TOO_MANY_PICTURES: pictures > MAX_PICTURES,
        TextProblem.PICTURE_TOO_LARGE: largest_picture > PICTURE_BYTES,
    }
    problems = tuple(problem for problem, there in found.items() if there)
    parts = max(1, -(-size // limit))
    return TextPlan(kind=kind, bytes=size, limit=limit, parts=parts, unsendable=unfit, problems=problems)


def sms_bytes(text: str) -> int:
    """Bytes in CP949, composed first (a Mac writes syllables as their parts); what has no place there counts as two."""
    composed = unicodedata.normalize("NFC", text)
    return sum(len(char.encode("cp949")) if _fits(char) else 2 for char in composed)


def unsendable(text: str) -> tuple[Span, ...]:
    """(start, end) of runs that CP949 cannot hold, in characters of `text` as it is.

    What is invisible (a joiner, the sign that makes ☎ an emoji) is marked with the character that it follows: marks must be seen.
    """
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
    start = _utf16_units(text[: span[0]])
    return start, start + _utf16_units(text[slice(*span)])


def _utf16_units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2  # Qt hands over half a pair while an emoji is typed


_PLAIN = {
    "\u00a0": " ",  # no-break space
    "\u2009": " ",
    "\u202f": " ",
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
    "\u200c": "",
    "\u200d": "",
    "\ufe0f": "",
    "\ufeff": "",
}


def replaced(text: str) -> str:
    """The text with look-alikes that can be sent in place of what cannot; for the agent to agree to, never by itself."""
    composed = unicodedata.normalize("NFC", text)
    plain = "".join(char if _fits(char) else _PLAIN.get(char, char) for char in composed)
    return unicodedata.normalize("NFC", plain)  # where a joiner is gone, what it kept apart composes


def _fits(char: str) -> bool:
    try:
        char.encode("cp949")
    except UnicodeEncodeError:
        return False
    return True


_JOINING = ("Mn", "Mc", "Me", "Cf")  # marks, and format characters such as joiners (Unicode 5.7.3, General_Category)


def _units(text: str) -> list[Span]:
    """Spans of text that belong together: a character with what is composed with it (Hangul jamo, accents) or not seen alone."""
    units: list[Span] = []
    for at, char in enumerate(text):
        joins = "\u1160" <= char <= "\u11ff" or unicodedata.category(char) in _JOINING
        if joins and units:
            units[-1] = (units[-1][0], at + 1)
        else:
            units.append((at, at + 1))
    return units
