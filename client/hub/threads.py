"""Which session a citizen's thread at a provider leads to, what of it came already, and which nonces were seen."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """A citizen at a gateway. `ended` — why nothing can be written there now, or ""."""

    gateway: str
    address: str
    session: str
    ended: str = ""


def find(connection: sqlite3.Connection, gateway: str, address: str) -> Thread | None:
    """The thread of this address."""
    row = connection.execute(
        "SELECT session, ended FROM thread WHERE gateway = ? AND address = ?", (gateway, address)
    ).fetchone()
    return Thread(gateway=gateway, address=address, session=row[0], ended=row[1]) if row else None


def of_session(connection: sqlite3.Connection, session: str) -> list[Thread]:
    """The threads that lead to this session, the newest first."""
    rows = connection.execute(
        "SELECT gateway, address, ended FROM thread WHERE session = ? ORDER BY at DESC", (session,)
    ).fetchall()
    return [Thread(gateway=gateway, address=address, session=session, ended=ended) for gateway, address, ended in rows]


def lead(connection: sqlite3.Connection, gateway: str, address: str, session: str, now: str) -> None:
    """From now on the thread leads to this session, and is open."""
    connection.execute(
        "INSERT INTO thread (gateway, address, session, at) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (gateway, address) DO UPDATE SET session = excluded.session, at = excluded.at, ended = ''",
        (gateway, address, session, now),
    )
    _past(connection, gateway, address, session)


def _past(connection: sqlite3.Connection, gateway: str, address: str, session: str) -> None:
    connection.execute("INSERT INTO thread_past VALUES (?, ?, ?) ON CONFLICT DO NOTHING", (gateway, address, session))


def lead_if_free(connection: sqlite3.Connection, gateway: str, address: str, session: str, now: str) -> None:
    """The same for a thread that the centre begins: one that leads to another open session stays there."""
    connection.execute(
        "INSERT INTO thread (gateway, address, session, at) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (gateway, address) DO UPDATE SET session = excluded.session, at = excluded.at, ended = '' "
        "WHERE EXISTS (SELECT 1 FROM session WHERE id = thread.session AND closed IS NOT NULL)",
        (gateway, address, session, now),
    )
    _past(connection, gateway, address, session)


def end(connection: sqlite3.Connection, gateway: str, address: str, reason: str) -> None:
    """Nothing can be written there any more."""
    connection.execute("UPDATE thread SET ended = ? WHERE gateway = ? AND address = ?", (reason, gateway, address))


def merge(connection: sqlite3.Connection, source: str, target: str) -> None:
    """Every thread of `source` leads to `target`."""
    connection.execute("UPDATE thread SET session = ? WHERE session = ?", (target, source))


def forget(connection: sqlite3.Connection, session: str) -> None:
    """Erasure: the citizen's addresses are gone."""
    for table in ("thread", "thread_past"):
        connection.execute(f"DELETE FROM {table} WHERE session = ?", (session,))  # noqa: S608 — constants


def earlier(connection: sqlite3.Connection, session: str, limit: int) -> list[str]:
    """Other sessions of this one's threads or telephone number, the newest first."""
    rows = connection.execute(
        """
        SELECT DISTINCT other.id FROM session AS other WHERE other.id <> :session AND other.id IN (
            SELECT past.session FROM thread_past AS past JOIN thread_past AS mine
                ON mine.session = :session AND mine.gateway = past.gateway AND mine.address = past.address
            UNION SELECT known.session FROM number AS known JOIN number AS mine
                ON mine.session = :session AND mine.plain <> '' AND known.plain = mine.plain
        ) ORDER BY other.opened DESC LIMIT :limit
        """,
        {"session": session, "limit": limit},
    ).fetchall()
    return [id_ for (id_,) in rows]


# ── what came already ────────────────────────────────────────────────────────────────────────────


def came(connection: sqlite3.Connection, gateway: str, id_: str) -> str | None:
    """The session into which the provider's message with this id went, or None."""
    row = connection.execute("SELECT session FROM inbound WHERE gateway = ? AND id = ?", (gateway, id_)).fetchone()
    return str(row[0]) if row else None


def note_came(
    connection: sqlite3.Connection, gateway: str, id_: str, session: str, events: Sequence[str], now: str
) -> bool:
    """Note that it came; False where it had."""
    return bool(
        connection.execute(
            "INSERT INTO inbound VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (gateway, id_, session, events[0] if events else "", now),
        ).rowcount
    )


def is_fresh(connection: sqlite3.Connection, gateway: str, nonce: str, now: str, until: str) -> bool:
    """True the first time; old ones are let go of."""
    connection.execute("DELETE FROM nonce WHERE until < ?", (now,))
    return bool(
        connection.execute(
            "INSERT INTO nonce VALUES (?, ?, ?) ON CONFLICT DO NOTHING", (gateway, nonce, until)
        ).rowcount
    )
