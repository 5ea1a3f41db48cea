"""A scripted SMSC for what a real one does only in bad hours: throttling, silence, half answers, duplicates, odd receipts.

Packs and reads PDUs by struct alone, so that it shares no code with what it tests.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Awaitable, Callable

from client.domain.gateway_account import SmppAccount

SUBMIT, DELIVER, UNBIND, BIND, ENQUIRE = 4, 5, 6, 9, 0x15
RESPONSE = 0x80000000
Script = Callable[["Link", int, bytes], Awaitable[None]]


def packed(command: int, status: int, sequence: int, body: bytes = b"") -> bytes:
    return struct.pack(">LLLL", 16 + len(body), command, status, sequence) + body


def deliver_body(
    text: bytes, *, source="821012345678", to="120", esm=0, coding=8, tlvs: dict[int, bytes] | None = None
) -> bytes:
    fixed = b"\0" + b"\1\1" + source.encode() + b"\0" + b"\0\1" + to.encode() + b"\0"
    fixed += bytes([esm, 0, 0]) + b"\0\0" + bytes([0, 0, coding, 0, len(text)]) + text
    return fixed + b"".join(struct.pack(">HH", tag, len(value)) + value for tag, value in (tlvs or {}).items())


class Link:
    """One connection. `answers` — status by sequence number of what was delivered."""

    def __init__(self, smsc: Smsc, writer: asyncio.StreamWriter) -> None:
        self.smsc = smsc
        self.writer = writer
        self.answers: dict[int, int] = {}
        self.unbound = False
        self._sequence = 100

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    def took(self, sequence: int, id_: str = "", status: int = 0) -> None:
        self.send(packed(SUBMIT | RESPONSE, status, sequence, id_.encode() + b"\0"))

    def deliver(self, text: bytes, **fields) -> int:
        self._sequence += 1
        self.send(packed(DELIVER, 0, self._sequence, deliver_body(text, **fields)))
        return self._sequence

    def cut(self) -> None:
        self.writer.transport.abort()


async def take(link: Link, sequence: int, body: bytes) -> None:
    """Take every message."""
    link.took(sequence, f"{len(link.smsc.submitted):X}")


class Smsc:
    """Attributes: `script` — what it does with a submit_sm; `submitted` — their bodies; `links`; `login` — bind's status."""

    def __init__(self) -> None:
        self.script: Script = take
        self.submitted: list[bytes] = []
        self.links: list[Link] = []
        self.login = 0
        self.answers_enquiries = True
        self.enquiries = 0
        self._server: asyncio.Server | None = None

    async def start(self) -> Smsc:
        self._server = await asyncio.start_server(self._link, "127.0.0.1", 0)
        return self

    def account(self, **changes) -> SmppAccount:
        port = self._server.sockets[0].getsockname()[1]
        known = {"host": "127.0.0.1", "port": port, "system_id": "ieum", "password": "pw", "senders": ("120",)}
        return SmppAccount(**{**known, **changes})

    async def stop(self) -> None:
        for link in self.links:
            link.cut()
        self._server.close()
        await self._server.wait_closed()

    async def _link(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        link = Link(self, writer)
        try:
            while True:
                length, command, status, sequence = struct.unpack(">LLLL", await reader.readexactly(16))
                await self._came(link, command, status, sequence, await reader.readexactly(length - 16))
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def _came(self, link: Link, command: int, status: int, sequence: int, body: bytes) -> None:
        if command == BIND:
            link.send(packed(BIND | RESPONSE, self.login, sequence, b"smsc\0"))
            if not self.login:
                self.links.append(link)
        elif command == SUBMIT:
            self.submitted.append(body)
            await self.script(link, sequence, body)
        elif command == ENQUIRE:
            self.enquiries += 1
            if self.answers_enquiries:
                link.send(packed(ENQUIRE | RESPONSE, 0, sequence))
        elif command == UNBIND:
            link.unbound = True
            link.send(packed(UNBIND | RESPONSE, 0, sequence))
        elif command == DELIVER | RESPONSE:
            link.answers[sequence] = status
