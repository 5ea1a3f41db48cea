"""Reading PCM streams of another engine."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

from client import engine_protocol as protocol
from client.domain.codec import encode
from client.engines.server import read_frame, send


async def read_leg(port: int, token: str, leg: str, from_sample: int = 0) -> AsyncIterator[tuple[int, bytes]]:
    """(number of the first sample, 16 kHz mono s16le PCM) of one leg until it ends; raises `ConnectionError`.

    `token` is a grant of the publishing engine and good for this one stream.
    """
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        send(writer, encode(protocol.Hello(token=token, role="pcm")))
        send(writer, {"op": "subscribe", "leg": leg, "from_sample": from_sample})
        while True:
            kind, payload = await read_frame(reader)
            if kind == protocol.PCM_KIND:
                _, sample, pcm = protocol.unpack_pcm(payload)
                yield sample, pcm
            elif json.loads(payload).get("end") == leg:
                return
    except asyncio.IncompleteReadError as error:
        raise ConnectionError("the publishing engine is gone") from error
    finally:
        writer.close()
