"""The other open chats of the chat benchmark: sessions of other agents, each with a stream, and ten messages a second.

Prints `ready` once all are open. Ends when it is ended.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys

from client.bench.hub_load import Load
from client.domain.words import Channel

RATE = 10  # messages a second, over all
LONG_S = 600.0


async def _crowd(url: str, token: str, count: int) -> None:
    load = Load(url, token, streams=count, rate=RATE, batch=1, channel=Channel.CHAT)
    load.on_open = _ready
    await load.run(LONG_S)


def _ready() -> None:
    sys.stdout.write(json.dumps({"event": "ready"}) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("token")
    parser.add_argument("count", type=int)
    given = parser.parse_args()
    asyncio.run(_crowd(given.url, given.token, given.count))
