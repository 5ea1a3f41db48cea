"""The hub as a process: its death, its end, its full disk, its one desk that went away."""

from __future__ import annotations

import asyncio
import json
import resource
import sqlite3
import stat
import subprocess
import sys
import time
from contextlib import aclosing
from datetime import UTC, datetime
from urllib.parse import quote

import httpx
import pytest

from client.domain import event as e
from client.domain.event import Event, new_event
from client.domain.ids import new_id
from client.domain.words import Channel, Party
from client.hub.embedded import until_unneeded
from client.ports.hub import Connected, Heads, HubAway, HubRefused
from tests.hub.hub_process import hub_process
from tests.hub.saying import event_json, listening, open_session
from tests.running_hub import running
from tests.waiting import until


def now() -> datetime:
    return datetime.now(UTC)


def note(session: str, text: str = "메모") -> Event:
    return new_event(session, e.NoteWritten(text=text), at=now())


async def opened(hub) -> str:
    event = new_event(new_id(), e.SessionOpened(channel=Channel.PHONE), at=now())
    return (await hub.open_session(event, [f"sip:{event.session}"], "01012345678")).id


async def keep_saying(hub, session: str, said: list[Event], acknowledged: list[str]) -> None:
    """As an outbox does: the same batch again until it is answered."""
    while True:
        batch = [note(session, str(len(said) + n)) for n in range(3)]
        said += batch
        stored = await hub.append(session, batch)
        acknowledged += [one.id for one in stored]


async def test_after_kill_9_everything_that_was_answered_is_there_exactly_once(tmp_path):
    async with hub_process(tmp_path, "--embedded") as first:
        desk = first.client()
        session = await opened(desk)
        said: list[Event] = []
        acknowledged: list[str] = []
        sayers = [asyncio.create_task(keep_saying(desk, session, said, acknowledged)) for _ in range(4)]
        await until(lambda: len(acknowledged) > 60)
        first.kill()
        outcomes = await asyncio.gather(*sayers, return_exceptions=True)
        assert all(isinstance(outcome, HubAway) for outcome in outcomes)
        await desk.disconnect()
    async with hub_process(tmp_path, "--embedded") as second:
        desk = second.client()
        there = [event.id for event in await desk.events(session, 1)]
        assert set(acknowledged) <= set(there)
        assert len(there) == len(set(there))
        await desk.append(session, said)
        events = await desk.events(session, 0)
        assert [event.seq for event in events] == list(range(1, len(said) + 2))
        assert {event.id for event in events[1:]} == {event.id for event in said}
        assert await desk.unmask(session, "다시 걸기") == "01012345678"
        await desk.disconnect()


async def test_a_lost_last_event_is_told_by_the_heads(tmp_path):
    """The stream died with the hub before the last event was heard; nothing more happens in that session."""
    async with hub_process(tmp_path, "--embedded") as first:
        desk = first.client()
        session = await opened(desk)
        stored = await desk.append(session, [note(session)])
        first.kill()
        await desk.disconnect()
    async with hub_process(tmp_path, "--embedded") as second:
        desk = second.client()
        async with aclosing(desk.stream()) as stream:
            heads = [item async for item in _until(stream, Heads)][-1]
        assert heads.heads == {session: stored[0].seq}
        await desk.disconnect()


async def _until(stream, kind):
    async for item in stream:
        yield item
        if isinstance(item, kind):
            return


async def test_told_to_end_it_ends_within_three_seconds_though_streams_are_open(tmp_path):
    async with hub_process(tmp_path, "--embedded") as hub:
        desks = [hub.client() for _ in range(5)]
        session = await opened(desks[0])
        streams = [desk.stream() for desk in desks]
        for stream in streams:
            assert isinstance(await anext(stream), Connected)
        await desks[0].append(session, [note(session)])
        begun = time.monotonic()
        hub.process.terminate()
        assert await hub.ended() == 0
        assert time.monotonic() - begun < 3.0
        for stream in streams:
            with pytest.raises(HubAway):
                [item async for item in stream]
        assert not hub.endpoint_file.exists()
        for desk in desks:
            await desk.disconnect()
    log = hub.log.read_text()
    assert "Traceback" not in log
    assert hub.endpoint["token"] not in log


async def test_no_token_and_no_citizens_word_is_in_any_log_though_the_hub_makes_a_mistake(tmp_path):
    """A whole session with every kind of credential, then a store whose table somebody took away: 500 on both faces."""
    async with hub_process(tmp_path, "--embedded") as hub:
        token, guessed = hub.endpoint["token"], "wrong-guess-of-a-token"
        desk = httpx.AsyncClient(base_url=hub.endpoint["desk_url"], trust_env=False)
        desk.headers["Authorization"] = f"Bearer {token}"
        session = await open_session(desk, number="01098765432")
        address = (await desk.post(f"/v1/sessions/{session}/link")).json()["address"]
        face = hub.endpoint["citizen_url"]
        page = httpx.AsyncClient(base_url=face, headers={"Origin": face}, trust_env=False)
        path = address.removeprefix(face)
        assert (await page.post(f"{path}/enter", json={})).status_code == 204
        assert (await page.get(f"/c/{guessed}")).status_code == 404
        assert (await desk.get("/v1/me", headers={"Authorization": f"Bearer {guessed}"})).status_code == 401
        message = event_json(session, e.MessageSent(party=Party.CITIZEN, text="아무도모를말"))
        assert (await page.post("/c/api/events", json={"events": [message]})).status_code == 200
        async with listening(desk, "/v1/stream") as heard, listening(page, "/c/api/stream") as seen:
            await heard.next("heads")
            await seen.next("heads")
        with sqlite3.connect(tmp_path / "data" / "hub" / "hub.db") as store:
            store.execute("ALTER TABLE event RENAME TO taken_away")
        store.close()
        for client in (desk, page):
            client.headers["Connection"] = "close"  # the server ends the connection of a mistake by itself
        broken = [
            await desk.get(f"/v1/sessions/{session}/events"),
            await desk.get("/v1/search", params={"q": "아무도모를말"}),
            await page.get("/c/api/state"),
            await page.get("/c/api/stream"),
        ]
        assert {answer.status_code for answer in broken} == {500}
        other = {**event_json(session, e.MessageSent(party=Party.CITIZEN, text="아무도모를말"))}
        assert (await page.post("/c/api/events", json={"events": [other]})).status_code == 507
        secrets = [token, path.rsplit("/", 1)[1], page.cookies["ieum"], guessed, "아무도모를말", "01098765432"]
        administrator = (tmp_path / "data" / "hub" / "administrator.token").read_text().strip()
        await desk.aclose()
        await page.aclose()
    log = hub.log.read_text(encoding="utf-8")
    assert log.count("no such table") >= 4
    for secret in (*secrets, administrator):
        assert len(secret) >= 6
        assert secret not in log
        assert quote(secret) not in log


async def test_a_full_disk_refuses_aloud_and_the_hub_recovers(tmp_path):
    """The limit on file sizes makes the system refuse every write beyond it, as a full disk does."""
    async with hub_process(tmp_path, "--embedded") as hub:
        desk = hub.client()
        session = await opened(desk)
        await desk.append(session, [note(session, "앞")])
        size = (tmp_path / "data" / "hub" / "hub.db-wal").stat().st_size  # what comes next is written behind it
        unlimited = resource.prlimit(hub.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(hub.process.pid, resource.RLIMIT_FSIZE, (size, unlimited[1]))
        refused = note(session, "가" * 8_000)
        for _ in range(2):
            with pytest.raises(HubRefused) as caught:
                await desk.append(session, [note(session), refused])
            assert (caught.value.status, caught.value.code) == (507, "store-full")
        assert [event.body.text for event in await desk.events(session, 1)] == ["앞"]
        resource.prlimit(hub.process.pid, resource.RLIMIT_FSIZE, unlimited)
        stored = await desk.append(session, [refused])
        assert [one.seq for one in stored] == [3]
        await desk.disconnect()


async def test_a_limit_on_the_store_is_a_full_disk_too(tmp_path):
    async with hub_process(tmp_path, "--embedded", settings="[hub]\nstore_limit_mb = 1\n") as hub:
        desk = hub.client()
        session = await opened(desk)
        with pytest.raises(HubRefused) as caught:
            await desk.append(session, [note(session, "가" * 8_000) for _ in range(60)])
        assert caught.value.status == 507
        assert len(await desk.events(session, 0)) < 60
        await desk.disconnect()


async def test_the_endpoint_and_the_administrators_token_are_the_owners_alone(tmp_path):
    async with hub_process(tmp_path, "--embedded") as hub:
        administrator = tmp_path / "data" / "hub" / "administrator.token"
        for file in (hub.endpoint_file, administrator, tmp_path / "data" / "hub" / "hub.key"):
            assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert set(hub.endpoint) == {"desk_url", "citizen_url", "token", "pid"}
        assert hub.endpoint["pid"] == hub.process.pid


async def test_the_one_agent_stays_the_same_and_its_old_token_is_void(tmp_path):
    async with hub_process(tmp_path, "--embedded", settings='[hub]\nagent_name = "김이음"\n') as hub:
        desk = hub.client()
        first = await anext(desk.stream())
        assert first.identity.name == "김이음"
        old = hub.endpoint["token"]
        hub.kill()
        await desk.disconnect()
    async with hub_process(tmp_path, "--embedded") as hub:
        desk = hub.client()
        assert (await anext(desk.stream())).identity.principal == first.identity.principal
        desk.aim(hub.endpoint["desk_url"], old)
        with pytest.raises(HubRefused, match="credential"):
            await desk.sessions()
        await desk.disconnect()


async def test_a_second_hub_on_the_same_store_says_so(tmp_path):
    async with hub_process(tmp_path, "--embedded") as hub:
        second = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-m", "client", "hub"],
            env=hub.environment,
            capture_output=True,
            text=True,
            check=False,
        )
    assert second.returncode == 1
    assert "another hub is running" in second.stderr


async def test_a_credential_can_be_given_out_by_hand(tmp_path):
    async with hub_process(tmp_path, "--embedded") as hub:
        environment = hub.environment
    made = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "client", "hub", "--add-principal", "팀장", "--role", "supervisor"],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    async with hub_process(tmp_path, "--embedded") as hub:
        desk = hub.client()
        desk.aim(hub.endpoint["desk_url"], made.stdout.strip())
        identity = (await anext(desk.stream())).identity
        assert (identity.name, identity.role) == ("팀장", "supervisor")
        await desk.disconnect()


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ('[hub]\ncitizen_bind = "0.0.0.0"\n', "hub.public_url"),
        ('[hub]\nport = "x"\n', "hub.port"),
        ('[hub]\nbind = "203.0.113.1"\n', "cannot listen"),
    ],
)
def test_a_setting_that_cannot_work_is_refused_with_its_name(tmp_path, settings, said):
    file = tmp_path / "machine.toml"
    file.write_text(settings, encoding="utf-8")
    environment = {
        "PATH": "/usr/bin:/bin",
        "IEUM_DATA": str(tmp_path),
        "IEUM_MACHINE_SETTINGS": str(file),
        "IEUM_USER_SETTINGS": str(tmp_path / "none"),
    }
    command = [sys.executable, "-m", "client", "hub"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert said in done.stderr


async def test_an_embedded_hub_ends_when_its_desk_has_been_gone_for_a_while(tmp_path):
    async with running(tmp_path) as served:
        watch = asyncio.create_task(until_unneeded(served.hub, first_desk_s=30, without_desk_s=0.2))
        desk = await served.desk()
        async with listening(desk, "/v1/stream") as heard:
            await heard.next("heads")
            assert not watch.done()
        await asyncio.wait_for(watch, 10)


async def test_an_embedded_hub_that_no_desk_found_ends_too(tmp_path):
    async with running(tmp_path) as served:
        await asyncio.wait_for(until_unneeded(served.hub, first_desk_s=0.1, without_desk_s=30), 10)


async def test_an_open_page_keeps_an_embedded_hub_alive(tmp_path):
    async with running(tmp_path) as served:
        desk = await served.desk()
        session = await open_session(desk)
        address = (await desk.post(f"/v1/sessions/{session}/link")).json()["address"]
        page = served.page()
        await page.post(address.removeprefix(served.server.citizen_url) + "/enter", json={})
        async with listening(page, "/c/api/stream") as heard:
            await heard.next("heads")
            watch = asyncio.create_task(until_unneeded(served.hub, first_desk_s=0.1, without_desk_s=0.2))
            await until(lambda: served.hub.citizens.open)
            done, _ = await asyncio.wait([watch], timeout=1.0)
            assert not done
        await asyncio.wait_for(watch, 10)


def test_the_endpoint_of_a_later_hub_is_left_alone(tmp_path):
    from client.hub.embedded import remove_endpoint, write_endpoint

    file = tmp_path / "endpoint.json"
    write_endpoint(file, desk_url="a", citizen_url="b", token="c")
    remove_endpoint(file)
    assert not file.exists()
    file.write_text(json.dumps({"pid": 1}))
    remove_endpoint(file)
    assert file.exists()
