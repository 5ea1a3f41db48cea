"""A hub that one desk started: where it is, and when it ends. It outlives its desk for as long as a call may need."""

from __future__ import annotations

import asyncio
import json
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from client import platform
from client.domain.codec import encode
from client.hub.core import Hub

WITHOUT_DESK_S = 30.0
FIRST_DESK_S = 60.0
LOOK_S = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class HubEndpoint:
    """What the endpoint file says, as JSON. `token` is the agent's credential."""

    desk_url: str
    citizen_url: str
    token: str
    pid: int


def write_endpoint(file: Path, *, desk_url: str, citizen_url: str, token: str) -> None:
    """Say where this hub is, to the owner of `file` only."""
    endpoint = HubEndpoint(desk_url=desk_url, citizen_url=citizen_url, token=token, pid=os.getpid())
    platform.write_private(file, json.dumps(encode(endpoint)).encode())


def remove_endpoint(file: Path) -> None:
    """This hub is gone; a later one's file stays."""
    with suppress(OSError, ValueError, KeyError):
        if json.loads(file.read_bytes())["pid"] == os.getpid():
            file.unlink()


async def until_unneeded(
    hub: Hub, *, first_desk_s: float = FIRST_DESK_S, without_desk_s: float = WITHOUT_DESK_S
) -> None:
    """Return when no desk has listened for a while and no citizen's page is open."""
    loop = asyncio.get_running_loop()
    begun = loop.time()
    while True:
        await asyncio.sleep(min(LOOK_S, without_desk_s / 4))
        last = hub.desks.last_left
        patience = first_desk_s if last is None else without_desk_s
        if not hub.desks.open and not hub.citizens.open and loop.time() - (begun if last is None else last) >= patience:
            return
