"""Text in SMPP: which bytes carry it, and how it is cut into messages of 140 bytes and read from them again."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from client.hub.gateways.gateway import Rejected

SHORT = 140  # bytes of one message on the radio path (GSM 03.40, 9.2.3.16)
HEADER = 6  # bytes of the user data header of a part: 05 00 03 reference total number (GSM 03.40, 9.2.3.24.1)
MOST_PARTS = 255
UDHI = 0x40  # esm_class: a user data header begins the text (SMPP 3.4, 5.2.12)
UCS2, KSC5601 = 8, 14  # data_coding (SMPP 3.4, 5.2.19)
BINARY = {2, 4}

_ENCODINGS = {
    "ucs2": (UCS2, "utf-16-be"),
    "ksc5601": (KSC5601, "cp949"),
}  # CP949 holds KS C 5601 and is what carriers mean
_DECODINGS = {1: "ascii", 3: "latin-1", 5: "shift_jis", 6: "iso8859-5", 7: "iso8859-8", 8: "utf-16-be", 10: "iso2022_jp", 13: "euc_jp", 14: "cp949"}  # fmt: skip
_GSM = (  # GSM 03.38, 6.2.1; 0x1B leads into the extension
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_MORE = {0x0A: "\f", 0x14: "^", 0x28: "{", 0x29: "}", 0x2F: "\\", 0x3C: "[", 0x3D: "~", 0x3E: "]", 0x40: "|", 0x65: "€"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Piece:
    """What one submit_sm carries: either a `short` message or a `payload`."""

    data_coding: int
    esm_class: int = 0
    short: bytes = b""
    payload: bytes = b""


# ── out ──────────────────────────────────────────────────────────────────────────────────────────


def pieces(text: str, encoding: str, long_text: str, reference: int) -> list[Piece]:
    """`text` in as many submissions as it needs; `encoding` ucs2|ksc5601, `long_text` udh|payload, `reference` 0-255.

    Composed first (NFC): a phone shows decomposed syllables as loose letters. Raises `Rejected` for characters that
    KS C 5601 lacks and for more than 255 parts.
    """
    data_coding, codec = _ENCODINGS[encoding]
    signs = list(_encoded(unicodedata.normalize("NFC", text), codec))
    whole = b"".join(signs)
    if len(whole) <= SHORT:
        return [Piece(data_coding, short=whole)]
    if long_text == "payload":
        return [Piece(data_coding, payload=whole)]
    parts = list(_filled(signs, SHORT - HEADER))
    if len(parts) > MOST_PARTS:
        raise Rejected(f"the text needs {len(parts)} parts; {MOST_PARTS} are possible")
    return [
        Piece(data_coding, UDHI, bytes([5, 0, 3, reference, len(parts), number]) + part)
        for number, part in enumerate(parts, 1)
    ]


def _encoded(text: str, codec: str) -> Iterator[bytes]:
    """Each character by itself; one that UCS-2 needs two units for stays in one piece."""
    missing = dict.fromkeys(sign for sign in text if not sign.encode(codec, "ignore"))
    if missing:
        raise Rejected(f"it holds characters that cannot be sent: {' '.join(missing)}")
    return (sign.encode(codec) for sign in text)


def _filled(signs: list[bytes], room: int) -> Iterator[bytes]:
    part = b""
    for sign in signs:
        if len(part) + len(sign) > room:
            yield part
            part = b""
        part += sign
    yield part


# ── in ───────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Place:
    """Which part of a long message this is: `number` from 1 to `total`."""

    reference: int
    total: int
    number: int


def parted(text: bytes, esm_class: int) -> tuple[Place | None, bytes]:
    """A message's place by its user data header (8 or 16 bit reference), and what follows the header."""
    if not esm_class & UDHI or not text or len(text) <= text[0]:
        return None, text
    header, rest = text[1 : 1 + text[0]], text[1 + text[0] :]
    place = None
    while len(header) >= 2 and len(header) >= 2 + header[1]:  # noqa: PLR2004 — element and length
        element, value = header[0], header[2 : 2 + header[1]]
        if (element, len(value)) in ((0, 3), (8, 4)):
            place = placed(int.from_bytes(value[:-2], "big"), value[-2], value[-1])
        header = header[2 + header[1] :]
    return place, rest


def placed(reference: int, total: int, number: int) -> Place | None:
    """The place that these numbers mean; None where they mean none."""
    return Place(reference, total, number) if total > 1 and 1 <= number <= total else None


def read(data: bytes, data_coding: int, encoding: str) -> str:
    """What a citizen wrote; never raises. `encoding` is the account's: it says what an SMSC's own alphabet (0) is.

    Bytes that do not fit become U+FFFD; binary becomes a line that says so. GSM 7 comes unpacked over SMPP.
    """
    if data_coding in BINARY:
        return f"[글자로 읽을 수 없는 메시지, {len(data)}바이트]"
    codec = _DECODINGS.get(_general(data_coding))
    text = data.decode(codec, "replace") if codec else _by_default(data, encoding)
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(sign for sign in lines if sign in "\n\t" or unicodedata.category(sign) != "Cc")


def _general(data_coding: int) -> int:
    """GSM's message classes (GSM 03.38, 4) say little else than the alphabet: 0x18 is UCS-2 too."""
    if data_coding & 0xF0 in (0x10, 0x20, 0x30):
        return UCS2 if data_coding & 0x0C == 0x08 else 0  # noqa: PLR2004 — the alphabet's two bits
    return data_coding


def _by_default(data: bytes, encoding: str) -> str:
    """An SMSC's own alphabet: of a Korean one KS C 5601, else GSM 7, unless a byte has its eighth bit."""
    if encoding == "ksc5601" or any(byte > 0x7F for byte in data):  # noqa: PLR2004 — seven bits
        try:
            return data.decode("cp949")
        except UnicodeDecodeError:
            return data.decode("latin-1")
    return "".join(_gsm(data))


def _gsm(data: bytes) -> Iterator[str]:
    signs = iter(data)
    for byte in signs:
        if byte == 0x1B:  # noqa: PLR2004 — escape
            yield _GSM_MORE.get(next(signs, -1), "�")
        else:
            yield _GSM[byte]
