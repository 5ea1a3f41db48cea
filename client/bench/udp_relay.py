"""A bad network between two peers without root: a UDP relay that stands in for their ICE candidates, loses and delays.

Each peer is given the relay's address in the place of the other's, so all media goes through it, in both directions: what
comes from the offerer leaves towards the answerer from the socket that stands in for the offerer, and the other way round.
A process of its own, since a peer's or a desk's stall must not be the network's: orders and answers are JSON lines.

    {"op": "open", "address": …, "loss": 0.02, "delay_ms": 40, "seed": 1} → {"event": "opened", "ports": [offerer's, answerer's]}
    {"op": "towards", "offerer" | "answerer": [address, port]}
"""

from __future__ import annotations

import asyncio
import heapq
import random
import re
import socket
import time
from dataclasses import dataclass, field
from typing import Any

from client.bench.orders import orders, say

CANDIDATE = re.compile(r"a=candidate:(\S+) (\d+) (udp|UDP) (\d+) (\d+\.\d+\.\d+\.\d+) (\d+) typ host.*")
BUFFER_BYTES = 1 << 20
LARGEST_BYTES = 65_536
Address = tuple[str, int]


def own_address() -> str:
    """An IPv4 address of this machine that is not loopback where there is one; nothing is sent to find it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # RFC 5737: nobody's; a UDP socket only looks up the way there
            return str(probe.getsockname()[0])
        except OSError:
            return "127.0.0.1"


def host_candidate(sdp: str) -> Address:
    """The first IPv4 UDP host candidate of a description; raises `ValueError` without one (a hidden name is none)."""
    for line in sdp.splitlines():
        if match := CANDIDATE.fullmatch(line):
            return match[5], int(match[6])
    raise ValueError("the description has no candidate with an IPv4 address")


def through(sdp: str, relay: Address) -> str:
    """The description with the relay in the place of its first candidate, and no other candidate."""
    host_candidate(sdp)
    lines, done = [], False
    for line in sdp.splitlines():
        done = done and not line.startswith("m=")
        if not line.startswith("a=candidate:"):
            lines.append(line)
        elif not done and (match := CANDIDATE.fullmatch(line)):
            done = True
            lines.append(f"a=candidate:{match[1]} {match[2]} udp {match[4]} {relay[0]} {relay[1]} typ host")
    return "\r\n".join(lines) + "\r\n"


@dataclass(slots=True)
class Weather:
    """What happens to packets: `loss` (0–1) of them vanish, the others come `delay_s` later, in their order."""

    loss: float
    delay_s: float
    dice: random.Random
    passed: int = 0
    lost: int = 0

    def lets_pass(self) -> bool:
        """Whether the next packet arrives."""
        kept = self.dice.random() >= self.loss
        self.passed += kept
        self.lost += not kept
        return kept


@dataclass(slots=True)
class Side(asyncio.DatagramProtocol):
    """The socket that stands in for one peer; `target` is where that peer really is."""

    weather: Weather
    target: Address | None = None
    other: Side | None = None
    transport: asyncio.DatagramTransport | None = None
    _due: list[tuple[float, int, bytes]] = field(default_factory=list)
    _number: int = 0

    def datagram_received(self, data: bytes, _source: Address) -> None:
        """From the other peer: on to the one we stand for, which sees it come from the other's stand-in."""
        if not self.weather.lets_pass():
            return
        if not self.weather.delay_s:
            self._send(data)
            return
        self._number += 1
        heapq.heappush(self._due, (time.monotonic() + self.weather.delay_s, self._number, data))
        if len(self._due) == 1:
            asyncio.get_running_loop().call_later(self.weather.delay_s, self._flush)

    def _flush(self) -> None:
        while self._due and self._due[0][0] <= time.monotonic():
            self._send(heapq.heappop(self._due)[2])
        if self._due:
            asyncio.get_running_loop().call_later(max(0.0, self._due[0][0] - time.monotonic()), self._flush)

    def _send(self, data: bytes) -> None:
        if self.other is not None and self.other.transport is not None and self.target is not None:
            self.other.transport.sendto(data, self.target)


async def open_sides(address: str, weather: Weather) -> tuple[Side, Side]:
    """(for the offerer, for the answerer): two sockets at free ports of `address`."""
    offerer, answerer = Side(weather), Side(weather)
    offerer.other, answerer.other = answerer, offerer
    for side in (offerer, answerer):
        await _bind(side, address)
    return offerer, answerer


async def _bind(side: Side, address: str) -> None:
    bound = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
        bound.setsockopt(socket.SOL_SOCKET, option, BUFFER_BYTES)
    bound.bind((address, 0))
    bound.setblocking(False)
    side.transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(lambda: side, sock=bound)


class Relay:
    """What one process relays: opened once for each connection, the one before it is closed."""

    def __init__(self) -> None:
        self._sides: tuple[Side, Side] | None = None

    async def order(self, order: dict[str, Any]) -> dict[str, Any]:
        """Do what one line says; what is told about it."""
        if order["op"] == "open":
            return await self._open(order)
        assert self._sides is not None
        for name, side in zip(("offerer", "answerer"), self._sides, strict=True):
            if name in order:
                side.target = (order[name][0], order[name][1])
        return {"event": "towards"}

    async def _open(self, order: dict[str, Any]) -> dict[str, Any]:
        self.close()
        weather = Weather(order["loss"], order["delay_ms"] / 1000, random.Random(order["seed"]))  # noqa: S311 — no secret
        self._sides = await open_sides(order["address"], weather)
        ports = [side.transport.get_extra_info("sockname")[1] for side in self._sides if side.transport is not None]
        return {"event": "opened", "ports": ports}

    def close(self) -> None:
        """Close the sockets, if there are any."""
        for side in self._sides or ():
            if side.transport is not None:
                side.transport.close()
        self._sides = None


async def _serve() -> None:
    """Orders until there are no more."""
    relay = Relay()
    async for order in orders():
        say(**await relay.order(order))
    relay.close()


if __name__ == "__main__":
    asyncio.run(_serve())
