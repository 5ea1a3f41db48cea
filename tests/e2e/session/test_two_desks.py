"""Two agents on one shared hub: a session and its call go from one desk to the other through the proxy."""

from __future__ import annotations

import httpx
import pytest

from tests.peers.shared_hub import SharedHub


@pytest.fixture
async def hub(tmp_path):
    """(desk address, tokens by name) of a hub that stands alone."""
    shared = SharedHub(tmp_path)
    people = (("김하나", "1001"), ("이두리", "1002"), ("박낯선", "1003"))
    tokens = {name: shared.add(name, number) for name, number in people}
    await shared.start()
    yield shared.url, tokens
    shared.stop()


def settings(url: str, token: str) -> dict:
    return {"hub.url": url, "hub.token": token, "captions.on": False}


@pytest.mark.parametrize("attended", [False, True])
async def test_a_session_and_its_call_go_to_a_colleague(desks, citizens, hub, attended):
    url, tokens = hub
    first = desks("1001", settings(url, tokens["김하나"]))
    second = desks("1002", settings(url, tokens["이두리"]))
    await first.ready()
    await second.ready()
    citizen = citizens("--header", "X-ARS-Menu=3-1")
    session = (await first.until_state(lambda s: s["offers"], what="the offer"))["offers"][0]
    await first.do("call", method="answer", args=[session])
    await citizen.until("answered")
    await first.until_state(lambda s: s["sessions"][session]["owner"] == s["me"], what="ownership")
    await first.do("note", session=session, text="어머니가 혼자 계심")
    colleague = next(one["id"] for one in await first.do("colleagues") if one["name"] == "이두리")

    if attended:
        await first.do("call", method="consult", args=["1002", "이두리"])
        offer = (await second.until_state(lambda s: s["offers"], what="the consultation"))["offers"][0]
        await second.do("call", method="answer", args=[offer])
        await first.until_state(lambda s: s["listener"] == "colleague_only", what="the consultation's sound")
        await until_side_talks(first, session)
        await first.do("call", method="complete_transfer", args=["부탁드려요", colleague])
    else:
        await first.do("call", method="transfer", args=["1002", "부탁드려요", colleague])
        offer = (await second.until_state(lambda s: s["offers"], what="the transferred call"))["offers"][0]
        await second.do("call", method="answer", args=[offer])
    state = await second.until_state(
        lambda s: s["running"] == session and s["sessions"].get(session, {}).get("owner") == s["me"],
        what="the new owner",
    )
    assert session in state["sessions"]
    await second.until_lines(
        session,
        lambda ls: (
            "어머니가 혼자 계심" in [x.get("text") for x in ls] and "session.transferred" in [x["kind"] for x in ls]
        ),
        what="the notes and the transfer",
    )
    await first.until_state(lambda s: s["running"] is None, what="the first desk's end of it")
    await first.until_state(
        lambda s: s["sessions"][session]["owner"] == colleague, what="the new owner, at the first desk"
    )
    assert citizen.all("failed") == []

    stranger = {"Authorization": f"Bearer {tokens['박낯선']}"}
    async with httpx.AsyncClient(base_url=url, headers=stranger) as client:
        for path in (f"/v1/sessions/{session}", f"/v1/sessions/{session}/events?after=0"):
            answer = await client.get(path)
            assert answer.status_code in (403, 404), answer.text
            assert answer.headers["content-type"] == "application/problem+json"
        assert (await client.post(f"/v1/sessions/{session}/claim")).status_code in (403, 404, 409)

    await second.do("call", method="hang_up", args=[])
    await citizen.until("ended")
    await second.until_state(lambda s: s["sessions"][session]["stage"] == "wrap_up", what="wrap-up at the second desk")
    await second.do("save", session=session, codes=["3-1"], summary="안내함")
    assert await second.do("drained")


async def until_side_talks(desk, session: str) -> None:
    """The colleague has answered."""
    await desk.until_state(lambda s: s["listener"] == "colleague_only" and s["running"] == session)
