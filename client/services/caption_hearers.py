"""Who hears what is said on a leg: a caption follows the ear, and nobody reads what they could not hear."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from client.domain.call import Call
from client.domain.event import parse_timestamp
from client.domain.words import Party
from client.ports.clock import Clock
from client.services.call_book import CITIZENS, CallBook, CallRecord
from client.services.sessions import SessionBook


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
        if record.part not in CITIZENS:
            return Party.OFFICE
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
        at = 0
        if known is not None and leg in record.began:
            at = (self._clock.now() - parse_timestamp(record.began[leg])) // timedelta(milliseconds=1)
        self._of[leg] = Hearers(now, at, known.parties if known is not None else now)
        return known is not None

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
        others = [told, *(self._book.told[call] for call in told.conference if call in self._book.told)]
        far = {self._far_party(other) for other in others if not _apart(other)}
        hearing = {Party.CITIZEN: Party.CITIZEN in far, Party.AGENT: True, Party.OFFICE: Party.OFFICE in far}
        return tuple(party for party, hears in hearing.items() if hears and party is not speaker)

    def _far_party(self, told: Call) -> Party:
        record = self._book.records.get(told.call)
        return Party.CITIZEN if record is None or record.part in CITIZENS else Party.OFFICE


def _apart(told: Call) -> bool:
    return told.on_hold or told.held_by_remote
