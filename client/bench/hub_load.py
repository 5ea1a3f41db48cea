"""Load on a hub in another process: streams that listen and requests that post, over plain sockets to cost little."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlsplit

from client.domain.codec import encode
from client.domain.event import Caption, Event, SessionOpened, Word, event_to_json, new_event
from client.domain.ids import new_id
from client.domain.words import Channel, Party
from client.wire import OpenSession

_ID = re.compile(rb'"id":"([0-9a-f-]{36})"')
LEG = "call/agent"
TEXT = "네 장기요양 인정 신청은 가까운 건강보험공단 지사나 온라인으로 하실 수 있습니다"


def caption(session: str) -> Event:
    """One utterance as the speech engine tells it: nine words with times."""
    words = tuple(
        Word(text=text, start_ms=n * 300, end_ms=n * 300 + 250, confidence=0.9) for n, text in enumerate(TEXT.split())
    )
    body = Caption(utterance=new_id(), party=Party.AGENT, text=TEXT, words=words, engine="whisper", end_ms=2_700)
    return new_event(session, body, at=datetime.now(UTC), leg=LEG, media_ms=2_700)


class Connection:
    """One kept-alive HTTP/1.1 connection, one request at a time."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, token: str, host: str) -> None:
        self._reader = reader
        self._writer = writer
        self._head = f"Host: {host}\r\nAuthorization: Bearer {token}\r\n"

    @classmethod
    async def open(cls, url: str, token: str) -> Connection:
        """Connect."""
        parts = urlsplit(url)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        return cls(reader, writer, token, parts.netloc)

    async def post(self, path: str, body: bytes) -> bytes:
        """POST JSON; the answer's body. Raises `RuntimeError` unless it is a success."""
        head = (
            f"POST {path} HTTP/1.1\r\n{self._head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return await self._answer(path, head.encode() + body)

    async def get(self, path: str) -> bytes:
        """GET; the answer's body, as `post`."""
        return await self._answer(path, f"GET {path} HTTP/1.1\r\n{self._head}\r\n".encode())

    async def _answer(self, path: str, request: bytes) -> bytes:
        self._writer.write(request)
        status, length = await self._headers()
        answer = await self._reader.readexactly(length)
        if not 200 <= status < 300:  # noqa: PLR2004 — HTTP's successes
            raise RuntimeError(f"{path}: {status} {answer.decode(errors='replace')}")
        return answer

    async def listen(self, path: str) -> asyncio.StreamReader:
        """Begin a stream; what follows is its chunked body."""
        self._writer.write(f"GET {path} HTTP/1.1\r\n{self._head}Accept: text/event-stream\r\n\r\n".encode())
        await self._headers()
        return self._reader

    async def _headers(self) -> tuple[int, int]:
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
        return int(head.split(b" ", 2)[1]), int(length[1]) if length else 0

    def close(self) -> None:
        """Hang up."""
        self._writer.close()


@dataclass(slots=True)
class Measured:
    """Milliseconds of each POST (sent when due → answered) and of each event (due → in its reader's hands)."""

    commit_ms: list[float] = field(default_factory=list)
    stream_ms: list[float] = field(default_factory=list)
    missing: int = 0


class Load:
    """`streams` sessions, each with one listener; `rate` events a second in batches of `batch`, spread over all."""

    def __init__(
        self, url: str, token: str, *, streams: int, rate: int, batch: int, channel: Channel = Channel.PHONE
    ) -> None:
        self.on_open: Callable[[], None] = lambda: None
        self._channel = channel
        self._url = url
        self._token = token
        self._streams = streams
        self._rate = rate
        self._batch = batch
        self._due: dict[bytes, float] = {}
        self._idle: asyncio.Queue[Connection] = asyncio.Queue()
        self._listeners: list[Connection] = []
        self.measured = Measured()

    async def run(self, seconds: float) -> Measured:
        """Open everything, post for so long, wait for what is on its way."""
        await self._connect(16)
        sessions = [await self._open() for _ in range(self._streams)]
        readers = await asyncio.gather(*(self._listen(session) for session in sessions))
        tasks = [asyncio.create_task(self._hear(reader)) for reader in readers]
        self.on_open()
        await self._post_for(seconds, sessions)
        end = time.perf_counter() + 10
        while self._due and time.perf_counter() < end:  # noqa: ASYNC110 — a bounded wait for the last arrivals
            await asyncio.sleep(0.01)
        self.measured.missing = len(self._due)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for connection in self._listeners:
            connection.close()
        return self.measured

    async def _connect(self, count: int) -> None:
        for _ in range(count):
            self._idle.put_nowait(await Connection.open(self._url, self._token))

    async def _ask(self, path: str, body: object) -> None:
        connection = await self._idle.get()
        await connection.post(path, json.dumps(body).encode())
        self._idle.put_nowait(connection)

    async def _open(self) -> str:
        event = new_event(new_id(), SessionOpened(channel=self._channel), at=datetime.now(UTC))
        opening = OpenSession(id=event.session, keys=(f"sip:{event.session}",), event=event_to_json(event))
        await self._ask("/v1/sessions", encode(opening))
        await self._ask(f"/v1/sessions/{event.session}/claim", {})
        return event.session

    async def _listen(self, session: str) -> asyncio.StreamReader:
        connection = await Connection.open(self._url, self._token)
        self._listeners.append(connection)
        return await connection.listen(f"/v1/stream?session={session}")

    async def _hear(self, reader: asyncio.StreamReader) -> None:
        while data := await reader.readuntil(b"\n\n"):
            if b"event: event" in data and (found := _ID.search(data)):
                due = self._due.pop(found[1], None)
                if due is not None:
                    self.measured.stream_ms.append((time.perf_counter() - due) * 1000)

    async def _post_for(self, seconds: float, sessions: Sequence[str]) -> None:
        begun = time.perf_counter()
        gap = self._batch / self._rate
        posts: list[asyncio.Task[None]] = []
        for n in range(int(seconds / gap)):
            due = begun + n * gap
            if (wait := due - time.perf_counter()) > 0:
                await asyncio.sleep(wait)
            posts.append(asyncio.create_task(self._post(sessions[n % len(sessions)], due)))
        await asyncio.gather(*posts)

    async def _post(self, session: str, due: float) -> None:
        events = [event_to_json(caption(session)) for _ in range(self._batch)]
        body = json.dumps({"events": events}).encode()
        for event in events:
            self._due[event["id"].encode()] = due
        connection = await self._idle.get()
        await connection.post(f"/v1/sessions/{session}/events", body)
        self._idle.put_nowait(connection)
        self.measured.commit_ms.append((time.perf_counter() - due) * 1000)
