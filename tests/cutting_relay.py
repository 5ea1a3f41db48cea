"""A network between a browser and the hub that dies in the middle of a request or of an answer."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

BODY_BYTES = 12  # of the cut answer's body that still arrive
Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Relay:
    """Passes bytes on to `target`. Attributes: `url` — where it listens, once started."""

    def __init__(self) -> None:
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._words = b""
        self.target = ""
        self.url = ""

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._connection, "127.0.0.1", 0)
        self.url = "http://{}:{}".format(*self._server.sockets[0].getsockname()[:2])

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        where = urlsplit(self.target)
        hub_reader, hub_writer = await asyncio.open_connection(where.hostname, where.port)
        ways = {asyncio.create_task(way) for way in self._ways((reader, writer), (hub_reader, hub_writer))}
        self._tasks |= ways
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
        self._tasks -= ways
        self._hang_up(hub_writer, writer)

    def _ways(self, browser: Stream, hub: Stream) -> tuple[Coroutine[Any, Any, None], Coroutine[Any, Any, None]]:
        """What passes from the browser to the hub, and back."""
        raise NotImplementedError

    def _hang_up(self, *ends: asyncio.StreamWriter) -> None:
        for end in ends:
            end.close()


class CuttingRelay(Relay):
    """`cut(words)`: the next answer to a request that begins so breaks off within its body."""

    def __init__(self) -> None:
        super().__init__()
        self.cuts = 0

    def cut(self, words: str) -> None:
        self._words = words.encode()

    def _ways(self, browser: Stream, hub: Stream) -> tuple[Coroutine[Any, Any, None], Coroutine[Any, Any, None]]:
        doomed = asyncio.Event()
        return self._ask(browser[0], hub[1], doomed), self._answer(hub[0], browser[1], doomed)

    async def _ask(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, doomed: asyncio.Event) -> None:
        while data := await reader.read(65536):
            if self._words and data.startswith(self._words):
                self._words = b""
                doomed.set()
            writer.write(data)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, doomed: asyncio.Event) -> None:
        while data := await reader.read(65536):
            if doomed.is_set():
                head, _, body = data.partition(b"\r\n\r\n")
                writer.write(head + b"\r\n\r\n" + body[:BODY_BYTES])
                self.cuts += 1
                with suppress(ConnectionError):
                    await writer.drain()
                return
            writer.write(data)


class DyingNetwork(Relay):
    """`die(words, after)`: a request that begins so breaks off after so many of its bytes."""

    def __init__(self) -> None:
        super().__init__()
        self._left = 0
        self.deaths = 0

    def die(self, words: str, after: int) -> None:
        self._words, self._left = words.encode(), after

    def _ways(self, browser: Stream, hub: Stream) -> tuple[Coroutine[Any, Any, None], Coroutine[Any, Any, None]]:
        return self._ask(browser[0], hub[1]), _pass(hub[0], browser[1])

    def _hang_up(self, *ends: asyncio.StreamWriter) -> None:
        for end in ends:
            end.transport.abort()

    async def _ask(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        doomed = False
        with suppress(ConnectionError):
            while data := await reader.read(65536):
                if self._words and data.startswith(self._words):
                    doomed, self._words = True, b""
                writer.write(data[: self._left] if doomed else data)
                await writer.drain()
                if doomed and (left := self._left - len(data)) <= 0:
                    self.deaths += 1
                    return
                self._left = left if doomed else self._left


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
