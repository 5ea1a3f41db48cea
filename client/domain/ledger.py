"""Every session's log in memory, by the rules: the hub's store without a disk and the heart of the hub's fake."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from client.domain.event import Event, SessionOpened
from client.domain.session_log import (
    Appended,
    Decide,
    Draft,
    LogRefused,
    Opening,
    SessionFacts,
    Taken,
    Twin,
    after,
    emptied,
    id_reused,
    not_of_session,
    to_text,
    unknown_session,
)


@dataclass(slots=True)
class _Session:
    facts: SessionFacts
    events: list[Taken] = field(default_factory=list)
    number: str = ""

    def get(self, id_: str) -> Event | None:
        """An event of this session by id."""
        return next((taken.event for taken in self.events if taken.id == id_), None)

    def having(self, *types: str) -> Sequence[Event]:
        """The events of these types, by seq."""
        return [taken.event for taken in self.events if taken.event.type in types]


class Ledger:
    """Every session's log in memory. `now` gives the hub's time as RFC 3339 text."""

    def __init__(self, now: Callable[[], str]) -> None:
        self._now = now
        self._sessions: dict[str, _Session] = {}
        self._keys: dict[str, str] = {}
        self._where: dict[str, tuple[str, bytes | None]] = {}

    def open(self, opening: Opening) -> Appended:
        """Open a session, or join: then nothing is stored but keys, and `taken` is empty."""
        known = self._known(opening)
        if known is None:
            facts = SessionFacts(id=opening.session, opened=self._now(), opener=opening.draft.actor)
            self._sessions[opening.session] = _Session(facts)
            try:
                done = self.append(opening.session, lambda _view: [opening.draft])
            except LogRefused:
                del self._sessions[opening.session]
                raise
            self._sessions[opening.session].number = opening.number
            done = replace(done, before=None)
        else:
            done = self._joined(known, opening)
        if opening.allowed(done.facts):
            for key in opening.keys:
                self._keys.setdefault(key, done.facts.id)
        return done

    def _known(self, opening: Opening) -> _Session | None:
        ids = [opening.session, *(self._keys.get(key, "") for key in opening.keys)]
        return next((self._sessions[id_] for id_ in ids if id_ in self._sessions), None)

    def _joined(self, known: _Session, opening: Opening) -> Appended:
        facts = known.facts
        self._refuse_other(facts.id, opening.draft)
        same = [t for t in known.events if t.id == opening.draft.event.id]
        return Appended(before=facts, facts=facts, taken=tuple(replace(t, duplicate=True) for t in same))

    def append(self, session: str, decide: Decide) -> Appended:
        """Store what `decide` says, all of it or nothing."""
        held = self._sessions.get(session)
        if held is None:
            raise unknown_session()
        before, kept = held.facts, len(held.events)
        try:
            taken = tuple(self._take(held, item) for item in decide(held))
        except BaseException:
            for stored in held.events[kept:]:
                del self._where[stored.id]
            del held.events[kept:]
            held.facts = before
            raise
        return Appended(before=before, facts=held.facts, taken=taken)

    def _take(self, held: _Session, item: Draft | Twin) -> Taken:
        if isinstance(item, Twin):
            return Taken(id=item.id, event=item.of, text=to_text(item.of), duplicate=True)
        self._refuse_other(held.facts.id, item)
        if item.event.id in self._where:
            stored = next(taken for taken in held.events if taken.id == item.event.id)
            return replace(stored, duplicate=True)
        event = item.event.numbered(held.facts.last_seq + 1, self._now(), item.actor)
        taken = Taken(id=event.id, event=event, text=to_text(event))
        held.events.append(taken)
        held.facts = after(held.facts, event)
        self._where[event.id] = (held.facts.id, item.fingerprint)
        return taken

    def _refuse_other(self, session: str, item: Draft) -> None:
        where, fingerprint = self._where.get(item.event.id, (session, None))
        if where != session or fingerprint not in (None, item.fingerprint):
            raise id_reused()

    def erase(self, session: str, ids: Sequence[str], say: Draft) -> Appended:
        """Empty these events' bodies and store `say` (`log.erased`); number and keys go with `session.opened`."""
        held = self._sessions.get(session)
        if held is None:
            raise unknown_session()
        if set(ids) - {taken.id for taken in held.events}:
            raise not_of_session()
        for n, taken in enumerate(held.events):
            if taken.id in ids:
                event = emptied(taken.event)
                held.events[n] = Taken(id=event.id, event=event, text=to_text(event))
                self._where[event.id] = (session, None)
                if isinstance(taken.event.body, SessionOpened):
                    held.number = ""
                    self._keys = {key: of for key, of in self._keys.items() if of != session}
        return self.append(session, lambda _view: [say])

    def facts(self) -> list[SessionFacts]:
        """Every session's facts, newest first."""
        return [held.facts for held in reversed(self._sessions.values())]

    def facts_of(self, session: str) -> SessionFacts:
        """One session's facts; raises `LogRefused` 404."""
        if session not in self._sessions:
            raise unknown_session()
        return self._sessions[session].facts

    def events(self, session: str, after_seq: int, limit: int) -> list[Taken]:
        """At most `limit` events with seq > `after_seq`."""
        return self._sessions[session].events[after_seq : after_seq + limit] if session in self._sessions else []

    def number(self, session: str) -> str:
        """The citizen's whole number, or nothing."""
        return self._sessions[session].number if session in self._sessions else ""
