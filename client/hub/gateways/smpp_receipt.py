"""What an SMSC says later of a message it took: its id, how it ended, and why."""

from __future__ import annotations

import re
from dataclasses import dataclass

from client.domain.bodies.written import DeliveryState
from client.hub.gateways.smpp_pdu import Delivered, Tlv

_KIND = 0x3C  # bits 5-2 of esm_class: what kind of message it is (SMPP 3.4, 5.2.12)
_FROM_SMSC, _ON_ITS_WAY = 0x04, 0x20
_FIELD = re.compile(r"\b(id|stat|err):\s*(\S+)", re.IGNORECASE)  # appendix B; what follows "text:" is the citizen's
_BY_WORD = {"DELIVRD": 2, "EXPIRED": 3, "DELETED": 4, "UNDELIV": 5, "REJECTD": 8}
_WORDS = {3: "EXPIRED", 4: "DELETED", 5: "UNDELIVERABLE", 8: "REJECTED"}  # message_state, 5.2.28; others are no end
_DELIVERED = 2
MAX_ID = 65  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """`ids` — the message's, as likely as written: first the parameter's, then the text's; `state` None: not the end yet."""

    ids: tuple[str, ...]
    state: DeliveryState | None
    reason: str = ""


def is_receipt(came: Delivered) -> bool:
    """Receipts and notices on the way; by esm_class, or by parameters where an SMSC forgets it."""
    kind = came.esm_class & _KIND
    return kind in (_FROM_SMSC, _ON_ITS_WAY) or {Tlv.RECEIPTED_MESSAGE_ID, Tlv.MESSAGE_STATE} <= came.tlvs.keys()


def told(came: Delivered) -> Told:
    """A receipt's content, of the parameters and else of the text, which SMSCs write in many ways; never raises."""
    text = came.text.decode("latin-1").partition("text:")[0].partition("Text:")[0]
    fields = {name.lower(): value for name, value in _FIELD.findall(text)}
    tlv = came.tlvs.get(Tlv.RECEIPTED_MESSAGE_ID, b"").rstrip(b"\0").decode("latin-1").strip()
    ids = tuple(dict.fromkeys(id_[:MAX_ID] for id_ in (tlv, fields.get("id", "")) if id_))
    number = _state(came, fields.get("stat", ""))
    if number == _DELIVERED:
        return Told(ids=ids, state=DeliveryState.DELIVERED)
    if number in _WORDS and not came.esm_class & _ON_ITS_WAY:
        return Told(ids=ids, state=DeliveryState.FAILED, reason=_reason(number, fields.get("err", "")))
    return Told(ids=ids, state=None)


def _state(came: Delivered, word: str) -> int:
    parameter = came.tlvs.get(Tlv.MESSAGE_STATE, b"")
    return parameter[0] if parameter else _BY_WORD.get(word.upper()[:7], 0)


def _reason(number: int, error: str) -> str:
    known = error.strip("0") and re.fullmatch(r"[0-9A-Za-z]{1,8}", error)
    return _WORDS[number] + (f", error {error}" if known else "")
