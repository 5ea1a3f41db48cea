"""A network between a browser and the hub that dies in the middle of an answer."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from urllib.parse import urlsplit

BODY_BYTES = 12  # of the cut answer's body that still arrive


class CuttingRelay:
    """Passes bytes on to `target`. `cut(words)`: the next answer to a request that begins so breaks off within its body."""

    def __init__(self) -> None:
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._words = b""
        self.target = ""
        self.url = ""
        self.cuts = 0

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._connection, "127.0.0.1", 0)
        self.url = "http://{}:{}".format(*self._server.sockets[0].getsockname()[:2])

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def cut(self, words: str) -> None:
        self._words = words.encode()

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        where = urlsplit(self.target)
        hub_reader, hub_writer = await asyncio.open_connection(where.hostname, where.port)
        doomed = asyncio.Event()
        ways = {
            asyncio.create_task(self._ask(reader, hub_writer, doomed)),
            asyncio.create_task(self._answer(hub_reader, writer, doomed)),
        }
        self._tasks |= ways
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
        self._tasks -= ways
        hub_writer.close()
        writer.close()

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
