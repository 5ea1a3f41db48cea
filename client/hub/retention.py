"""Upkeep: what has been kept as long as the rule says goes. Each class of event has its days in the settings."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections import defaultdict
from datetime import timedelta

from client.domain.citizen_view import KEEP_CAPTIONS
from client.domain.event import Caption, CaptionCorrected, ConsentAnswered, EventsErased, new_event, timestamp
from client.domain.session_log import HUB, draft
from client.domain.words import Retention
from client.hub.citizen_streams import ALL
from client.hub.core import Hub
from client.hub.database import StoreFull

logger = logging.getLogger(__name__)

EVERY_S = 3600.0
AT_ONCE = 2_000  # events of one pass: the writer is never held for long

_DUE = """
SELECT session, id FROM event
WHERE retention = ? AND recorded < ? AND type NOT IN ('log.emptied', 'log.erased') LIMIT ?
"""


async def keep_up(hub: Hub) -> None:
    """Sweep now and every hour."""
    while True:
        try:
            await sweep(hub)
        except StoreFull:
            logger.exception("upkeep could not write")
        await asyncio.sleep(EVERY_S)


async def sweep(hub: Hub) -> int:
    """Empty what is due, forget old looks and dead links; how many events were emptied."""
    emptied = 0
    for kind, days in _days(hub).items():
        before = timestamp(hub.now() - timedelta(days=days))
        while due := await _due(hub, kind, before):
            for session, ids in due.items():
                await _erase(hub, session, ids, f"retention: {kind}")
                emptied += len(ids)
    await _forget_numbers(hub, timestamp(hub.now() - timedelta(days=hub.settings.keep_content_days)))
    await hub.access.sweep(timestamp(hub.now() - timedelta(days=hub.settings.keep_access_days)))
    await hub.links.sweep()
    hub.citizens.forget(hub.rooms.sweep())
    return emptied


async def forget_refused_captions(hub: Hub, session: str) -> None:
    """The session is over and its citizen did not want the captions kept."""
    events = [taken.event for taken in await hub.log.events(session, 0, ALL)]
    answers = [e.body.given for e in events if isinstance(e.body, ConsentAnswered) and e.body.purpose == KEEP_CAPTIONS]
    ids = [e.id for e in events if isinstance(e.body, Caption | CaptionCorrected)]
    if ids and answers and not answers[-1]:
        await _erase(hub, session, ids, "consent: keep_captions refused")


def _days(hub: Hub) -> dict[Retention, int]:
    settings = hub.settings
    return {
        Retention.CONTENT: settings.keep_content_days,
        Retention.RECORD: settings.keep_record_days,
        Retention.TRACE: settings.keep_trace_days,
    }


async def _due(hub: Hub, kind: Retention, before: str) -> dict[str, list[str]]:
    rows = await hub.database.read(lambda c: c.execute(_DUE, (kind, before, AT_ONCE)).fetchall())
    found: defaultdict[str, list[str]] = defaultdict(list)
    for session, id_ in rows:
        found[session].append(id_)
    return found


async def _erase(hub: Hub, session: str, ids: list[str], reason: str) -> None:
    event = new_event(session, EventsErased(events=tuple(ids), reason=reason), at=hub.now())
    await hub.log.erase(session, ids, draft(event, HUB, key=hub.key.fingerprint_key))


async def _forget_numbers(hub: Hub, before: str) -> None:
    def work(connection: sqlite3.Connection) -> None:
        connection.execute("DELETE FROM number WHERE session IN (SELECT id FROM session WHERE closed < ?)", (before,))

    await hub.database.write(work)
