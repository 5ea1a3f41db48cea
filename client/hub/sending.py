"""The way out of a session: which gateway and address a message takes, checked before it is stored."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from client.domain.event import Event, MessageSent, MessageWithdrawn
from client.domain.session_log import Appended, LogRefused, SessionView
from client.domain.telephone import national
from client.domain.words import Channel, Party
from client.hub import delivery_table, threads
from client.hub.core import Hub
from client.hub.log_store import Beside
from client.hub.outward import leaves, outward_of
from client.hub.threads import Thread


@dataclass(frozen=True, slots=True)
class _Out:
    event: Event
    thread: Thread


class Outward:
    """What of these events goes out: `beside` is stored with them, `wake` follows."""

    def __init__(self, hub: Hub, session: str, out: Sequence[_Out], withdrawn: Sequence[str]) -> None:
        self._hub = hub
        self._session = session
        self._out = out
        self._withdrawn = withdrawn

    @property
    def beside(self) -> Beside | None:
        """What is stored in the same transaction; None: nothing goes out."""
        return self._store if self._out or self._withdrawn else None

    def _store(self, connection: sqlite3.Connection, done: Appended) -> None:
        stamp = self._hub.stamp()
        fresh = {taken.id for taken in done.fresh}
        for out in self._out:
            if out.event.id in fresh and (row := outward_of(out.event, out.thread, stamp)):
                delivery_table.add(connection, row)
                threads.lead_if_free(connection, row.gateway, row.address, self._session, stamp)
        for message in self._withdrawn:
            delivery_table.withdraw(connection, message, stamp)

    def wake(self) -> None:
        """The queues have something to do."""
        for out in self._out:
            self._hub.deliveries.wake(out.thread.gateway)


def refuse_foreign_withdrawals(view: SessionView, events: Sequence[Event]) -> None:
    """Only what an agent wrote in this session can be withdrawn."""
    for n, event in enumerate(events):
        if isinstance(event.body, MessageWithdrawn):
            said = view.get(event.body.message)
            if said is None or not isinstance(said.body, MessageSent) or said.body.party is not Party.AGENT:
                raise LogRefused(
                    422, "bad-input", "is not a message of this session's agent", f"events.{n}.body.message"
                )


async def outward(hub: Hub, session: str, events: Sequence[Event]) -> Outward:
    """Find the way of all that leaves. 422 `no-address`, 409 `thread-ended`: then nothing of it is stored."""
    out = [_Out(event, await _way(hub, session, via)) for event in events if (via := leaves(event))]
    withdrawn = [event.body.message for event in events if isinstance(event.body, MessageWithdrawn)]
    return Outward(hub, session, out, withdrawn)


async def _way(hub: Hub, session: str, via: Channel) -> Thread:
    known = await hub.database.read(lambda connection: threads.of_session(connection, session))
    fit = [thread for thread in known if (g := hub.gateways.get(thread.gateway)) and g.channel is via]
    if fit and fit[0].ended:
        raise LogRefused(409, "thread-ended", f"the citizen's thread is over ({fit[0].ended})")
    if fit:
        return fit[0]
    if via is Channel.SMS:
        return await _by_number(hub, session)
    raise LogRefused(422, "no-address", f"this session has no address for {via}")


async def _by_number(hub: Hub, session: str) -> Thread:
    """The first SMS gateway to the number that the session has."""
    gateway = next((g for g in hub.gateways.values() if g.channel is Channel.SMS), None)
    if gateway is None:
        raise LogRefused(422, "no-gateway", "no SMS gateway is set up at this hub")
    number = national(await hub.log.number(session))
    if not number:
        raise LogRefused(422, "no-address", "the citizen's number is not known")
    return Thread(gateway=gateway.name, address=number, session=session)
