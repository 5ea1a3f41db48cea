"""`ieum practice phone` and `ieum bench calls` as people run them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from client.domain.call import CallState
from tests.peers.desk import DeskPhone

IEUM = [sys.executable, "-m", "client"]


def run(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run([*IEUM, *arguments], capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
async def desk(tmp_path):
    phone = await DeskPhone(tmp_path / "desk").start()
    yield phone
    await phone.close()


async def test_a_citizen_finds_the_running_desk_and_speaks_english(desk, citizens):
    citizen = citizens("--endpoint", str(desk.endpoint), "--tones=1,2", "--seconds=2.4", to="")
    offered = await desk.until_call(state=CallState.OFFERED)
    assert offered.headers["Accept-Language"] == "en"
    await desk.phone.answer(offered.call)
    await desk.until_told("tone", digit="1")
    await desk.until_told("tone", digit="2")
    assert await citizen.peer.ended() == 0
    assert [event["event"] for event in citizen.events] == ["dialling", "ringing", "answered", "sound", "ended"]


async def test_a_citizen_hangs_up_at_the_end_of_the_recording(desk, citizens, tmp_path):
    from tests.peers.sound import tone_wav

    wav = tone_wav(tmp_path / "short.wav", 500, 0.7, rate=8_000)
    citizen = citizens("--wav", str(wav), "--at-end=hangup", to=desk.address)
    call = await desk.answered()
    assert not call.headers
    assert (await desk.until_call(call=call.call, state=CallState.ENDED)).by == "citizen"
    assert await citizen.peer.ended() == 0


async def test_a_call_that_nobody_takes_is_a_failure(desk, citizens):
    citizen = citizens(to=desk.address)
    offered = await desk.until_call(state=CallState.OFFERED)
    await desk.phone.reject(offered.call, 603)
    assert await citizen.peer.ended() == 1
    assert citizen.all("ended", code=603)


async def test_the_citizen_calls_on_narrow_band_when_told_to(desk, citizens):
    citizens("--codec=PCMU", to=desk.address)
    call = await desk.answered()
    told = await desk.until_call(call=call.call, codec="PCMU")
    assert not told.wide_band


def test_without_a_desk_it_says_so(tmp_path):
    done = run("practice", "phone", "--endpoint", str(tmp_path / "voice.json"))
    assert done.returncode == 3
    assert "--to" in done.stderr


@pytest.mark.parametrize("wrong", [("--header", "no equals"), ("--header", "X=a\r\nY: b"), ("--wav", "nowhere.wav")])
def test_a_wrong_argument_is_refused(wrong):
    done = run("practice", "phone", "--to", "sip:desk@127.0.0.1:9", *wrong)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert wrong[0].strip("-") in done.stderr or "nowhere.wav" in done.stderr


def test_an_address_that_is_none_is_a_failure_and_no_crash():
    done = run("practice", "phone", "--to", "sip:", "--seconds", "1")
    assert done.returncode == 1
    assert json.loads(done.stdout.splitlines()[-1])["event"] == "failed"


def test_the_benchmark_ends_with_one_flat_object(tmp_path):
    raw = tmp_path / "raw.json"
    done = run("bench", "calls", "--json", "--raw", str(raw), "--calls", "3", "--seconds", "1")
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout.splitlines()[-1])
    wanted = {"answer_ms_p50", "answer_ms_p95", "cpu_percent_per_call"}
    assert wanted | {f"baresip_{name}" for name in wanted} <= set(figures)
    assert 0 < figures["answer_ms_p50"] < 1_000
    assert Path(raw).exists()
