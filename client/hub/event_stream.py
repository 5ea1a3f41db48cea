"""The HTTP face of a `Reader`: a response that lasts until either side ends it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from client.hub.reader import Reader

GOODBYE_S = 1.0  # for a peer that may not be reading any more


class EventStream(Response):
    """Sends what `reader` is given. `on_gone` runs once when the stream is over, whoever ended it."""

    media_type = "text/event-stream"

    def __init__(self, reader: Reader, on_gone: Callable[[], None]) -> None:
        super().__init__(headers={"cache-control": "no-store", "x-accel-buffering": "no"})
        del self.headers["content-length"]
        self._reader = reader
        self._on_gone = on_gone

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Start, pump, end (ASGI)."""
        del scope
        try:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            await self._until_over(receive, send)
        finally:
            self._reader.end()
            self._on_gone()

    async def _until_over(self, receive: Receive, send: Send) -> None:
        pump = asyncio.create_task(self._pump(send))
        gone = asyncio.create_task(_disconnected(receive))
        loop = asyncio.get_running_loop()

        def stop() -> None:
            loop.call_later(GOODBYE_S, pump.cancel)

        self._reader.on_end = stop
        try:
            await asyncio.wait({pump, gone}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            pump.cancel()
            gone.cancel()
            await asyncio.gather(pump, gone, return_exceptions=True)

    async def _pump(self, send: Send) -> None:
        while data := await self._reader.take():
            await send({"type": "http.response.body", "body": data, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
