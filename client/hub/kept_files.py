"""What a message says it carries, as the hub itself has kept it: a sender names ids, nothing else of it is believed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from client.domain.codec import BadInput
from client.domain.event import Emptied, Event, MessageSent, SessionOpened, VideomailLeft, timestamp
from client.domain.session_log import LogRefused
from client.hub.attachments.files import Attachments
from client.hub.log_store import LogStore

ALL = 1_000_000  # events


async def with_kept_files(attachments: Attachments, events: Sequence[Event]) -> list[Event]:
    """The events with the attachments' own names, types and sizes; `BadInput` for one that is not of the session."""
    return [await _checked(attachments, event, f"events.{n}") for n, event in enumerate(events)]


async def _checked(attachments: Attachments, event: Event, path: str) -> Event:
    body = event.body
    if not isinstance(body, MessageSent) or not body.attachments:
        return event
    kept = []
    for n, attachment in enumerate(body.attachments):
        try:
            known, _file = await attachments.read(event.session, attachment.id)
        except LogRefused as error:
            raise BadInput(f"{path}.body.attachments.{n}.id", "is not an attachment of this session") from error
        kept.append(known)
    return replace(event, body=replace(body, attachments=tuple(kept)))


UNSENT = timedelta(hours=24)  # a file that was uploaded and belongs to no message yet may still be sent


async def forget_files(log: LogStore, attachments: Attachments, session: str, now: datetime) -> None:
    """After an erasure: files that no message names any more go; all of them where the whole session was erased."""
    events = [taken.event for taken in await log.events(session, 0, ALL)]
    whole = any(isinstance(event.body, Emptied) and event.body.was == SessionOpened.type for event in events)
    named = {a.id for event in events if isinstance(event.body, MessageSent) for a in event.body.attachments}
    named |= {event.body.attachment.id for event in events if isinstance(event.body, VideomailLeft)}
    before = timestamp(now if whole else now - UNSENT)
    gone = [id_ for id_, made in await attachments.of(session) if id_ not in named and made <= before]
    gone += [
        id_ for id_ in await attachments.films(session) if id_ not in (*named, *gone)
    ]  # never one still to be sent
    if gone:
        await attachments.erase(session, gone)
