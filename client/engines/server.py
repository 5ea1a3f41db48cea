"""The server half of an engine: one desk, any number of PCM subscribers, and the reports that must not be lost.

What an engine tells while no desk listens is kept and repeated. Without a desk for 30 s the engine ends politely.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import logging
import os
import secrets
import struct
from collections import deque
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Protocol

from client import engine_protocol as protocol
from client import platform
from client.domain.call import Telling
from client.domain.codec import BadInput, decode, encode
from client.engines.pcm_store import PcmStore

log = logging.getLogger(__name__)

MAX_UNSENT = 4_000_000  # bytes a slow PCM subscriber may lag before it is cut off: it can come back and catch up
CONTROL_OPS = ("grant", "quit")


class EngineRefusal(Exception):
    """A request cannot be met; the text is for a person."""


class Engine(Protocol):
    """What an engine offers to its server."""

    async def request(self, op: str, args: dict[str, Any]) -> object:
        """Meet a desk's request; the answer is JSON-ready. Raises `EngineRefusal` or `BadInput`."""

    def snapshot(self) -> Iterable[Telling]:
        """How everything stands, for a desk that has just connected."""

    async def stop(self) -> None:
        """End politely."""


class EngineServer:
    """Listens on loopback, writes its endpoint file, serves until it is told to quit or left alone.

    Attributes: `port` — where it listens; `pcm` — the streams of this engine's legs.
    """

    def __init__(self, endpoint_file: Path, engine: Engine, *, keep_s: float = protocol.KEEP_S) -> None:
        self.port = 0
        self.pcm = PcmStore(keep_s)
        self._endpoint_file = endpoint_file
        self._engine = engine
        self._keep_s = keep_s
        self._desk: asyncio.StreamWriter | None = None
        self._desk_token = ""
        self._grants: set[str] = set()
        self._numbers = itertools.count(1)
        self._unacknowledged: deque[tuple[int, dict[str, Any]]] = deque()
        self._subscribers: dict[asyncio.StreamWriter, set[str]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._quit = asyncio.Event()
        self._alone: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def serve(self) -> None:
        """Serve to the end; the engine has been stopped when this returns."""
        self._loop = asyncio.get_running_loop()
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self._new_desk_token()
        self._left_alone()
        try:
            await self._quit.wait()
        finally:
            server.close()
            await self._engine.stop()
            for writer in [*self._subscribers, *([self._desk] if self._desk else [])]:
                writer.close()
            self._endpoint_file.unlink(missing_ok=True)

    def grant(self) -> str:
        """A token that opens one PCM subscription."""
        token = secrets.token_urlsafe(24)
        self._grants.add(token)
        return token

    def tell(self, telling: Telling) -> None:
        """Tell the desk, from any thread; a lasting telling is kept until the desk acknowledges it."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._tell, telling)

    def publish_pcm(self, leg: str, sample: int, pcm: bytes) -> None:
        """Publish a leg's audio from any thread; `sample` is the number of its first sample since the leg began."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._publish_pcm, leg, sample, pcm)

    def end_leg(self, leg: str) -> None:
        """The leg is over; its last 30 s stay readable for a while."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._end_leg, leg)

    # ── connections ──────────────────────────────────────────────────────────────────────────────

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            kind, payload = await asyncio.wait_for(read_frame(reader), 5)
            hello = decode(protocol.Hello, json.loads(payload)) if kind == protocol.JSON_KIND else None
            if hello is None or not self._opens(hello):
                return
            await (self._serve_desk if hello.role == "desk" else self._serve_subscriber)(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError, TimeoutError):
            pass
        except (protocol.ProtocolError, BadInput, ValueError) as error:
            log.warning("a connection was closed: %s", error)
        finally:
            self._subscribers.pop(writer, None)
            writer.close()

    def _opens(self, hello: protocol.Hello) -> bool:
        if hello.role == "desk" and secrets.compare_digest(hello.token, self._desk_token):
            self._new_desk_token()
            return True
        if hello.role == "pcm" and hello.token in self._grants:
            self._grants.discard(hello.token)
            return True
        return False

    def _new_desk_token(self) -> None:
        self._desk_token = secrets.token_urlsafe(24)
        endpoint = protocol.Endpoint(port=self.port, token=self._desk_token, pid=os.getpid())
        platform.write_private(self._endpoint_file, json.dumps(encode(endpoint)).encode())

    async def _serve_desk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._desk is not None:
            self._desk.close()
        self._desk = writer
        if self._alone is not None:
            self._alone.cancel()
        for number, report in self._unacknowledged:
            send(writer, {"n": number, **report})
        for telling in self._engine.snapshot():
            send(writer, {"n": 0, **_report(telling)})
        try:
            while True:
                kind, payload = await read_frame(reader)
                if kind == protocol.JSON_KIND:
                    self._from_desk(json.loads(payload), writer)
        finally:
            if self._desk is writer:
                self._desk = None
                self._left_alone()

    def _left_alone(self) -> None:
        self._alone = asyncio.get_running_loop().call_later(self._keep_s, self._quit.set)

    def _from_desk(self, message: Any, writer: asyncio.StreamWriter) -> None:
        if not isinstance(message, dict):
            raise protocol.ProtocolError("a message must be an object")
        if "ack" in message:
            while self._unacknowledged and self._unacknowledged[0][0] <= message["ack"]:
                self._unacknowledged.popleft()
            return
        task = asyncio.ensure_future(self._answer(message, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, message: dict[str, Any], writer: asyncio.StreamWriter) -> None:
        number, op, args = message.get("id"), str(message.get("op")), message.get("args") or {}
        try:
            if op in CONTROL_OPS:
                result: object = self._control(op)
            else:
                result = await self._engine.request(op, args)
            send(writer, {"re": number, "ok": encode(result)})
        except (EngineRefusal, BadInput) as error:
            send(writer, {"re": number, "error": str(error)})
        except Exception as error:
            log.exception("request %s failed", op)
            send(writer, {"re": number, "error": f"{type(error).__name__}: {error}"})

    def _control(self, op: str) -> object:
        if op == "grant":
            return {"port": self.port, "token": self.grant()}
        asyncio.get_running_loop().call_later(0.05, self._quit.set)  # lets the answer leave first
        return None

    # ── telling and PCM ──────────────────────────────────────────────────────────────────────────

    def _tell(self, telling: Telling) -> None:
        number = 0
        if telling.lasting:
            number = next(self._numbers)
            self._unacknowledged.append((number, _report(telling)))
        if self._desk is not None:
            send(self._desk, {"n": number, **_report(telling)})

    async def _serve_subscriber(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        legs = self._subscribers.setdefault(writer, set())
        while True:
            _, payload = await read_frame(reader)
            message = json.loads(payload)
            leg = str(message.get("leg"))
            if message.get("op") == "unsubscribe":
                legs.discard(leg)
                continue
            legs.add(leg)
            for sample, pcm in self.pcm.since(leg, int(message.get("from_sample", 0))):
                writer.write(protocol.pack_pcm(leg, sample, pcm))
            if self.pcm.ended(leg):
                send(writer, {"end": leg})

    def _publish_pcm(self, leg: str, sample: int, pcm: bytes) -> None:
        self.pcm.add(leg, sample, pcm)
        frame = None
        for writer, legs in list(self._subscribers.items()):
            if leg not in legs:
                continue
            if writer.transport.get_write_buffer_size() > MAX_UNSENT:
                log.warning("a PCM subscriber is too slow and is cut off")
                writer.transport.abort()
                continue
            frame = frame or protocol.pack_pcm(leg, sample, pcm)
            writer.write(frame)

    def _end_leg(self, leg: str) -> None:
        self.pcm.end(leg)
        for writer, legs in self._subscribers.items():
            if leg in legs:
                send(writer, {"end": leg})
        asyncio.get_running_loop().call_later(self._keep_s, self.pcm.drop, leg)


def _report(telling: Telling) -> dict[str, Any]:
    return {"ev": telling.name, "body": encode(telling)}


def send(writer: asyncio.StreamWriter, message: dict[str, Any]) -> None:
    """Write one JSON frame; a closed connection is noticed by its reader."""
    if not writer.is_closing():
        writer.write(protocol.pack(protocol.JSON_KIND, json.dumps(message, ensure_ascii=False).encode()))


async def read_frame(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    """(kind, payload) of the next frame; raises `ProtocolError`, `IncompleteReadError` at the end."""
    try:
        length, kind = protocol.unpack_head(await reader.readexactly(protocol.HEAD_BYTES))
    except struct.error as error:
        raise protocol.ProtocolError("broken frame") from error
    return kind, await reader.readexactly(length)


async def serve_until(server: EngineServer, stop: asyncio.Event) -> None:
    """Serve until the desk says quit or `stop` is set (a signal from the system)."""
    serving = asyncio.ensure_future(server.serve())
    stopping = asyncio.ensure_future(stop.wait())
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if not serving.done():
        server._quit.set()  # noqa: SLF001 — the same module
    with contextlib.suppress(asyncio.CancelledError):
        await serving
