"""The log as the desk keeps it: every event first into the outbox, then to the hub; every hole fetched.

With the hub away work goes on: what was said waits in the outbox and the agent is told how much.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import datetime
from itertools import groupby
from time import monotonic
from typing import Protocol

from client.domain.derived_id import derived_id
from client.domain.event import Body, Event, new_event, parse_timestamp
from client.domain.ids import new_id
from client.domain.signal import Signal
from client.domain.words import Audience
from client.ports.clock import Clock
from client.ports.hub import Connected, Heads, Hub, HubAway, HubRefused, Identity, SessionState
from client.ports.outbox import Opening, Outbox, OutboxFull, Waiting
from client.ports.telephony import TelephonyError
from client.services.errors import NotPossible
from client.services.notices import HealthChanged, Severity, Trouble, TroubleTold
from client.services.publisher import Publisher
from client.services.sessions import SessionBook
from client.services.watch import EventSeen

log = logging.getLogger(__name__)

RETRY_S = (0.2, 0.5, 1.0, 2.0)
TURN_S = 0.008  # of work on the window's thread before it gets its turn
FEW = 20  # fetched events taken at once
BATCH = 200  # events in one request
FULL = 507  # HTTP: the hub cannot store more now; asking again later helps
DENIED = 401  # HTTP: the hub does not know this desk's credential; nothing is wrong with what is said
TOO_MANY = 429  # HTTP: later
LATER = (FULL, DENIED, TOO_MANY)
DENIED_FOR_GOOD = 3  # in a row: an embedded hub's credential changes when it is started again
ALREADY_THERE = "id-reused"  # the hub has this id: a fact said twice, after a crash, is one fact


class AdjustableClock(Clock, Protocol):
    """A clock that takes the hub's offset."""

    def correct(self, offset_s: float) -> None:
        """Correct `now` by this many seconds."""


class EventLog:
    """Says events and keeps the book complete.

    Attributes: `connected` — the hub's stream is open; `denied` — it does not know our credential; `identity` — who we
    are there; `waiting` — events not yet acknowledged.
    """

    def __init__(
        self, hub: Hub, outbox: Outbox, book: SessionBook, clock: AdjustableClock, publisher: Publisher
    ) -> None:
        self.connected = False
        self.denied = False
        self.identity: Identity | None = None
        self.waiting = len(outbox.waiting())
        self._hub = hub
        self._outbox = outbox
        self._book = book
        self._clock = clock
        self._publisher = publisher
        self._wake = asyncio.Event()
        self._progress = asyncio.Event()
        self._fetching: set[str] = set()
        self._refetch: set[str] = set()
        self._live: set[str] = set()
        self._aliases: dict[str, str] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._to_own: set[str] = set()
        self._to_give: dict[str, tuple[str, str]] = {}
        self._told_away = False
        self.on_rename: list[Callable[[str, str], None]] = []
        self.on_connected: list[Callable[[], None]] = []

    def start(self) -> None:
        """Show what waits from before and what the hub did not take, begin to send and to listen."""
        for item in self._outbox.waiting():
            self._book.apply(item.event)
        aside = self._outbox.set_aside()
        for event, why in aside:
            self._book.apply(event)
            self._book.refuse(event, why)
        if aside:
            self._publisher.publish(TroubleTold(Trouble.HUB_REFUSED, Severity.BAD, str(len(aside))))
        for work in (self._drain(), self._listen()):
            self._keep(work)
        self._wake.set()

    async def stop(self) -> None:
        """Stop; what waits stays in the outbox."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def refused(self) -> int:
        """How many events the hub refused; they are kept here."""
        return len(self._outbox.set_aside())

    def try_again(self) -> None:
        """Send what the hub refused once more: IT has mended what it did not like."""
        aside = self._outbox.set_aside()
        self._outbox.try_again()
        for event, _why in aside:
            self._book.refuse(event, "")
        self._set_waiting()
        self._wake.set()

    async def drained(self, seconds: float) -> bool:
        """Wait until the hub has everything, at most `seconds`."""
        self._wake.set()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._outbox.waiting():
                    self._progress.clear()
                    await self._progress.wait()
        return not self._outbox.waiting()

    async def settled(self, session: str, seconds: float = 3.0) -> str:
        """Wait until the hub has all that was said of a session, for a request that needs it there; its id there."""
        self._wake.set()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while any(item.event.session == session for item in self._outbox.waiting()):
                    self._progress.clear()
                    await self._progress.wait()
                return self._aliases.get(session, session)
        raise NotPossible("hub_away")

    # ── saying ───────────────────────────────────────────────────────────────────────────────────

    def say(
        self,
        session: str,
        body: Body,
        *,
        leg: str | None = None,
        media_ms: int | None = None,
        at: datetime | None = None,
        audience: Audience | None = None,
        id_: str | None = None,
        drops: str = "",
    ) -> Event:
        """Put an event into the outbox and the book; it is durable when this returns. Raises `NotPossible`.

        `drops` — the draft of this session that it was made of, which is gone then.
        """
        said_in, session = session, self._aliases.get(session, session)
        event = new_event(session, body, at=at or self._clock.now(), leg=leg, media_ms=media_ms, audience=audience)
        return self._put(replace(event, id=id_) if id_ else event, None, (said_in, drops) if drops else None)

    def open(self, session: str, body: Body, keys: tuple[str, ...], number: str, id_: str | None = None) -> Event:
        """Open a session: its first event, with the keys under which others may join. Raises `NotPossible`."""
        event = new_event(session, body, at=self._clock.now())
        return self._put(replace(event, id=id_) if id_ else event, Opening(keys=keys, number=number))

    def own(self, session: str) -> None:
        """Become the session's owner as soon as the hub can be asked; asked again until it says yes or no."""
        self._to_own.add(session)
        self.in_background(self._claim(session))

    def hand_over(self, session: str, colleague: str, note: str) -> None:
        """The call went to a colleague: the session follows, now or as soon as the hub can be asked."""
        self._to_own.discard(session)
        self._to_give[session] = (colleague, note)
        self.in_background(self._give(session))

    async def _give(self, session: str) -> None:
        if session in self._to_give:
            colleague, note = self._to_give[session]
            target = await self.settled(session)
            self._book.take_state(await self._hub.transfer(target, colleague, note))
            del self._to_give[session]

    async def _claim(self, session: str) -> None:
        target = self._aliases.get(session, session)
        if any(item.opening for item in self._outbox.waiting() if item.event.session == session):
            return  # not opened at the hub yet: asked again when it is
        try:
            self._book.take_state(await self._hub.claim(target))
            self._to_own.discard(session)
        except HubRefused as error:
            log.warning("the session could not be claimed: %s", error.code)
            if error.status in LATER:
                await asyncio.sleep(RETRY_S[-1])
                self._ask_to_own()

    def in_background(self, work: Coroutine[None, None, None]) -> None:
        """Do something that need not be waited for; what goes wrong is told."""
        self._keep(self._quietly(work))

    async def _quietly(self, work: Coroutine[None, None, None]) -> None:
        try:
            await work
        except HubAway:
            return  # said by the log's own state
        except (HubRefused, NotPossible, TelephonyError) as error:
            log.warning("%s", error)
            self._publisher.publish(TroubleTold(Trouble.NOT_POSSIBLE, Severity.CAREFUL, str(error)))

    def _put(self, event: Event, opening: Opening | None, drops: tuple[str, str] | None = None) -> Event:
        try:
            self._outbox.put(event, opening, drops=drops)
        except OutboxFull as error:
            self._publisher.publish(TroubleTold(Trouble.STORE_FULL, Severity.BAD, str(error)))
            raise NotPossible("store_full", str(error)) from error
        self.waiting += 1
        self._book.apply(event)
        self._wake.set()
        return event

    # ── sending ──────────────────────────────────────────────────────────────────────────────────

    async def _drain(self) -> None:
        tries = 0
        while True:
            await self._wake.wait()
            self._wake.clear()
            try:
                while items := self._outbox.waiting():
                    await self._send(list(items))
                tries = 0
            except HubAway:
                self._set_waiting()
                await asyncio.sleep(RETRY_S[min(tries, len(RETRY_S) - 1)])
                tries += 1
                self._wake.set()
            self._set_waiting()

    async def _send(self, items: list[Waiting]) -> None:
        for session, group in groupby(items, key=lambda item: item.event.session):
            run = list(group)
            if run[0].opening is not None:
                await self._open(run.pop(0))
            target = self._aliases.get(session, session)
            for start in range(0, len(run), BATCH):
                await self._append(target, run[start : start + BATCH])

    async def _open(self, item: Waiting) -> None:
        assert item.opening is not None
        try:
            state = await self._hub.open_session(item.event, item.opening.keys, item.opening.number)
        except HubRefused as error:
            self._refused([item], error)
            return
        if state.owner not in (None, self._book.me) and not await self._may_see(state):
            state = await self._open_apart(item)
        self._outbox.acknowledged([item.event.id])
        if state.id != item.event.session:
            self._aliases[item.event.session] = state.id
            self._book.rename(item.event.session, state.id)
            for act in self.on_rename:
                act(item.event.session, state.id)
        self._book.take_state(state)
        self._set_waiting()
        self._ask_to_own()

    async def _may_see(self, state: SessionState) -> bool:
        try:
            await self._hub.events(state.id, state.last_seq)
        except HubRefused:
            return False
        return True

    async def _open_apart(self, item: Waiting) -> SessionState:
        """The key that came with the call names a session that is not ours: this call gets one of its own."""
        assert item.opening is not None
        session = new_id()
        log.warning("a call's key names a session that this desk may not see: it gets its own")
        event = replace(item.event, id=derived_id(parse_timestamp(item.event.at), item.event.id), session=session)
        own = (*(key for key in item.opening.keys if key.startswith("sip:")), f"uui:{session.replace('-', '')}")
        return await self._hub.open_session(event, own, item.opening.number)

    def _ask_to_own(self) -> None:
        for session in self._to_own:
            self.in_background(self._claim(session))
        for session in self._to_give:
            self.in_background(self._give(session))

    async def _append(self, session: str, items: list[Waiting]) -> None:
        if not items:
            return
        events = [replace(item.event, session=session) for item in items]
        try:
            stored = await self._hub.append(session, events)
        except HubRefused as error:
            if len(items) == 1:
                self._refused(items, error)
                self._set_waiting()
            else:  # one bad event must not hold up the others
                for item in items:
                    await self._append(session, [item])
            return
        self._outbox.acknowledged([item.id for item in stored])
        numbers = {item.id: item for item in stored}
        for event in events:
            if event.id in numbers:
                entry = numbers[event.id]
                self._book.confirm(event.numbered(entry.seq, entry.recorded, self._book.me))
        self._set_waiting()

    def _refused(self, items: list[Waiting], error: HubRefused) -> None:
        if error.status == FULL:
            self._publisher.publish(TroubleTold(Trouble.STORE_FULL, Severity.BAD, "hub"))
        if error.status in LATER:
            raise HubAway(str(error)) from error
        for item in items:
            if error.code == ALREADY_THERE:
                self._outbox.acknowledged([item.event.id])
                continue
            log.error("the hub refused a %s event: %s", item.event.type, error.code or error.status)
            why = f"{error.status} {error.code}"
            self._outbox.refused(item.event.id, why)
            self._book.refuse(item.event, why)
            self._publisher.publish(
                TroubleTold(Trouble.HUB_REFUSED, Severity.BAD, f"{item.event.type}: {error.code}", item.event.session)
            )

    def _set_waiting(self) -> None:
        self.waiting = len(self._outbox.waiting())
        self._progress.set()
        self._publisher.publish(HealthChanged())

    # ── listening ────────────────────────────────────────────────────────────────────────────────

    async def _listen(self) -> None:
        tries = denials = 0
        while True:
            why, denied = "", False
            try:
                await self._follow()
            except HubAway as error:
                why = str(error)
            except HubRefused as error:
                why, denied = str(error), error.status == DENIED
            if self.connected:
                tries = denials = 0
            self._set_connected(connected=False, why=why)
            denials += denied
            if denials == DENIED_FOR_GOOD:
                self._set_denied(denied=True)
            await asyncio.sleep(RETRY_S[min(tries, len(RETRY_S) - 1)])
            tries += 1

    async def _follow(self) -> None:
        """Take what the stream says until it ends (`HubAway`)."""
        busy_since = monotonic()
        async with contextlib.aclosing(self._hub.stream()) as stream:
            async for item in stream:
                self._take(item)
                if monotonic() - busy_since > TURN_S:  # a backlog must not hold up the window
                    await asyncio.sleep(0)
                    busy_since = monotonic()

    def _take(self, item: Connected | Event | Signal | Heads | SessionState) -> None:
        if isinstance(item, Connected):
            self.identity = item.identity
            self._book.me = item.identity.principal
            self._clock.correct(item.identity.offset_s)
            self._set_connected(connected=True)
        elif isinstance(item, Event):
            if item.seq is not None and item.seq > self._book.last_seq(item.session) + 1:
                self._live.add(item.id)  # it has just happened, though it comes with what is missing before it
                self._fetch(item.session)
            elif self._book.apply(item):
                self._publisher.publish(EventSeen(item))
        elif isinstance(item, Signal):
            self._book.take_signal(item)
        elif isinstance(item, Heads):
            for session, head in item.heads.items():
                if head > self._book.last_seq(session):
                    self._fetch(session)
        else:
            self._book.take_state(item)
            if item.id in self._to_own and item.owner is None:
                self.in_background(self._claim(item.id))

    def _set_connected(self, *, connected: bool, why: str = "") -> None:
        if connected != self.connected:
            self.connected = connected
            self._publisher.publish(HealthChanged())
        if connected:
            if self._told_away or self.denied:
                self._publisher.publish(TroubleTold(Trouble.HUB_BACK))
            self._told_away = False
            self._set_denied(denied=False)
            self._wake.set()
            self._ask_to_own()
            for act in self.on_connected:
                act()
        elif not self._told_away and self.identity is not None:
            self._told_away = True
            log.warning("the hub is away: %s", why)
            self._publisher.publish(TroubleTold(Trouble.HUB_AWAY, Severity.CAREFUL))

    def _set_denied(self, *, denied: bool) -> None:
        if denied == self.denied:
            return
        self.denied = denied
        self._publisher.publish(HealthChanged())
        if denied:
            self._publisher.publish(TroubleTold(Trouble.HUB_DENIED, Severity.BAD))

    def _fetch(self, session: str) -> None:
        if session in self._fetching:
            self._refetch.add(session)
            return
        self._fetching.add(session)
        self._keep(self._fetch_hole(session))

    async def _fetch_hole(self, session: str) -> None:
        try:
            while True:
                self._refetch.discard(session)
                for count, event in enumerate(await self._hub.events(session, self._book.last_seq(session))):
                    fresh = self._book.apply(event)
                    if fresh and event.id in self._live:
                        self._publisher.publish(EventSeen(event))
                    self._live.discard(event.id)
                    if count % FEW == FEW - 1:
                        await asyncio.sleep(0)
                if session not in self._refetch:
                    return
        except (HubAway, HubRefused) as error:
            log.warning("events could not be fetched: %s", error)  # the next heads ask again
        finally:
            self._fetching.discard(session)

    def _keep(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
