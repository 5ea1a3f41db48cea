"""Who hears what is said on a leg: a caption follows the ear, and nobody reads what they could not hear.

One rule more in a relay that the office agreed to: whatever is said on its legs is meant for the citizen, who has it by
reading where not by ear. There `heard_by` names the citizen with or without a sound of theirs in the mix.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from client.domain.call import Call
from client.domain.event import parse_timestamp
from client.domain.words import Party
from client.ports.clock import Clock
from client.services.call_book import CITIZENS, RELAYS, CallBook, CallRecord, Part
from client.services.sessions import SessionBook

PARTIES = {
    Part.WEB: Party.CITIZEN,
    Part.CONSULTED: Party.OFFICE,
    Part.CONSULTATION: Party.OFFICE,
    Part.EMERGENCY: Party.OFFICE,
    Part.RELAY: Party.OFFICE,
    Part.RELAY_VOICE: Party.COLLEAGUE,
}
"""Who speaks at the far end; a citizen's phone may be a relay operator's."""
EARS = (Party.CITIZEN, Party.AGENT, Party.COLLEAGUE, Party.OFFICE)


@dataclass(frozen=True, slots=True)
class Hearers:
    """Who hears a leg's speaker since `since_ms` of the leg, and who did `before`."""

    parties: tuple[Party, ...]
    since_ms: int
    before: tuple[Party, ...]


def is_agents(leg: str) -> bool:
    """True for the leg of the agent's own voice."""
    return leg.endswith("/agent")


class CaptionHearers:
    """The hearers of every leg, now and before their last change."""

    def __init__(self, book: CallBook, sessions: SessionBook, clock: Clock) -> None:
        self._book = book
        self._sessions = sessions
        self._clock = clock
        self._of: dict[str, Hearers] = {}

    def party(self, leg: str) -> Party:
        """Who speaks on a leg."""
        if is_agents(leg):
            return Party.AGENT
        found = self._book.of_leg(leg)
        if found is None:
            return Party.CITIZEN
        record = found[1]
        if record.part in PARTIES:
            return PARTIES[record.part]
        return Party.RELAY_OPERATOR if self._sessions.get(record.session).relay else Party.CITIZEN

    @staticmethod
    def hear(told: Call, leg: str) -> bool:
        """True if what is said on the leg now is heard at its other end."""
        return not _apart(told) and not (is_agents(leg) and told.muted)

    def note(self, told: Call, record: CallRecord, leg: str) -> bool:
        """Keep who hears a leg that is heard; true if others did before."""
        now, known = self._now(told, leg), self._of.get(leg)
        if known is not None and known.parties == now:
            return False
        at = self.elapsed_ms(record, leg) if known is not None else 0
        self._of[leg] = Hearers(now, at, known.parties if known is not None else now)
        return known is not None

    def elapsed_ms(self, record: CallRecord, leg: str) -> int:
        """How long a leg has sounded by now."""
        if leg not in record.began:
            return 0
        return max(0, (self._clock.now() - parse_timestamp(record.began[leg])) // timedelta(milliseconds=1))

    def since(self, leg: str, start_ms: int) -> tuple[Party, ...]:
        """Who hears what began at `start_ms`; of words from before a change, only who heard them then and does now."""
        hearers = self._of.get(leg)
        if hearers is None:
            return ()
        if start_ms >= hearers.since_ms:
            return hearers.parties
        return tuple(party for party in hearers.parties if party in hearers.before)

    def _now(self, told: Call, leg: str) -> tuple[Party, ...]:
        """Of a conference only those who are not on hold."""
        speaker = self.party(leg)
        if told.confided and not is_agents(leg):
            return (Party.AGENT,)
        others = [told, *(self._book.told[call] for call in told.conference if call in self._book.told)]
        far = {self._far_party(other) for other in others if not _apart(other)}
        if self._is_relayed(told):
            far.add(Party.CITIZEN)
        return tuple(party for party in EARS if (party in far or party is Party.AGENT) and party is not speaker)

    def _is_relayed(self, told: Call) -> bool:
        record = self._book.records.get(told.call)
        return record is not None and record.part in RELAYS and record.agreed

    def _far_party(self, told: Call) -> Party:
        record = self._book.records.get(told.call)
        return Party.CITIZEN if record is None or record.part in CITIZENS else PARTIES[record.part]


def _apart(told: Call) -> bool:
    return told.on_hold or told.held_by_remote
