"""The dangers of the SIP library, each in a process of its own: an abort shows as its exit code."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from client.domain.call import CallState
from tests.peers.sound import tone_wav

ROOT = Path(__file__).resolve().parents[3]
DANGERS = (
    "a_dead_call_is_gone_at_once",
    "a_foreign_thread_is_refused",
    "nothing_outlives_the_library",
    "an_exception_in_a_callback_is_told",
    "without_pointers_sound_still_passes",
)


@pytest.mark.parametrize("danger", DANGERS)
def test_danger_passes_by(danger):
    command = [sys.executable, "-X", "faulthandler", "-m", "tests.doubles.voice_dangers", danger]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stdout[-2_000:] + done.stderr[-3_000:]
    assert "Traceback" not in done.stderr


def test_no_media_is_read_from_a_temporary_call_info():
    """`call.getInfo().media` is freed memory by the time it is read."""
    for file in (ROOT / "client/engines/voice").glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr == "media" and isinstance(node.value, ast.Call):
                raise AssertionError(f"{file.name}:{node.lineno}")


async def test_sound_comes_back_after_every_media_event(tmp_path, desks, citizens, listen):
    desk = await desks("1001", {"sound.microphone_wav": str(tone_wav(tmp_path / "a.wav", 1000, 60))})
    citizen = citizens("--wav", str(tone_wav(tmp_path / "c.wav", 440)), "--at-end=loop")
    call = (await desk.answered()).call
    far = listen(desk, f"{call}/citizen")
    await far.until_tones(440)
    for n in range(3):
        await citizen.talks("hold")
        await desk.until_call(call=call, held_by_remote=True)
        await citizen.talks("resume")
        await desk.until_call(call=call, held_by_remote=False)
        await desk.phone.hold(call)
        await desk.until_call(call=call, state=CallState.HELD)
        await citizen.until("sound", times=4 * n + 4)
        await desk.phone.resume(call)
        await desk.until_call(call=call, state=CallState.ACTIVE)
        await far.until_tones(440)


async def test_a_trace_is_written_only_where_it_was_asked_for_and_numbers_stay_out_of_the_log(
    tmp_path, desks, citizens
):
    trace = tmp_path / "trace.txt"
    desk = await desks("1001", {"phone.trace": str(trace)})
    citizens("--from", "01098765432@dasan.test", "--seconds=0.2")
    call = await desk.answered(number="01098765432")
    await desk.until_call(call=call.call, state=CallState.ENDED)
    assert "INVITE sip:1001@" in trace.read_text(errors="replace")
    assert trace.stat().st_mode & 0o077 == 0
    assert "01098765432" not in desk.engine_log
    assert "pw-1001" not in desk.engine_log
