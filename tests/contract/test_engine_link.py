"""Desk and engine over the engine protocol, with a real child process."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

import pytest

from client import engine_protocol as protocol
from client import platform
from client.adapters.engine_link import EngineAway, EngineLink, EngineRefused, LinkState
from client.engines.pcm_client import read_leg
from client.engines.server import read_frame
from tests.waiting import until

ROOT = Path(__file__).resolve().parents[2]


class Heard:
    def __init__(self) -> None:
        self.tellings = []
        self.states = []

    def digits(self, call="c"):
        return [t.digit for t in self.tellings if t.call == call]


def make_link(directory, heard, keep="30"):
    command = [sys.executable, "-m", "tests.doubles.echo_engine", "--keep", keep]
    return EngineLink("echo", directory, heard.tellings.append, heard.states.append, {"PYTHONPATH": str(ROOT)}, command)


@pytest.fixture
async def linked(tmp_path):
    heard = Heard()
    link = make_link(tmp_path, heard)
    link.start()
    await until(lambda: link.state is LinkState.STARTED)
    yield link, heard, tmp_path
    await link.close(end_engine=True)


async def test_an_engine_answers_refuses_and_survives_its_own_exceptions(linked):
    link, _, _ = linked
    assert await link.request("echo", a=1, b=["ㄱ"]) == {"a": 1, "b": ["ㄱ"]}
    with pytest.raises(EngineRefused, match="is not known"):
        await link.request("nonsense")
    with pytest.raises(EngineRefused, match="ZeroDivisionError"):
        await link.request("break")
    assert await link.request("echo") == {}


async def test_a_killed_engine_is_back_within_three_seconds_and_waiting_requests_are_told(linked):
    link, heard, _ = linked
    old = link.pid
    os.kill(old, signal.SIGKILL)
    await until(lambda: LinkState.AWAY in heard.states)
    with pytest.raises(EngineAway):
        await link.request("echo")
    began = asyncio.get_running_loop().time()
    await until(lambda: link.state is LinkState.STARTED)
    assert asyncio.get_running_loop().time() - began < 3
    assert link.pid != old


async def test_what_was_told_while_no_desk_listened_is_told_to_the_next_desk_once(linked):
    link, heard, directory = linked
    await link.request("tell", digit="1")
    await until(lambda: heard.digits() == ["1"])
    pid = link.pid
    await link.request("echo")  # the acknowledgement of 1 went before it on the same connection
    await link.close(end_engine=False)

    token = json.loads((directory / "echo.json").read_text())["token"]
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", json.loads((directory / "echo.json").read_text())["port"]
    )
    writer.write(protocol.pack(b"J", json.dumps({"token": token, "role": "desk"}).encode()))
    writer.write(protocol.pack(b"J", json.dumps({"id": 1, "op": "tell", "args": {"digit": "2"}}).encode()))
    while "re" not in json.loads((await read_frame(reader))[1]):
        pass
    writer.close()  # a desk that dies without acknowledging

    again = Heard()
    second = make_link(directory, again)
    second.start()
    await until(lambda: second.state is LinkState.ADOPTED)
    assert second.pid == pid
    await until(lambda: again.digits() == ["2"])
    assert again.digits("snapshot")
    await second.close(end_engine=True)
    await until(lambda: not platform.process_alive(pid))


async def test_an_engine_left_alone_ends_by_itself(tmp_path):
    heard = Heard()
    link = make_link(tmp_path, heard, keep="0.2")
    link.start()
    await until(lambda: link.state is LinkState.STARTED)
    pid = link.pid
    await link.close(end_engine=False)
    await until(lambda: not platform.process_alive(pid))


@pytest.mark.parametrize(
    "first",
    [b"GET / HTTP/1.1\r\n\r\n", b"\x00\x00\x00\x05Jhello", b"\xff\xff\xff\xffJ", b'\x00\x00\x00\x0cJ{"token":1}'],
)
async def test_garbage_and_wrong_tokens_are_closed_without_harm(linked, first):
    link, _, directory = linked
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", json.loads((directory / "echo.json").read_text())["port"]
    )
    writer.write(first)
    assert await asyncio.wait_for(reader.read(), 10) == b""
    writer.close()
    assert await link.request("echo", still=True) == {"still": True}


async def test_a_token_opens_one_connection_only(linked):
    link, _, _ = linked
    await link.request("pcm", leg="l", sample=0, pcm="0100")
    grant = await link.request("grant")
    await link.request("end", leg="l")
    assert [item async for item in read_leg(grant["port"], grant["token"], "l")] == [(0, b"\x01\x00")]
    with pytest.raises(ConnectionError):
        async for _ in read_leg(grant["port"], grant["token"], "l"):
            pass


async def test_a_late_subscriber_gets_what_is_kept_from_the_sample_it_names(linked):
    link, _, _ = linked
    for n in range(4):
        await link.request("pcm", leg="l", sample=n * 2, pcm=f"0{n}000{n}00")
    grant = await link.request("grant")
    stream = read_leg(grant["port"], grant["token"], "l", 3)
    assert await anext(stream) == (3, b"\x01\x00")
    assert await anext(stream) == (4, b"\x02\x00\x02\x00")
    await link.request("pcm", leg="l", sample=8, pcm="0900")
    assert [await anext(stream), await anext(stream)] == [(6, b"\x03\x00\x03\x00"), (8, b"\x09\x00")]
    await stream.aclose()
