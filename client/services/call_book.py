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
    """What a call is to its session: the citizen's own, by phone or as the sound of their browser; a colleague's who asks us; ours to someone we ask or call for help, to an office for a relay, to the colleague who speaks in it."""

    CITIZEN = "citizen"
    WEB = "web"
    CONSULTED = "consulted"
    CONSULTATION = "consultation"
    EMERGENCY = "emergency"
    RELAY = "relay"
    RELAY_VOICE = "relay_voice"


MAIN = (Part.CITIZEN, Part.WEB, Part.CONSULTED)
CITIZENS = (Part.CITIZEN, Part.WEB)
RELAYS = (Part.RELAY, Part.RELAY_VOICE)
LIVE = (CallState.ACTIVE, CallState.HELD)


@dataclass(slots=True, kw_only=True)
class CallRecord:
    """What must be known of a call again after a restart.

    `began` — leg → RFC 3339 of its first sample; `heard_ms` — leg → end of its last final caption; `answered` once the
    answer is in the log, `joined` once its legs are. Of a relay: `agreed` — the office knows that it is relayed and
    captioned, and takes part; `next_number` — the office that is called once the colleague has answered.
    """

    session: str
    part: Part = Part.CITIZEN
    began: dict[str, str] = field(default_factory=dict)
    heard_ms: dict[str, int] = field(default_factory=dict)
    answered: bool = False
    joined: bool = False
    label: str = ""
    agreed: bool = False
    next_number: str = ""


class CallBook:
    """The records by SIP Call-ID and the newest `Call` told of each.

    Attributes: `records`, `told` — both by Call-ID, in order of appearance; `last_active` — the call the agent talked in
    last.
    """

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self.last_active = ""
        self.told: dict[str, Call] = {}
        self.records: dict[str, CallRecord] = {}
        for call, text in outbox.drafts(PLACE).items():
            try:
                self.records[call] = decode(CallRecord, json.loads(text))
            except (BadInput, ValueError):
                outbox.save_draft(PLACE, call, "")

    def take(self, told: Call) -> Call | None:
        """Keep what is told of a call; what was told of it before."""
        old = self.told.get(told.call)
        self.told[told.call] = told
        if _talks(told) and not (old and _talks(old)):
            self.last_active = told.call
        return old

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

    def running(self) -> str | None:
        """The session in whose phone call the agent talks, or talked last if all are held; a browser's is the video's."""
        live = [
            told
            for call, told in self.told.items()
            if told.state in LIVE and call in self.records and not self._of_a_browser(self.records[call])
        ]
        last = max(live, key=lambda told: (told.call == self.last_active, _talks(told), told.since), default=None)
        return self.records[last.call].session if last else None

    def _of_a_browser(self, record: CallRecord) -> bool:
        """True for a browser's sound, and for whom we call beside it, be there any sound of the citizen or not."""
        return record.part in RELAYS or any(
            other.part is Part.WEB and other.session == record.session for other in self.records.values()
        )

    def side_call(self) -> tuple[str, CallRecord] | None:
        """The living consultation or emergency call; the newest, for one may still be ending."""
        for call, record in reversed(self.records.items()):
            told = self.told.get(call)
            aside = record.part not in (*MAIN, *RELAYS)
            if aside and told and told.state is not CallState.ENDED:
                return call, record
        return None

    def relay_call(self, session: str, part: Part) -> tuple[Call, CallRecord] | None:
        """The living call to the office of a session's relay, or to the colleague who speaks in it."""
        for call, record in reversed(self.records.items()):
            told = self.told.get(call)
            if record.session == session and record.part is part and told and told.state is not CallState.ENDED:
                return told, record
        return None


def _talks(told: Call) -> bool:
    return told.state is CallState.ACTIVE and not told.on_hold
