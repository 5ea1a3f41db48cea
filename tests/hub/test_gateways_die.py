"""`kill -9` of the hub between its own acceptance of a message and the provider's: once, or uncertain, never twice."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from client.domain import event as e
from client.domain.event import new_event
from client.domain.ids import new_id
from client.domain.words import Channel, Party
from tests.doubles.gateway_rig import WEBHOOK_SECRET
from tests.doubles.provider import Fault
from tests.doubles.sens import ACCESS, SECRET, SENDERS, SERVICE, SensDouble
from tests.hub.hub_process import hub_process
from tests.waiting import until


@pytest.fixture
async def provider():
    async with SensDouble() as double:
        yield double


def settings_of(provider: SensDouble) -> str:
    fields = {
        "base_url": provider.base_url,
        "service_id": SERVICE,
        "access_key": ACCESS,
        "secret_key": SECRET,
        "webhook_secret": WEBHOOK_SECRET,
    }
    account = ", ".join(f'{name} = "{value}"' for name, value in fields.items())
    return f'[gateways]\nsens = [{{ {account}, senders = ["{SENDERS[0]}"] }}]\n'


async def session_with_number(desk) -> str:
    event = new_event(new_id(), e.SessionOpened(channel=Channel.PHONE), at=datetime.now(UTC))
    state = await desk.open_session(event, [f"sip:{event.session}"], "01012345678")
    await desk.claim(state.id)
    return state.id


async def write(desk, session: str, text: str) -> str:
    event = new_event(session, e.MessageSent(party=Party.AGENT, text=text, via=Channel.SMS), at=datetime.now(UTC))
    await desk.append(session, [event])
    return event.id


async def states(desk, session: str) -> list[str]:
    bodies = [event.body for event in await desk.events(session, 0)]
    return [body.state.value for body in bodies if isinstance(body, e.MessageDelivery)]


async def comes_to(desk, session: str, state: str) -> list[str]:
    for _ in range(600):
        if (found := await states(desk, session)) and found[-1] == state:
            return found
    raise AssertionError(f"not {state}: {found}")


async def test_killed_while_the_provider_is_silent_it_is_uncertain_and_went_once(tmp_path, provider):
    provider.faults.append(Fault.SILENT)
    async with hub_process(tmp_path, "--embedded", settings=settings_of(provider)) as hub:
        desk = hub.client()
        session = await session_with_number(desk)
        await write(desk, session, "한 번만")
        await until(lambda: provider.taken, 20, "the provider has it")
        await desk.disconnect()
        hub.kill()
    async with hub_process(tmp_path, "--embedded", settings=settings_of(provider)) as hub:
        desk = hub.client()
        assert await comes_to(desk, session, "uncertain") == ["uncertain"]
        assert [taken["content"] for taken in provider.taken.values()] == ["한 번만"]
        message = next(ev.id for ev in await desk.events(session, 0) if isinstance(ev.body, e.MessageSent))
        await desk.settle(session, message, again=True)
        await comes_to(desk, session, "accepted")
        assert len(provider.taken) == 2  # because a person said so
        await desk.disconnect()


async def test_killed_before_the_provider_was_there_it_goes_once(tmp_path):
    async with SensDouble() as away:
        settings = settings_of(away)
        await away.go_away()
        async with hub_process(tmp_path, "--embedded", settings=settings) as hub:
            desk = hub.client()
            session = await session_with_number(desk)
            await write(desk, session, "기다린 글")
            await comes_to(desk, session, "queued")
            await desk.disconnect()
            hub.kill()
    async with SensDouble() as provider, hub_process(tmp_path, "--embedded", settings=settings_of(provider)) as hub:
        desk = hub.client()
        await comes_to(desk, session, "accepted")
        assert [taken["content"] for taken in provider.taken.values()] == ["기다린 글"]
        await desk.disconnect()
