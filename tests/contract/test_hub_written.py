"""What every hub does for written sessions: the real one over HTTP, and the fake."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta

import pytest

from client.domain import event as e
from client.domain.event import new_event, timestamp
from client.domain.ids import new_id
from client.domain.ownership import owner_told
from client.domain.signal import QueuePlace, Signal, Working
from client.domain.words import Channel, Party, Role
from client.fakes.hub import FakeHubServer
from client.hub.gateways.training import Training
from client.ports.hub import GatewayState
from tests.contract.test_hub import Fake, Listening, Real, now, refused
from tests.running_hub import running
from tests.waiting import until

NUMBER = "01012345678"
SMALL = {"weights": {"sms": 1}, "capacity": 2}


@pytest.fixture(params=["fake", "real"])
async def hubs(request, tmp_path):
    if request.param == "fake":
        fake = Fake()
        fake.server.weights, fake.server.capacity = SMALL["weights"], SMALL["capacity"]
        fake.server.gateways = [GatewayState(name="sms", channel=Channel.SMS, state="good", senders=("120",))]
        yield fake
        return
    async with running(tmp_path, gateways=[Training("sms")], **SMALL) as made:
        yield Real(made)


@pytest.fixture(params=["fake", "real"])
async def doubting(request, tmp_path):
    """A hub that asks to make sure who writes."""
    if request.param == "fake":
        fake = Fake()
        fake.server.confirm_citizen = True
        yield fake
        return
    async with running(tmp_path, confirm_citizen=True) as made:
        yield Real(made)


@pytest.fixture
async def agent(hubs):
    return await hubs.client("김이음")


async def written(hub, *, number: str = NUMBER, channel: Channel = Channel.SMS, language: str = "ko") -> str:
    event = new_event(new_id(), e.SessionOpened(channel=channel, language=language), at=now())
    opened = (await hub.open_session(event, [f"x:{event.session}"], number)).id
    await until(lambda: timestamp(now()) > event.at)  # the next one is opened later, by the hub's clock too
    return opened


async def test_the_longest_waiting_written_session_comes_first(agent):
    first, second = await written(agent), await written(agent, number="01099998888")
    assert [(await agent.next_waiting([], [])).id for _ in range(2)] == [first, second]


async def test_nothing_waits(agent):
    assert await agent.next_waiting([], []) is None
    await written(agent, channel=Channel.PHONE)
    assert await agent.next_waiting([], []) is None  # a call is offered by the phone


async def test_one_may_ask_for_channels_and_languages(agent):
    await written(agent)
    vietnamese = await written(agent, language="vi")
    assert await agent.next_waiting([Channel.KAKAO], []) is None
    assert (await agent.next_waiting([], ["vi"])).id == vietnamese


async def test_capacity_is_held_by_the_hub(agent):
    sessions = [await written(agent) for _ in range(3)]
    for _ in range(2):
        await agent.next_waiting([], [])
    error = await refused(agent.next_waiting([], []))
    assert (error.status, error.code) == (409, "full")
    assert (await refused(agent.claim(sessions[2]))).code == "full"


async def test_a_merged_session_is_closed_and_said_in_both(agent):
    source, target = await written(agent), await written(agent)
    for session in (source, target):
        await agent.claim(session)
    assert (await agent.merge(source, target)).id == target
    for session in (source, target):
        said = [event.body for event in await agent.events(session, 0) if isinstance(event.body, e.SessionMerged)]
        assert said == [e.SessionMerged(source=source, target=target)]
    assert [state.closed for state in await agent.sessions() if state.id == source] == [True]


async def test_only_ones_own_sessions_are_merged(hubs, agent):
    other = await hubs.client("이다른")
    source, target = await written(agent), await written(agent)
    await agent.claim(source)
    await other.claim(target)
    assert (await refused(agent.merge(source, target))).code in ("not-owner", "not-yours")


async def test_history_is_of_the_same_number(agent):
    old = await written(agent, number="+82-10-1234-5678")
    await written(agent, number="01055556666")
    new = await written(agent)
    assert [past.id for past in await agent.history(new)] == [old]


async def test_history_tells_what_it_was_about(agent):
    old = await written(agent)
    await agent.claim(old)
    saved = e.WrapUpSaved(codes=("2",), summary="수도 요금 문의")
    await agent.append(old, [new_event(old, saved, at=now())])
    await agent.close(old)
    (past,) = await agent.history(await written(agent))
    assert (past.channel, past.owner_name, past.codes, past.summary) == (
        Channel.SMS,
        "김이음",
        saved.codes,
        saved.summary,
    )
    assert past.opened
    assert past.closed


async def test_the_log_of_a_closed_session_is_still_its_owners_to_read(hubs, agent):
    session = await written(agent)
    await agent.claim(session)
    await agent.close(session)
    assert any(isinstance(event.body, e.SessionClosed) for event in await agent.events(session, 0))
    error = await refused((await hubs.client("이다른")).events(session, 0))
    assert (error.status, error.code) == (403, "not-yours")


async def test_a_lost_race_names_who_has_it(hubs, agent):
    session = await written(agent)
    await (await hubs.client("이다른")).claim(session)
    error = await refused(agent.claim(session))
    assert (error.status, error.code, owner_told(str(error))) == (409, "owned", "이다른")


async def test_history_waits_until_it_was_made_sure_who_writes(doubting):
    agent = await doubting.client("김이음")
    old, new = await written(agent), await written(agent)
    error = await refused(agent.history(new))
    assert (error.status, error.code) == (403, "not-confirmed")
    await agent.append(new, [new_event(new, e.CitizenConfirmed(how="asked"), at=now())])
    assert [past.id for past in await agent.history(new)] == [old]


async def test_the_outside_services_are_told(agent):
    (sms,) = await agent.gateways()
    assert (sms.name, sms.channel, sms.state, sms.senders) == ("sms", Channel.SMS, "good", ("120",))


async def test_a_file_is_kept_once_and_given_back(agent):
    session, id_ = await written(agent), new_id()
    await agent.claim(session)
    kept = await agent.upload(session, id_, "안내.txt", "안내문".encode())
    assert (kept.id, kept.name, kept.size) == (id_, "안내.txt", 9)
    assert await agent.upload(session, id_, "안내.txt", "안내문".encode()) == kept
    assert (await refused(agent.upload(session, id_, "안내.txt", b"other"))).code == "id-reused"
    assert await agent.download(session, id_) == "안내문".encode()
    assert (await refused(agent.download(session, new_id()))).status == 404
    assert (await refused(agent.upload(session, new_id(), "x.txt", b""))).status == 422


async def test_settling_needs_something_that_is_open(agent):
    session = await written(agent)
    await agent.claim(session)
    assert (await refused(agent.settle(session, new_id(), again=True))).status == 404


async def test_a_colleague_who_looks_on_is_named_by_the_hub(hubs, agent):
    other = await hubs.client("이다른")
    session = await written(agent)
    stream = Listening(agent.stream())
    await stream.until(object)
    await other.signal([Signal(session=session, key="working", body=Working(viewing=True, name="거짓"))])
    seen = await stream.until(Signal)
    assert (seen.body.name, seen.body.viewing, seen.key) == ("이다른", True, f"working:{seen.body.principal}")
    forged = Signal(session=session, key="queue", body=QueuePlace(ahead=0))
    assert (await refused(other.signal([forged]))).status == 422


async def test_search_finds_words_of_ones_own_sessions(hubs, agent):
    other = await hubs.client("이다른")
    session = await written(agent)
    await agent.claim(session)
    await agent.append(session, [new_event(session, e.NoteWritten(text="가로등 고장 문의"), at=now())])
    assert [hit.session for hit in await agent.search("가로등")] == [session]
    assert list(await other.search("가로등")) == []


@pytest.mark.parametrize("form", ["json", "txt", "html"])
async def test_a_session_is_exported_with_a_reason(agent, form):
    session = await written(agent)
    await agent.claim(session)
    await agent.append(session, [new_event(session, e.MessageSent(party=Party.AGENT, text="안내"), at=now())])
    assert "안내" in (await agent.export(session, form, "민원 답변")).decode()
    if form == "json":
        assert len(json.loads(await agent.export(session, form, "민원 답변"))) == 3
    assert (await refused(agent.export(session, form, " "))).status == 422


async def test_my_sessions_are_exported_one_row_each(hubs, agent):
    other = await hubs.client("이다른")
    session = await written(agent)
    await agent.claim(session)
    await other.claim(await written(other))
    day = timedelta(days=1)
    rows = list(
        csv.DictReader(io.StringIO((await agent.export_rows(now() - day, now() + day, "월말")).decode("utf-8-sig")))
    )
    assert [row["session"] for row in rows] == [session]
    assert len((await agent.export_rows(now() - 2 * day, now() - day, "월말")).decode().splitlines()) == 1


async def test_a_supervisor_has_the_same(hubs):
    assert await (await hubs.client("감독", Role.SUPERVISOR)).next_waiting([], []) is None


async def test_the_fake_tells_how_far_a_message_came():
    server = FakeHubServer()
    agent = server.client("김이음")
    session = await written(agent)
    await agent.claim(session)
    message = new_event(session, e.MessageSent(party=Party.AGENT, text="글", via=Channel.SMS), at=now())
    await agent.append(session, [message])
    server.deliver(session, message.id, e.DeliveryState.UNCERTAIN, "답이 없음")
    await agent.settle(session, message.id, again=True)
    assert server.delivery(session, message.id) is e.DeliveryState.QUEUED
