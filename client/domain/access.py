"""Who may do what, and who may see which session: one table and one rule, used by the hub and by its fake."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from client.domain.event import Body, SessionClosed, SessionReleased, parse_timestamp
from client.domain.session_log import SessionFacts
from client.domain.words import Role


class Permission(StrEnum):
    """What a principal may do at the hub."""

    OPEN = "open"
    APPEND = "append"
    CLAIM = "claim"
    UNMASK = "unmask"
    EXPORT = "export"
    SEARCH = "search"
    ERASE = "erase"
    AUDIT = "audit"
    ADMINISTER = "administer"
    SEE_ALL = "see_all"


_DESK = frozenset({Permission.OPEN, Permission.APPEND, Permission.CLAIM, Permission.SEARCH})
_AGENT = _DESK | {Permission.UNMASK, Permission.EXPORT}

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.AGENT: _AGENT,
    Role.COUNSELOR: _AGENT,
    Role.INTERPRETER: _DESK,
    Role.SUPERVISOR: _AGENT | {Permission.SEE_ALL, Permission.ERASE, Permission.AUDIT},
    Role.ADMINISTRATOR: frozenset({Permission.ADMINISTER, Permission.AUDIT}),
    Role.GATEWAY: frozenset({Permission.OPEN, Permission.APPEND}),
    Role.CITIZEN: frozenset(),
}
"""An administrator gives out credentials and reads the access log, and sees no citizen's data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A principal as the rules see it. `number` is where its phone rings, for transfers."""

    id: str
    name: str
    role: Role
    number: str = ""

    def may(self, permission: Permission) -> bool:
        """True if the role gives this permission."""
        return permission in PERMISSIONS[self.role]


def may_act(person: Person, facts: SessionFacts) -> bool:
    """True for whoever has the session in hand: its owner, anyone at a desk while it waits, supervisors.

    Whoever opened a session that ended without an owner (nobody answered, or the hub was away) has it too.
    """
    if person.may(Permission.SEE_ALL) or facts.owner == person.id:
        return True
    if person.role is Role.GATEWAY:
        return facts.opener == person.id
    if not person.may(Permission.CLAIM):
        return False
    return facts.owner is None and (facts.closed is None or facts.opener == person.id)


def may_see(person: Person, facts: SessionFacts, now: datetime, grace_s: float) -> bool:
    """True for whoever may act, and for a grace for a former owner and for whom it was offered."""
    if may_act(person, facts):
        return True
    left = facts.former.get(person.id) if person.may(Permission.CLAIM) else None
    return left is not None and now <= parse_timestamp(left) + timedelta(seconds=grace_s)


_LATE = ("leg.", "call.", "caption.", "wrapup.", "note.", "engine.")


def is_late(body: Body) -> bool:
    """True for what one who only looks on may still say: how their part of the call went, and what is left to write up.

    Not what speaks to the citizen. Releasing and closing have rules of their own (`client.domain.ownership`).
    """
    return body.type.startswith(_LATE) or isinstance(body, SessionReleased | SessionClosed)
