"""What goes out: each message from the event that says it to its visible end, over provider failures and the hub's death.

A row is `sending` on the disk before the provider is asked. Whatever then ends without an answer is `uncertain`: it is
looked up by our reference where the provider can, else a person is asked; it is never sent again by itself.
"""

from __future__ import annotations

import asyncio
import logging
import random
import sqlite3
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from client.domain.bodies.written import DeliveryState as State
from client.domain.event import LEFT, MessageDelivery, new_event, parse_timestamp, timestamp
from client.domain.session_log import HUB, Appended, Draft, LogRefused, draft
from client.hub import delivery_table as table
from client.hub.clock import Now
from client.hub.database import Database, StoreFull
from client.hub.delivery_table import Delivery
from client.hub.gateways.gateway import (
    Accepted,
    AsksResults,
    CannotTell,
    Gateway,
    NotNow,
    Outgoing,
    Receipt,
    Rejected,
    Unanswered,
)
from client.hub.log_store import LogStore
from client.hub.pace import Pace

logger = logging.getLogger(__name__)

BACK_OFF_S = (1.0, 2.0, 5.0, 15.0, 30.0, 60.0, 120.0, 300.0)
END_S = (1.0, 5.0, 30.0)  # between tries to end a thread at its provider
LOOK_UP_S = (0.0, 2.0, 10.0, 60.0, 300.0)  # after an answer that never came
GIVE_UP = timedelta(hours=24)  # of trying: a notice that comes a day late helps nobody
AT_ONCE = 200  # rows looked at in one go
FINISH_S = 1.5  # for providers that are being asked when the hub ends
STORE_S = 5.0  # until a full disk is tried again

Pack = Callable[[Delivery], Awaitable[Outgoing]]
"""Makes of a row what the provider is given: its files are read now, not kept twice."""


class Deliveries:
    """One queue per gateway. Messages to the same citizen go in the order in which they were said."""

    def __init__(self, database: Database, log: LogStore, now: Now, gateways: Iterable[Gateway], pack: Pack) -> None:
        self._database = database
        self._log = log
        self._now = now
        self._pack = pack
        self._gateways: Mapping[str, Gateway] = {gateway.name: gateway for gateway in gateways}
        self._wake = {name: asyncio.Event() for name in self._gateways}
        self._busy: set[tuple[str, str]] = set()  # citizens to whom something is on its way
        self._tasks: set[asyncio.Future[None]] = set()
        self._sending: set[asyncio.Future[None]] = set()
        self._pace = {name: Pace(g.limits.per_second, g.limits.at_once) for name, g in self._gateways.items()}

    async def start(self) -> None:
        """Find what an earlier hub left half done, then send what waits."""
        for name, gateway in self._gateways.items():
            for held in await self._in_state(name, State.SENDING):
                self._keep(self._resolve(held, "the hub ended while it was being sent"))
            for held in await self._in_state(name, State.UNCERTAIN):
                self._keep(self._look_up_later(held))
            if isinstance(gateway, AsksResults):
                for held in await self._in_state(name, State.ACCEPTED):
                    gateway.await_result(held.provider)
            self._keep(self._run(name))

    async def stop(self) -> None:
        """End; what a provider has not answered by then is uncertain at the next start."""
        await _cancelled(self._tasks)
        if self._sending:
            await asyncio.wait(self._sending, timeout=FINISH_S)
        await _cancelled(self._sending | self._tasks)

    def wake(self, gateway: str) -> None:
        """Something new waits."""
        if gateway in self._wake:
            self._wake[gateway].set()

    async def counts(self, gateway: str) -> tuple[int, int]:
        """How many wait to go, and how many wait for a person."""

        def work(connection: sqlite3.Connection) -> tuple[int, int]:
            waiting = table.count(connection, gateway, State.QUEUED, State.SENDING)
            return waiting, table.count(connection, gateway, State.UNCERTAIN)

        return await self._database.read(work)

    async def settle(self, session: str, message: str, *, again: bool) -> None:
        """A person decides about a failed or uncertain message."""
        held = await self._database.read(lambda connection: table.get(connection, message))
        if held is None or held.session != session:
            raise LogRefused(404, "unknown-message", "nothing with this id was sent from this session")
        if held.state not in (State.UNCERTAIN, State.FAILED):
            raise LogRefused(409, "not-open", f"it is {held.state}: there is nothing to decide")
        if again and (not held.content or held.gateway not in self._gateways):
            raise LogRefused(409, "gone", "its words are no longer kept; write it anew")
        if again:
            await self._move(held, State.QUEUED, due=self._stamp())
            self.wake(held.gateway)
        else:
            await self._move(held, State.FAILED, reason=LEFT)

    async def receipt(self, gateway: str, receipt: Receipt) -> None:
        """What a provider tells later; one that overtook the acceptance is kept until then."""

        def find(connection: sqlite3.Connection) -> Delivery | None:
            if receipt.message:
                return table.get(connection, receipt.message)
            return table.by_provider(connection, gateway, receipt.provider)

        held = await self._database.read(find)
        if held is not None and held.gateway == gateway:
            await self._move(held, receipt.state, provider=receipt.provider, reason=receipt.reason)
        elif receipt.provider:
            values = (gateway, receipt.provider, receipt.state, receipt.reason, self._stamp())
            await self._database.write(lambda connection: table.keep_receipt(connection, *values))
            await self._again(gateway, receipt)

    async def _again(self, gateway: str, receipt: Receipt) -> None:
        """Its acceptance may have been stored while the receipt was being kept."""
        held = await self._database.read(lambda c: table.by_provider(c, gateway, receipt.provider))
        if held is not None:
            await self._move(held, receipt.state, reason=receipt.reason)

    async def end(self, gateway: str, address: str, reason: str) -> None:
        """Tell the provider that the agent ended the session, where it knows sessions; a few times if need be."""
        if gateway not in self._gateways:
            return
        for pause in (*END_S, None):
            try:
                await self._gateways[gateway].end(address, reason)
            except Rejected as error:
                logger.warning("%s did not end a thread: %s", gateway, error.reason)
            except (NotNow, Unanswered) as error:
                if pause is not None:
                    await asyncio.sleep(pause)
                    continue
                logger.warning("%s could not be told that a thread is over: %s", gateway, error.reason)
            return

    # ── sending ──────────────────────────────────────────────────────────────────────────────────

    async def _run(self, name: str) -> None:
        wake = self._wake[name]
        while True:
            wake.clear()
            try:
                pause = await self._send_due(name)
            except (StoreFull, sqlite3.Error):
                logger.exception("the queue of a gateway cannot be read or written")
                pause = STORE_S
            try:
                async with asyncio.timeout(pause):
                    await wake.wait()
            except TimeoutError:
                continue

    async def _send_due(self, name: str) -> float | None:
        """Begin all that is due; seconds until something else is (None: nothing waits)."""
        now = self._stamp()
        for held in await self._database.read(lambda connection: table.due(connection, name, now, AT_ONCE)):
            key = (name, held.address)
            if key not in self._busy:
                self._busy.add(key)
                await self._pace[name].enter()
                self._sending.add(task := asyncio.ensure_future(self._one(held)))
                task.add_done_callback(self._sending.discard)
        soonest = await self._database.read(lambda connection: table.next_due(connection, name, now))
        return (parse_timestamp(soonest) - self._now()).total_seconds() if soonest else None

    async def _one(self, held: Delivery) -> None:
        """One message to its provider; whoever waited behind it goes next."""
        try:
            if await self._begin(held):
                await self._attempt(replace(held, state=State.SENDING, attempts=held.attempts + 1))
        except (StoreFull, sqlite3.Error):
            logger.exception("how far a message came cannot be stored")
            await asyncio.sleep(STORE_S)
            await self._recover(held)
        finally:
            self._pace[held.gateway].leave()
            self._busy.discard((held.gateway, held.address))
            self.wake(held.gateway)

    async def _begin(self, held: Delivery) -> bool:
        """On the disk before the provider is asked; False where it was withdrawn meanwhile."""
        stamp = self._stamp()
        return await self._database.write(
            lambda connection: table.move(connection, held.message, State.SENDING, stamp, attempt=True)
        )

    async def _attempt(self, held: Delivery) -> None:
        gateway = self._gateways[held.gateway]
        try:
            taken = await gateway.send(await self._pack(held))
        except NotNow as error:
            await self._later(held, error)
        except Rejected as error:
            await self._move(held, State.FAILED, reason=error.reason)
        except Unanswered as error:
            await self._resolve(held, error.reason)
        except Exception:
            logger.exception("a gateway made a mistake")
            await self._resolve(held, "the gateway made a mistake")
        else:
            await self._taken(held, taken)

    async def _taken(self, held: Delivery, taken: Accepted) -> None:
        state = State.DELIVERED if taken.delivered else State.ACCEPTED
        await self._move(held, state, provider=taken.provider, text_kind=taken.text_kind)

    async def _later(self, held: Delivery, error: NotNow) -> None:
        if self._now() - GIVE_UP > parse_timestamp(held.made):
            await self._move(
                held, State.FAILED, reason=f"given up after {GIVE_UP // timedelta(hours=1)} h: {error.reason}"
            )
            return
        wait = max(error.after_s, BACK_OFF_S[min(held.attempts, len(BACK_OFF_S)) - 1] * random.uniform(0.8, 1.2))  # noqa: S311 — spread
        due = timestamp(self._now() + timedelta(seconds=wait))
        if held.attempts > 1:  # the agent was told at the first
            stamp = self._stamp()
            await self._database.write(
                lambda c: table.move(c, held.message, State.QUEUED, stamp, due=due, reason=error.reason)
            )
        else:
            await self._move(held, State.QUEUED, due=due, reason=error.reason)

    # ── what nobody answered ─────────────────────────────────────────────────────────────────────

    async def _resolve(self, held: Delivery, reason: str) -> None:
        """Ask at once; where that does not settle it, tell the agent, and ask again later where asking is possible."""
        try:
            if await self._looked_up(held):
                return
        except CannotTell:
            await self._move(held, State.UNCERTAIN, reason=reason)
            return
        await self._move(held, State.UNCERTAIN, reason=reason)
        self._keep(self._look_up_later(held))

    async def _looked_up(self, held: Delivery) -> bool:
        """True if the provider said what became of it."""
        gateway = self._gateways[held.gateway]
        try:
            found = await gateway.look_up(await self._pack(held))
        except (NotNow, Unanswered, Rejected):
            return False
        if found is not None:
            await self._taken(held, found)
        else:
            await self._move(held, State.QUEUED, due=self._stamp())
            self.wake(held.gateway)
        return True

    async def _look_up_later(self, held: Delivery) -> None:
        for pause in LOOK_UP_S:
            await asyncio.sleep(pause)
            now = await self._database.read(lambda connection: table.get(connection, held.message))
            if now is None or now.state is not State.UNCERTAIN:
                return
            try:
                if await self._looked_up(now):
                    return
            except CannotTell:
                return

    async def _recover(self, held: Delivery) -> None:
        """The disk did not take what the provider answered: what is still `sending` there is uncertain."""
        now = await self._database.read(lambda connection: table.get(connection, held.message))
        if now is not None and now.state is State.SENDING:
            await self._resolve(now, "the answer could not be stored")

    # ── storing ──────────────────────────────────────────────────────────────────────────────────

    async def _move(
        self, held: Delivery, state: State, *, provider: str = "", due: str = "", reason: str = "", text_kind: str = ""
    ) -> None:
        """The row and the event that tells of it, in one transaction; then whatever overtook it."""
        early: list[tuple[State, str]] = []
        stamp = self._stamp()

        def beside(connection: sqlite3.Connection, _done: Appended) -> None:
            if not table.move(connection, held.message, state, stamp, provider=provider, due=due, reason=reason):
                raise _Known
            if provider:
                early.extend(table.take_receipts(connection, held.gateway, provider))

        body = MessageDelivery(
            message=held.message, state=state, reason=reason, gateway=held.gateway, text_kind=text_kind
        )
        said: Sequence[Draft] = [draft(new_event(held.session, body, at=self._now()), HUB)]
        try:
            await self._log.append(held.session, lambda _view: said, beside)
        except _Known:
            return
        for then, why in early:
            await self._move(held, then, reason=why)

    async def _in_state(self, name: str, state: State) -> list[Delivery]:
        return await self._database.read(lambda connection: table.in_state(connection, name, state))

    def _stamp(self) -> str:
        return timestamp(self._now())

    def _keep(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _cancelled(tasks: set[asyncio.Future[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


class _Known(Exception):
    """It is in that state, or beyond it, already."""
