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
CONNECTIONS = 4  # a post waits for the disk: one after the other would not keep the rate


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
    connections = [await Connection.open(orders.url, orders.token) for _ in range(CONNECTIONS)]
    sessions = [orders.session, *[await _open(connections[0]) for _ in range(orders.others)]]
    due = _Due(orders, sessions)
    await asyncio.gather(*(_post_what_is_due(connection, due) for connection in connections))
    return due.taken * BATCH


class _Due:
    """Which batch is next, and when; shared by all connections."""

    def __init__(self, orders: Orders, sessions: list[str]) -> None:
        self._loop = asyncio.get_running_loop()
        self._begun = self._loop.time()
        self._orders = orders
        self._sessions = sessions
        self.taken = 0

    async def next(self) -> str | None:
        """The session of the next batch, at its moment; None when the time is over."""
        moment = self._begun + self.taken * BATCH / self._orders.rate
        if max(moment, self._loop.time()) - self._begun >= self._orders.seconds:
            return None
        session = self._sessions[self.taken % len(self._sessions)]
        self.taken += 1
        await asyncio.sleep(max(0.0, moment - self._loop.time()))
        return session


async def _post_what_is_due(connection: Connection, due: _Due) -> None:
    while session := await due.next():
        batch = {"events": [event_to_json(caption(session)) for _ in range(BATCH)]}
        await connection.post(f"/v1/sessions/{session}/events", json.dumps(batch).encode())
    connection.close()


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
