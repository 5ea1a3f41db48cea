"""One session, one owner: what claim, transfer, release and close do, as decisions on the facts.

Each returns the body to store, or None when it is so already, and raises `LogRefused` when it may not be.
"""

from __future__ import annotations

from collections.abc import Sequence

from client.domain.access import Permission, Person, is_late, may_act
from client.domain.event import Body, Event, SessionClaimed, SessionClosed, SessionReleased, SessionTransferred
from client.domain.session_log import LogRefused, SessionFacts, SessionView

MAX_NOTE = 2_000  # characters
OWNED = " has this session"  # what follows the owner's name where a claim came too late


def claim(facts: SessionFacts, person: Person) -> Body | None:
    """`person` becomes the owner, unless another is."""
    if facts.owner == person.id:
        return None
    if facts.closed is not None:
        raise LogRefused(409, "closed", "the session is closed")
    if facts.owner is not None:
        raise LogRefused(409, "owned", f"{facts.owner_name or 'a colleague'}{OWNED}")
    return SessionClaimed(agent=person.id, name=person.name)


def owner_told(detail: str) -> str:
    """The name of who was faster, of the detail of a refusal `owned`; "" where it is another's words."""
    return detail.removesuffix(OWNED) if detail.endswith(OWNED) else ""


def transfer(facts: SessionFacts, person: Person, to: Person, note: str) -> Body | None:
    """The owner (or a supervisor) hands the session to `to`."""
    if len(note) > MAX_NOTE:
        raise LogRefused(422, "bad-input", f"must be at most {MAX_NOTE} characters", "note")
    if not to.may(Permission.CLAIM):
        raise LogRefused(422, "bad-input", "cannot take a session", "to")
    _require_owner(facts, person)
    if facts.closed is not None:
        raise LogRefused(409, "closed", "the session is closed")
    if facts.owner == to.id:
        return None
    return SessionTransferred(to=to.id, name=to.name, note=note)


def release(facts: SessionFacts, person: Person, reason: str) -> Body | None:
    """Back to the queue. Of a session without an owner it tells that an offer went back."""
    if facts.owner not in (None, person.id):
        raise LogRefused(409, "not-owner", "only its owner can release a session")
    return SessionReleased(reason=reason)


def close(facts: SessionFacts, person: Person) -> Body | None:
    """Nothing more is expected."""
    if facts.closed is not None:
        return None
    if facts.owner is not None:
        _require_owner(facts, person)
    return SessionClosed()


def say(view: SessionView, person: Person, events: Sequence[Event]) -> None:
    """Refuse what is not this person's to say now. What the log has already is only said again."""
    if any(isinstance(event.body, SessionClosed) for event in events):
        close(view.facts, person)
    if may_act(person, view.facts):
        return
    if any(not is_late(event.body) and view.get(event.id) is None for event in events):
        raise not_in_hand()


def not_in_hand() -> LogRefused:
    """The session is in another's hand."""
    return LogRefused(403, "not-owner", "only its owner can do that")


def _require_owner(facts: SessionFacts, person: Person) -> None:
    if facts.owner != person.id and not person.may(Permission.SEE_ALL):
        raise LogRefused(409, "not-owner", "only its owner can do that")
