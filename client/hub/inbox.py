"""What comes in from the outside services: each message into its citizen's session, once, whatever the provider repeats.

A gateway answers its provider only after this has returned: then the words are on the disk. Everything that is stored of one
message has ids derived from the provider's own, so that one which died half way is completed by its repetition.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from datetime import datetime, timedelta

from client.domain.attachment import MAX_ATTACHMENTS, Attachment
from client.domain.bodies.body import MAX_TEXT
from client.domain.codec import BadInput
from client.domain.derived_id import derived_id
from client.domain.event import Body, Event, MessageSent, NoteWritten, SessionOpened, ThreadEnded, new_event, timestamp
from client.domain.file_refusals import in_korean
from client.domain.ids import new_id
from client.domain.session_log import Appended, Draft, LogRefused, Opening, SessionView
from client.domain.signal import Signal, Typing
from client.domain.words import Audience, Channel, Party
from client.hub import delivery_table, intake, threads
from client.hub.core import Hub
from client.hub.gateways.gateway import Inbound, Receipt
from client.hub.outward import outward_of
from client.hub.threads import Thread

logger = logging.getLogger(__name__)

MAX_HISTORY = 500  # lines of a bot's conversation that are taken; the newest
MAX_ADDRESS = 200  # characters
MAX_LOCKS = 10_000  # threads whose lock is remembered
SKEW = timedelta(minutes=5)  # a provider's clock may be ahead by this much


class Inbox:
    """`client.hub.gateways.gateway.Inbox` on the hub. `channels` — gateway → channel of its sessions."""

    def __init__(self, hub: Hub, channels: Mapping[str, Channel]) -> None:
        self._hub = hub
        self._channels = channels
        self._locks: defaultdict[tuple[str, str], asyncio.Lock] = defaultdict(asyncio.Lock)

    async def message(self, gateway: str, message: Inbound) -> str:
        """Into the citizen's open session, or a new one; its id."""
        _check(message)
        async with self._alone(gateway, message.address):
            came = await self._hub.database.read(lambda connection: threads.came(connection, gateway, message.id))
            if came is not None:
                return came
            while True:
                session = await self._session(gateway, message)
                with suppress(_Elsewhere):
                    await self._store(gateway, message, session)
                    return session

    async def receipt(self, gateway: str, receipt: Receipt) -> None:
        """How far a message came."""
        await self._hub.deliveries.receipt(gateway, receipt)

    async def typing(self, gateway: str, address: str, *, on: bool) -> None:
        """The citizen is writing."""
        thread = await self._thread(gateway, address)
        facts = self._hub.rooms.get(thread.session) if thread else None
        if facts is not None and facts.closed is None:
            body = Typing(party=Party.CITIZEN, on=on)
            self._hub.signal(Signal(session=facts.id, key=f"{Typing.kind}:{Party.CITIZEN}", body=body))

    async def ended(self, gateway: str, address: str, reason: str) -> None:
        """The citizen's thread is over."""
        async with self._alone(gateway, address):
            thread = await self._thread(gateway, address)
            if thread is None or thread.ended:
                return
            said = self._draft(gateway, new_event(thread.session, ThreadEnded(reason=reason), at=self._hub.now()))
            await self._hub.log.append(
                thread.session,
                lambda _view: [said],
                lambda connection, _done: threads.end(connection, gateway, address, reason),
            )

    async def fresh(self, gateway: str, nonce: str, good_s: float) -> bool:
        """True the first time this nonce is seen."""
        now = self._hub.now()
        until = timestamp(now + timedelta(seconds=good_s))
        return await self._hub.database.write(
            lambda connection: threads.is_fresh(connection, gateway, nonce, timestamp(now), until)
        )

    def _alone(self, gateway: str, address: str) -> AbstractAsyncContextManager[None]:
        """One message of a thread at a time: the second finds what the first has opened."""
        if len(self._locks) > MAX_LOCKS:
            for key in [key for key, lock in self._locks.items() if not lock.locked()]:
                del self._locks[key]
        return self._locks[gateway, address]

    # ── the session ──────────────────────────────────────────────────────────────────────────────

    async def _session(self, gateway: str, message: Inbound) -> str:
        """The open session of the thread, else a new one."""
        thread = await self._thread(gateway, message.address)
        if thread is not None and await self._is_open(thread.session):
            if thread.ended:
                await self._lead(gateway, message.address, thread.session)
            return thread.session
        return await self._open(gateway, message)

    async def _is_open(self, session: str) -> bool:
        try:
            return (await self._hub.facts(session)).closed is None
        except LogRefused:
            return False

    async def _open(self, gateway: str, message: Inbound) -> str:
        session, stamp = new_id(), self._hub.stamp()
        opened = SessionOpened(
            channel=self._channels[gateway],
            language=message.language or await self._hub.languages.of(message.text) or "ko",
            number=message.number,
            name=message.name,
            queue=message.queue,
        )
        opening = Opening(
            session=session,
            keys=(),
            draft=self._draft(gateway, new_event(session, opened, at=self._hub.now())),
            number=message.number,
        )
        await self._hub.log.open(
            opening, lambda connection, _done: threads.lead(connection, gateway, message.address, session, stamp)
        )
        return session

    async def _lead(self, gateway: str, address: str, session: str) -> None:
        stamp = self._hub.stamp()
        await self._hub.database.write(lambda c: threads.lead(c, gateway, address, session, stamp))

    # ── its words ────────────────────────────────────────────────────────────────────────────────

    async def _store(self, gateway: str, message: Inbound, session: str) -> None:
        events = await self._events(gateway, message, session)
        drafts = [self._draft(gateway, event) for event in events]
        stamp = self._hub.stamp()
        rows = [
            outward
            for event in events
            if (outward := outward_of(event, Thread(gateway=gateway, address=message.address, session=session), stamp))
        ]

        def decide(view: SessionView) -> Sequence[Draft]:
            if view.facts.closed is not None:  # closed a moment ago: what the citizen wrote would not be seen there
                raise _Elsewhere
            return drafts

        def beside(connection: sqlite3.Connection, done: Appended) -> None:
            thread = threads.find(connection, gateway, message.address)
            if thread is None or thread.session != session:  # merged a moment ago
                raise _Elsewhere
            ids = [taken.id for taken in done.taken]
            if not threads.note_came(connection, gateway, message.id, session, ids, stamp):
                raise LogRefused(409, "came-already", "this message came already")
            for row in rows:
                delivery_table.add(connection, row)

        await self._hub.log.append(session, decide, beside)
        if rows:
            self._hub.deliveries.wake(gateway)

    async def _events(self, gateway: str, message: Inbound, session: str) -> list[Event]:
        """What a bot said before, the message, what could not be taken of it, and what follows from it."""
        at = min(message.at or self._hub.now(), self._hub.now() + SKEW)
        bodies: list[tuple[Body, datetime, Audience | None]] = [
            (
                MessageSent(party=line.party, text=line.text[:MAX_TEXT], via=self._channels[gateway]),
                min(line.at, at),
                None,
            )
            for line in message.history[-MAX_HISTORY:]
            if line.text.strip()
        ]
        kept, refused = await self._files(gateway, message, session, at)
        bodies += [(body, at, None) for body in await self._words(gateway, message, kept)]
        bodies += [(NoteWritten(text=text), at, None) for text in refused]
        bodies += [(body, at, None) for body in message.facts]
        return [
            Event(
                id=derived_id(at, gateway, message.id, str(n)),
                session=session,
                at=timestamp(when),
                body=body,
                audience=audience or body.audience,
            )
            for n, (body, when, audience) in enumerate(bodies)
        ]

    async def _words(self, gateway: str, message: Inbound, kept: Sequence[Attachment]) -> list[MessageSent]:
        """The message, in as many events as its length needs: nothing of it is cut off."""
        language = message.language or await self._hub.languages.of(message.text)
        texts = [message.text[at : at + MAX_TEXT] for at in range(0, len(message.text), MAX_TEXT)]
        texts = [text for text in texts if text.strip()] or ([""] if kept else [])
        return [
            MessageSent(
                party=Party.CITIZEN,
                text=text,
                language=language,
                via=self._channels[gateway],
                subject=message.subject[:200] if n == 0 else "",
                attachments=tuple(kept) if n == 0 else (),
            )
            for n, text in enumerate(texts)
        ]

    async def _files(
        self, gateway: str, message: Inbound, session: str, at: datetime
    ) -> tuple[list[Attachment], list[str]]:
        """What was kept, and in words what could not be: the agent must know that something was there."""
        kept: list[Attachment] = []
        refused: list[str] = []
        for n, file in enumerate(message.files):
            if n >= MAX_ATTACHMENTS:
                refused.append(
                    f"첨부 {len(message.files) - n}개를 더 받지 못했습니다: 한 번에 {MAX_ATTACHMENTS}개까지입니다."
                )
                break
            id_ = derived_id(at, gateway, message.id, f"file {n}")
            try:
                kept.append(
                    await self._hub.attachments.add(
                        session, file.data, file.name, file.media_type, by=f"gateway:{gateway}", id_=id_
                    )
                )
            except BadInput as error:
                logger.info("a file of %s was refused: %s", gateway, error.why)
                refused.append(f"첨부 “{file.name[:100]}”을(를) 받지 않았습니다: {in_korean(error.why)}")
        return kept, refused

    def _draft(self, gateway: str, event: Event) -> Draft:
        return intake.one_draft(self._hub, event, f"gateway:{gateway}")

    async def _thread(self, gateway: str, address: str) -> Thread | None:
        return await self._hub.database.read(lambda connection: threads.find(connection, gateway, address))


class _Elsewhere(Exception):
    """The thread leads to another session by now."""


def _check(message: Inbound) -> None:
    for name, value in (("id", message.id), ("address", message.address)):
        if not 1 <= len(value) <= MAX_ADDRESS:
            raise BadInput(name, f"must have 1 to {MAX_ADDRESS} characters")
    if not message.text.strip() and not message.files and not message.facts:
        raise BadInput("text", "must not be empty")
