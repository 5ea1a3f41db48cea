"""The benchmark's bad network: it stands in for both peers, loses what it should and keeps the rest back."""

from __future__ import annotations

import asyncio
import json
import random
import subprocess
import sys
import time

import pytest

from client.bench import udp_relay
from tests.waiting import until

LOOPBACK = "127.0.0.1"
SDP = """v=0\r
m=audio 9 UDP/TLS/RTP/SAVPF 111\r
a=candidate:1 1 udp 2122260223 192.0.2.7 50001 typ host generation 0 network-id 1\r
a=candidate:2 1 udp 2122129151 fd00::2 50002 typ host generation 0\r
a=candidate:3 1 tcp 1518280447 192.0.2.7 9 typ host tcptype active\r
a=ice-ufrag:abcd\r
m=video 9 UDP/TLS/RTP/SAVPF 96\r
a=candidate:1 1 udp 2122260223 192.0.2.7 50001 typ host generation 0\r
"""


class Peer(asyncio.DatagramProtocol):
    def __init__(self):
        self.got: list[tuple[bytes, tuple[str, int], float]] = []

    weather: udp_relay.Weather

    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, source):
        self.got.append((data, source, time.monotonic()))

    @property
    def address(self):
        return self.transport.get_extra_info("sockname")


async def peers(loss: float, delay_s: float):
    """Two peers with the relay between them: (offerer, answerer, stand-ins' addresses in this order, their closing)."""
    weather = udp_relay.Weather(loss, delay_s, random.Random(3))
    sides = await udp_relay.open_sides(LOOPBACK, weather)
    loop = asyncio.get_running_loop()
    ends = []
    for side in sides:
        _, peer = await loop.create_datagram_endpoint(Peer, local_addr=(LOOPBACK, 0))
        side.target, peer.weather = peer.address, weather
        ends.append(peer)

    async def close():
        for each in [*sides, *ends]:
            each.transport.close()
        await asyncio.sleep(0)  # transports let go of their sockets in the loop's next turn

    return *ends, [side.transport.get_extra_info("sockname") for side in sides], close


async def test_each_sees_the_other_at_the_place_that_it_was_told():
    offerer, answerer, (for_offerer, for_answerer), close = await peers(0, 0)
    offerer.transport.sendto(b"from the offerer", for_answerer)
    await until(lambda: answerer.got)
    assert answerer.got[0][:2] == (b"from the offerer", for_offerer)
    answerer.transport.sendto(b"from the answerer", for_offerer)
    await until(lambda: offerer.got)
    assert offerer.got[0][:2] == (b"from the answerer", for_answerer)
    await close()


async def test_nothing_comes_earlier_than_the_delay_and_nothing_out_of_order():
    offerer, answerer, (_, for_answerer), close = await peers(0, 0.04)
    sent = {}
    for number in range(50):
        sent[b"%d" % number] = time.monotonic()
        offerer.transport.sendto(b"%d" % number, for_answerer)
        await asyncio.sleep(0)
    await until(lambda: len(answerer.got) == 50)
    assert [data for data, *_ in answerer.got] == list(sent)
    assert all(at - sent[data] >= 0.039 for data, _, at in answerer.got)
    await close()


async def test_the_share_that_it_should_lose_is_lost_in_both_directions():
    offerer, answerer, (for_offerer, for_answerer), close = await peers(0.05, 0)
    for peer, there in ((offerer, for_answerer), (answerer, for_offerer)):
        for number in range(2_000):
            peer.transport.sendto(b"%d" % number, there)
            if number % 50 == 0:
                await asyncio.sleep(0.001)  # lets the relay read: a full socket would lose for its own reasons
        peer.transport.sendto(b"end", there)
    weather = offerer.weather
    await until(
        lambda: weather.passed + weather.lost == 4_002 and len(offerer.got) + len(answerer.got) == weather.passed
    )
    for peer in (offerer, answerer):
        assert 0.03 < 1 - len(peer.got) / 2_001 < 0.07
    await close()


def test_a_description_is_left_with_the_relay_alone():
    changed = udp_relay.through(SDP, ("192.0.2.9", 6000))
    found = [line for line in changed.splitlines() if line.startswith("a=candidate")]
    assert found == ["a=candidate:1 1 udp 2122260223 192.0.2.9 6000 typ host"] * 2
    assert udp_relay.host_candidate(SDP) == ("192.0.2.7", 50001)
    assert "a=ice-ufrag:abcd" in changed


def test_hidden_names_are_no_candidates():
    with pytest.raises(ValueError, match="no candidate"):
        udp_relay.through(SDP.replace("192.0.2.7", "8d1f.local"), ("192.0.2.9", 6000))


def test_its_process_takes_orders_and_ends_with_them():
    orders = [
        {"op": "open", "address": LOOPBACK, "loss": 0.0, "delay_ms": 0, "seed": 1},
        {"op": "towards", "offerer": [LOOPBACK, 9], "answerer": [LOOPBACK, 9]},
    ]
    said = subprocess.run(
        [sys.executable, "-m", "client.bench.udp_relay"],
        input="".join(json.dumps(order) + "\n" for order in orders),
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    ).stdout.splitlines()
    opened, towards = map(json.loads, said)
    assert len(set(opened["ports"])) == 2
    assert towards == {"event": "towards"}
