"""Upkeep: what has been kept as long as the rule says goes. Each class of event has its days in the settings.

Captions are kept only as their citizen wished: refused, or never asked for on a page that was open, they go when the
session is over. Whoever never opened the page was not asked: then the centre's own days hold.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

from client.domain.citizen_view import KEEP_CAPTIONS
from client.domain.codec import BadInput
from client.domain.event import (
    Caption,
    CaptionCorrected,
    ConsentAnswered,
    Emptied,
    Event,
    EventsErased,
    PageEntered,
    new_event,
    parse_timestamp,
    timestamp,
)
from client.domain.session_log import HUB, LogRefused, SessionFacts, draft
from client.domain.words import Retention
from client.hub import delivery_table
from client.hub.citizen_streams import ALL
from client.hub.core import Hub
from client.hub.database import StoreFull
from client.hub.videomail import Videomails

logger = logging.getLogger(__name__)

EVERY_S = 3600.0
AT_ONCE = 2_000  # events of one pass: the writer is never held for long
QUIET = timedelta(hours=24)  # an open session in which nothing happened for so long is over all the same
QUEUE_KEPT = timedelta(days=30)  # a provider repeats itself for days, not for weeks
MARGIN = timedelta(hours=1)  # looked at again: what was being stored while the last sweep ran
TROUBLE = (StoreFull, sqlite3.Error, OSError, LogRefused, BadInput)  # what one step may meet and the next need not

_LIVE = "type NOT IN ('log.emptied', 'log.erased')"
_CAPTIONS = f"{_LIVE} AND type IN ('caption.said', 'caption.corrected')"
_DUE = f"SELECT session, id FROM event WHERE retention = ? AND recorded < ? AND {_LIVE} LIMIT ?"  # noqa: S608 — constants
_OVER = f"""
SELECT id FROM (
    SELECT id FROM session WHERE closed >= :since OR (
        closed IS NULL AND NOT EXISTS (SELECT 1 FROM event WHERE session = session.id AND recorded >= :quiet))
    UNION SELECT session FROM event WHERE retention = 'content' AND recorded >= :since AND {_CAPTIONS}
    UNION SELECT session FROM event
    WHERE retention = 'record' AND recorded >= :since AND {_LIVE} AND type = 'consent.answered'
) AS found WHERE EXISTS (SELECT 1 FROM event WHERE session = found.id AND {_CAPTIONS})
"""  # noqa: S608 — constants


async def keep_up(hub: Hub) -> None:
    """Sweep now and every hour. A step that fails holds up no other, and is tried again."""
    while True:
        for step in STEPS:
            try:
                await step(hub)
            except TROUBLE:
                logger.exception("upkeep could not finish a step")
        await asyncio.sleep(EVERY_S)


async def sweep(hub: Hub) -> int:
    """Every step once; how many events were emptied."""
    return sum([await step(hub) for step in STEPS])


async def _empty_what_is_due(hub: Hub) -> int:
    emptied = 0
    for kind, days in _days(hub).items():
        before = timestamp(hub.now() - timedelta(days=days))
        while due := await _due(hub, kind, before):
            for session, ids in due.items():
                await _erase(hub, session, ids, f"retention: {kind}")
                emptied += len(ids)
    return emptied


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


async def _erase(hub: Hub, session: str, ids: Sequence[str], reason: str) -> None:
    event = new_event(session, EventsErased(events=tuple(ids), reason=reason), at=hub.now())
    await hub.log.erase(session, ids, draft(event, HUB, key=hub.key.fingerprint_key))


async def _forget_all_unwanted_captions(hub: Hub) -> int:
    """Of the sessions that ended since the last sweep, and of what came late: a hub that died meanwhile forgets too."""
    now = hub.now()
    done = await hub.database.read(lambda c: c.execute("SELECT done FROM upkeep WHERE what = 'captions'").fetchone())
    grace = timedelta(seconds=hub.settings.link_grace_s)
    since = timestamp(parse_timestamp(done[0]) - grace - MARGIN) if done else ""
    values = {"since": since, "quiet": timestamp(now - QUIET)}
    sessions = await hub.database.read(lambda c: c.execute(_OVER, values).fetchall())
    emptied = sum([await forget_unwanted_captions(hub, session) for (session,) in sessions])
    row = ("captions", timestamp(now))
    await hub.database.write(lambda c: c.execute("INSERT OR REPLACE INTO upkeep VALUES (?, ?)", row).rowcount)
    return emptied


async def forget_unwanted_captions(hub: Hub, session: str) -> int:
    """Erase a session's captions if it is over and its citizen did not want them kept; how many there were."""
    facts = await hub.facts(session)
    events = [taken.event for taken in await hub.log.events(session, 0, ALL)]
    ids = [event.id for event in events if isinstance(event.body, Caption | CaptionCorrected)]
    reason = _unwanted(hub, facts, events)
    if not ids or not reason:
        return 0
    await _erase(hub, session, ids, reason)
    return len(ids)


def _unwanted(hub: Hub, facts: SessionFacts, events: Sequence[Event]) -> str:
    """Why the captions are not to be kept; empty where they are, or where the citizen may still say so."""
    quiet = not events or parse_timestamp(events[-1].recorded or events[-1].at) < hub.now() - QUIET
    if facts.closed is None and not quiet:
        return ""
    answers = [e.body.given for e in events if isinstance(e.body, ConsentAnswered) and e.body.purpose == KEEP_CAPTIONS]
    if answers:
        return "" if answers[-1] else "consent: keep_captions refused"
    grace = timedelta(seconds=hub.settings.link_grace_s)
    may_answer = facts.closed is not None and hub.now() <= parse_timestamp(facts.closed) + grace
    return "consent: keep_captions not given" if _was_open(events) and not may_answer else ""


def _was_open(events: Sequence[Event]) -> bool:
    """True if the citizen was ever on the page."""
    return any(
        isinstance(event.body, PageEntered) or (isinstance(event.body, Emptied) and event.body.was == PageEntered.type)
        for event in events
    )


async def _forget_numbers(hub: Hub) -> int:
    """Whole numbers and the keys of a call go with the words of a closed session."""
    before = timestamp(hub.now() - timedelta(days=hub.settings.keep_content_days))

    def work(connection: sqlite3.Connection) -> None:
        for table in ("number", "session_key", "thread", "thread_past"):
            connection.execute(
                f"DELETE FROM {table} WHERE session IN (SELECT id FROM session WHERE closed < ?)",  # noqa: S608 — a constant
                (before,),
            )

    await hub.database.write(work, erases=True)
    return 0


async def _forget_looks(hub: Hub) -> int:
    await hub.access.sweep(timestamp(hub.now() - timedelta(days=hub.settings.keep_access_days)))
    return 0


async def _forget_links(hub: Hub) -> int:
    await hub.links.sweep()
    return 0


async def _forget_what_went_out(hub: Hub) -> int:
    """What was sent is in the log; the queue's own copy and the providers' ids are for repetitions alone."""
    before = timestamp(hub.now() - QUEUE_KEPT)
    await hub.database.write(lambda connection: delivery_table.sweep(connection, before), erases=True)
    return 0


async def _forget_files(hub: Hub) -> int:
    await hub.attachments.orphans()
    return 0


async def _keep_up_videomail(hub: Hub) -> int:
    return await Videomails(hub).upkeep()


async def _forget_yesterday(hub: Hub) -> int:
    hub.citizens.forget(hub.rooms.sweep())
    hub.looks.sweep()
    hub.desks.end_strangers(hub.principals.good)
    return 0


STEPS: tuple[Callable[[Hub], Awaitable[int]], ...] = (
    _empty_what_is_due,
    _forget_all_unwanted_captions,
    _forget_numbers,
    _forget_looks,
    _forget_links,
    _forget_what_went_out,
    _keep_up_videomail,
    _forget_files,
    _forget_yesterday,
)
"""Each gives how many events it emptied."""
