"""A carrier's SMSC that speaks SMPP 3.4, over one bound transceiver that is made again whenever it is lost.

The library is smpplib for its PDUs alone: its client blocks, its socket has one reader for all, and neither a window nor an
answer's time. Numbers are sent as national digits, type of number unknown, plan ISDN (what Korean carriers take: assumed).
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import random
import time
from contextlib import suppress
from http import HTTPStatus

from client.domain.bodies.written import DeliveryState
from client.domain.gateway_account import SmppAccount
from client.domain.session_log import LogRefused
from client.domain.sms_text import TextKind, TextProblem, plan
from client.domain.telephone import national
from client.domain.words import Channel
from client.hub.database import StoreFull
from client.hub.gateways import smpp_pdu as pdus
from client.hub.gateways.gateway import (
    Accepted,
    CannotTell,
    Health,
    Inbox,
    Limits,
    NotNow,
    Outgoing,
    Receipt,
    Rejected,
    Unanswered,
    WebAnswer,
    WebRequest,
)
from client.hub.gateways.health_watch import HealthWatch
from client.hub.gateways.smpp_incoming import Incoming
from client.hub.gateways.smpp_known import Known, Sent
from client.hub.gateways.smpp_pdu import Pdu
from client.hub.gateways.smpp_session import Lost, Refused, Session, Times, connect
from client.hub.gateways.smpp_text import Piece, pieces

log = logging.getLogger(__name__)
ISDN = 1  # numbering plan indicator (SMPP 3.4, 5.2.6)
STEADY_S = 30.0  # a connection that lasted so long was a good one: the next attempt follows soon
SLOWER_S = (1.0, 2.0, 5.0, 15.0, 30.0)  # after the first, second … refusal for speed
REST_S = 60.0  # tried for the rest of a long text, whose first parts are taken


class Smpp:
    """`Gateway` for one SMPP account. `times` are for tests."""

    channel = Channel.SMS

    def __init__(self, account: SmppAccount, *, times: Times | None = None) -> None:
        self.name = account.name
        self.limits = Limits(per_second=account.per_second, at_once=account.window, senders=account.senders)
        self._account = account
        self._times = times or Times()
        self._known = Known()
        self._incoming = Incoming(account.name, account.encoding, self._times, self._known)
        self._session: Session | None = None
        self._why = "not started"
        self._watch = HealthWatch()
        self._inbox: Inbox | None = None
        self._task: asyncio.Task[None] | None = None
        self._slowed = 0  # refusals for speed, one after another
        self._not_before = 0.0

    async def start(self, inbox: Inbox) -> None:
        """Bind, and again whenever that ends."""
        self._inbox = inbox
        self._incoming.start(inbox)
        self._why = "not connected yet"
        self._task = asyncio.create_task(self._run(), name=f"SMPP {self.name}")

    async def stop(self) -> None:
        """Wait a moment for answers, unbind, tell what is half there."""
        session, self._session = self._session, None
        if session is not None:
            await session.unbind()
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        await self._incoming.stop()
        self._why = "stopped"

    def health(self) -> Health:
        """`down` without a bound connection, `slow` while the SMSC asks to go slower or answers late."""
        if self._session is None:
            return Health(state="down", reason=self._why)
        if self._slowed:
            return Health(state="slow", reason="the SMSC asks to go slower")
        return self._watch.health()

    # ── the connection ───────────────────────────────────────────────────────────────────────────

    async def _run(self) -> None:
        if why := pdus.unfit(self._account):
            self._why = why
            log.error("%s: %s", self.name, why)
            return
        failures = 0
        while True:
            began = time.monotonic()
            least = await self._connected()
            failures = 0 if time.monotonic() - began > STEADY_S else failures + 1
            wait = self._times.back_off[min(failures, len(self._times.back_off)) - 1] if failures else 0.0
            await asyncio.sleep(max(wait, least) * random.uniform(0.8, 1.2))  # noqa: S311 — spread

    async def _connected(self) -> float:
        """One connection, to its end; the least seconds until the next."""
        try:
            session = await connect(self._account, self._times, self._incoming.take)
            log.info("%s: bound", self.name)
            self._session = session
            try:
                await session.run()
            finally:
                self._session = None
        except Lost as error:
            self._why = str(error)
            log.warning("%s: %s", self.name, error)
            return self._times.refused if isinstance(error, Refused) else 0.0
        return 0.0

    # ── sending ──────────────────────────────────────────────────────────────────────────────────

    async def send(self, outgoing: Outgoing) -> Accepted:
        """All parts, one after the other. Once one is taken the text is never claimed unsent."""
        kind, parts = self._checked(outgoing)
        sent = Sent(outgoing.message)
        for number, part in enumerate(parts, 1):
            try:
                await self._part(outgoing, sent, part, single=len(parts) == 1, first=number == 1)
            except (NotNow, Rejected, Unanswered) as error:
                if number == 1:
                    raise
                before = f"after {number - 1} of {len(parts)} parts were taken: {error.reason}"
                raise Rejected(before) if isinstance(error, Rejected) else Unanswered(before) from None
        sent.whole = True
        return Accepted(provider=sent.ids[-1] if sent.ids else "", text_kind=kind)

    def _checked(self, outgoing: Outgoing) -> tuple[TextKind, list[Piece]]:
        if outgoing.files or outgoing.buttons:
            raise Rejected("SMPP carries text alone")
        text = f"{outgoing.subject}\n{outgoing.text}" if outgoing.subject.strip() else outgoing.text
        if not text.strip():
            raise Rejected("a text message needs words")
        planned = plan(text)
        if TextProblem.TOO_LONG in planned.problems:
            raise Rejected("the text is too long for a text message")
        reference = _reference(outgoing.message) & 0xFF
        return planned.kind, pieces(text, self._account.encoding, self._account.long_text, reference)

    async def _part(self, outgoing: Outgoing, sent: Sent, part: Piece, *, single: bool, first: bool) -> None:
        """Give one part; the later ones are tried for a while, since the first cannot be taken back."""
        end = time.monotonic() + REST_S
        while True:
            try:
                await self._submit(outgoing, sent, part, single=single)
            except NotNow as error:
                if first or time.monotonic() + error.after_s > end:
                    raise
                await asyncio.sleep(max(error.after_s, self._times.back_off[0]))
            else:
                return

    async def _submit(self, outgoing: Outgoing, sent: Sent, part: Piece, *, single: bool) -> None:
        session = self._bound()
        await session.pace.enter()
        try:
            if session.lost or session is not self._bound():
                raise NotNow(f"not connected: {session.lost}")
            began = time.monotonic()
            answer = await self._answer(session, outgoing, sent, part, single=single)
            self._judge(answer.status, time.monotonic() - began)
            if id_ := pdus.message_id(answer):
                self._known.add(sent, id_)
        finally:
            session.pace.leave()

    def _bound(self) -> Session:
        if self._session is None:
            raise NotNow(f"not connected: {self._why}")
        if (wait := self._not_before - time.monotonic()) > 0:
            raise NotNow("the SMSC asks to go slower", wait)
        return self._session

    async def _answer(self, session: Session, outgoing: Outgoing, sent: Sent, part: Piece, *, single: bool) -> Pdu:
        async def late(pdu: Pdu) -> None:
            await self._late(pdu, sent, single=single)

        began = time.monotonic()
        try:
            return await session.submit(late, **self._fields(outgoing, part))
        except TimeoutError:
            reason = f"no answer within {self._times.answer:.0f} s"
        except Lost as error:
            reason = f"{error} before the answer came"
        self._watch.bad(reason, time.monotonic() - began)
        raise Unanswered(reason)

    def _fields(self, outgoing: Outgoing, part: Piece) -> dict[str, int | str | bytes]:
        fields: dict[str, int | str | bytes] = {
            "source_addr_npi": ISDN,
            "source_addr": self._sender(outgoing.sender),
            "dest_addr_npi": ISDN,
            "destination_addr": _recipient(outgoing.address),
            "esm_class": part.esm_class,
            "registered_delivery": 1,
            "data_coding": part.data_coding,
            "short_message": part.short,
            "user_message_reference": _reference(outgoing.message),
        }
        return fields | ({"message_payload": part.payload} if part.payload else {})

    def _sender(self, wanted: str) -> str:
        registered = [national(sender) for sender in self._account.senders]
        number = national(wanted) if wanted else next(iter(registered), "")
        if not number or number not in registered:
            raise Rejected("the sender number is not registered for this account")
        return number

    def _judge(self, status: int, seconds: float) -> None:
        """Raise what a status means; none for taken."""
        if status == pdus.OK:
            self._slowed = 0
            self._watch.good(seconds)
            return
        words = pdus.status_words(status)
        if status == pdus.THROTTLED:
            wait = SLOWER_S[min(self._slowed, len(SLOWER_S) - 1)]
            self._slowed += 1
            self._not_before = time.monotonic() + wait
            raise NotNow(words, wait)
        if status in pdus.TEMPORARY:
            self._watch.bad(words, seconds)
            raise NotNow(words)
        self._watch.good(seconds)
        raise Rejected(words)

    async def _late(self, answer: Pdu, sent: Sent, *, single: bool) -> None:
        """An answer after its time: the id lets a receipt settle it; a refusal of the only part settles it at once."""
        if answer.status == pdus.OK:
            if id_ := pdus.message_id(answer):
                self._known.add(sent, id_)
                sent.whole = single
        elif single and self._inbox is not None:
            receipt = Receipt(state=DeliveryState.FAILED, message=sent.message, reason=pdus.status_words(answer.status))
            with suppress(LogRefused, StoreFull):
                await self._inbox.receipt(self.name, receipt)

    # ── what SMPP has not ────────────────────────────────────────────────────────────────────────

    async def look_up(self, outgoing: Outgoing) -> Accepted | None:  # noqa: ARG002 — the gateway's shape
        """query_sm asks by the SMSC's id, which is what is missing."""
        raise CannotTell

    async def receive(self, request: WebRequest) -> WebAnswer:  # noqa: ARG002
        """There is no webhook: all comes over the connection."""
        raise LogRefused(HTTPStatus.NOT_FOUND, "not-found", "this gateway has no webhook")

    async def end(self, address: str, reason: str) -> None:
        """An SMSC knows no sessions."""


def _recipient(address: str) -> str:
    number = national(address)
    if not 3 <= len(number) <= 20 or not (number.isascii() and number.isdigit()):  # noqa: PLR2004 — 5.2.9: 20 and a NUL
        raise Rejected("the citizen's number is no number that can get text messages")
    return number


def _reference(message: str) -> int:
    """16 bits of our reference, as user_message_reference has them (5.3.2.17); the same at each attempt."""
    return int.from_bytes(hashlib.sha256(message.encode()).digest()[:2], "big")
