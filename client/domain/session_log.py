"""The words of a session's log: drafts, decisions, what was taken, and the facts that follow from the events."""

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
    SessionOffered,
    SessionOpened,
    SessionReleased,
    SessionTransferred,
    event_to_json,
)
from client.domain.words import Channel

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

    `opener` and `owner` are principals; `former` — principal → when it stopped
    being the owner, or was offered the session; `closed` — since when.
    """

    id: str
    opened: str = ""
    opener: str = ""
    owner: str | None = None
    owner_name: str = ""
    former: Mapping[str, str] = field(default_factory=dict)
    last_seq: int = 0
    closed: str | None = None
    channel: Channel = Channel.PHONE
    language: str = "ko"


CHANGING = (SessionOpened, SessionClaimed, SessionTransferred, SessionOffered, SessionReleased, SessionClosed)
"""Events from which more follows than the next number: every one that `after` looks at."""


def after(facts: SessionFacts, event: Event) -> SessionFacts:
    """The facts once `event` (with the hub's fields) is in the log."""
    facts = replace(facts, last_seq=event.seq or facts.last_seq)
    match event.body:
        case SessionOpened(channel=channel, language=language):
            return replace(facts, channel=channel, language=language)
        case SessionClaimed(agent=agent, name=name) | SessionTransferred(to=agent, name=name):
            return replace(_without_owner(facts, event), owner=agent, owner_name=name)
        case SessionOffered(to=colleague) if event.actor == facts.owner:
            return replace(facts, former={**facts.former, colleague: event.recorded or event.at})
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
