"""The durable queue of what goes to the outside: rows of `delivery`, changed only along `client.domain.delivery`."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from client.domain.bodies.written import DeliveryState
from client.domain.delivery import may_become
from client.domain.session_log import LogRefused

_COLUMNS = "message, session, gateway, address, content, state, provider, attempts, due, made, changed, reason"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One message on its way: `message` — the event that says it, `content` — what the provider is given, as JSON."""

    message: str
    session: str
    gateway: str
    address: str
    content: Mapping[str, Any]
    made: str
    state: DeliveryState = DeliveryState.QUEUED
    provider: str = ""
    attempts: int = 0
    due: str = ""
    changed: str = ""
    reason: str = ""


def _of(row: Sequence[Any]) -> Delivery:
    message, session, gateway, address, content, state, provider, attempts, due, made, changed, reason = row
    return Delivery(
        message=message,
        session=session,
        gateway=gateway,
        address=address,
        content=json.loads(content or "{}"),
        state=DeliveryState(state),
        provider=provider,
        attempts=attempts,
        due=due,
        made=made,
        changed=changed,
        reason=reason,
    )


def add(connection: sqlite3.Connection, new: Delivery) -> None:
    """Queue a message; the same event again changes nothing."""
    connection.execute(
        "INSERT INTO delivery (message, session, gateway, address, content, state, due, made, changed) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (
            new.message,
            new.session,
            new.gateway,
            new.address,
            json.dumps(new.content, ensure_ascii=False),
            new.state,
            new.made,
            new.made,
            new.made,
        ),
    )


def get(connection: sqlite3.Connection, message: str) -> Delivery | None:
    """By the event's id."""
    row = connection.execute(f"SELECT {_COLUMNS} FROM delivery WHERE message = ?", (message,)).fetchone()  # noqa: S608 — a constant
    return _of(row) if row else None


def by_provider(connection: sqlite3.Connection, gateway: str, provider: str) -> Delivery | None:
    """By the provider's own id."""
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM delivery WHERE gateway = ? AND provider = ?",  # noqa: S608 — a constant
        (gateway, provider),
    ).fetchone()
    return _of(row) if row else None


def in_state(connection: sqlite3.Connection, gateway: str, state: DeliveryState) -> list[Delivery]:
    """All of a gateway's messages in one state, in the order in which they were said."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM delivery WHERE gateway = ? AND state = ? ORDER BY n",  # noqa: S608 — a constant
        (gateway, state),
    ).fetchall()
    return [_of(row) for row in rows]


def due(connection: sqlite3.Connection, gateway: str, now: str, limit: int) -> list[Delivery]:
    """What may go now, in the order said: of each citizen's queued messages only the first, and none before its time."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM delivery AS d WHERE gateway = ? AND state = 'queued' AND due <= ? AND NOT EXISTS "  # noqa: S608 — a constant
        "(SELECT 1 FROM delivery WHERE gateway = d.gateway AND address = d.address AND state IN ('queued', 'sending') "
        "AND n < d.n) ORDER BY n LIMIT ?",
        (gateway, now, limit),
    ).fetchall()
    return [_of(row) for row in rows]


def next_due(connection: sqlite3.Connection, gateway: str, now: str) -> str:
    """When the next of those that wait for their time may go; "" if none does."""
    (moment,) = connection.execute(
        "SELECT min(due) FROM delivery WHERE gateway = ? AND state = 'queued' AND due > ?", (gateway, now)
    ).fetchone()
    return moment or ""


def count(connection: sqlite3.Connection, gateway: str, *states: DeliveryState) -> int:
    """How many of a gateway's messages are in these states."""
    marks = ",".join("?" * len(states))
    (number,) = connection.execute(
        f"SELECT count(*) FROM delivery WHERE gateway = ? AND state IN ({marks})",  # noqa: S608 — question marks
        (gateway, *states),
    ).fetchone()
    return int(number)


def move(
    connection: sqlite3.Connection,
    message: str,
    then: DeliveryState,
    now: str,
    *,
    provider: str = "",
    due: str = "",
    reason: str = "",
    attempt: bool = False,
) -> bool:
    """Bring a message into another state; False where it may not go there (a receipt came twice, or out of order)."""
    held = get(connection, message)
    if held is None or not may_become(held.state, then):
        return False
    over = then in (DeliveryState.DELIVERED, DeliveryState.WITHDRAWN)
    connection.execute(
        "UPDATE delivery SET state = ?, changed = ?, provider = CASE ? WHEN '' THEN provider ELSE ? END, due = ?, "
        "reason = ?, attempts = attempts + ?, content = CASE ? WHEN 1 THEN '' ELSE content END WHERE message = ?",
        (then, now, provider, provider, due or held.due, reason, int(attempt), int(over), message),
    )
    return True


def withdraw(connection: sqlite3.Connection, message: str, now: str) -> None:
    """Take back what has not left; 409 `already-sent` for what has, or may have."""
    held = get(connection, message)
    if held is None or held.state is DeliveryState.WITHDRAWN:
        return
    if not move(connection, message, DeliveryState.WITHDRAWN, now):
        raise LogRefused(409, "already-sent", "it has left the centre and cannot be taken back")


def forget(connection: sqlite3.Connection, session: str, messages: Sequence[str] | None = None) -> None:
    """Erasure: the words of these messages (None: of the session) are gone here too. What was not sent will not be."""
    marks = "" if messages is None else f" AND message IN ({','.join('?' * len(messages))})"
    values = (session, *(messages or ()))
    connection.execute(f"UPDATE delivery SET content = '', address = '' WHERE session = ?{marks}", values)  # noqa: S608 — question marks
    connection.execute(
        f"UPDATE delivery SET state = 'failed', reason = 'erased' WHERE state IN ('queued', 'uncertain') AND session = ?{marks}",  # noqa: S608 — question marks
        values,
    )


# ── receipts that overtook the acceptance ────────────────────────────────────────────────────────


def keep_receipt(
    connection: sqlite3.Connection, gateway: str, provider: str, state: str, reason: str, now: str
) -> None:
    """Keep what was told of a message that is not known by the provider's id yet."""
    connection.execute(
        "INSERT INTO receipt VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING", (gateway, provider, state, reason, now)
    )


def take_receipts(connection: sqlite3.Connection, gateway: str, provider: str) -> list[tuple[DeliveryState, str]]:
    """What was kept under the provider's id: (state, reason), as they came; kept no longer."""
    rows = connection.execute(
        "SELECT state, reason FROM receipt WHERE gateway = ? AND provider = ? ORDER BY at", (gateway, provider)
    ).fetchall()
    connection.execute("DELETE FROM receipt WHERE gateway = ? AND provider = ?", (gateway, provider))
    return [(DeliveryState(state), reason) for state, reason in rows]


def sweep(connection: sqlite3.Connection, before: str) -> None:
    """Let go of old nonces' and receipts' rows, and of words whose message is long over."""
    connection.execute("DELETE FROM receipt WHERE at < ?", (before,))
    connection.execute("DELETE FROM inbound WHERE at < ?", (before,))
    connection.execute(
        "UPDATE delivery SET content = '' WHERE changed < ? AND state NOT IN ('queued', 'sending')", (before,)
    )
