"""What an SMSC delivers, to the hub's inbox: messages, long ones whole, and receipts. It is answered when it is stored.

Parts of a long message are answered together once the whole is stored, so that this hub's death loses none of them. But
some SMSCs send the next part only after the answer to the last: a part that waited `hold` seconds is answered before the
whole is there, and is then in memory only (told at `stop`, lost by a kill). A part that never comes takes none with it:
after `missing` seconds the others are told, with a line for what is missing.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

from client.domain.telephone import national
from client.hub.gateways import smpp_pdu as pdus
from client.hub.gateways import smpp_receipt as receipts
from client.hub.gateways import smpp_text as texts
from client.hub.gateways.gateway import Inbound, Inbox
from client.hub.gateways.smpp_known import Known
from client.hub.gateways.smpp_parts import Answer, Key, Long, Parts
from client.hub.gateways.smpp_pdu import Delivered, Tlv
from client.hub.gateways.smpp_repeats import Repeats
from client.hub.gateways.smpp_session import Session, Times

log = logging.getLogger(__name__)
MOST_WAITING = 2_000  # deliveries not stored yet; the SMSC keeps the others
EMPTY = "[빈 문자 메시지]"
Work = Callable[[], Awaitable[object]]


class Incoming:
    """`known` — the ids of what was sent. What comes is worked off in its order, receipts apart from messages."""

    def __init__(self, gateway: str, encoding: str, times: Times, known: Known) -> None:
        self._gateway = gateway
        self._encoding = encoding
        self._times = times
        self._known = known
        self._repeats = Repeats(gateway)
        self._parts = Parts()
        self._told: dict[Key, dict[int, bytes]] = {}
        self._messages: asyncio.Queue[Work] = asyncio.Queue(MOST_WAITING)
        self._receipts: asyncio.Queue[Work] = asyncio.Queue(MOST_WAITING)
        self._timers: dict[Key, asyncio.TimerHandle] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._inbox: Inbox | None = None

    def start(self, inbox: Inbox) -> None:
        """Begin to store."""
        self._inbox = inbox
        self._tasks = [asyncio.create_task(self._run(queue)) for queue in (self._messages, self._receipts)]

    async def stop(self) -> None:
        """Tell what was answered already and is not whole; what has no answer the SMSC will send again."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for timer in self._timers.values():
            timer.cancel()
        for key, long in self._parts.all():
            if len(long.answers) < len(long.parts):
                with suppress(TimeoutError):
                    async with asyncio.timeout(0.5):
                        await self._guarded(lambda key=key: self._tell_long(key, None))  # type: ignore[misc]  # bound now

    def take(self, link: Session, came: Delivered, answer: Answer) -> None:
        """A deliver_sm; `answer` is called with a status when it is stored, or could not be."""
        at = time.monotonic()
        if receipts.is_receipt(came):
            queue, work = self._receipts, lambda: self._receipt(link, came, answer)
        else:
            queue, work = self._messages, lambda: self._message(link, came, answer, at)
        try:
            queue.put_nowait(lambda: self._guarded(work, answer))
        except asyncio.QueueFull:
            answer(pdus.COME_AGAIN)

    async def _run(self, queue: asyncio.Queue[Work]) -> None:
        while True:
            await (await queue.get())()

    async def _guarded(self, work: Work, answer: Answer | None = None) -> bool:
        """Whatever the inbox raises, the SMSC is told to come again; nothing of the message is logged."""
        try:
            await work()
        except Exception as error:  # noqa: BLE001 — one bad message must not end what all others need
            log.error("%s: what came could not be stored: %s", self._gateway, type(error).__name__)  # noqa: TRY400 — a traceback's text may be the citizen's
            if answer is not None:
                answer(pdus.COME_AGAIN)
            return False
        return True

    @property
    def _there(self) -> Inbox:
        if self._inbox is None:
            raise RuntimeError("the gateway was not started")
        return self._inbox

    # ── receipts ─────────────────────────────────────────────────────────────────────────────────

    async def _receipt(self, link: Session, came: Delivered, answer: Answer) -> None:
        said = receipts.told(came)
        if said.state is not None and said.ids:
            known, receipt = self._known.receipt(said)
            if not known and link.outstanding:  # it may have overtaken the answer that has its id
                await asyncio.wait(link.outstanding, timeout=self._times.answer)
                known, receipt = self._known.receipt(said)
            if receipt is not None:
                await self._there.receipt(self._gateway, receipt)
        answer(pdus.OK)

    # ── messages ─────────────────────────────────────────────────────────────────────────────────

    async def _message(self, link: Session, came: Delivered, answer: Answer, at: float) -> None:
        place, text = _placed(came)
        if place is not None:
            await self._part(link, came, place, text, answer, at)
            return
        content = _content(came, f"{came.esm_class} {came.data_coding}", came.text)
        words = texts.read(text, came.data_coding, self._encoding)
        await self._store(link, came.source, words, content, at)
        answer(pdus.OK)
        self._repeats.answered(content)

    async def _store(self, link: Session | None, source: str, words: str, content: bytes, at: float) -> None:
        id_ = await self._repeats.id_of(content, link or _Nowhere(), at, self._there)
        address = national(source) or source or f"anonymous-{id_}"  # who hides is nobody's earlier thread
        text = words if words.strip() else EMPTY
        inbound = Inbound(id=id_, address=address, text=text, number=national(source))
        await self._there.message(self._gateway, inbound)

    async def _part(
        self, link: Session, came: Delivered, place: texts.Place, text: bytes, answer: Answer, at: float
    ) -> None:
        key = (came.source, came.destination, place.reference, place.total)
        held = self._parts.get(key)
        if held is not None and held.parts.get(place.number, text) != text:
            await self._tell_long(key, link, at)  # another message under the same reference
        kept = self._parts.add(came, place, text, answer)
        if kept is None:
            answer(pdus.COME_AGAIN)
            return
        if kept[1].whole:
            await self._whole(key, link, at)
            return
        loop = asyncio.get_running_loop()
        loop.call_later(self._times.hold, kept[1].answer_part, place.number, pdus.OK)
        self._wait(key, self._times.missing)

    async def _whole(self, key: Key, link: Session, at: float) -> None:
        try:
            await self._tell_long(key, link, at)
        except BaseException:
            long = self._parts.get(key)
            if long is not None:  # kept: what was answered before does not come again
                long.answer(pdus.COME_AGAIN)
                self._wait(key, self._times.missing)
            raise

    def _wait(self, key: Key, seconds: float) -> None:
        """Tell what is there when nothing more comes for so long."""
        if earlier := self._timers.pop(key, None):
            earlier.cancel()
        self._timers[key] = asyncio.get_running_loop().call_later(seconds, self._miss, key)

    def _miss(self, key: Key) -> None:
        async def tell() -> None:
            if not await self._guarded(lambda: self._tell_long(key, None)):
                self._wait(key, self._times.missing)

        try:
            self._messages.put_nowait(tell)
        except asyncio.QueueFull:
            self._wait(key, self._times.missing)

    async def _tell_long(self, key: Key, link: Session | None, at: float | None = None) -> None:
        long = self._parts.get(key)
        if long is None:
            return
        content = _long_content(key, long)
        if long.whole or not _again(long, self._told.get(key, {})):
            came_at = time.monotonic() if at is None else at
            await self._store(link, long.source, long.text(self._encoding), content, came_at)
        self._parts.drop(key)
        if timer := self._timers.pop(key, None):
            timer.cancel()
        self._told[key] = long.parts
        if len(self._told) > MOST_WAITING:
            del self._told[next(iter(self._told))]
        long.answer(pdus.OK)
        self._repeats.answered(content)


class _Nowhere:
    """No connection."""

    heard = 0.0


def _placed(came: Delivered) -> tuple[texts.Place | None, bytes]:
    """By user data header, else by the parameters for segments (SMPP 3.4, 5.3.2.22 to 24)."""
    place, text = texts.parted(came.text, came.esm_class)
    sar = [came.tlvs.get(tlv) for tlv in (Tlv.SAR_REFERENCE, Tlv.SAR_TOTAL, Tlv.SAR_NUMBER)]
    if place is None and all(sar):
        reference, total, number = (int.from_bytes(value or b"", "big") for value in sar)
        place = texts.placed(reference, total, number)
    return place, text


def _again(long: Long, told: dict[int, bytes]) -> bool:
    """Its parts are of a message that was told: their answers did not reach the SMSC."""
    return all(told.get(number) == part for number, part in long.parts.items())


def _content(came: Delivered, kind: str, text: bytes) -> bytes:
    return f"{came.source}\0{came.destination}\0{kind}\0".encode() + text


def _long_content(key: Key, long: Long) -> bytes:
    parts = b"".join(b"%d:%d:" % (number, len(part)) + part for number, part in sorted(long.parts.items()))
    return "\0".join(map(str, key)).encode() + b"\0" + parts
