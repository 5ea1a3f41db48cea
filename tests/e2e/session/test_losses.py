"""What must survive: `kill -9` of the desk, of the hub, of each engine, in the middle of a call."""

from __future__ import annotations

import os
import signal

import pytest

from tests.peers.baresip import Baresip
from tests.peers.sound import tone_wav

PREFER_QUIET = {"captions.on": False}  # where recognition is not what is tested


async def in_a_call(desk, citizens, *options: str, captions: bool = False) -> tuple:
    """(session, citizen) once both talk."""
    await desk.ready(*(["captions_on"] if captions else []))
    citizen = citizens(*options)
    session = (await desk.until_state(lambda s: s["offers"], what="the offer"))["offers"][0]
    await desk.do("call", method="answer", args=[session])
    await desk.until_state(lambda s: s["running"] == session, what="the answer")
    await citizen.until("answered")
    return session, citizen


def texts(lines: list[dict], kind: str) -> list[str]:
    return [line["text"] for line in lines if line["kind"] == kind]


def kinds(lines: list[dict]) -> list[str]:
    return [line["kind"] for line in lines if line["kind"].startswith("call.")]


async def test_a_killed_desk_leaves_the_call_and_a_restarted_one_adopts_it(desks, citizens, talk):
    desk = desks()
    session, citizen = await in_a_call(desk, citizens, *talk(3), "--at-end", "loop", captions=True)
    await desk.do("note", session=session, text="죽기 전에 쓴 메모")
    before = await desk.until_lines(
        session, lambda ls: any(x["kind"] == "caption" and x["final"] for x in ls), what="a final caption"
    )
    pids = (await desk.do("state"))["pids"]
    desk.peer.kill()
    assert citizen.all("ended") == []

    desk.start()
    state = await desk.until_state(lambda s: s["running"] == session, what="the adopted call")
    await desk.ready("captions_on")
    assert (await desk.do("state"))["pids"] == pids
    assert citizen.all("ended") == []
    lines = await desk.until_lines(session, lambda ls: "죽기 전에 쓴 메모" in texts(ls, "note"), what="the note")
    known = {line["id"]: line["text"] for line in before if line["kind"] == "caption" and line["final"]}
    lines = await desk.until_lines(
        session,
        lambda ls: (
            known.items() <= {x["id"]: x["text"] for x in ls if x["kind"] == "caption"}.items()
            and len([x for x in ls if x["kind"] == "caption" and x["final"]]) > len(known)
        ),
        what="the captions from before, and new ones",
    )
    assert kinds(lines) == ["call.offered", "call.answered"]
    assert texts(lines, "note") == ["죽기 전에 쓴 메모"]
    ids = [line["id"] for line in lines if line["kind"] == "caption"]
    assert len(ids) == len(set(ids))

    await desk.do("call", method="hang_up", args=[])
    await citizen.until("ended")
    state = await desk.until_state(lambda s: s["sessions"][session]["stage"] == "wrap_up", what="wrap-up")
    assert state["sessions"][session]["owner"] == state["me"]


async def test_a_killed_hub_comes_back_where_it_was_and_nothing_is_lost(desks, citizens, pages):
    desk = desks(settings=PREFER_QUIET)
    session, citizen = await in_a_call(desk, citizens)
    page = await pages(await desk.do("link", session=session))
    await desk.do("message", session=session, text="하나")
    await page.wait_for_selector("text=하나", state="attached")
    old = (await desk.do("state"))["pids"]["hub"]
    os.kill(old, signal.SIGKILL)
    await desk.do("message", session=session, text="둘")
    await desk.do("note", session=session, text="서버가 없을 때")
    await desk.until_state(
        lambda s: (
            s["pids"]["hub"] not in (0, old) and not s["waiting"] and {"hub_away", "hub_back"} <= set(s["troubles"])
        ),
        what="a new hub, told",
    )
    await page.wait_for_selector("text=둘", state="attached", timeout=40_000)
    lines = await desk.do("lines", session=session)
    assert texts(lines, "message") == ["하나", "둘"]
    assert all(line["stored"] for line in lines if line["kind"] == "message")
    assert citizen.all("ended") == []
    for text in ("하나", "둘"):
        assert await page.locator(f"ol.messages p.text:text-is('{text}')").count() == 1


async def test_a_killed_voice_engine_ends_its_call_aloud_and_calling_back_works(desks, citizens, kamailio, tmp_path):
    desk = desks(settings=PREFER_QUIET)
    session, citizen = await in_a_call(desk, citizens)
    await desk.do("note", session=session, text="메모")
    os.kill((await desk.do("state"))["pids"]["voice"], signal.SIGKILL)
    state = await desk.until_state(
        lambda s: "call_lost" in s["troubles"] and "phone_ready" in s["health"], 20, "the loss and the engine's return"
    )
    assert state["running"] is None
    assert state["sessions"][session]["lost"]
    lines = await desk.do("lines", session=session)
    assert kinds(lines) == ["call.offered", "call.answered", "call.ended"]
    assert texts(lines, "note") == ["메모"]
    citizen.peer.kill()
    phone = Baresip(
        tmp_path, kamailio, tone_wav(tmp_path / "c.wav", 440, 60, rate=8_000), user="01012345678", answer=True
    )
    try:
        await phone.until("200 OK")
        await desk.ready()
        await desk.do("call", method="call_back", args=[session])
        await phone.until("Call established")
        state = await desk.until_state(lambda s: s["running"] == session, what="the same session in a call")
        assert state["listener"] == "citizen"
        assert state["sessions"][session]["stage"] == "talking"
        assert kinds(await desk.do("lines", session=session)) == [
            "call.offered",
            "call.answered",
            "call.ended",
            "call.answered",
        ]
    finally:
        phone.close()


async def test_a_killed_speech_engine_catches_up_and_says_nothing_twice(desks, citizens, talk):
    desk = desks()
    session, _ = await in_a_call(desk, citizens, *talk(4), "--at-end", "loop", captions=True)
    await desk.until_lines(session, lambda ls: any(x["kind"] == "caption" for x in ls), what="a caption")
    os.kill((await desk.do("state"))["pids"]["speech"], signal.SIGKILL)
    await desk.until_state(lambda s: "captions_back" in s["troubles"], 30, "the engine's return")
    lines = await desk.until_lines(
        session, lambda ls: len([x for x in ls if x["kind"] == "caption" and x["final"]]) >= 2, 90, "captions again"
    )
    ids = [line["id"] for line in lines if line["kind"] == "caption"]
    assert len(ids) == len(set(ids))
    assert (await desk.do("state"))["running"] == session


@pytest.mark.parametrize("order", ["message", "note"])
async def test_what_was_shown_as_written_survives_both_ends_dying(desks, citizens, pages, order):
    desk = desks(settings=PREFER_QUIET)
    session, _ = await in_a_call(desk, citizens)
    await pages(await desk.do("link", session=session))
    await desk.until_lines(session, lambda ls: any(x["kind"] == "page.entered" for x in ls), what="the page")
    hub = (await desk.do("state"))["pids"]["hub"]
    os.kill(hub, signal.SIGKILL)
    await desk.do(order, session=session, text="마지막 말")
    desk.peer.kill()
    desk.start()
    await desk.until_state(
        lambda s: session in s["sessions"] and not s["waiting"] and s["pids"]["hub"], what="a drained outbox"
    )
    lines = await desk.until_lines(session, lambda ls: "마지막 말" in texts(ls, order), what="the last word")
    assert texts(lines, order) == ["마지막 말"]
