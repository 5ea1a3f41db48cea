"""Events for one desk, from another process: posted to the hub as any other client of the same agent would.

`python -m client.bench.desk_load FILE` reads its orders as one JSON object from a file, for a token in the arguments
would be for all to see.
"""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from client.bench.hub_load import Connection, caption
from client.domain.codec import decode, encode
from client.domain.event import SessionOpened, event_to_json, new_event
from client.domain.ids import new_id
from client.domain.words import Channel
from client.wire import OpenSession

BATCH = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """`session` is the running call's, `others` how many more share the load, `rate` events a second in all."""

    url: str
    token: str
    session: str
    others: int
    rate: float
    seconds: float


async def post(orders: Orders) -> int:
    """Post at a steady rate, one batch a session in turn; how many events the hub took."""
    connection = await Connection.open(orders.url, orders.token)
    sessions = [orders.session, *[await _open(connection) for _ in range(orders.others)]]
    loop = asyncio.get_running_loop()
    begun = loop.time()
    posted = 0
    while loop.time() - begun < orders.seconds:
        session = sessions[(posted // BATCH) % len(sessions)]
        batch = {"events": [event_to_json(caption(session)) for _ in range(BATCH)]}
        await connection.post(f"/v1/sessions/{session}/events", json.dumps(batch).encode())
        posted += BATCH
        await asyncio.sleep(max(0.0, begun + posted / orders.rate - loop.time()))
    connection.close()
    return posted


async def _open(connection: Connection) -> str:
    event = new_event(new_id(), SessionOpened(channel=Channel.PHONE), at=datetime.now(UTC))
    opening = OpenSession(id=event.session, keys=(f"sip:{event.session}",), event=event_to_json(event))
    await connection.post("/v1/sessions", json.dumps(encode(opening)).encode())
    return event.session


if __name__ == "__main__":
    print(
        json.dumps(
            {"event": "posted", "count": asyncio.run(post(decode(Orders, json.loads(Path(sys.argv[1]).read_text()))))}
        )
    )
