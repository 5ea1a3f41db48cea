"""Telling the hub which sessions the agent opened on the screen: a look at a citizen's data, and so logged there.

The desk fetches what it may see by itself; only this says that a person looked. With the hub away it waits in the desk's
store, with its time, and is told when the hub is back.
"""

from __future__ import annotations

import logging
from contextlib import suppress

from client.domain.event import parse_timestamp, timestamp
from client.ports.clock import Clock
from client.ports.hub import Hub, HubAway, HubRefused
from client.ports.outbox import Outbox, OutboxFull
from client.services.errors import NotPossible
from client.services.log import LATER, EventLog

log = logging.getLogger(__name__)

PLACE = "openings"  # of the outbox's drafts: session → when


class OpeningService:
    """`opened` is called whenever the window shows another session."""

    def __init__(self, hub: Hub, event_log: EventLog, outbox: Outbox, clock: Clock) -> None:
        self._hub = hub
        self._log = event_log
        self._outbox = outbox
        self._clock = clock
        self._waiting = dict(outbox.drafts(PLACE))
        self._telling = False
        event_log.on_connected.append(self._tell)
        event_log.on_rename.append(self._rename)

    def opened(self, session: str) -> None:
        """The agent has this session on the screen now."""
        at = timestamp(self._clock.now())
        self._waiting[session] = at
        with suppress(OutboxFull):  # then it waits in memory alone
            self._outbox.save_draft(PLACE, session, at)
        self._tell()

    def _rename(self, old: str, new: str) -> None:
        if old in self._waiting:
            at = self._waiting[old]
            self._forget(old)
            self._waiting[new] = at
            with suppress(OutboxFull):
                self._outbox.save_draft(PLACE, new, at)

    def _tell(self) -> None:
        if self._waiting and self._log.connected and not self._telling:
            self._telling = True
            self._log.in_background(self._tell_all())

    async def _tell_all(self) -> None:
        try:
            while self._waiting:
                session, at = next(iter(self._waiting.items()))
                await self._tell_one(session, at)
        except (HubAway, NotPossible) as error:
            log.debug("an opening is told later: %s", error)
        finally:
            self._telling = False

    async def _tell_one(self, session: str, at: str) -> None:
        target = await self._log.settled(session)
        try:
            await self._hub.opened(target, parse_timestamp(at))
        except HubRefused as error:
            if error.status in LATER:
                raise HubAway(str(error)) from error
            log.warning("the hub does not take that a session was opened: %s", error.code)
        for told in {session, target}:
            if self._waiting.get(told) == at:
                self._forget(told)

    def _forget(self, session: str) -> None:
        del self._waiting[session]
        with suppress(OutboxFull):
            self._outbox.save_draft(PLACE, session, "")
