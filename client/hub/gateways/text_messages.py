"""What the gateways of text messages have in common: what may go out, and the webhook by which a citizen's reply comes in.

Neither SENS nor SOLAPI documents how replies (MO) are handed over; a carrier's contract says so, and a relay at the centre
speaks to us (assumed). So the shape is ours, strictly, and signed by `client.hub.gateways.signatures`:

    POST /v1/gateways/{name}/messages
    {"id": "the carrier's own of it", "number": "01012345678", "text": "감사합니다",
     "subject": "", "at": "2026-01-01T09:00:00+09:00", "files": [{"name": "1.jpg", "media_type": "image/jpeg", "data": "base64"}]}
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from client.domain.attachment import MAX_ATTACHMENTS
from client.domain.bodies.body import MAX_TEXT
from client.domain.bodies.written import MAX_SUBJECT
from client.domain.codec import BadInput, decode
from client.domain.event import parse_timestamp
from client.domain.session_log import LogRefused
from client.domain.sms_text import TextKind, plan, unsendable
from client.domain.telephone import national
from client.hub.gateways.gateway import File, Inbound, Outgoing, Rejected, WebAnswer
from client.hub.gateways.http_client import MAX_ID, one_line

DONE = WebAnswer(body=b"{}")
_DOMESTIC = re.compile(r"0[0-9]{7,11}")  # a subscriber or a virtual number (0504…), with its leading zero
_INBOUND = re.compile(r"[0-9]{3,15}")  # citizens may write from a short number too
MAX_NAME = 200


# ── what goes out ────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class TextMessage:
    """One message that the provider can take: `to` and `sender` in national digits, `pictures` JPEGs."""

    kind: TextKind
    to: str
    sender: str
    text: str
    subject: str
    pictures: tuple[bytes, ...]


def checked(outgoing: Outgoing, senders: Sequence[str], *, pictures: int, picture_bytes: int) -> TextMessage:
    """`outgoing` as a text message; raises `Rejected` in words. Nothing is shortened, replaced or left out."""
    if not outgoing.text.strip():
        raise Rejected("a text message needs words")
    held = tuple(_picture(file, picture_bytes) for file in outgoing.files)
    if len(held) > pictures:
        raise Rejected(f"it takes at most {pictures} pictures in one message")
    # composed, as the desk counted it: a decomposed syllable is the same text and has no place in CP949 (UAX 15)
    text, subject = (unicodedata.normalize("NFC", words) for words in (outgoing.text, outgoing.subject))
    planned = plan(text, subject=subject, pictures=len(held))
    _refuse_unsendable(text)
    _refuse_unsendable(subject)
    if planned.problems:
        raise Rejected("the text cannot be sent: " + ", ".join(str(problem) for problem in planned.problems))
    return TextMessage(
        kind=planned.kind,
        to=_recipient(outgoing.address),
        sender=_sender(outgoing.sender, senders),
        text=text,
        subject="" if planned.kind is TextKind.SMS else subject,
        pictures=held,
    )


def _refuse_unsendable(text: str) -> None:
    """Say which characters the carriers cannot carry (CP949): the desk asked before, so nothing is replaced here."""
    signs = dict.fromkeys(text[start:end] for start, end in unsendable(text))
    if signs:
        raise Rejected("it holds characters that cannot be sent: " + one_line(" ".join(signs)))


def _picture(file: File, most: int) -> bytes:
    if file.media_type != "image/jpeg" or not file.data.startswith(b"\xff\xd8\xff"):
        raise Rejected("only JPEG pictures can go with a text message")
    if len(file.data) > most:
        raise Rejected(f"a picture may have at most {most} bytes")
    return file.data


def _recipient(address: str) -> str:
    number = national(address)
    if not _DOMESTIC.fullmatch(number):
        raise Rejected("the citizen's number is not a domestic number that can get text messages")
    return number


def _sender(wanted: str, senders: Sequence[str]) -> str:
    registered = [national(sender) for sender in senders]
    if not registered:
        raise Rejected("no sender number is registered for this account")
    number = national(wanted) if wanted else registered[0]
    if number not in registered:
        raise Rejected("the sender number is not registered for this account")
    return number


# ── what comes in ────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    name: str
    media_type: str
    data: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reply:
    id: str
    number: str
    text: str = ""
    subject: str = ""
    at: str = ""
    files: tuple[_File, ...] = ()


def inbound(body: bytes) -> Inbound:
    """A citizen's message by the shape above; raises `BadInput`."""
    reply = decode(_Reply, parsed(body))
    number = national(reply.number)
    require(1 <= len(reply.id) <= MAX_ID and reply.id.isprintable(), "id", f"must have 1 to {MAX_ID} characters")
    require(_INBOUND.fullmatch(number) is not None, "number", "must be a telephone number")
    require(len(reply.text) <= MAX_TEXT, "text", f"must be at most {MAX_TEXT} characters")
    require(len(reply.subject) <= MAX_SUBJECT, "subject", f"must be at most {MAX_SUBJECT} characters")
    require(len(reply.files) <= MAX_ATTACHMENTS, "files", f"must be at most {MAX_ATTACHMENTS}")
    require(bool(reply.text.strip() or reply.files), "text", "must not be empty")
    return Inbound(
        id=reply.id,
        address=number,
        number=number,
        text=reply.text,
        subject=reply.subject,
        at=parse_timestamp(reply.at) if reply.at else None,
        files=tuple(file_of(file.name, file.media_type, file.data, f"files.{n}") for n, file in enumerate(reply.files)),
    )


def parsed(body: bytes) -> Any:
    """The JSON value of a webhook's body; raises `BadInput`."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise BadInput("body", "must be JSON in UTF-8") from None


def no_such(path: str) -> LogRefused:
    """The refusal of a webhook that this gateway does not have."""
    return LogRefused(404, "not-found", f"there is no webhook {path[:50]!r} here")


def not_ready() -> LogRefused:
    """The refusal while the hub is starting: the provider comes again."""
    return LogRefused(503, "not-ready", "this gateway is not started yet")


def file_of(name: str, media_type: str, data: str, path: str) -> File:
    """A file whose bytes came in base64 (RFC 4648, 4); raises `BadInput`."""
    require(len(name) <= MAX_NAME, f"{path}.name", f"must be at most {MAX_NAME} characters")
    require(len(media_type) <= MAX_NAME, f"{path}.media_type", f"must be at most {MAX_NAME} characters")
    try:
        held = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        raise BadInput(f"{path}.data", "must be base64") from None
    return File(name=name, media_type=media_type, data=held)


def require(holds: bool, field: str, why: str) -> None:
    """Refuse a field of a webhook; raises `BadInput`."""
    if not holds:
        raise BadInput(field, why)
