"""One connection to an SMSC, from bind to unbind: requests and their answers, the link's check, what comes in."""

from __future__ import annotations

import asyncio
import logging
import ssl
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from client.domain.gateway_account import SmppAccount
from client.hub.gateways import smpp_pdu as pdus
from client.hub.gateways.smpp_pdu import BadPdu, Command, Delivered, Pdu
from client.hub.pace import Pace

log = logging.getLogger(__name__)
MOST_LATE = 1_000  # submissions whose answer is still of use after its time


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """Seconds. `answer` — for a response (SMPP 3.4, 7.2, leaves it open; SMSCs take 10 to 60); `enquire` — without hearing
    anything until the link is asked for; `back_off` between attempts, `refused` after a refused login at least; `hold` and
    `missing` — how long a part waits for its answer, and a long message for its parts.
    """

    connect: float = 10.0
    answer: float = 20.0
    enquire: float = 30.0
    back_off: tuple[float, ...] = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
    refused: float = 30.0
    hold: float = 2.0
    missing: float = 120.0
    unbind: float = 0.8


class Lost(Exception):
    """The connection is over, or was never there; the text says why."""


class Refused(Lost):
    """The SMSC refused the login; the text is its status."""


Take = Callable[["Session", Delivered, Callable[[int], None]], None]
Late = Callable[[Pdu], Awaitable[None]]


class Session:
    """A bound transceiver. `heard` — when something last came, in monotonic seconds; `pace` — the account's limits."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, account: SmppAccount, times: Times, take: Take
    ) -> None:
        self.heard = time.monotonic()
        self.pace = Pace(account.per_second, account.window)
        self.lost = ""
        self._reader = reader
        self._writer = writer
        self._name = account.name
        self._times = times
        self._take = take
        self._sequence = 0
        self._waiting: dict[int, asyncio.Future[Pdu]] = {}
        self._late: dict[int, Late] = {}
        self._tasks: set[asyncio.Future[None]] = set()

    @property
    def outstanding(self) -> list[asyncio.Future[Pdu]]:
        """Requests without an answer yet."""
        return list(self._waiting.values())

    async def bind(self, account: SmppAccount) -> None:
        """Log in. Raises `Refused` and `Lost`; nothing else is read meanwhile."""
        self._write(pdus.bind(account, self._next()))
        try:
            async with asyncio.timeout(self._times.answer):
                while (answer := await pdus.read_pdu(self._reader)).sequence != self._sequence:
                    pass
        except (TimeoutError, asyncio.IncompleteReadError, OSError, BadPdu) as error:
            raise Lost(f"no answer to the login: {type(error).__name__}") from None
        if answer.status != pdus.OK:
            raise Refused(f"the login was refused: {pdus.status_words(answer.status)}")

    async def run(self) -> None:
        """Read until the connection ends, then raise `Lost`: nobody waits for an answer any more."""
        watch = asyncio.ensure_future(self._watch())
        try:
            while True:
                self._came(await pdus.read_pdu(self._reader))
        except BadPdu as error:
            self._write(pdus.answer(Command.GENERIC_NACK, 0, pdus.BAD_LENGTH))
            self.lost = self.lost or f"the SMSC sent {error}"
        except (asyncio.IncompleteReadError, OSError):
            self.lost = self.lost or "the connection was lost"
        finally:
            self.lost = self.lost or "the connection was closed"
            watch.cancel()
            self._end()
        raise Lost(self.lost)

    # ── requests ─────────────────────────────────────────────────────────────────────────────────

    async def submit(self, late: Late, **fields: Any) -> Pdu:
        """The answer to a submit_sm. `Lost`: it may be there or not; TimeoutError too, and `late` gets a late answer."""
        sequence = self._next()
        try:
            return await self._asked(sequence, pdus.submit(sequence, **fields))
        except TimeoutError:
            self._late[sequence] = late
            if len(self._late) > MOST_LATE:
                del self._late[next(iter(self._late))]
            raise

    async def unbind(self) -> None:
        """Say goodbye and close, soon."""
        self.lost = self.lost or "it was ended here"
        with suppress(Lost, TimeoutError):
            async with asyncio.timeout(self._times.unbind):
                if self._waiting:
                    await asyncio.wait(self.outstanding)
                await self._ask(Command.UNBIND)
        self._writer.close()

    async def _ask(self, code: Command) -> Pdu:
        sequence = self._next()
        return await self._asked(sequence, pdus.request(code, sequence))

    async def _asked(self, sequence: int, packed: bytes) -> Pdu:
        future: asyncio.Future[Pdu] = asyncio.get_running_loop().create_future()
        self._waiting[sequence] = future
        self._write(packed)
        try:
            async with asyncio.timeout(self._times.answer):
                return await future
        finally:
            self._waiting.pop(sequence, None)
            future.cancel()

    def _next(self) -> int:
        self._sequence = self._sequence % pdus.LAST_SEQUENCE + 1
        return self._sequence

    def _write(self, packed: bytes) -> None:
        if not self._writer.is_closing():
            self._writer.write(packed)  # what may be written at once is bounded by the window

    # ── what comes ───────────────────────────────────────────────────────────────────────────────

    def _came(self, pdu: Pdu) -> None:
        self.heard = time.monotonic()
        if pdu.command & pdus.RESPONSE:
            self._answered(pdu)
        elif pdu.command == Command.DELIVER_SM:
            self._delivered(pdu)
        elif pdu.command == Command.UNBIND:
            self._write(pdus.answer(pdu.command, pdu.sequence))
            self.lost = "the SMSC ended the connection"
            self._writer.close()
        elif pdu.command == Command.ENQUIRE_LINK:
            self._write(pdus.answer(pdu.command, pdu.sequence))
        else:
            self._write(pdus.answer(Command.GENERIC_NACK, pdu.sequence, pdus.NOT_KNOWN))

    def _answered(self, pdu: Pdu) -> None:
        future = self._waiting.get(pdu.sequence)
        if future is not None and not future.done():
            future.set_result(pdu)
        elif late := self._late.pop(pdu.sequence, None):
            task = asyncio.ensure_future(late(pdu))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _delivered(self, pdu: Pdu) -> None:
        def answer(status: int) -> None:
            self._write(pdus.answer(Command.DELIVER_SM, pdu.sequence, status))

        try:
            self._take(self, pdus.delivered(pdu), answer)
        except BadPdu as error:
            log.warning("%s: a deliver_sm cannot be read: %s", self._name, error)
            answer(pdus.BAD_LENGTH)

    async def _watch(self) -> None:
        """Ask for the link where nothing is heard; close what does not answer."""
        while True:
            quiet = time.monotonic() - self.heard
            if quiet < self._times.enquire:
                await asyncio.sleep(self._times.enquire - quiet)
                continue
            try:
                await self._ask(Command.ENQUIRE_LINK)
            except (Lost, TimeoutError):
                self.lost = self.lost or "the SMSC does not answer any more"
                self._writer.transport.abort()
                return

    def _end(self) -> None:
        for future in self.outstanding:
            if not future.done():
                future.set_exception(Lost(self.lost))
        self._writer.close()


async def connect(account: SmppAccount, times: Times, take: Take) -> Session:
    """A bound session, or `Lost`."""
    try:
        async with asyncio.timeout(times.connect):
            tls = ssl.create_default_context() if account.tls else None
            reader, writer = await asyncio.open_connection(account.host, account.port, ssl=tls)
    except TimeoutError:
        raise Lost("the SMSC does not answer") from None
    except OSError as error:
        raise Lost(f"no connection to the SMSC: {error.strerror or type(error).__name__}") from None
    session = Session(reader, writer, account, times, take)
    try:
        await session.bind(account)
    except BaseException:
        writer.close()
        raise
    return session
