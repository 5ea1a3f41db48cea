"""One row per session, for a spreadsheet: what it was, how long the citizen waited, what became of it. No words of theirs."""

from __future__ import annotations

import csv
import io
import sqlite3
from collections.abc import Sequence
from datetime import datetime

from client.domain.event import (
    Event,
    MessageSent,
    SessionClaimed,
    SessionOpened,
    WrapUpSaved,
    parse_timestamp,
    timestamp,
)
from client.domain.words import Party
from client.hub.citizen_streams import ALL
from client.hub.desk import Desk

MAX_ROWS = 10_000
COLUMNS = (
    "session",
    "channel",
    "language",
    "queue",
    "number",
    "opened",
    "claimed",
    "closed",
    "wait_s",
    "first_reply_s",
    "from_citizen",
    "from_agent",
    "codes",
    "summary",
)


async def rows_of(desk: Desk, since: datetime, until: datetime) -> bytes:
    """The asker's sessions opened between these, as CSV (RFC 4180) in UTF-8 with a BOM, which spreadsheets need for Korean."""
    ids = await desk.hub.database.read(lambda c: _ids(c, desk.person.id, timestamp(since), timestamp(until)))
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(COLUMNS)
    for id_ in ids:
        events = [desk.shown(taken.event) for taken in await desk.hub.log.events(id_, 0, ALL)]
        facts = await desk.hub.facts(id_)
        rows.writerow([_safe(value) for value in _row(id_, events, facts.closed or "")])
    return out.getvalue().encode("utf-8-sig")


def _ids(connection: sqlite3.Connection, owner: str, since: str, until: str) -> list[str]:
    found = connection.execute(
        "SELECT id FROM session WHERE owner = ? AND opened >= ? AND opened < ? ORDER BY opened LIMIT ?",
        (owner, since, until, MAX_ROWS),
    )
    return [id_ for (id_,) in found]


def _row(session: str, events: Sequence[Event], closed: str) -> tuple[str | int, ...]:
    opened = next((e for e in events if isinstance(e.body, SessionOpened)), None)
    claimed = next((e for e in events if isinstance(e.body, SessionClaimed)), None)
    written = [e for e in events if isinstance(e.body, MessageSent)]
    ours = [e for e in written if isinstance(e.body, MessageSent) and e.body.party is Party.AGENT]
    theirs = [e for e in written if isinstance(e.body, MessageSent) and e.body.party is Party.CITIZEN]
    saved = [e.body for e in events if isinstance(e.body, WrapUpSaved)]
    body = opened.body if opened is not None and isinstance(opened.body, SessionOpened) else None
    return (
        session,
        body.channel if body else "",
        body.language if body else "",
        body.queue if body else "",
        body.number if body else "",
        opened.at if opened else "",
        claimed.at if claimed else "",
        closed,
        _seconds(opened, claimed),
        _seconds(opened, ours[0] if ours else None),
        len(theirs),
        len(ours),
        " ".join(saved[-1].codes) if saved else "",
        saved[-1].summary if saved else "",
    )


def _seconds(start: Event | None, end: Event | None) -> str | int:
    if start is None or end is None:
        return ""
    return round((parse_timestamp(end.at) - parse_timestamp(start.at)).total_seconds())


def _safe(value: str | int) -> str | int:
    """A cell that a spreadsheet would run as a formula is made text (CWE-1236)."""
    return f"'{value}" if isinstance(value, str) and value[:1] in "=+-@\t\r" and value else value
