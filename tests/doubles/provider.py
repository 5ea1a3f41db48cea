"""A provider's HTTP server for tests, on this machine: takes messages as strictly as it says, and misbehaves as told."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import deque
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any
from urllib.parse import parse_qs, urlsplit

import h11


class Fault(Enum):
    """What happens to one request that would have been answered well."""

    SILENT = auto()  # taken, and never answered
    DIES = auto()  # taken, and the connection closed without an answer
    HALF = auto()  # taken, and the connection closed within the answer
    ERROR_500 = auto()  # taken, and 500 answered
    BUSY_503 = auto()  # taken or not, nobody says
    GARBAGE = auto()  # taken, and answered what is no JSON
    LIES = auto()  # taken, and answered JSON that says nothing
    LISTS = auto()  # taken, and answered a JSON list
    WRONG_TYPE = auto()  # taken, and the right answer calls itself HTML
    HUGE = auto()  # taken, and answered megabytes
    TRICKLES = auto()  # taken, and answered a byte at a time for ever
    SEE_OTHER = auto()  # taken, and 303 answered
    TOO_MANY_429 = auto()  # not taken
    LATER_503 = auto()  # not taken, with Retry-After
    MOVED_308 = auto()  # not taken


NOT_TAKEN = frozenset({Fault.TOO_MANY_429, Fault.LATER_503, Fault.MOVED_308})


@dataclass(frozen=True)
class Asked:
    """One request as it came; header names in lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        return {name: values[-1] for name, values in parse_qs(urlsplit(self.target).query).items()}


@dataclass(frozen=True)
class Reply:
    """One answer."""

    status: int
    data: Any = None
    headers: dict[str, str] = field(default_factory=dict)


class Refusal(Exception):
    """The request deviates from what is documented."""

    def __init__(self, status: int, code: str, words: str) -> None:
        super().__init__(f"{status} {code}: {words}")
        self.status, self.code, self.words = status, code, words


class ProviderDouble:
    """`async with` it. Attributes: `asked` — every request; `faults` — taken off one by one by requests of `faults_at`, a method
    and the end of a path; `taken` — what it took, by its own id.

    A subclass answers in `answer` (raises `Refusal`) and words its errors in `error`.
    """

    sends_at = ("POST", "/")

    def __init__(self) -> None:
        self.faults_at = self.sends_at
        self.taken: dict[str, dict[str, Any]] = {}
        self.asked: list[Asked] = []
        self.faults: deque[Fault] = deque()
        self.base_url = ""
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[Any]] = set()

    async def __aenter__(self):
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.base_url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_):
        await self.go_away()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def go_away(self) -> None:
        """Nobody listens any more."""
        assert self._server is not None
        self._server.close()
        for writer in list(self._open):
            writer.transport.abort()

    def answer(self, asked: Asked) -> Reply:
        raise NotImplementedError

    def error(self, refusal: Refusal) -> Any:
        raise NotImplementedError

    def _is_faulty(self, asked: Asked) -> bool:
        method, end = self.faults_at
        return asked.method == method and asked.path.endswith(end)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self._open.add(writer)
        try:
            asked = await _read(reader)
            if asked is not None:
                await self._handle(asked, reader, writer)
        except (ConnectionError, h11.RemoteProtocolError):
            pass
        finally:
            self._open.discard(writer)
            writer.close()

    async def _handle(self, asked: Asked, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.asked.append(asked)
        fault = self.faults.popleft() if self.faults and self._is_faulty(asked) else None
        if fault in NOT_TAKEN:
            reply = Reply(500)
        else:
            try:
                reply = self.answer(asked)
            except Refusal as refusal:
                reply, fault = Reply(refusal.status, self.error(refusal)), None
        await _write(writer, reader, reply, fault)


async def _read(reader: asyncio.StreamReader) -> Asked | None:
    connection = h11.Connection(h11.SERVER, max_incomplete_event_size=65536)
    request, body = None, b""
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            if not (data := await reader.read(65536)):
                return None
            connection.receive_data(data)
        elif isinstance(event, h11.Request):
            request = event
        elif isinstance(event, h11.Data):
            body += bytes(event.data)
        elif isinstance(event, h11.EndOfMessage):
            assert request is not None
            headers = {name.decode(): value.decode("latin-1") for name, value in request.headers}
            return Asked(request.method.decode(), request.target.decode(), headers, body)


async def _write(writer, reader, reply: Reply, fault: Fault | None) -> None:
    match fault:
        case Fault.SILENT:
            await reader.read()  # until the other side has had enough
        case Fault.DIES:
            pass
        case Fault.HALF:
            writer.write(_bytes(200, {"content-type": "application/json"}, b'{"x":1}')[:-3])
            await writer.drain()
        case Fault.TRICKLES:
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100000\r\n\r\n")
            while True:
                writer.write(b" ")
                await writer.drain()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(reader.read(1), 0.02)
                    return
        case _:
            writer.write(_bytes(*_answered(reply, fault)))
            await writer.drain()


def _answered(reply: Reply, fault: Fault | None) -> tuple[int, dict[str, str], bytes]:
    json_type = {"content-type": "application/json;charset=UTF-8", **reply.headers}
    body = b"" if reply.data is None else json.dumps(reply.data, ensure_ascii=False).encode()
    told = {
        None: (reply.status, json_type, body),
        Fault.ERROR_500: (500, json_type, b'{"error":"internal"}'),
        Fault.BUSY_503: (503, json_type, b""),
        Fault.GARBAGE: (reply.status, json_type, b"\xff<html>\x00 not JSON"),
        Fault.LIES: (reply.status, json_type, b'{"well":"done"}'),
        Fault.LISTS: (reply.status, json_type, b"[1]"),
        Fault.WRONG_TYPE: (reply.status, {"content-type": "text/html"}, body),
        Fault.HUGE: (reply.status, json_type, b" " * 1_500_000 + body),
        Fault.SEE_OTHER: (303, {"location": "/elsewhere"}, b""),
        Fault.TOO_MANY_429: (429, {"retry-after": "7"}, b""),
        Fault.LATER_503: (503, {"retry-after": "11"}, b""),
        Fault.MOVED_308: (308, {"location": "/elsewhere"}, b""),
    }
    return told[fault]


def _bytes(status: int, headers: dict[str, str], body: bytes) -> bytes:
    lines = [f"HTTP/1.1 {status} Said", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, f"content-length: {len(body)}", "connection: close", "", ""]).encode() + body
