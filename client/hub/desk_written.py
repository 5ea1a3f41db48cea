"""What a desk can do with written sessions beside their log: merge, look back, settle what is uncertain, attach."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from client.domain.access import Permission
from client.domain.attachment import Attachment
from client.domain.event import (
    CitizenConfirmed,
    Event,
    SessionClosed,
    SessionMerged,
    WrapUpSaved,
    new_event,
)
from client.domain.session_log import Appended, Draft, LogRefused, SessionFacts, SessionView
from client.hub import intake, threads
from client.hub.desk import Desk
from client.wire import GatewayInfo, PastSession

MAX_PAST = 20  # earlier sessions


async def merge(desk: Desk, source: str, target: str) -> Appended:
    """`source` goes on in `target`. Asked again after a crash in between it is completed."""
    desk.asker.require(Permission.CLAIM)
    if source == target:
        raise LogRefused(422, "bad-input", "is the session itself", "target")
    facts = await desk.seen(source)
    _require_own(desk, facts)
    merged = SessionMerged(source=source, target=target)

    def into(view: SessionView) -> Sequence[Draft]:
        _require_own(desk, view.facts)
        if view.facts.closed is not None:
            raise LogRefused(409, "closed", "the session is closed")
        return [] if _said(view, merged) else [_draft(desk, new_event(target, merged, at=desk.hub.now()))]

    def out_of(view: SessionView) -> Sequence[Draft]:
        said = [] if _said(view, merged) else [_draft(desk, new_event(source, merged, at=desk.hub.now()))]
        if view.facts.closed is None:
            said.append(_draft(desk, new_event(source, SessionClosed(reason="merged"), at=desk.hub.now())))
        return said

    done = await desk.hub.log.append(target, into, lambda connection, _: _move(connection, source, target))
    await desk.hub.log.append(source, out_of)
    return done


def _move(connection: sqlite3.Connection, source: str, target: str) -> None:
    threads.merge(connection, source, target)
    connection.execute(
        "INSERT INTO number (session, number, plain) SELECT ?, number, plain FROM number WHERE session = ? "
        "ON CONFLICT DO NOTHING",
        (target, source),
    )


def _said(view: SessionView, merged: SessionMerged) -> bool:
    return any(event.body == merged for event in view.having(SessionMerged.type))


def _require_own(desk: Desk, facts: SessionFacts) -> None:
    if facts.owner != desk.person.id and not desk.person.may(Permission.SEE_ALL):
        raise LogRefused(409, "not-owner", "both sessions must be yours")


def _draft(desk: Desk, event: Event) -> Draft:
    return intake.one_draft(desk.hub, event, desk.person.id)


async def history(desk: Desk, session: str) -> tuple[PastSession, ...]:
    """Earlier sessions of the same citizen. Each is logged as looked at."""
    facts = await desk.seen(session)
    if desk.hub.settings.confirm_citizen:
        confirmed = [t for t in await _all(desk, session) if isinstance(t.body, CitizenConfirmed)]
        if not confirmed:
            raise LogRefused(403, "not-confirmed", "make sure first who writes: the number may be another's by now")
    ids = await desk.hub.database.read(lambda connection: threads.earlier(connection, facts.id, MAX_PAST))
    if ids:
        await desk.hub.access.write(
            principal=desk.person.id, origin=desk.asker.origin, sessions=tuple(ids), action="history", reason=session
        )
    return tuple([await _past(desk, id_) for id_ in ids])


async def _all(desk: Desk, session: str) -> list[Event]:
    return [taken.event for taken in await desk.hub.log.events(session, 0, 1_000_000)]


async def _past(desk: Desk, session: str) -> PastSession:
    facts = await desk.hub.facts(session)
    saved = [event.body for event in await _all(desk, session) if isinstance(event.body, WrapUpSaved)]
    return PastSession(
        id=facts.id,
        channel=facts.channel,
        opened=facts.opened,
        closed=facts.closed or "",
        owner_name=facts.owner_name,
        codes=saved[-1].codes if saved else (),
        summary=saved[-1].summary if saved else "",
    )


async def settle(desk: Desk, session: str, message: str, *, again: bool) -> None:
    """A person's decision about a failed or uncertain message."""
    desk.asker.require(Permission.APPEND)
    desk.require_hand(await desk.seen(session))
    await desk.hub.deliveries.settle(session, message, again=again)


async def gateways(desk: Desk) -> tuple[GatewayInfo, ...]:
    """Every outside service as it is."""
    found = []
    for gateway in desk.hub.gateways.values():
        queued, uncertain = await desk.hub.deliveries.counts(gateway.name)
        health, limits = gateway.health(), gateway.limits
        found.append(
            GatewayInfo(
                name=gateway.name,
                channel=gateway.channel,
                state=health.state,
                reason=health.reason,
                senders=limits.senders,
                text=limits.text,
                subject=limits.subject,
                files=limits.files,
                file_bytes=limits.file_bytes,
                media_types=limits.media_types,
                buttons=limits.buttons,
                queued=queued,
                uncertain=uncertain,
            )
        )
    return tuple(found)


async def attach(desk: Desk, session: str, id_: str, name: str, claimed: str, data: bytes) -> Attachment:
    """Keep a file for a message to come."""
    desk.asker.require(Permission.APPEND)
    desk.require_hand(await desk.seen(session))
    return await desk.hub.attachments.add(session, data, name, claimed, by=desk.person.id, id_=id_)
