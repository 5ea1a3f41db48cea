"""The voice engine in its own process, through Kamailio, with real far ends: calls and their sound."""

from __future__ import annotations

import asyncio
import time

import numpy as np
import pytest

from client.domain.call import Call, CallState
from client.domain.codec import encode
from client.engine_protocol import Hello
from client.engines.server import send
from client.ports.telephony import TelephonyError
from tests.peers.sound import RATE, tone_wav, tones_in, tones_over_time
from tests.waiting import until


async def test_a_call_with_what_the_ars_knows_is_offered_answered_and_ended(desks, citizens):
    desk = await desks()
    citizen = citizens(
        "--header=X-ARS-Menu=2-4",
        '--header=P-Asserted-Identity="김시민" <sip:0212345678@dasan.test>',
        "--header=User-to-User=00a1b2;encoding=hex",
    )
    offered = await desk.until_call(state=CallState.OFFERED)
    assert offered.headers["X-ARS-Menu"] == "2-4"
    assert offered.headers["X-Queue"] == "dasan-foreign"
    assert offered.headers["User-to-User"] == "00a1b2;encoding=hex"
    assert (offered.number, offered.display) == ("0212345678", "김시민")
    call = await desk.answered()
    assert (call.wide_band, call.codec, call.hears_agent) == (True, "G722", True)
    await citizen.until("answered")
    await desk.phone.hang_up(call.call)
    ended = await desk.until_call(call=call.call, state=CallState.ENDED)
    assert (ended.by, ended.code) == ("agent", 200)
    assert await citizen.peer.ended() == 0


async def test_both_legs_are_streams_that_keep_time_and_follow_hold_and_mute(tmp_path, desks, citizens, listen):
    desk = await desks("1001", {"sound.microphone_wav": str(tone_wav(tmp_path / "agent.wav", 1000, 60))})
    citizen = citizens(
        "--wav", str(tone_wav(tmp_path / "citizen.wav", 440)), "--at-end=loop", f"--record={tmp_path / 'heard.wav'}"
    )
    call = (await desk.answered()).call
    began = time.monotonic()
    far, near = listen(desk, f"{call}/citizen"), listen(desk, f"{call}/agent")
    await asyncio.gather(far.until_tones(440), near.until_tones(1000))

    await desk.phone.mute(call, True)
    muted = await desk.until_call(call=call, muted=True)
    await near.until_tones()
    await near.more(0.5)  # the far end is judged by half seconds that begin at every tenth: give it whole ones
    await desk.phone.mute(call, False)
    open_again = await desk.until_call(call=call, muted=False)
    await near.until_tones(1000)
    quiet = near.part(muted.samples[near_leg(call)] + 640, open_again.samples[near_leg(call)])
    assert not np.frombuffer(quiet, np.int16).any()
    assert tones_in(far.pcm) == {440}

    await desk.phone.hold(call)
    held = await desk.until_call(call=call, state=CallState.HELD)
    assert (held.on_hold, held.hears_agent) == (True, False)
    await citizen.until("sound", held=True)
    await asyncio.gather(far.until_tones(), near.until_tones())
    await desk.phone.resume(call)
    await desk.until_call(call=call, state=CallState.ACTIVE)
    await asyncio.gather(far.until_tones(440), near.until_tones(1000))

    assert not far.holes
    assert not near.holes
    assert far.first == near.first == 0
    assert abs(near.count / RATE - (time.monotonic() - began)) < 0.4
    await desk.phone.hang_up(call)
    await until(lambda: far.ended and near.ended)
    await citizen.peer.ended()
    heard = tones_over_time(tmp_path / "heard.wav")
    assert {1000} in heard
    assert set() in heard
    assert not any(440 in tones for tones in heard)


def near_leg(call: str) -> str:
    return f"{call}/agent"


async def test_three_hear_each_other_and_the_legs_stay_apart(tmp_path, desks, citizens, listen):
    desk = await desks("1001", {"sound.microphone_wav": str(tone_wav(tmp_path / "agent.wav", 1000, 60))})
    colleague = await desks("1002", {"sound.microphone_wav": str(tone_wav(tmp_path / "colleague.wav", 700, 60))})
    record = tmp_path / "heard.wav"
    citizen = citizens("--wav", str(tone_wav(tmp_path / "c.wav", 440)), "--at-end=loop", f"--record={record}")
    first = (await desk.answered()).call
    second = await desk.phone.dial("1002", {})
    there = (await colleague.answered()).call
    await desk.until_call(call=second, state=CallState.ACTIVE)
    await desk.phone.conference([first, second])
    mixed = await desk.until_call(call=first, state=CallState.ACTIVE, conference=(second,))
    assert mixed.hears_agent
    with_colleague = listen(colleague, f"{there}/citizen")
    await with_colleague.until_tones(440, 1000)
    legs = [listen(desk, leg) for leg in (f"{first}/citizen", f"{second}/citizen", f"{first}/agent")]
    await legs[0].until_tones(440)
    await legs[1].until_tones(700)
    await legs[2].until_tones(1000)
    await colleague.phone.hang_up(there)
    left = await desk.until_call(call=first, conference=())
    assert left.state is CallState.ACTIVE
    assert desk.calls()[second].by == "citizen"
    await desk.phone.hang_up(first)
    await citizen.peer.ended()
    heard = tones_over_time(record)
    assert {700, 1000} in heard
    assert not any(440 in tones for tones in heard)


async def test_a_slow_subscriber_slows_no_call(desks, citizens, listen):
    desk = await desks()
    citizens()
    call = (await desk.answered()).call
    port, token = await desk.phone.subscribe()
    _, deaf = await asyncio.open_connection("127.0.0.1", port)
    send(deaf, encode(Hello(token=token, role="pcm")))
    send(deaf, {"op": "subscribe", "leg": f"{call}/citizen", "from_sample": 0})
    deaf.transport.pause_reading()
    quick = listen(desk, f"{call}/citizen")
    began = time.monotonic()
    await quick.more(1.5)
    assert time.monotonic() - began < 2.5
    assert not quick.holes
    deaf.close()


async def test_four_calls_at_once_and_the_fifth_is_busy(desks, citizens, sipp):
    desk = await desks()
    first = citizens("--at-end=loop")
    talking = (await desk.answered()).call
    callers = sipp("refused", calls=3, at_once=3)
    offered = await until(lambda: len(living(desk)) == 4 and [c for c in living(desk) if c.state is CallState.OFFERED])
    assert len(offered) == 3
    with pytest.raises(TelephonyError, match="too many calls"):
        await desk.phone.dial("1002", {})
    fifth = citizens()
    await fifth.until("ended", code=486)
    assert await fifth.peer.ended() == 1
    for call in offered:
        await desk.phone.reject(call.call, 486)
    assert await callers.ended() == 0
    await until(lambda: [c.call for c in living(desk)] == [talking])
    assert not first.all("ended")


async def test_a_freed_place_at_the_sip_library_never_ends_another_call(desks, citizens, sipp):
    """40 short calls go through three places beside one that goes on."""
    desk = await desks()
    first = citizens("--at-end=loop")
    talking = (await desk.answered()).call
    callers = sipp("cancel", calls=40, at_once=3)
    assert await callers.ended() == 0
    ended = await until(
        lambda: [c for c in desk.calls().values() if c.state is CallState.ENDED and len(living(desk)) == 1]
    )
    assert len(ended) == 40
    assert {c.by for c in ended} == {"citizen"}
    assert desk.calls()[talking].state is CallState.ACTIVE
    assert not first.all("ended")
    await desk.phone.hang_up(talking)
    assert await first.peer.ended() == 0


def living(desk) -> list[Call]:
    return [call for call in desk.calls().values() if call.state is not CallState.ENDED]
