"""The agent's own state outlives the desk: who is at a break when it dies is not rung at when it is back."""

from __future__ import annotations

import asyncio

import pytest

from client.adapters.outbox_sqlite import SqliteOutbox
from client.fakes.outbox import MemoryOutbox
from client.services.presence import FIELD, PLACE, Presence
from tests.desks import fake_desk
from tests.waiting import until

KEYS = (b"k" * 32,)


async def rung(fake) -> bool:
    """Whether a call that comes now is offered."""
    fake.desk.start()
    await until(lambda: fake.desk.log.connected)
    fake.phone.far_call()
    for _ in range(20):
        await asyncio.sleep(0)
    offered = bool(fake.desk.calls.offers)
    await fake.desk.stop()
    return offered


async def test_a_restarted_desk_finds_the_agent_where_they_were(tmp_path):
    outbox = SqliteOutbox(tmp_path / "outbox.db", KEYS)
    first = fake_desk(outbox=outbox)
    first.clock.advance(5)
    first.desk.presence.set(Presence.BREAK)
    outbox.close()
    outbox = SqliteOutbox(tmp_path / "outbox.db", KEYS)
    second = fake_desk(outbox=outbox)
    assert second.desk.presence.shown == "break"
    assert second.desk.presence.since == first.desk.presence.since
    assert not await rung(second)
    second.desk.presence.set(Presence.AVAILABLE)
    outbox.close()
    outbox = SqliteOutbox(tmp_path / "outbox.db", KEYS)
    assert await rung(fake_desk(outbox=outbox))
    outbox.close()


@pytest.mark.parametrize("state", [state for state in Presence if state is not Presence.AVAILABLE])
async def test_only_an_available_agent_is_offered_calls(state):
    fake = fake_desk()
    fake.desk.presence.set(state)
    assert not await rung(fake)


@pytest.mark.parametrize("kept", ["", "break", "asleep 2026-11-23T00:00:00.000Z", "break yesterday", "a b c"])
async def test_what_cannot_be_read_is_as_if_nothing_was_kept(kept):
    outbox = MemoryOutbox()
    outbox.save_draft(PLACE, FIELD, kept)
    assert fake_desk(outbox=outbox).desk.presence.state is Presence.AVAILABLE


async def test_a_full_store_does_not_hold_back_the_choice():
    outbox = MemoryOutbox()
    fake = fake_desk(outbox=outbox)
    outbox.kept.full = True
    fake.desk.presence.set(Presence.MEAL)
    assert fake.desk.presence.shown == "meal"
    assert not fake.desk.presence.may_be_offered()


async def test_the_choice_stays_through_a_call_and_its_wrap_up():
    fake = fake_desk()
    talking = wrapping = False
    fake.desk.presence.follow(lambda: talking, lambda: wrapping)
    fake.desk.presence.set(Presence.MEAL)
    talking = True
    assert fake.desk.presence.shown == "talking"
    talking, wrapping = False, True
    assert fake.desk.presence.shown == "meal"
    fake.desk.presence.set(Presence.AVAILABLE)
    assert fake.desk.presence.shown == "wrap_up"
    assert not fake.desk.presence.may_be_offered()
    wrapping = False
    assert fake.desk.presence.may_be_offered()
