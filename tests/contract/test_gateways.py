"""One contract for every gateway that speaks HTTP, each beside the strict double of its provider.

A further one: a subclass of `tests.doubles.gateway_rig.Rig`, added to `RIGS`. Tests of SMS alone ask `is_text`.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from client.domain.bodies.written import DeliveryState
from client.domain.codec import BadInput
from client.domain.session_log import LogRefused
from client.hub.database import StoreFull
from client.hub.gateways.gateway import CannotTell, File, NotNow, Receipt, Rejected, Unanswered
from tests.doubles.gateway_rig import (
    CITIZEN,
    JPEG,
    HeardInbox,
    KakaoRig,
    PortalRig,
    SensRig,
    SolapiRig,
    base64_of,
)
from tests.doubles.provider import NOT_TAKEN, Fault
from tests.waiting import until

RIGS = [SensRig, SolapiRig, PortalRig, KakaoRig]
TAKEN = [fault for fault in Fault if fault not in NOT_TAKEN and fault is not Fault.TRICKLES]
ENDLESS = {Fault.SILENT, Fault.TRICKLES}
# ten bodies an example: of each gateway 5,100 in all
FUZZED = settings(
    max_examples=170, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@pytest.fixture(params=RIGS, ids=lambda rig: rig.name)
async def rig(request):
    rig = request.param()
    async with rig.double:
        yield rig


def only(holds):
    """The tests of those rigs alone of which `holds`."""
    rigs = [rig for rig in RIGS if holds(rig)]
    return pytest.mark.parametrize("rig", rigs, ids=[rig.name for rig in rigs], indirect=True)


TEXT = only(lambda rig: rig.is_text)
LOOKS_UP = only(lambda rig: rig.looks_up and rig.is_text)
ASKS = only(lambda rig: rig.result_path)


@pytest.fixture
def inbox():
    return HeardInbox()


@contextlib.asynccontextmanager
async def started(rig, inbox, **how):
    gateway = rig.make(**how)
    await gateway.start(inbox)
    try:
        yield gateway
    finally:
        async with asyncio.timeout(2):
            await gateway.stop()


@pytest.fixture
async def running(rig, inbox):
    async with started(rig, inbox) as gateway:
        yield gateway


async def refused(gateway, request):
    with pytest.raises(LogRefused) as refusal:
        await gateway.receive(request)
    return refusal.value.status, refusal.value.code


# ── sending ──────────────────────────────────────────────────────────────────────────────────────


async def test_a_message_is_taken_as_it_was_written(rig, inbox):
    async with started(rig, inbox) as gateway:
        taken = await gateway.send(rig.outgoing(text="도로 파손, 접수했습니다.\n감사합니다."))
    assert rig.texts() == ["도로 파손, 접수했습니다.\n감사합니다."]
    assert taken.provider in rig.double.taken
    assert not taken.delivered
    assert gateway.health().state == "good"


@pytest.mark.parametrize("fault", TAKEN, ids=lambda fault: fault.name)
async def test_what_may_have_been_taken_is_unanswered_and_never_asked_twice(rig, inbox, fault):
    rig.double.faults.append(fault)
    async with started(rig, inbox, answer_s=0.3 if fault in ENDLESS else 5.0) as gateway:
        with pytest.raises(Unanswered) as problem:
            await gateway.send(rig.outgoing())
    assert problem.value.reason
    assert len(rig.double.asked) == len(rig.texts()) == 1


async def test_a_trickling_answer_is_given_up(rig, inbox):
    rig.double.faults.append(Fault.TRICKLES)
    async with started(rig, inbox, answer_s=0.3) as gateway:
        with pytest.raises(Unanswered):
            await gateway.send(rig.outgoing())


@pytest.mark.parametrize(("fault", "wait"), [(Fault.TOO_MANY_429, 7), (Fault.LATER_503, 11)])
async def test_what_was_put_off_waits_as_long_as_it_is_told(rig, inbox, fault, wait):
    rig.double.faults.append(fault)
    async with started(rig, inbox) as gateway:
        with pytest.raises(NotNow) as problem:
            await gateway.send(rig.outgoing())
        assert problem.value.after_s == wait
        await gateway.send(rig.outgoing(text="dann eben jetzt"))
    assert "dann eben jetzt" in rig.texts()


async def test_a_redirect_is_not_followed(rig, inbox):
    rig.double.faults.append(Fault.MOVED_308)
    async with started(rig, inbox) as gateway:
        with pytest.raises(Rejected):
            await gateway.send(rig.outgoing())
    assert len(rig.double.asked) == 1


async def test_nobody_there_is_not_now(rig, inbox):
    async with started(rig, inbox) as gateway:
        await rig.double.go_away()
        for _ in range(3):
            with pytest.raises(NotNow):
                await gateway.send(rig.outgoing())
        assert gateway.health().state == "down"


async def test_a_certificate_that_is_none_is_not_talked_to(rig, inbox):
    secure = rig.double.base_url.replace("http://", "https://")
    async with started(rig, inbox, base_url=secure) as gateway:
        with pytest.raises(NotNow):
            await gateway.send(rig.outgoing())
    assert rig.texts() == []


@pytest.mark.parametrize(
    "url",
    [
        "http://provider.example",
        "ftp://127.0.0.1",
        "https://user:x@provider.example",
        "https://",
        "",
        "https://[",
        "https://a.example?b=1",
    ],
)
def test_only_an_https_address_is_accepted(url):
    for kind in RIGS:
        if kind is PortalRig and not url:
            continue  # a portal may have no callback: then nothing can be answered there
        with pytest.raises(BadInput) as refusal:
            kind().make(base_url=url)
        assert refusal.value.path == "base_url"


async def test_the_environments_proxy_is_not_asked(rig, inbox, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with started(rig, inbox) as gateway:
        await gateway.send(rig.outgoing())
    assert len(rig.texts()) == 1


async def test_many_at_once_are_all_taken_once(rig, inbox):
    async with started(rig, inbox) as gateway:
        sends = [gateway.send(rig.outgoing(text=f"{n}번")) for n in range(30)]
        taken = await asyncio.gather(*sends)
    assert len({one.provider for one in taken}) == 30
    assert sorted(rig.texts()) == sorted(f"{n}번" for n in range(30))


@TEXT
async def test_a_refused_account_says_so_and_spoils_the_health(rig, inbox):
    async with started(rig, inbox, **{rig.secret_setting: "wrong"}) as gateway:
        with pytest.raises(Rejected) as problem:
            await gateway.send(rig.outgoing())
        assert "ignature" in problem.value.reason
        assert gateway.health().state != "good"
    assert rig.texts() == []


@TEXT
async def test_credentials_that_no_header_carries_are_refused(rig, inbox):
    async with started(rig, inbox, **{rig.key_setting: "키\r\nx: y"}) as gateway:
        with pytest.raises(Rejected):
            await gateway.send(rig.outgoing())
    assert rig.double.asked == []


async def test_a_send_ends_with_the_gateway(rig, inbox):
    rig.double.faults.append(Fault.SILENT)
    async with started(rig, inbox) as gateway:
        sending = asyncio.create_task(gateway.send(rig.outgoing()))
        await until(lambda: rig.double.asked)
        await gateway.stop()
    with pytest.raises(Unanswered):
        await sending


async def test_health_goes_by_the_last_answers(rig, inbox):
    async with started(rig, inbox) as gateway:
        states = []
        for fault in (Fault.ERROR_500, Fault.GARBAGE, Fault.DIES):
            rig.double.faults.append(fault)
            with pytest.raises(Unanswered):
                await gateway.send(rig.outgoing())
            states.append(gateway.health().state)
        await gateway.send(rig.outgoing())
        states.append(gateway.health().state)
        for _ in range(20):
            await gateway.send(rig.outgoing())
        states.append(gateway.health().state)
    assert states == ["slow", "slow", "down", "slow", "good"]


async def test_neither_secrets_nor_citizens_are_logged(rig, inbox, caplog):
    caplog.set_level(logging.DEBUG)
    text = "비밀스러운 이야기"
    rig.double.faults.extend([Fault.ERROR_500, Fault.GARBAGE])
    async with started(rig, inbox) as gateway:
        for _ in range(3):
            with contextlib.suppress(Unanswered):
                await gateway.send(rig.outgoing(text=text))
        with contextlib.suppress(CannotTell, Unanswered):
            await gateway.look_up(rig.outgoing())
        await gateway.receive(rig.webhook(*rig.reply(text=text)))
        told = caplog.text + str(gateway.health())
    for secret in (CITIZEN, text, *rig.hidden):
        assert secret not in told


# ── text messages ────────────────────────────────────────────────────────────────────────────────


@TEXT
@pytest.mark.parametrize(
    "changes",
    [
        {"text": "웃음 😀"},
        {"text": "가" * 1001},
        {"text": " \n"},
        {"text": "예", "subject": "제" * 21},
        {"sender": "0299999999"},
        {"address": "+1 202 555 0100"},
        {"address": "user-key"},
        {"address": ""},
        {"text": "예", "files": (File(name="x.png", media_type="image/png", data=b"\x89PNG"),)},
        {"text": "예", "files": (File(name="x.jpg", media_type="image/jpeg", data=b"<svg onload=x>"),)},
        {"text": "예", "files": (File(name="x.jpg", media_type="image/jpeg", data=JPEG + bytes(400_000)),)},
        {"text": "예", "files": tuple(File(name="x.jpg", media_type="image/jpeg", data=JPEG) for _ in range(4))},
    ],
    ids="-".join,
)
async def test_what_cannot_be_sent_is_rejected_before_the_provider_is_asked(rig, inbox, changes):
    async with started(rig, inbox) as gateway:
        with pytest.raises(Rejected) as problem:
            await gateway.send(rig.outgoing(**changes))
    assert problem.value.reason
    assert rig.double.asked == []


@TEXT
async def test_characters_that_cannot_be_sent_are_named(rig, inbox):
    async with started(rig, inbox) as gateway:
        with pytest.raises(Rejected, match="😀"):
            await gateway.send(rig.outgoing(text="웃음 😀 😀"))


@TEXT
@pytest.mark.parametrize(
    ("text", "subject", "kind"),
    [("가" * 45, "", "SMS"), ("가" * 46, "", "LMS"), ("가" * 1000, "제목", "LMS"), ("각" + "\u1100\u1161", "", "SMS")],
)
async def test_the_kind_follows_from_the_text(rig, inbox, text, subject, kind):
    async with started(rig, inbox) as gateway:
        taken = await gateway.send(rig.outgoing(text=text, subject=subject))
    assert taken.text_kind == rig.double.taken[taken.provider]["type"] == kind


@TEXT
async def test_the_sender_is_the_first_unless_another_registered_one_is_named(rig, inbox):
    async with started(rig, inbox) as gateway:
        for sender in ("", "02-8765-4321"):
            await gateway.send(rig.outgoing(sender=sender))
    assert [taken["from"] for taken in rig.double.taken.values()] == ["0212345678", "0287654321"]


@TEXT
@pytest.mark.parametrize("address", ["+82 10-1234-5678", "821012345678", "010.1234.5678"])
async def test_the_number_is_given_as_the_provider_wants_it(rig, inbox, address):
    async with started(rig, inbox) as gateway:
        await gateway.send(rig.outgoing(address=address))
    assert CITIZEN in json.dumps(list(rig.double.taken.values()))


@TEXT
async def test_a_picture_goes_along(rig, inbox):
    async with started(rig, inbox) as gateway:
        taken = await gateway.send(rig.outgoing(files=(rig.picture(),)))
    assert taken.text_kind == "MMS"
    assert list(rig.double.files.values()) == [JPEG]


@TEXT
async def test_another_citizens_picture_of_the_same_size_is_another(rig, inbox):
    other = replace(rig.picture(), data=JPEG[:-1] + b"x")
    async with started(rig, inbox) as gateway:
        for picture in (rig.picture(), other):
            await gateway.send(rig.outgoing(files=(picture,)))
    assert sorted(rig.double.files.values()) == sorted([JPEG, other.data])


@TEXT
@pytest.mark.parametrize("fault", [Fault.DIES, Fault.ERROR_500, Fault.GARBAGE, Fault.LIES, Fault.TOO_MANY_429])
async def test_a_picture_that_did_not_get_there_leaves_the_message_unsent(rig, inbox, fault):
    rig.double.faults_at = ("POST", rig.picture_path)
    rig.double.faults.append(fault)
    async with started(rig, inbox) as gateway:
        with pytest.raises(NotNow):
            await gateway.send(rig.outgoing(files=(rig.picture(),)))
    assert rig.texts() == []


# ── what became of it ────────────────────────────────────────────────────────────────────────────


@LOOKS_UP
async def test_our_reference_finds_what_nobody_answered(rig, inbox):
    sent = [rig.outgoing(text=f"{n}") for n in range(5)]
    rig.double.faults.extend([Fault.DIES] * 5)
    async with started(rig, inbox) as gateway:
        for outgoing in sent:
            with pytest.raises(Unanswered):
                await gateway.send(outgoing)
        found = [await gateway.look_up(outgoing) for outgoing in sent]
    assert [rig.double.taken[one.provider]["text"] for one in found] == ["0", "1", "2", "3", "4"]


@only(lambda rig: not rig.looks_up)
async def test_where_our_reference_is_not_known_nothing_is_claimed(rig, inbox):
    async with started(rig, inbox) as gateway:
        with pytest.raises(CannotTell):
            await gateway.look_up(rig.outgoing())


@LOOKS_UP
async def test_what_is_not_in_the_list_is_not_called_unsent(rig, inbox):
    outgoing = rig.outgoing()
    rig.double.faults.append(Fault.DIES)
    rig.double.lagging = True
    async with started(rig, inbox) as gateway:
        with pytest.raises(Unanswered):
            await gateway.send(outgoing)
        with pytest.raises(Unanswered):
            await gateway.look_up(outgoing)
        rig.double.lagging = False
        assert await gateway.look_up(outgoing) is not None


@LOOKS_UP
async def test_an_earlier_attempts_failure_is_not_taken_for_the_next_ones_answer(rig, inbox):
    first = rig.outgoing()
    async with started(rig, inbox) as gateway:
        taken = await gateway.send(first)
        assert await gateway.look_up(replace(first, attempt=2)) == taken
        rig.decide(taken.provider, well=False)
        assert await gateway.look_up(first) == taken
        with pytest.raises(Unanswered):
            await gateway.look_up(replace(first, attempt=2))


@TEXT
async def test_accepted_then_failed_is_told_with_the_providers_reason(rig, inbox):
    async with started(rig, inbox) as gateway:
        taken = await gateway.send(rig.outgoing())
        rig.decide(taken.provider, well=False, words="수신 거부")
        await gateway.receive(rig.webhook(*rig.receipts(taken.provider)))
    assert [(one.state, one.provider) for one in inbox.receipts] == [(DeliveryState.FAILED, taken.provider)]
    assert "수신 거부" in inbox.receipts[0].reason


@TEXT
async def test_receipts_come_in_any_order_and_as_often_as_they_like(rig, inbox):
    async with started(rig, inbox) as gateway:
        first, second = [(await gateway.send(rig.outgoing())).provider for _ in range(2)]
        pending = rig.receipts(first, second)
        await gateway.receive(rig.webhook(*pending))
        rig.decide(first, well=True)
        rig.decide(second, well=True)
        for order in ((second, first), (first,), (first,)):
            await gateway.receive(rig.webhook(*rig.receipts(*order)))
        await gateway.receive(rig.webhook(*pending))
    assert [one.provider for one in inbox.receipts] == [second, first, first, first]
    assert {one.state for one in inbox.receipts} == {DeliveryState.DELIVERED}


@ASKS
async def test_results_are_asked_for_until_they_are_known(rig, inbox):
    how = {"webhook_secret": "", "first_poll_s": 0.01}
    async with started(rig, inbox, **how) as gateway:
        taken = await gateway.send(rig.outgoing())
        await until(lambda: rig.double.result_asked >= 2)
        rig.double.faults_at = ("GET", rig.result_path)
        rig.double.faults.extend([Fault.ERROR_500, Fault.GARBAGE, Fault.LISTS, Fault.TOO_MANY_429, Fault.DIES])
        await until(lambda: not rig.double.faults)
        rig.decide(taken.provider, well=True)
        inbox.full = StoreFull("no room")
        await until(lambda: inbox.receipts)
        assert inbox.full is None
    assert [(one.state, one.provider) for one in inbox.receipts] == [(DeliveryState.DELIVERED, taken.provider)]


@ASKS
async def test_a_message_of_before_this_start_is_asked_for_when_told(rig, inbox):
    async with started(rig, inbox) as gateway:
        taken = await gateway.send(rig.outgoing())
    rig.decide(taken.provider, well=True)
    async with started(rig, inbox, first_poll_s=0.01) as gateway:
        gateway.await_result(taken.provider)
        await until(lambda: inbox.receipts)


# ── what comes in ────────────────────────────────────────────────────────────────────────────────


@TEXT
async def test_a_reply_comes_to_the_citizens_thread(rig, inbox):
    picture = {"name": "길.jpg", "media_type": "image/jpeg", "data": base64_of(JPEG)}
    told = {"number": "+82 10-1234-5678", "subject": "길", "at": "2026-01-01T09:00:00+09:00", "files": [picture]}
    async with started(rig, inbox) as gateway:
        answer = await gateway.receive(rig.webhook(*rig.reply(**told)))
    assert answer.status == 200
    (message,) = inbox.messages.values()
    assert (message.id, message.address, message.text, message.subject) == ("mo-1", CITIZEN, "감사합니다", "길")
    assert message.files == (File(name="길.jpg", media_type="image/jpeg", data=JPEG),)
    assert message.at == datetime(2026, 1, 1, tzinfo=UTC)


async def test_a_reply_delivered_again_is_the_same_and_a_replay_is_refused(rig, inbox):
    async with started(rig, inbox) as gateway:
        first, again = rig.webhook(*rig.reply()), rig.webhook(*rig.reply())
        assert (await gateway.receive(first)).status == 200
        assert (await gateway.receive(again)).status == 200
        assert await refused(gateway, first) == (409, "replayed")
    assert len(inbox.messages) == 1


async def test_what_the_disk_did_not_take_is_taken_when_it_comes_again(rig, inbox):
    async with started(rig, inbox) as gateway:
        inbox.full = StoreFull("no room")
        with pytest.raises(StoreFull):
            await gateway.receive(rig.webhook(*rig.reply()))
        await gateway.receive(rig.webhook(*rig.reply()))
    assert len(inbox.messages) == 1


@TEXT
@pytest.mark.parametrize("path", ["messages", "receipts"])
async def test_only_signed_webhooks_are_believed(rig, inbox, path):
    request = rig.webhook(*(rig.reply() if path == "messages" else rig.receipts()))
    late = rig.webhook(path, request.body, now=datetime.now(UTC) - timedelta(minutes=6))
    forged = rig.webhook(path, request.body, secret="guessed")
    async with started(rig, inbox) as gateway:
        for bad in (late, forged, replace(request, headers={}), replace(request, body=request.body + b" ")):
            assert await refused(gateway, bad) == (401, "bad-signature")
    async with started(rig, inbox, webhook_secret="") as gateway:
        unsigned = rig.webhook(path, request.body, secret="")
        assert await refused(gateway, unsigned) == (401, "bad-signature")
    assert not inbox.messages


async def test_other_addresses_are_not_there(rig, inbox):
    async with started(rig, inbox) as gateway:
        for request in (
            rig.webhook("", b""),
            rig.webhook("../x", b""),
            replace(rig.webhook(*rig.reply()), method="GET"),
        ):
            assert (await refused(gateway, request))[0] == 404


async def test_a_gateway_that_is_not_started_says_so(rig):
    gateway = rig.make()
    assert (await refused(gateway, rig.webhook(*rig.reply())))[0] == 503
    await gateway.stop()


@TEXT
@pytest.mark.parametrize(
    "changes",
    [
        {"id": ""},
        {"id": "x" * 129},
        {"id": 7},
        {"number": "nobody"},
        {"number": "1" * 40},
        {"text": ""},
        {"text": "가" * 8001},
        {"at": "yesterday"},
        {"unknown": 1},
        {"files": [{"name": "x", "media_type": "y", "data": "aGk=!"}]},
        {"files": [{"name": "x", "media_type": "y", "data": "가"}]},
        {"files": [{"name": "x", "media_type": "y", "data": ""}] * 11},
    ],
    ids="-".join,
)
async def test_a_reply_of_another_shape_is_bad_input(rig, inbox, changes):
    async with started(rig, inbox) as gateway:
        with pytest.raises(BadInput):
            await gateway.receive(rig.webhook(*rig.reply(**changes)))
    assert not inbox.messages


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
NAMES = [
    *("id", "number", "text", "subject", "at", "files", "name", "media_type", "data", "messages", "messageId"),
    *("requestId", "status", "statusName", "statusCode", "statusMessage", "customFields", "ieum", "attempt", "reason"),
]
VALUES = JSON | st.sampled_from(
    ["COMPLETED", "success", "fail", "4000", "3104", CITIZEN, "2026-01-01T00:00:00Z", "aGk="]
)
LIKELY = st.recursive(
    st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner | VALUES, max_size=5),
    max_leaves=6,
)
BODIES = st.binary(max_size=60) | JSON.map(json.dumps).map(str.encode) | LIKELY.map(json.dumps).map(str.encode)


@pytest.mark.parametrize("path", ["messages", "receipts"])
@FUZZED
@given(bodies=st.lists(BODIES, min_size=10, max_size=10))
async def test_signed_nonsense_is_refused_in_words(rig, running, path, bodies):
    for body in bodies:
        inbox = running._inbox = HeardInbox()
        try:
            answer = await running.receive(rig.webhook(path, body))
            assert answer.status == 200
            assert all(isinstance(receipt, Receipt) for receipt in inbox.receipts)
        except (LogRefused, BadInput):
            assert not inbox.messages


@FUZZED
@given(
    path=st.text(max_size=12) | st.sampled_from(["messages", "receipts"]),
    headers=st.dictionaries(
        st.sampled_from(["x-ieum-timestamp", "x-ieum-nonce", "x-ieum-signature", "x-solapi-secret"]),
        st.text(max_size=70),
    ),
    bodies=st.lists(BODIES, min_size=10, max_size=10),
)
async def test_unsigned_nonsense_is_refused_whatever_it_is(rig, running, path, headers, bodies):
    for body in bodies:
        request = replace(rig.webhook("messages", body), path=path, headers=headers)
        assert (await refused(running, request))[0] in (401, 404)
