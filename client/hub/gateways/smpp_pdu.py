"""SMPP 3.4's PDUs. smpplib packs what we send and unpacks the fixed part of what we get; frames, answers and optional
parameters (TLVs) are read here, because it refuses a whole message for one TLV that it does not expect.
"""

from __future__ import annotations

import asyncio
import struct
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from smpplib import command, consts, smpp

from client.domain.gateway_account import SmppAccount

HEADER = 16  # bytes: length, command, status, sequence number (SMPP 3.4, 3.2)
MOST = 70_000  # bytes of a PDU: message_payload has at most 65,535 (5.3.2.32), the rest is far below 4,000
RESPONSE = 0x8000_0000
LAST_SEQUENCE = 0x7FFF_FFFF  # 5.1.4

OK = 0
NOT_KNOWN = consts.SMPP_ESME_RINVCMDID
BAD_LENGTH = consts.SMPP_ESME_RINVCMDLEN
COME_AGAIN = consts.SMPP_ESME_RX_T_APPN  # temporary: the SMSC tries later
THROTTLED = consts.SMPP_ESME_RTHROTTLED
NOT_BOUND = consts.SMPP_ESME_RINVBNDSTS
TEMPORARY = {THROTTLED, NOT_BOUND, COME_AGAIN, consts.SMPP_ESME_RMSGQFUL, consts.SMPP_ESME_RSYSERR}
_NAMES = {value: name.removeprefix("SMPP_") for name, value in vars(consts).items() if name.startswith("SMPP_ESME_")}
_FIELDS = {"system_id": 15, "password": 8, "system_type": 12}  # characters (4.1.5); smpplib would cut longer ones off


class Command(IntEnum):
    """What we send or understand (5.1.2.1); a response has `RESPONSE` added."""

    SUBMIT_SM = 0x04
    DELIVER_SM = 0x05
    UNBIND = 0x06
    BIND_TRANSCEIVER = 0x09
    ENQUIRE_LINK = 0x15
    GENERIC_NACK = RESPONSE


class Tlv(IntEnum):
    """Optional parameters that we read (5.3.2)."""

    RECEIPTED_MESSAGE_ID = 0x001E
    SAR_REFERENCE = 0x020C
    SAR_TOTAL = 0x020E
    SAR_NUMBER = 0x020F
    MESSAGE_PAYLOAD = 0x0424
    MESSAGE_STATE = 0x0427


class BadPdu(Exception):
    """What came is no PDU, or one that ends too early; the text says what, without its content."""


@dataclass(frozen=True, slots=True)
class Pdu:
    """One PDU as it came: `raw` — all of it, header too."""

    command: int
    status: int
    sequence: int
    raw: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """A deliver_sm: a citizen's message, a part of one, or a receipt. `text` — its bytes, UDH included."""

    source: str = ""
    source_ton: int = 0
    destination: str = ""
    esm_class: int = 0
    data_coding: int = 0
    text: bytes = b""
    tlvs: dict[int, bytes] = field(default_factory=dict)


async def read_pdu(reader: asyncio.StreamReader) -> Pdu:
    """The next one. Raises `BadPdu` for a length that cannot be, `IncompleteReadError` where the connection ends."""
    start = await reader.readexactly(4)
    length = int.from_bytes(start, "big")
    if not HEADER <= length <= MOST:
        raise BadPdu(f"a length of {length} bytes")
    raw = start + await reader.readexactly(length - 4)
    _, code, status, sequence = struct.unpack(">LLLL", raw[:HEADER])
    return Pdu(code, status, sequence, raw)


# ── what we send ─────────────────────────────────────────────────────────────────────────────────


def unfit(account: SmppAccount) -> str:
    """Why the account can never log in, in words; "" where its fields are fit to be sent."""
    for name, most in _FIELDS.items():
        value: str = getattr(account, name)
        if len(value) > most or not value.isascii() or "\0" in value:
            return f"its {name} must be ASCII of at most {most} characters"
    return ""


def bind(account: SmppAccount, sequence: int) -> bytes:
    """bind_transceiver (4.1.5); the interface version is 3.4."""
    named = {name: getattr(account, name) for name in _FIELDS}
    return _packed("bind_transceiver", sequence, **named)


def submit(sequence: int, **fields: Any) -> bytes:
    """submit_sm (4.4.1), its fields by their names."""
    return _packed("submit_sm", sequence, **fields)


def request(code: Command, sequence: int) -> bytes:
    """One without fields: enquire_link, unbind."""
    return struct.pack(">LLLL", HEADER, code, OK, sequence)


def answer(code: int, sequence: int, status: int = OK) -> bytes:
    """The response to a PDU with this command; deliver_sm_resp has an empty message id (4.6.2)."""
    body = b"\0" if code == Command.DELIVER_SM else b""
    return struct.pack(">LLLL", HEADER + len(body), code | RESPONSE, status, sequence) + body


def _packed(name: str, sequence: int, **fields: Any) -> bytes:
    made = smpp.make_pdu(name, client=None, sequence=sequence, **fields)
    made.sequence = sequence  # the library leaves the argument aside
    packed: bytes = made.generate()
    return packed


# ── what we get ──────────────────────────────────────────────────────────────────────────────────


class _Deliver(command.DeliverSM):  # type: ignore[misc]  # the library is untyped
    """The library's, with optional parameters by their numbers, whatever they are."""

    tlvs: dict[int, bytes]

    def parse_optional_params(self, data: bytes) -> None:
        """Keep them as they are."""
        self.tlvs = tlvs(data)

    def _parse_string(self, field: str, data: bytes, pos: int, length: int | None = None) -> Any:
        if data.find(b"\0", pos) < 0:
            raise BadPdu("a string that does not end")
        return super()._parse_string(field, data, pos, length)


def delivered(pdu: Pdu) -> Delivered:
    """A deliver_sm's content; raises `BadPdu`. What is longer than it says, or shorter, is taken as far as it goes."""
    made = _Deliver("deliver_sm", need_sequence=False, client=None)
    made.tlvs = {}
    try:
        made.parse(pdu.raw)
    except struct.error:
        raise BadPdu("a deliver_sm that ends within a number") from None
    return Delivered(
        source=_text(made.source_addr),
        source_ton=made.source_addr_ton or 0,
        destination=_text(made.destination_addr),
        esm_class=made.esm_class or 0,
        data_coding=made.data_coding or 0,
        text=made.short_message or made.tlvs.get(Tlv.MESSAGE_PAYLOAD, b""),
        tlvs=made.tlvs,
    )


def tlvs(data: bytes) -> dict[int, bytes]:
    """Optional parameters by number (5.3.1); one that is cut off ends them."""
    found: dict[int, bytes] = {}
    while len(data) >= 4:  # noqa: PLR2004 — tag and length
        tag, length = struct.unpack(">HH", data[:4])
        if len(data) < 4 + length:
            break
        found[tag] = data[4 : 4 + length]
        data = data[4 + length :]
    return found


def message_id(pdu: Pdu) -> str:
    """The SMSC's id in a submit_sm_resp; "" where there is none."""
    return _text(pdu.raw[HEADER:].split(b"\0", maxsplit=1)[0])


def _text(value: bytes | None) -> str:
    return (value or b"").decode("latin-1").strip()


def status_words(status: int) -> str:
    """A status by name, number and the words of the specification (5.1.3)."""
    words = consts.DESCRIPTIONS.get(status, "a status of this SMSC alone")
    return f"{_NAMES.get(status, 'unknown status')} (0x{status:08X}): {words}"
