"""What SENS and SOLAPI do each in a way of their own, beside their strict doubles."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import pytest

from client.domain.bodies.written import DeliveryState
from client.domain.codec import BadInput
from client.domain.session_log import LogRefused
from client.hub.gateways.gateway import CannotTell, Rejected, Unanswered, WebRequest
from tests.doubles.gateway_rig import WEBHOOK_SECRET, HeardInbox, SensRig, SolapiRig
from tests.doubles.provider import Reply


@pytest.fixture
async def sens():
    rig = SensRig()
    async with rig.double:
        rig.gateway = rig.make()
        yield rig
        await rig.gateway.stop()


@pytest.fixture
async def solapi():
    rig = SolapiRig()
    async with rig.double:
        rig.gateway, rig.inbox = rig.make(), HeardInbox()
        await rig.gateway.start(rig.inbox)
        yield rig
        await rig.gateway.stop()


def answered(rig, reply):
    """The double takes the message and answers otherwise."""
    take = rig.double.answer
    rig.double.answer = lambda asked: (take(asked), reply)[1]


# ── SENS ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("status", "data"),
    [
        (200, {"requestId": "RSLA-1", "statusCode": "202", "statusName": "success"}),
        (202, {"requestId": "RSLA-1", "statusCode": "500", "statusName": "success"}),
        (202, {"requestId": "RSLA-1", "statusCode": "202", "statusName": "fail"}),
        (202, {"requestId": "", "statusCode": "202", "statusName": "success"}),
        (202, {"requestId": ["RSLA-1"]}),
        (202, {"requestId": "RSLA-1\n"}),
    ],
)
async def test_an_acceptance_that_contradicts_itself_is_none(sens, status, data):
    answered(sens, Reply(status, data))
    with pytest.raises(Unanswered):
        await sens.gateway.send(sens.outgoing())


async def test_the_least_that_sens_may_say_is_enough(sens):
    answered(sens, Reply(202, {"requestId": "RSLA-1"}))
    assert (await sens.gateway.send(sens.outgoing())).provider == "RSLA-1"


async def test_a_sens_request_is_the_documented_one(sens):
    await sens.gateway.send(sens.outgoing(text="가" * 46, subject="제목"))
    assert json.loads(sens.double.asked[0].body) == {
        "type": "LMS",
        "contentType": "COMM",
        "countryCode": "82",
        "from": "0212345678",
        "subject": "제목",
        "content": "가" * 46,
        "messages": [{"to": "01012345678"}],
    }


async def test_the_signature_covers_a_government_clouds_path(sens):
    gateway = sens.make(base_url=sens.double.base_url + "/gov")
    with pytest.raises(Rejected, match="404"):  # the double believes the signature and has no such address
        await gateway.send(sens.outgoing())
    await gateway.stop()


@pytest.mark.parametrize(
    "entry", [{"status": "READY"}, {"status": "COMPLETED"}, {"statusName": "success"}, {}, None, "x"]
)
async def test_a_result_that_is_not_decided_is_none(sens, entry):
    answered(sens, Reply(200, {"messages": [entry]}))
    assert await sens.gateway._result("RSLA-1") is None


async def test_another_requests_result_is_not_ours(sens):
    entry = {"requestId": "RSLA-2", "status": "COMPLETED", "statusName": "success"}
    answered(sens, Reply(200, {"messages": [entry]}))
    assert await sens.gateway._result("RSLA-1") is None


# ── SOLAPI ───────────────────────────────────────────────────────────────────────────────────────


async def test_a_refusal_within_200_is_one(solapi):
    solapi.double.refuse_with = "1062"
    with pytest.raises(Rejected, match="1062 발신번호 미등록"):
        await solapi.gateway.send(solapi.outgoing())
    assert solapi.texts() == []


@pytest.mark.parametrize(
    "data",
    [
        {"statusCode": "2000"},
        {"statusCode": 2000, "messageId": "M"},
        {"messageId": "M"},
        {"statusCode": "", "messageId": "M"},
    ],
)
async def test_an_acceptance_without_status_or_id_is_none(solapi, data):
    answered(solapi, Reply(200, data))
    with pytest.raises(Unanswered):
        await solapi.gateway.send(solapi.outgoing())


async def test_accepted_is_not_delivered_and_received_is(solapi):
    answered(solapi, Reply(200, {"statusCode": "4000", "messageId": "M1"}))
    assert (await solapi.gateway.send(solapi.outgoing())).delivered


async def test_our_reference_goes_along(solapi):
    outgoing = solapi.outgoing(attempt=3)
    taken = await solapi.gateway.send(outgoing)
    fields = solapi.double.taken[taken.provider]["customFields"]
    assert fields == {"ieum": outgoing.message, "attempt": "3"}
    solapi.decide(taken.provider, well=True)
    assert (await solapi.gateway.look_up(outgoing)).delivered
    await solapi.gateway.receive(solapi.webhook(*solapi.receipts(taken.provider)))
    assert solapi.inbox.receipts[0].message == outgoing.message


async def test_a_list_without_an_end_is_left(solapi):
    entry = {"messageId": "M1", "customFields": {"ieum": 7}}
    answered(solapi, Reply(200, {"messageList": {"M1": entry, "M2": None}, "nextKey": "M1"}))
    with pytest.raises(CannotTell):
        await solapi.gateway.look_up(solapi.outgoing())
    assert len(solapi.double.asked) == 20


async def test_a_reference_that_is_not_ours_is_not_looked_up(solapi):
    with pytest.raises(CannotTell):
        await solapi.gateway.look_up(solapi.outgoing(message="none of ours"))
    assert solapi.double.asked == []


def reported(solapi, *entries, secret=WEBHOOK_SECRET, path="receipts"):
    hashed = hashlib.sha1(secret.encode()).hexdigest()
    headers = {"x-solapi-secret": hashed, "x-solapi-event-name": "SINGLE-REPORT"}
    return WebRequest(method="POST", path=path, headers=headers, body=json.dumps(entries).encode())


async def test_reports_come_by_the_documented_secret_and_repeated_they_are_answered(solapi):
    taken = await solapi.gateway.send(solapi.outgoing())
    solapi.decide(taken.provider, well=False, words="결번")
    request = reported(solapi, solapi.double.taken[taken.provider])
    for _ in range(2):
        assert (await solapi.gateway.receive(request)).status == 200
    assert [(one.state, one.reason) for one in solapi.inbox.receipts] == [(DeliveryState.FAILED, "3104 결번")] * 2


async def test_the_documented_secret_is_believed_for_reports_alone(solapi):
    entry = {"messageId": "M1", "statusCode": "4000"}
    for request in (
        reported(solapi, entry, secret="guessed"),
        reported(solapi, entry, path="messages"),
        replace(reported(solapi, entry), headers={"x-solapi-secret": ""}),
    ):
        with pytest.raises(LogRefused) as refusal:
            await solapi.gateway.receive(request)
        assert (refusal.value.status, refusal.value.code) == (401, "bad-signature")
    assert solapi.inbox.receipts == []
    assert solapi.inbox.messages == {}


async def test_without_a_webhook_secret_its_hash_opens_nothing(solapi):
    gateway = solapi.make(webhook_secret="")
    await gateway.start(solapi.inbox)
    with pytest.raises(LogRefused):
        await gateway.receive(reported(solapi, {"messageId": "M1", "statusCode": "4000"}, secret=""))
    await gateway.stop()


async def test_too_many_reports_at_once_are_refused(solapi):
    with pytest.raises(BadInput):
        await solapi.gateway.receive(reported(solapi, *[{}] * 1001))
