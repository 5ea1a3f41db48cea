"""The rules of a session's log: numbering, one event per id, and the facts that follow from the events.

`Ledger` is the whole log in memory: the hub's store without a disk and the heart of the hub's fake.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from client.domain.event import (
    Emptied,
    Event,
    SessionClaimed,
    SessionClosed,
    SessionOpened,
    SessionReleased,
    SessionTransferred,
    event_to_json,
)

HUB = "hub"  # the actor of what the hub itself says


class LogRefused(Exception):
    """The log says no. `status` as HTTP says it, `code` for programs, `field` where the input is wrong."""

    def __init__(self, status: int, code: str, detail: str, field: str = "") -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.field = field


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionFacts:
    """What follows from a session's events. Times are the hub's (`recorded`).

    `opener` and `owner` are principals; `former` — principal → when it stopped being the owner; `closed` — since when.
    """

    id: str
    opened: str = ""
    opener: str = ""
    owner: str | None = None
    owner_name: str = ""
    former: Mapping[str, str] = field(default_factory=dict)
    last_seq: int = 0
    closed: str | None = None


def after(facts: SessionFacts, event: Event) -> SessionFacts:
    """The facts once `event` (with the hub's fields) is in the log."""
    facts = replace(facts, last_seq=event.seq or facts.last_seq)
    match event.body:
        case SessionClaimed(agent=agent, name=name) | SessionTransferred(to=agent, name=name):
            return replace(_without_owner(facts, event), owner=agent, owner_name=name)
        case SessionReleased() if event.actor in (facts.owner, HUB):
            return _without_owner(facts, event)
        case SessionClosed() if facts.closed is None:
            return replace(facts, closed=event.recorded)
    return facts


def _without_owner(facts: SessionFacts, event: Event) -> SessionFacts:
    former = dict(facts.former)
    if facts.owner is not None:
        former[facts.owner] = event.recorded or event.at
    return replace(facts, owner=None, owner_name="", former=former)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An event about to be stored: who says it, its JSON without the hub's fields, and a fingerprint of what was said.

    The fingerprint tells a repeated event from another one with the same id. It is taken before masking and with a
    key, so that a masked number cannot be guessed from it.
    """

    event: Event
    actor: str
    text: str
    fingerprint: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Twin:
    """An event that says what `of` has said already: answered as a duplicate, not stored."""

    id: str
    of: Event


def draft(event: Event, actor: str, *, said: Event | None = None, key: bytes = b"") -> Draft:
    """A draft of `event`; `said` is what it was before masking."""
    event = replace(event, seq=None, recorded=None, actor=None)
    text = to_text(event)
    source = text if said is None or said is event else to_text(replace(said, seq=None, recorded=None, actor=None))
    fingerprint = hashlib.blake2b(source.encode(), digest_size=16, key=key).digest()
    return Draft(event=event, actor=actor, text=text, fingerprint=fingerprint)


def to_text(event: Event) -> str:
    """The event as compact JSON."""
    return json.dumps(event_to_json(event), ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """One event as the log has it; `duplicate` when it was there before. `text` is its JSON, whole."""

    id: str
    event: Event
    text: str
    duplicate: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Appended:
    """What one append did: the facts before and after it, and every event asked for, in order."""

    before: SessionFacts | None
    facts: SessionFacts
    taken: tuple[Taken, ...]

    @property
    def fresh(self) -> tuple[Taken, ...]:
        """Those that were not there before."""
        return tuple(taken for taken in self.taken if not taken.duplicate)


class SessionView(Protocol):
    """A session as a decision sees it, inside the transaction that will store what it decides."""

    @property
    def facts(self) -> SessionFacts:
        """The facts so far."""

    def get(self, id_: str) -> Event | None:
        """An event of this session by id."""

    def having(self, *types: str) -> Sequence[Event]:
        """The events of these types, by seq."""


Decide = Callable[[SessionView], Sequence[Draft | Twin]]
"""Looks at the session and says what to store; raises `LogRefused`. It must not keep the view."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A session to open, or to join by a key that is known. `allowed` says whether its opener may add keys to it."""

    session: str
    keys: tuple[str, ...]
    draft: Draft
    number: str = ""
    allowed: Callable[[SessionFacts], bool] = lambda _facts: True


def unknown_session() -> LogRefused:
    """No session has this id."""
    return LogRefused(404, "unknown-session", "there is no session with this id")


def id_reused() -> LogRefused:
    """Another event has this id."""
    return LogRefused(409, "id-reused", "an event with this id and other content is in the log")


def not_of_session() -> LogRefused:
    """An id names no event of the session."""
    return LogRefused(422, "bad-input", "is not an event of this session", "events")


def emptied(event: Event) -> Event:
    """The envelope alone: what stands where an erased event stood."""
    return event if isinstance(event.body, Emptied) else replace(event, body=Emptied(was=event.type))


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
        """Empty these events' bodies and store `say` (`log.erased`); the whole number goes with `session.opened`."""
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
                held.number = "" if isinstance(taken.event.body, SessionOpened) else held.number
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
