"""The hub without HTTP: its parts, and the one way by which what was stored becomes known."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from client.domain.event import (
    Body,
    Caption,
    CaptionCorrected,
    ConsentAnswered,
    EventsErased,
    SessionClosed,
    timestamp,
)
from client.domain.session_log import Appended, LogRefused, SessionFacts
from client.domain.signal import Mirror, Signal
from client.hub import threads
from client.hub.access_log import AccessLog
from client.hub.attachments.files import Attachments, limits_of
from client.hub.citizen_streams import CitizenStreams
from client.hub.clock import Now, stamp_of, system_now
from client.hub.database import Database, StoreFull
from client.hub.deliveries import Deliveries
from client.hub.desk_streams import DeskStreams
from client.hub.gateways.gateway import Gateway, Gateways
from client.hub.kept_files import forget_files
from client.hub.limits import RateLimit
from client.hub.links import Links
from client.hub.log_store import LogStore
from client.hub.looks import Looks
from client.hub.masking import masker_of
from client.hub.packing import outgoing
from client.hub.principals import Principals
from client.hub.reader import Reader
from client.hub.rooms import Rooms
from client.hub.secret import HubKey
from client.hub.signals import Signals
from client.hub.store import SqliteLog
from client.hub.videomail_shelf import Shelf
from client.hub.written_language import WrittenLanguage
from client.settings import Settings

logger = logging.getLogger(__name__)


class Hub:
    """`directory` holds the store and the hub's key. `log` may be another than the one in SQLite."""

    def __init__(
        self,
        settings: Settings,
        directory: Path,
        *,
        now: Now = system_now,
        log: LogStore | None = None,
        gateways: Gateways = (),
    ) -> None:
        self.settings = settings
        self.directory = directory
        self.now = now
        self.stamp = stamp_of(now)
        self.key = HubKey(directory / "hub.key")
        self.database = Database(directory / "hub.db", limit_mb=settings.store_limit_mb)
        self.log = log or SqliteLog(self.database, self.stamp)
        self.principals = Principals(self.database, now, settings.credential_days)
        self.access = AccessLog(self.database, self.stamp)
        self.looks = Looks(self.access, now)
        self.links = Links(self.database, self.key, now, settings.link_grace_s)
        self.masker = masker_of(settings)
        self.rooms = Rooms(now, settings.link_grace_s)
        self.languages = WrittenLanguage()
        self.attachments = Attachments(directory, self.database, now, limits_of(settings))
        self.videomail = Shelf(directory)
        self.gateways: Mapping[str, Gateway] = {gateway.name: gateway for gateway in gateways}
        self.deliveries = Deliveries(
            self.database,
            self.log,
            now,
            gateways,
            lambda held: outgoing(self.attachments, held, self.gateways[held.gateway].limits),
        )
        self.being_claimed: set[str] = set()
        self.claims: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self.desks = DeskStreams(self.rooms)
        self.citizens = CitizenStreams(self.log, self.rooms)
        self.signals = Signals()
        self.wrong_tokens = RateLimit(burst=60, per_second=1)
        self.wrong_signatures = RateLimit(burst=60, per_second=1)
        self.chats_begun = RateLimit(burst=20, per_second=0.2)
        self.citizen_posts = RateLimit(burst=60, per_second=10)
        self.citizen_signals = RateLimit(burst=60, per_second=20)
        self.on_over: Callable[[str], None] = lambda _session: None
        self._tasks: set[asyncio.Task[Any]] = set()
        self._ending: set[asyncio.Future[None]] = set()  # threads at providers; the hub's end does not wait for them
        self.log.listen(self._publish)
        self.principals.on_void = self.desks.end_of

    async def start(self) -> None:
        """Know the day's sessions."""
        for facts in await self.log.recent(self.rooms.since()):
            self.rooms.put(facts)

    async def close(self) -> None:
        """End the streams, finish what was begun, close the store."""
        self.desks.end_all()
        self.citizens.end_all()
        await self.deliveries.stop()
        for ending in self._ending:
            ending.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.to_thread(self.database.close)

    async def facts(self, session: str) -> SessionFacts:
        """One session's facts, of the day or older."""
        return self.rooms.get(session) or await self.log.facts(session)

    def signal(self, signal: Signal) -> None:
        """Keep a signal and pass it on."""
        facts = self.rooms.get(signal.session)
        if facts is None:
            raise LogRefused(404, "unknown-session", "there is no session with this id")
        if facts.closed is None:
            self.signals.put(signal)
        self.citizens.signal(signal)
        readers = self.desks.receivers(facts)
        if isinstance(signal.body, Mirror):
            self.desks.repeat(signal, [r for r in readers if self.looks.may_mirror(facts.id, r)])
            self.begin_mirror(facts.id, readers)
        else:
            self.desks.repeat(signal, readers)

    def begin_mirror(self, session: str, readers: Iterable[Reader]) -> None:
        """Log who begins to see what a citizen does, then let them see it; once each, until the sharing ends."""
        for reader in self.looks.begin(session, readers):
            self.later(self._mirror(session, reader))

    async def _mirror(self, session: str, reader: Reader) -> None:
        await self.looks.mirror(session, reader)
        facts = self.rooms.get(session)
        newest = [signal for signal in self.signals.of(session) if isinstance(signal.body, Mirror)]
        if facts is None or not self.looks.may_mirror(session, reader):
            return
        for signal in newest:
            self.desks.repeat(signal, [r for r in self.desks.receivers(facts) if r.asker == reader.asker])

    def stamp_time(self, moment: datetime) -> str:
        """A moment as RFC 3339 text."""
        return timestamp(moment)

    def later(self, work: Coroutine[Any, Any, Any]) -> None:
        """Do this beside what is going on; closing waits for it."""
        task = asyncio.get_running_loop().create_task(_or_by_upkeep(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _publish(self, appended: Appended) -> None:
        self.rooms.put(appended.facts)
        self.signals.follow(appended)
        self.desks.publish(appended)
        self.citizens.publish(appended)
        bodies = [taken.event.body for taken in appended.fresh]
        if any(isinstance(body, ConsentAnswered) and not body.given for body in bodies):
            self._end_sharing(appended.facts.id)
        if appended.facts.closed:
            self._over(appended, bodies)
        if any(isinstance(body, EventsErased) for body in bodies):
            self.later(forget_files(self.log, self.attachments, appended.facts.id, self.now()))

    def _over(self, appended: Appended, bodies: Sequence[Body]) -> None:
        """The session is closed; captions may still come late."""
        session = appended.facts.id
        if any(isinstance(body, Caption | CaptionCorrected | ConsentAnswered | SessionClosed) for body in bodies):
            self.on_over(session)
        if not (appended.before and appended.before.closed):
            self._end_sharing(session)
            self.later(self.links.session_closed(session))
            self.later(self._end_threads(session))

    async def _end_threads(self, session: str) -> None:
        for thread in await self.database.read(lambda connection: threads.of_session(connection, session)):
            if not thread.ended:
                self._ending.add(
                    task := asyncio.ensure_future(self.deliveries.end(thread.gateway, thread.address, "agent"))
                )
                task.add_done_callback(self._ending.discard)

    def _end_sharing(self, session: str) -> None:
        self.looks.end_mirror(session)


async def _or_by_upkeep(work: Coroutine[Any, Any, Any]) -> None:
    try:
        await work
    except StoreFull as error:
        logger.error("the store does not take more, upkeep will come back to it: %s", error)  # noqa: TRY400 — no place
