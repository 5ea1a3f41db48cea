"""The queue to the outside, on the real store: every message comes to its visible end, none is lost, none goes twice."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime

import pytest

from client.domain import event as e
from client.domain.event import DeliveryState as State
from client.domain.event import new_event, timestamp
from client.domain.ids import new_id
from client.domain.session_log import LogRefused, Opening, draft
from client.domain.words import Channel, Party
from client.hub import deliveries as module
from client.hub import delivery_table as table
from client.hub.database import Database
from client.hub.deliveries import Deliveries
from client.hub.gateways.gateway import Accepted, NotNow, Outgoing, Receipt, Rejected, Unanswered
from client.hub.gateways.training import Training
from client.hub.outward import outward_of
from client.hub.store import SqliteLog
from client.hub.threads import Thread
from tests.waiting import until


def now() -> datetime:
    return datetime.now(UTC)


async def pack(held: table.Delivery) -> Outgoing:
    return Outgoing(message=held.message, address=held.address, text=held.content["text"], attempt=held.attempts)


class Post:
    """The queue on a store of its own; `write` is what a desk does."""

    def __init__(self, directory, *gateways: Training) -> None:
        self.file = directory / "hub.db"
        self.gateways = gateways
        self.database = Database(self.file)
        self.log = SqliteLog(self.database, lambda: timestamp(now()))
        self.queue = Deliveries(self.database, self.log, now, gateways, pack)
        self.session = ""

    async def start(self) -> Post:
        await self.queue.start()
        return self

    async def open(self) -> str:
        event = new_event(new_id(), e.SessionOpened(channel=Channel.SMS), at=now())
        await self.log.open(Opening(session=event.session, keys=(), draft=draft(event, "gateway:training")))
        self.session = event.session
        return self.session

    async def write(self, text: str, address: str = "01012345678", gateway: str = "training") -> str:
        if not self.session:
            await self.open()
        body = e.MessageSent(party=Party.AGENT, text=text, via=Channel.SMS)
        event = new_event(self.session, body, at=now())
        row = outward_of(event, Thread(gateway=gateway, address=address, session=self.session), timestamp(now()))
        assert row is not None
        await self.log.append(self.session, lambda _view: [draft(event, "kim")], lambda c, _done: table.add(c, row))
        self.queue.wake(gateway)
        return event.id

    def row(self, message: str) -> table.Delivery:
        found = self.database.read_now(lambda c: table.get(c, message))
        assert found is not None
        return found

    async def told(self, message: str) -> list[State]:
        """What the log says of it, in order."""
        events = [taken.event.body for taken in await self.log.events(self.session, 0, 10_000)]
        return [b.state for b in events if isinstance(b, e.MessageDelivery) and b.message == message]

    async def comes_to(self, message: str, state: State) -> None:
        await until(lambda: self.row(message).state is state, 10, f"{message} became {state}")

    async def die(self) -> None:
        """As kill -9 leaves it: nothing more is written, what is `sending` stays so."""
        for task in [*self.queue._tasks, *self.queue._sending]:
            task.cancel()
        await asyncio.gather(*self.queue._tasks, *self.queue._sending, return_exceptions=True)
        self.database.close()

    async def close(self) -> None:
        await self.queue.stop()
        self.database.close()


@pytest.fixture
async def posts(tmp_path, monkeypatch):
    """Makes queues, quick to try again."""
    monkeypatch.setattr(module, "BACK_OFF_S", (0.02, 0.05))
    monkeypatch.setattr(module, "LOOK_UP_S", (0.0, 0.02, 0.05))
    made: list[Post] = []

    async def make(*gateways: Training) -> Post:
        made.append(Post(tmp_path, *gateways))
        return await made[-1].start()

    yield make
    if made:
        await made[-1].close()


def sent(gateway: Training) -> list[str]:
    return [outgoing.text for outgoing in gateway.taken.values()]


async def test_a_message_is_accepted_and_then_delivered(posts):
    async def accept(gateway: Training, outgoing: Outgoing) -> Accepted:
        return gateway.take(outgoing, delivered=False)

    gateway = Training(behave=accept)
    post = await posts(gateway)
    message = await post.write("안녕하세요")
    await post.comes_to(message, State.ACCEPTED)
    await post.queue.receipt("training", Receipt(state=State.DELIVERED, provider="training-1"))
    assert post.row(message).state is State.DELIVERED
    assert await post.told(message) == [State.ACCEPTED, State.DELIVERED]
    assert not post.row(message).content  # nobody needs the words a second time


async def test_a_receipt_that_overtakes_the_acceptance_is_not_lost(posts):
    gate = asyncio.Event()

    async def slow(gateway: Training, outgoing: Outgoing) -> Accepted:
        gateway.taken[outgoing.message] = outgoing
        await gate.wait()
        return Accepted(provider="early")

    post = await posts(Training(behave=slow))
    message = await post.write("먼저 온 영수증")
    await post.comes_to(message, State.SENDING)
    await post.queue.receipt("training", Receipt(state=State.DELIVERED, provider="early"))
    gate.set()
    await post.comes_to(message, State.DELIVERED)
    assert await post.told(message) == [State.ACCEPTED, State.DELIVERED]


async def test_receipts_again_and_out_of_order_change_nothing_backwards(posts):
    async def accept(gateway: Training, outgoing: Outgoing) -> Accepted:
        return gateway.take(outgoing, delivered=False)

    post = await posts(Training(behave=accept))
    message = await post.write("순서")
    await post.comes_to(message, State.ACCEPTED)
    for state in (State.DELIVERED, State.ACCEPTED, State.DELIVERED, State.FAILED):
        await post.queue.receipt("training", Receipt(state=state, provider="training-1", reason="x"))
    assert await post.told(message) == [State.ACCEPTED, State.DELIVERED]


async def test_a_provider_that_lies_is_told_as_it_was(posts):
    """Taken, then failed: the agent sees both, with the provider's reason, and may send it again."""

    async def accept(gateway: Training, outgoing: Outgoing) -> Accepted:
        return gateway.take(outgoing, delivered=False)

    post = await posts(Training(behave=accept))
    message = await post.write("거짓말")
    await post.comes_to(message, State.ACCEPTED)
    await post.queue.receipt("training", Receipt(state=State.FAILED, provider="training-1", reason="결번"))
    assert post.row(message).reason == "결번"
    await post.queue.settle(post.session, message, again=True)
    await until(lambda: post.row(message).provider == "training-2", 10, "sent again")
    assert await post.told(message) == [State.ACCEPTED, State.FAILED, State.QUEUED, State.ACCEPTED]


async def test_a_provider_that_is_away_is_tried_until_it_is_back(posts):
    tries = iter([NotNow("연결할 수 없음"), NotNow("연결할 수 없음"), NotNow("연결할 수 없음")])

    async def away(gateway: Training, outgoing: Outgoing) -> Accepted:
        for error in tries:
            raise error
        return gateway.take(outgoing)

    gateway = Training(behave=away)
    post = await posts(gateway)
    message = await post.write("기다려 주세요")
    await post.comes_to(message, State.DELIVERED)
    assert sent(gateway) == ["기다려 주세요"]
    assert await post.told(message) == [State.QUEUED, State.DELIVERED]  # that it waits is told once


async def test_a_refusal_is_final_until_a_person_says_otherwise(posts):
    async def refuse(gateway: Training, outgoing: Outgoing) -> Accepted:
        if outgoing.attempt == 1:
            raise Rejected("발신번호 미등록")
        return gateway.take(outgoing)

    gateway = Training(behave=refuse)
    post = await posts(gateway)
    message = await post.write("번호")
    await post.comes_to(message, State.FAILED)
    assert (post.row(message).reason, sent(gateway)) == ("발신번호 미등록", [])
    await post.queue.settle(post.session, message, again=True)
    await post.comes_to(message, State.DELIVERED)


async def test_an_answer_that_never_came_is_looked_up(posts):
    async def lost(gateway: Training, outgoing: Outgoing) -> Accepted:
        gateway.take(outgoing)
        raise Unanswered("시간 초과")

    gateway = Training(behave=lost)
    post = await posts(gateway)
    message = await post.write("한 번만")
    await post.comes_to(message, State.ACCEPTED)
    assert sent(gateway) == ["한 번만"]


async def test_what_the_provider_certainly_never_got_is_sent_once_more(posts):
    async def lost(gateway: Training, outgoing: Outgoing) -> Accepted:
        if outgoing.attempt == 1:
            raise Unanswered("시간 초과")
        return gateway.take(outgoing)

    gateway = Training(behave=lost)
    post = await posts(gateway)
    await post.comes_to(await post.write("두 번째에"), State.DELIVERED)
    assert sent(gateway) == ["두 번째에"]


async def test_what_nobody_can_tell_waits_for_a_person(posts):
    calls: Counter[str] = Counter()

    async def lost(gateway: Training, outgoing: Outgoing) -> Accepted:
        calls[outgoing.text] += 1
        if outgoing.text == "모름" and calls["모름"] == 1:
            raise Unanswered("시간 초과")
        return gateway.take(outgoing)

    post = await posts(Training(behave=lost, tells=False))
    message = await post.write("모름")
    await post.comes_to(message, State.UNCERTAIN)
    await post.comes_to(await post.write("다음", "01099998888"), State.DELIVERED)  # the queue itself goes on
    assert calls["모름"] == 1
    assert post.row(message).reason == "시간 초과"
    await post.queue.settle(post.session, message, again=True)
    await post.comes_to(message, State.DELIVERED)
    assert calls["모름"] == 2
    with pytest.raises(LogRefused) as refused:
        await post.queue.settle(post.session, message, again=True)
    assert (refused.value.status, refused.value.code) == (409, "not-open")


async def test_a_person_may_leave_it(posts):
    async def lost(_gateway: Training, _outgoing: Outgoing) -> Accepted:
        raise Unanswered("시간 초과")

    post = await posts(Training(behave=lost, tells=False))
    message = await post.write("그대로")
    await post.comes_to(message, State.UNCERTAIN)
    await post.queue.settle(post.session, message, again=False)
    assert post.row(message).state is State.FAILED


async def test_one_citizen_gets_messages_in_order_and_holds_up_nobody_else(posts):
    gate = asyncio.Event()

    async def slow(gateway: Training, outgoing: Outgoing) -> Accepted:
        if outgoing.text == "하나":
            await gate.wait()
        return gateway.take(outgoing)

    gateway = Training(behave=slow)
    post = await posts(gateway)
    first = [await post.write(text) for text in ("하나", "둘", "셋")]
    await post.comes_to(await post.write("다른 시민", "01099998888"), State.DELIVERED)
    assert sent(gateway) == ["다른 시민"]
    gate.set()
    await post.comes_to(first[-1], State.DELIVERED)
    assert sent(gateway) == ["다른 시민", "하나", "둘", "셋"]


async def test_an_earlier_message_that_waits_for_its_time_is_not_overtaken(posts):
    async def once(gateway: Training, outgoing: Outgoing) -> Accepted:
        if outgoing.text == "하나" and outgoing.attempt == 1:
            raise NotNow("붐빔")
        return gateway.take(outgoing)

    gateway = Training(behave=once)
    post = await posts(gateway)
    await post.write("하나")
    await post.comes_to(await post.write("둘"), State.DELIVERED)
    assert sent(gateway) == ["하나", "둘"]


async def test_what_was_withdrawn_before_it_left_is_never_sent(posts):
    async def away(gateway: Training, outgoing: Outgoing) -> Accepted:
        if outgoing.text == "취소할 것" and outgoing.attempt == 1:
            raise NotNow("붐빔", after_s=0.5)
        return gateway.take(outgoing)

    gateway = Training(behave=away)
    post = await posts(gateway)
    message = await post.write("취소할 것")
    await until(lambda: post.row(message).attempts == 1 and post.row(message).state is State.QUEUED)
    await post.database.write(lambda c: table.withdraw(c, message, timestamp(now())))
    await post.comes_to(await post.write("그다음"), State.DELIVERED)
    assert sent(gateway) == ["그다음"]
    assert not post.row(message).content


async def test_what_left_cannot_be_withdrawn(posts):
    post = await posts(Training())
    message = await post.write("이미 감")
    await post.comes_to(message, State.DELIVERED)
    with pytest.raises(LogRefused) as refused:
        await post.database.write(lambda c: table.withdraw(c, message, timestamp(now())))
    assert (refused.value.status, refused.value.code) == (409, "already-sent")


@pytest.mark.parametrize(
    ("taken", "tells", "end", "copies"),
    [(True, True, State.ACCEPTED, 1), (False, True, State.DELIVERED, 1), (True, False, State.UNCERTAIN, 1)],
    ids=["the provider has it", "the provider never got it", "the provider cannot be asked"],
)
async def test_a_hub_that_died_while_sending_neither_loses_nor_doubles(posts, taken, tells, end, copies):
    began = asyncio.Event()

    async def hang(gateway: Training, outgoing: Outgoing) -> Accepted:
        if taken:
            gateway.take(outgoing)
        began.set()
        await asyncio.Event().wait()
        raise AssertionError("the hub died")

    gateway = Training(behave=hang, tells=tells)
    post = await posts(gateway)
    message = await post.write("죽는 순간")
    await began.wait()
    await post.die()
    calls: list[str] = []

    async def count(gateway: Training, outgoing: Outgoing) -> Accepted:
        calls.append(outgoing.text)
        return gateway.take(outgoing)

    gateway.behave = count
    reborn = await posts(gateway)
    reborn.session = post.session
    await reborn.comes_to(message, end)
    assert len(calls) + taken == copies
    assert (await reborn.told(message))[-1] is end


async def test_a_gateway_that_makes_a_mistake_leaves_it_uncertain_not_lost(posts):
    async def broken(_gateway: Training, _outgoing: Outgoing) -> Accepted:
        raise ZeroDivisionError

    post = await posts(Training(behave=broken, tells=False))
    message = await post.write("실수")
    await post.comes_to(message, State.UNCERTAIN)


async def test_a_hundred_citizens_get_everything_exactly_once(posts):
    """With a provider that fails in every way it can, now and then."""
    seen: Counter[str] = Counter()

    async def moody(gateway: Training, outgoing: Outgoing) -> Accepted:
        mood = hash((outgoing.message, outgoing.attempt)) % 5
        if mood == 0:
            raise NotNow("붐빔")
        if mood == 1:
            gateway.take(outgoing)
            seen[outgoing.message] += 1
            raise Unanswered("시간 초과")
        if mood == 2:
            raise Unanswered("시간 초과")
        seen[outgoing.message] += 1
        return gateway.take(outgoing)

    post = await posts(Training(behave=moody))
    messages = [await post.write(f"글 {n}", f"010{n % 100:08}") for n in range(300)]
    over = (State.ACCEPTED, State.DELIVERED)
    await until(lambda: all(post.row(m).state in over for m in messages), 30, "everything arrived")
    assert seen == Counter(messages)
