"""Transfers between two desks through Kamailio, the citizen's telephone doing what it is told; other makes of telephone."""

from __future__ import annotations

from client.domain.call import CallState, Replaced
from tests.peers.baresip import Baresip
from tests.peers.sound import tone_wav, tones_over_time
from tests.waiting import until

KEY = "01a2b3c4d5e6f708;encoding=hex"


async def test_a_blind_transfer_carries_the_session_s_key_to_the_colleague(desks, citizens):
    desk, colleague = await desks("1001"), await desks("1002")
    citizen = citizens("--at-end=loop")
    call = (await desk.answered()).call
    await citizen.until("answered")
    await desk.phone.transfer(call, "1002", {"User-to-User": KEY})
    there = await colleague.answered()
    assert there.headers["User-to-User"] == KEY
    assert there.number == "01012345678"
    done = await desk.until_told("transfer", call=call, final=True)
    assert done.code == 200
    ended = await desk.until_call(call=call, state=CallState.ENDED)
    assert ended.by == "agent"
    await colleague.phone.hang_up(there.call)
    assert await citizen.peer.ended() == 0


async def test_a_transfer_to_nobody_is_told_and_the_call_stays(desks, citizens):
    desk = await desks()
    citizens("--at-end=loop")
    call = (await desk.answered()).call
    await desk.phone.transfer(call, "7777", {})
    told = await desk.until_told("transfer", call=call, final=True)
    assert told.code == 404
    assert desk.calls()[call].state is CallState.ACTIVE
    await desk.phone.hold(call)
    await desk.until_call(call=call, state=CallState.HELD)


async def test_an_attended_transfer_replaces_the_consultation_at_the_colleague(tmp_path, desks, citizens, listen):
    desk = await desks("1001")
    colleague = await desks("1002", {"sound.microphone_wav": str(tone_wav(tmp_path / "b.wav", 700, 60))})
    record = tmp_path / "heard.wav"
    citizen = citizens("--at-end=loop", f"--record={record}")
    call = (await desk.answered()).call
    await desk.phone.hold(call)
    consultation = await desk.phone.dial("1002", {})
    private = (await colleague.answered()).call
    await desk.until_call(call=consultation, state=CallState.ACTIVE)
    await desk.phone.transfer_attended(call, consultation)
    replaced = (await until(lambda: [t for t in colleague.told if isinstance(t, Replaced)]))[0]
    assert replaced.call == private
    taken = await colleague.until_call(call=replaced.by_call, state=CallState.ACTIVE)
    assert taken.hears_agent
    assert taken.legs == (f"{taken.call}/citizen", f"{taken.call}/agent")
    await colleague.until_call(call=private, state=CallState.ENDED)
    for gone in (call, consultation):
        assert (await desk.until_call(call=gone, state=CallState.ENDED)).by == "agent"
    await citizen.until("sound", call=replaced.by_call, held=False)
    await listen(colleague, f"{taken.call}/agent").more(1.5)
    await colleague.phone.hang_up(taken.call)
    assert await citizen.peer.ended() == 0
    assert {700} in tones_over_time(record)


async def test_a_citizen_cannot_make_a_desk_dial_unless_the_settings_say_so(desks, citizens):
    desk, colleague = await desks("1001"), await desks("1002")
    citizen = citizens("--at-end=loop")
    call = (await desk.answered()).call
    await citizen.until("answered")
    await citizen.talks("transfer sip:1002@dasan.test")
    await until(lambda: "refused" in desk.engine_log)
    await citizen.talks("tones 3")
    await desk.until_told("tone", call=call, digit="3")
    assert not colleague.calls()
    assert len(desk.calls()) == 1


async def test_a_desk_that_may_follow_does(desks, citizens):
    desk = await desks("1001", {"phone.follow_transfers": True})
    colleague = await desks("1002")
    citizen = citizens("--at-end=loop")
    call = (await desk.answered()).call
    await citizen.until("answered")
    await citizen.talks("transfer sip:1002@dasan.test")
    await colleague.answered()
    made = await desk.until_call(outbound=True, state=CallState.ACTIVE)
    assert made.call != call
    assert made.hears_agent


async def test_g711_from_an_old_telephone_is_narrow_band_and_its_keys_arrive(desks, sipp, listen):
    desk = await desks()
    phone = sipp("speak")
    call = await desk.answered(number="01012345678")
    active = await desk.until_call(call=call.call, codec="PCMA")
    assert not active.wide_band
    assert active.headers["X-ARS-Menu"] == "2-4"
    speech = listen(desk, f"{call.call}/citizen")
    await desk.until_told("tone", 15, call=call.call, digit="7")
    await desk.until_told("level", 10)
    assert max(abs(value) for value in memoryview(speech.pcm).cast("h")) > 300
    await desk.phone.hang_up(call.call)
    assert await phone.ended() == 0


async def test_a_far_end_that_sends_nothing_is_said_within_two_seconds_and_when_it_is_back(desks, sipp):
    desk = await desks()
    sipp("speak_late")
    call = (await desk.answered()).call
    silent = await desk.until_told("silence", 2.5, side="far_end", call=call, silent=True)
    assert silent.silent
    await desk.until_told("silence", 8, side="far_end", call=call, silent=False)


async def test_baresip_talks_with_the_desk_both_ways(tmp_path, kamailio, desks):
    desk = await desks("1001", {"sound.microphone_wav": str(tone_wav(tmp_path / "agent.wav", 1000, 60))})
    phone = Baresip(tmp_path, kamailio, tone_wav(tmp_path / "citizen.wav", 440, 20, rate=8_000), dial="q120")
    try:
        call = await desk.answered()
        await desk.until_call(call=call.call, codec="PCMA")
        await phone.until_heard(1000)
        await desk.phone.hold(call.call)
        await desk.until_call(call=call.call, state=CallState.HELD)
        await desk.phone.resume(call.call)
        await desk.until_call(call=call.call, state=CallState.ACTIVE)
        await desk.phone.hang_up(call.call)
        await desk.until_call(call=call.call, state=CallState.ENDED)
        await phone.until("session closed")
    finally:
        phone.close()


async def test_a_citizen_who_gives_up_while_ringing_ends_the_offer(desks, citizens):
    desk = await desks()
    citizen = citizens()
    offered = await desk.until_call(state=CallState.OFFERED)
    await citizen.until("ringing")
    citizen.do("hangup")
    ended = await desk.until_call(call=offered.call, state=CallState.ENDED)
    assert (ended.by, ended.code) == ("citizen", 487)
    assert await citizen.peer.ended() == 1
