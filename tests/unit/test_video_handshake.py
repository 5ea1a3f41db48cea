"""The handshake with a browser goes on at once where packets of it are lost."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest
from aiortc.rtcdtlstransport import RTCCertificate, RTCDtlsParameters, RTCDtlsTransport

from client.engines.video.adjustments.handshake import PatientDtls
from tests.waiting import until


class Wire:
    """One end of a way on which `drops` says what is lost. `sent` — everything, lost or not."""

    def __init__(self, role, drops):
        self.role, self.state, self.drops = role, "completed", drops
        self.sent: list[bytes] = []
        self.arrived: asyncio.Queue[bytes] = asyncio.Queue()
        self.iceGatherer = SimpleNamespace(getLocalParameters=lambda: None)
        self.other: Wire

    async def _send(self, data):
        self.sent.append(data)
        if not self.drops(len(self.sent)):
            self.other.arrived.put_nowait(data)

    async def _recv(self):
        return await self.arrived.get()


async def shake(kind: type[RTCDtlsTransport], drops):
    """A handshake whose client is of a kind and whose packets are dropped: (client's transport, its wire, how to end both)."""
    wires = Wire("controlled", drops), Wire("controlling", lambda _: False)
    wires[0].other, wires[1].other = wires[1], wires[0]
    client = kind(wires[0], [RTCCertificate.generateCertificate()])
    server = RTCDtlsTransport(wires[1], [RTCCertificate.generateCertificate()])
    client._set_role("client")
    server._set_role("server")
    ends = [
        asyncio.ensure_future(one.start(RTCDtlsParameters(fingerprints=other.getLocalParameters().fingerprints)))
        for one, other in ((client, server), (server, client))
    ]

    async def end():
        for task in ends:
            task.cancel()
        await asyncio.gather(*ends, return_exceptions=True)
        wires[0].drops = lambda _: False
        await asyncio.gather(client.stop(), server.stop())

    return client, wires[0], end


@pytest.mark.parametrize("lost", [{1}, {2}, {1, 2, 4}])
async def test_a_lost_flight_is_sent_again_as_it_was(lost):
    client, wire, end = await shake(PatientDtls, lambda number: number in lost)
    await until(lambda: client.state == "connected", 20)
    assert len(wire.sent) > len(set(wire.sent))  # OpenSSL's own repetition has a new number in it
    await end()


async def test_stock_waits_for_its_timer():
    client, wire, end = await shake(RTCDtlsTransport, lambda number: number == 1)
    await until(lambda: client.state == "connected", 20)
    assert len(wire.sent) == len(set(wire.sent)) > 2
    await end()
