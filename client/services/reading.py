"""Reading what the stream does not tell: closed sessions that are looked at again, and those that another goes on from."""

from __future__ import annotations

import logging

from client.ports.hub import Hub, HubRefused
from client.services.asking import ask_hub
from client.services.log import EventLog
from client.services.notices import SourceMissing
from client.services.publisher import Publisher
from client.services.sessions import SessionBook

log = logging.getLogger(__name__)


class ReadingService:
    """Fetches whole logs into the book. What is fetched here is history: it calls nobody."""

    def __init__(self, hub: Hub, event_log: EventLog, sessions: SessionBook, publisher: Publisher) -> None:
        self._hub = hub
        self._log = event_log
        self._sessions = sessions
        self._publisher = publisher
        self._wanted: set[str] = set()

    def start(self) -> None:
        """Fetch the lines of sessions that were joined to one that is shown here."""
        self._publisher.subscribe(SourceMissing, lambda notice: self._want(notice.session))
        self._log.on_connected.append(self._fetch_wanted)

    async def fetch(self, session: str) -> None:
        """All that the hub shows of a session. Raises `NotPossible` where it is another's or gone."""
        for event in await ask_hub(self._hub.events(session, self._sessions.last_seq(session))):
            self._sessions.apply(event)

    def _want(self, session: str) -> None:
        if session not in self._wanted:
            self._wanted.add(session)
            self._log.in_background(self._fetch_source(session))

    def _fetch_wanted(self) -> None:
        for session in self._wanted:
            self._log.in_background(self._fetch_source(session))

    async def _fetch_source(self, session: str) -> None:
        """With the hub away it stays wanted until it is back."""
        try:
            for event in await self._hub.events(session, 0):
                self._sessions.apply(event)
        except HubRefused as error:
            log.info("the log of a joined session is not shown here: %s", error.code)
        self._wanted.discard(session)
