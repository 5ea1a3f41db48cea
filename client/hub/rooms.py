"""The sessions of the day, in memory: open ones and those closed lately, indexed by who may see them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta

from client.domain.access import Permission, Person, may_see
from client.domain.event import parse_timestamp, timestamp
from client.domain.session_log import SessionFacts
from client.domain.words import Channel, Role
from client.hub.clock import Now

RECENT = timedelta(hours=24)  # a closed session is named in heads and lists for so long


class Rooms:
    """`grace_s` — how long a former owner still sees a session."""

    def __init__(self, now: Now, grace_s: float) -> None:
        self.now = now
        self._grace_s = grace_s
        self._facts: dict[str, SessionFacts] = {}
        self._waiting: set[str] = set()
        self._of: defaultdict[str, set[str]] = defaultdict(set)

    def since(self) -> str:
        """Sessions closed before this are not of the day."""
        return timestamp(self.now() - RECENT)

    def put(self, facts: SessionFacts) -> None:
        """A session as it is now."""
        self._facts[facts.id] = facts
        (self._waiting.add if facts.owner is None and facts.closed is None else self._waiting.discard)(facts.id)
        for person in (facts.owner, facts.opener, *facts.former):
            if person is not None:
                self._of[person].add(facts.id)

    def get(self, session: str) -> SessionFacts | None:
        """A session of the day."""
        return self._facts.get(session)

    def waiting(self) -> list[SessionFacts]:
        """Open sessions that nobody owns."""
        return [self._facts[id_] for id_ in self._waiting]

    def open_of(self, channel: Channel) -> list[SessionFacts]:
        """Open sessions of this channel."""
        return [facts for facts in self._facts.values() if facts.channel is channel and facts.closed is None]

    def owned(self, person: str) -> list[SessionFacts]:
        """Open sessions of this person."""
        held = (self._facts[id_] for id_ in self._of.get(person, ()))
        return [facts for facts in held if facts.owner == person and facts.closed is None]

    def sees(self, person: Person, facts: SessionFacts) -> bool:
        """True if this person may see this session now."""
        return may_see(person, facts, self.now(), self._grace_s)

    def seen_by(self, person: Person) -> list[SessionFacts]:
        """The day's sessions that this person may see, newest first."""
        if person.may(Permission.SEE_ALL):
            found: Iterable[str] = self._facts
        else:
            found = self._of.get(person.id, set()) | (self._waiting if person.role is not Role.GATEWAY else set())
        seen = [facts for id_ in found if self.sees(person, facts := self._facts[id_])]
        return sorted(seen, key=lambda facts: (facts.opened, facts.id), reverse=True)

    def sweep(self) -> set[str]:
        """Let go of sessions that are no longer of the day; which."""
        limit = self.now() - RECENT
        gone = {id_ for id_, facts in self._facts.items() if facts.closed and parse_timestamp(facts.closed) < limit}
        for id_ in gone:
            del self._facts[id_]
        for sessions in self._of.values():
            sessions.difference_update(gone)
        return gone
