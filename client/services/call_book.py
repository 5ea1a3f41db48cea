"""Which call belongs to which session, kept across a desk's death."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from enum import StrEnum

from client.domain.call import Call, CallState
from client.domain.codec import BadInput, decode, encode
from client.ports.outbox import Outbox, OutboxFull

PLACE = "calls"  # the place of these records among the outbox's drafts


class Part(StrEnum):
    """What a call is to its session: the citizen's own; a colleague's who asks us; ours to someone we ask or call for help."""

    CITIZEN = "citizen"
    CONSULTED = "consulted"
    CONSULTATION = "consultation"
    EMERGENCY = "emergency"


MAIN = (Part.CITIZEN, Part.CONSULTED)


@dataclass(slots=True, kw_only=True)
class CallRecord:
    """What must be known of a call again after a restart.

    `began` — leg → RFC 3339 of its first sample; `heard_ms` — leg → end of its last final caption; `answered` once the
    answer is in the log.
    """

    session: str
    part: Part = Part.CITIZEN
    began: dict[str, str] = field(default_factory=dict)
    heard_ms: dict[str, int] = field(default_factory=dict)
    answered: bool = False
    label: str = ""


class CallBook:
    """The records by SIP Call-ID and the newest `Call` told of each.

    Attributes: `records`, `told` — both by Call-ID, in order of appearance.
    """

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self.told: dict[str, Call] = {}
        self.records: dict[str, CallRecord] = {}
        for call, text in outbox.drafts(PLACE).items():
            try:
                self.records[call] = decode(CallRecord, json.loads(text))
            except (BadInput, ValueError):
                outbox.save_draft(PLACE, call, "")

    def keep(self, call: str, record: CallRecord) -> None:
        """Remember a call's record, durably. A full store loses only the adoption after a crash, not the call."""
        self.records[call] = record
        try:
            self._outbox.save_draft(PLACE, call, json.dumps(encode(record)))
        except OutboxFull:
            return

    def forget(self, call: str) -> None:
        """The call is over."""
        self.told.pop(call, None)
        self.records.pop(call, None)
        self._outbox.save_draft(PLACE, call, "")

    def rename(self, old: str, new: str) -> None:
        """A session joined another."""
        for call, record in self.records.items():
            if record.session == old:
                record.session = new
                self.keep(call, record)

    def of_session(self, session: str) -> Call | None:
        """The living call of a session, not what we ask or call for help beside it."""
        for call, record in self.records.items():
            told = self.told.get(call)
            if record.session == session and record.part in MAIN and told and told.state is not CallState.ENDED:
                return told
        return None

    def session_of(self, call: str) -> str:
        """The session of a call, "" if unknown."""
        return self.records[call].session if call in self.records else ""

    def of_leg(self, leg: str) -> tuple[str, CallRecord] | None:
        """(Call-ID, record) of the call that has this leg: `<Call-ID>/<party>`."""
        call = leg.rpartition("/")[0]
        return (call, self.records[call]) if call in self.records else None

    def side_call(self) -> tuple[str, CallRecord] | None:
        """The living consultation or emergency call, of which there is at most one."""
        for call, record in self.records.items():
            told = self.told.get(call)
            if record.part not in MAIN and told and told.state is not CallState.ENDED:
                return call, record
        return None
