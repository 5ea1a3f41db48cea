"""Malformed SIP (RFC 4475) at the engine's own socket: the engine lives, its running call does not notice."""

from __future__ import annotations

import random
import socket

import pytest

from client.domain.call import CallState
from client.domain.codec import encode
from tests.e2e.voice import torture
from tests.peers.desk import DeskPhone
from tests.waiting import until

OPTIONS = torture.message("OPTIONS sip:desk@{there} SIP/2.0", cseq="1 OPTIONS")


@pytest.fixture
async def desk(tmp_path):
    phone = await DeskPhone(tmp_path / "desk").start()
    yield phone
    await phone.close()


@pytest.fixture
def attacker(desk):
    made = Attacker(desk)
    yield made
    made.udp.close()


class Attacker:
    def __init__(self, desk: DeskPhone) -> None:
        self.there = desk.address.rpartition("@")[2]
        host, _, port = self.there.partition(":")
        self.target = (host, int(port))
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind(("127.0.0.1", 0))
        self.udp.setblocking(False)
        self.here = f"127.0.0.1:{self.udp.getsockname()[1]}"

    def fire(self, text: str, n: int) -> None:
        self.udp.sendto(torture.as_bytes(text, self.here, self.there, n), self.target)

    async def engine_answers(self, n: int) -> None:
        """The engine answers a plain OPTIONS: it has taken everything before."""
        self.fire(OPTIONS, n)

        def answered() -> bool:
            try:
                while data := self.udp.recv(65_536):
                    if f"{n}x@torture".encode() in data:
                        return True
            except BlockingIOError:
                pass
            return False

        await until(answered, 5, f"an answer to OPTIONS {n}")


async def test_torture_messages_disturb_neither_the_engine_nor_its_running_call(desk, citizens, attacker):
    citizen = citizens("--at-end=loop", to=desk.address)
    call = await desk.answered()
    pid = desk.phone.link.pid
    for n, (_, text) in enumerate(torture.ALL, 1):
        attacker.fire(text, n)
        await attacker.engine_answers(10_000 + n)
    for _ in range(2):  # what was told before the engine's answer has arrived with it
        await desk.phone.subscribe()
    assert desk.phone.link.pid == pid
    assert "Traceback" not in desk.engine_log
    assert desk.calls()[call.call].state is CallState.ACTIVE
    for offered in [c for c in desk.calls().values() if c.state is CallState.OFFERED]:
        encode(offered)
        await desk.phone.reject(offered.call)
    await until(lambda: all(c.state is not CallState.OFFERED for c in desk.calls().values()))
    await citizen.talks("tones 4")
    await desk.until_told("tone", call=call.call, digit="4")
    await desk.phone.hang_up(call.call)
    assert await citizen.peer.ended() == 0
    after = citizens("--from=0299990000", to=desk.address)
    await desk.phone.hang_up((await desk.answered(number="0299990000")).call)
    assert await after.peer.ended() == 0


async def test_bits_turned_at_random_and_junk_over_tcp_are_survived(desk, attacker):
    chance = random.Random(4475)
    for n, (_, text) in enumerate(torture.ALL, 1):
        raw = bytearray(torture.as_bytes(text, attacker.here, attacker.there, 20_000 + n))
        for _ in range(max(1, len(raw) // 50)):
            raw[chance.randrange(len(raw))] = chance.randrange(256)
        attacker.udp.sendto(bytes(raw[:60_000]), attacker.target)
        if n % 10 == 0:
            await attacker.engine_answers(30_000 + n)
    await attacker.engine_answers(40_000)
    assert "Traceback" not in desk.engine_log


async def test_an_invite_with_the_call_id_of_a_running_call_does_not_end_that(desk, citizens, attacker):
    citizen = citizens("--at-end=loop", to=desk.address)
    call = await desk.answered()
    attacker.fire(torture.message(torture.INVITE, call=call.call, body=torture.SDP), 1)
    await attacker.engine_answers(2)
    await citizen.until("sound")
    await citizen.talks("tones 6")
    await desk.until_told("tone", call=call.call, digit="6")
    assert list(desk.calls()) == [call.call]
    assert desk.calls()[call.call].state is CallState.ACTIVE
    assert not citizen.all("ended")
