"""Credentials of a shared hub: given out, listed, renewed, revoked, grown old; and whose address a request comes from."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import pytest

from client.domain.ids import new_id
from client.domain.words import Role
from client.hub.limits import RateLimit
from client.hub.retention import sweep
from tests.hub.held_time import HeldTime
from tests.hub.hub_process import hub_process
from tests.hub.saying import listening, log_of, open_session, problem_of
from tests.running_hub import running


@pytest.fixture
async def administrator(served):
    return await served.desk("전산", Role.ADMINISTRATOR)


async def id_of(desk) -> str:
    return (await desk.get("/v1/me")).json()["principal"]


async def states(administrator) -> dict[str, str]:
    return {p["name"]: p["credential"] for p in (await administrator.get("/v1/principals")).json()["principals"]}


async def test_a_revoked_credential_opens_nothing_and_its_streams_end(served, administrator):
    desk, other = await served.desk(), await served.desk("박다리")
    person = await id_of(desk)
    session = await open_session(desk)
    async with (
        listening(desk, "/v1/stream") as wide,
        listening(desk, f"/v1/stream?session={session}") as narrow,
        listening(other, "/v1/stream") as others,
    ):
        for heard in (wide, narrow, others):
            await heard.next("heads")
        assert (await administrator.post(f"/v1/principals/{person}/revoke")).status_code == 204
        await wide.until_end()
        await narrow.until_end()
        await open_session(other)
        await others.next("event")
    answer = await desk.get("/v1/me")
    assert problem_of(answer) == (401, "credential-revoked", "")
    assert answer.headers["www-authenticate"] == "Bearer"
    assert (await administrator.post(f"/v1/principals/{person}/revoke")).status_code == 204
    assert (await states(administrator))["김이음"] == "revoked"
    assert "김이음" not in {p["name"] for p in (await other.get("/v1/principals")).json()["principals"]}
    await other.post(f"/v1/sessions/{session}/claim")
    transfer = await other.post(f"/v1/sessions/{session}/transfer", json={"to": person})
    assert problem_of(transfer) == (422, "bad-input", "to")


async def test_revoking_lasts_and_rotating_brings_the_same_person_back(tmp_path):
    async with running(tmp_path) as served:
        administrator, desk = await served.desk("전산", Role.ADMINISTRATOR), await served.desk()
        person = await id_of(desk)
        await administrator.post(f"/v1/principals/{person}/revoke")
        tokens = [client.headers["authorization"] for client in (administrator, desk)]
    async with running(tmp_path) as served:
        administrator, desk = (served.http(served.server.desk_url, Authorization=token) for token in tokens)
        assert problem_of(await desk.get("/v1/me"))[1] == "credential-revoked"
        made = (await administrator.post(f"/v1/principals/{person}/rotate")).json()
        new = served.http(served.server.desk_url, Authorization=f"Bearer {made['token']}")
        assert await id_of(new) == made["principal"] == person
        assert problem_of(await desk.get("/v1/me"))[1] == "no-credential"


async def test_a_rotated_credential_ends_what_was_open_under_the_old_one(served, administrator):
    desk = await served.desk()
    person = await id_of(desk)
    async with listening(desk, "/v1/stream") as heard:
        await heard.next("heads")
        assert (await administrator.post(f"/v1/principals/{person}/rotate")).status_code == 200
        await heard.until_end()
    assert problem_of(await desk.get("/v1/me"))[1] == "no-credential"


async def test_only_an_administrator_may_and_not_with_their_own(served, administrator):
    desk, supervisor = await served.desk(), await served.desk("팀장", Role.SUPERVISOR)
    me, person = await id_of(administrator), await id_of(desk)
    for act in ("rotate", "revoke"):
        for asker in (desk, supervisor):
            assert problem_of(await asker.post(f"/v1/principals/{person}/{act}"))[:2] == (403, "not-permitted")
        assert problem_of(await administrator.post(f"/v1/principals/{new_id()}/{act}"))[1] == "unknown-principal"
        assert problem_of(await administrator.post(f"/v1/principals/x/{act}")) == (422, "bad-input", "principal")
    assert problem_of(await administrator.post(f"/v1/principals/{me}/revoke"))[:2] == (409, "own-credential")
    await administrator.post(f"/v1/principals/{person}/revoke")
    entries = (await administrator.get("/v1/access-log")).json()["entries"]
    assert next((x["principal"], x["action"], x["reason"]) for x in entries) == (me, "revoke", person)


async def test_a_credential_grows_old_where_a_setting_says_so(tmp_path):
    time = HeldTime()
    async with running(tmp_path, now=time, credential_days=30) as served:
        desk = await served.desk()
        time.pass_(days=29)
        administrator = await served.desk("전산", Role.ADMINISTRATOR)
        person = await id_of(desk)
        async with listening(desk, "/v1/stream") as heard:
            await heard.next("heads")
            time.pass_(days=2)
            assert problem_of(await desk.get("/v1/me"))[1] == "credential-expired"
            await sweep(served.hub)
            await heard.until_end()
        assert await states(administrator) == {"김이음": "expired", "전산": "good"}
        token = (await administrator.post(f"/v1/principals/{person}/rotate")).json()["token"]
        assert await id_of(served.http(served.server.desk_url, Authorization=f"Bearer {token}")) == person


async def test_by_default_a_credential_is_good_for_ever(tmp_path):
    time = HeldTime()
    async with running(tmp_path, now=time) as served:
        desk = await served.desk()
        time.pass_(days=20_000)
        assert (await desk.get("/v1/me")).status_code == 200


async def test_the_command_lists_rotates_and_revokes_while_no_hub_runs(tmp_path):
    async with hub_process(tmp_path) as hub:
        environment = hub.environment

        def ask(*arguments: str) -> subprocess.CompletedProcess[str]:
            command = [sys.executable, "-m", "client", "hub", *arguments]
            return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

        refused = await asyncio.to_thread(ask, "--list-principals")
        assert refused.returncode == 1
        assert "another hub is running" in refused.stderr
        assert "/v1/principals" in refused.stderr
    added = await asyncio.to_thread(ask, "--add-principal", "박다리")
    listed = (await asyncio.to_thread(ask, "--list-principals")).stdout
    rows = {row.split("\t")[3]: row.split("\t")[:3] for row in listed.splitlines()}
    assert rows["박다리"][1:] == ["agent", "good"]
    person = rows["박다리"][0]
    rotated = await asyncio.to_thread(ask, "--rotate-principal", person)
    assert rotated.stdout.strip() not in ("", added.stdout.strip())
    assert (await asyncio.to_thread(ask, "--revoke-principal", person)).returncode == 0
    assert f"{person}\tagent\trevoked" in (await asyncio.to_thread(ask, "--list-principals")).stdout
    unknown = await asyncio.to_thread(ask, "--revoke-principal", "nobody")
    assert unknown.returncode == 2
    assert "no principal" in unknown.stderr


FORWARDED = "198.51.100.7, 203.0.113.9"


@pytest.mark.parametrize(
    ("proxy", "said", "origin"),
    [
        ("127.0.0.1", FORWARDED, "203.0.113.9"),
        ("127.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("127.0.0.1", "nonsense", "127.0.0.1"),
        ("127.0.0.1", None, "127.0.0.1"),
        ("192.0.2.1", FORWARDED, "127.0.0.1"),
        ("", FORWARDED, "127.0.0.1"),
    ],
)
async def test_only_the_trusted_proxy_says_where_a_request_comes_from(tmp_path, proxy, said, origin):
    async with running(tmp_path, trusted_proxy=proxy) as served:
        supervisor = await served.desk("팀장", Role.SUPERVISOR)
        headers = {} if said is None else {"X-Forwarded-For": said}
        assert (await supervisor.get("/v1/access-log", headers=headers)).json()["entries"][0]["origin"] == origin


async def test_guessers_behind_a_trusted_proxy_do_not_slow_down_their_neighbours(tmp_path):
    async def guess(page, address: str) -> int:
        return (await page.get("/c/nonsense", headers={"X-Forwarded-For": address})).status_code

    for proxy, neighbour in (("127.0.0.1", 404), ("", 429)):
        async with running(tmp_path / (proxy or "none"), trusted_proxy=proxy) as served:
            served.hub.wrong_tokens = RateLimit(burst=3, per_second=1, clock=lambda: 0.0)
            page = served.page()
            assert [await guess(page, "198.51.100.7") for _ in range(4)] == [404, 404, 404, 429]
            assert await guess(page, "198.51.100.8") == neighbour


async def test_a_principals_own_log_is_still_there_after_a_rotation(served, administrator):
    desk = await served.desk()
    session = await open_session(desk)
    await desk.post(f"/v1/sessions/{session}/claim")
    token = (await administrator.post(f"/v1/principals/{await id_of(desk)}/rotate")).json()["token"]
    again = served.http(served.server.desk_url, Authorization=f"Bearer {token}")
    assert len(await log_of(again, session)) == 2
