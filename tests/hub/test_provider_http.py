"""What an HTTP outcome means for a message, how a provider's health is told, and when results are asked for."""

from __future__ import annotations

import asyncio
import itertools
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.domain.bodies.written import DeliveryState
from client.domain.session_log import LogRefused
from client.hub.gateways import result_poll
from client.hub.gateways.gateway import NotNow, Receipt, Rejected, Unanswered
from client.hub.gateways.health_watch import HealthWatch
from client.hub.gateways.http_client import Answer, ProviderHttp, id_of, json_object, one_line, text_of
from client.hub.gateways.result_poll import ResultPoll
from tests.doubles.gateway_rig import HeardInbox
from tests.doubles.provider import ProviderDouble, Reply
from tests.waiting import until


class Says(ProviderDouble):
    """Answers what it is told."""

    def __init__(self):
        super().__init__()
        self.reply = Reply(200, {})

    def answer(self, asked):
        return self.reply


async def asked(status, data=None, **headers):
    async with Says() as double:
        double.reply = Reply(status, data, {name.replace("_", "-"): value for name, value in headers.items()})
        http = ProviderHttp(double.base_url, at_once=1)
        try:
            return await http.ask("POST", "/", headers={}, read=lambda answer: answer.status)
        finally:
            await http.close()


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
async def test_success_is_left_to_the_gateway(status):
    assert await asked(status) == status


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 409, 413, 422, 451])
async def test_a_refusal_carries_the_providers_words(status):
    with pytest.raises(Rejected, match=f"{status} ValidationError 발신번호 미등록"):
        await asked(status, {"errorCode": "ValidationError", "errorMessage": "발신번호\n미등록"})


@pytest.mark.parametrize("status", [301, 307, 308])
async def test_what_is_elsewhere_was_not_done_here(status):
    with pytest.raises(Rejected, match="not followed"):
        await asked(status, location="https://elsewhere.example/")


@pytest.mark.parametrize("status", [302, 303, 304, 500, 501, 502, 503, 504, 599])
async def test_what_may_have_been_done_is_left_open(status):
    with pytest.raises(Unanswered, match=str(status)):
        await asked(status)


@pytest.mark.parametrize("status", [408, 425, 429])
async def test_what_was_not_done_may_be_tried_again(status):
    with pytest.raises(NotNow) as problem:
        await asked(status)
    assert problem.value.after_s == 0


@pytest.mark.parametrize(
    ("said", "least", "most"),
    [
        ("30", 30, 30),
        ("99999999999999", 3600, 3600),
        ("soon", 0, 0),
        ("-5", 0, 0),
        (timedelta(days=-1), 0, 0),
        (timedelta(minutes=10), 500, 600),
    ],
)
async def test_retry_after_is_a_number_or_a_date(said, least, most):
    if isinstance(said, timedelta):
        said = format_datetime(datetime.now(UTC) + said, usegmt=True)
    with pytest.raises(NotNow) as problem:
        await asked(503, retry_after=said)
    assert least <= problem.value.after_s <= most


async def test_a_path_of_the_base_url_stays():
    async with Says() as double:
        http = ProviderHttp(double.base_url + "/behind/", at_once=1)
        await http.ask("GET", "/a:b?c=%20d", headers={}, read=lambda answer: None)
        await http.close()
    assert double.asked[0].target == http.path_of("/a:b?c=%20d") == "/behind/a:b?c=%20d"


async def test_a_closed_client_is_unanswered_not_a_traceback():
    http = ProviderHttp("http://127.0.0.1:9", at_once=1)
    await http.close()
    with pytest.raises((Unanswered, NotNow)):
        await http.ask("GET", "/", headers={}, read=lambda answer: None)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text/html", b"{}"),
        ("", b"{}"),
        ("application/json", b"[]"),
        ("application/json", b"\xff"),
        ("application/json", b"[" * 100_000),
        ("application/json", b'{"a":' * 100_000),
        ("application/json", b"1" * 5000),
    ],
)
def test_answers_that_are_no_json_object(kind, body):
    assert json_object(Answer(status=200, headers={"content-type": kind}, body=body)) is None


@given(st.text())
def test_a_providers_words_fit_on_one_line(words):
    line = one_line(words)
    assert line.isprintable()
    assert len(line) <= 200


def test_fields_that_are_no_text_say_nothing():
    assert text_of({"a": 1, "b": " ", "c": "그렇다"}, "a", "b", "c") == "그렇다"
    assert [id_of(value) for value in (None, 1, "", "x" * 129, "a\nb", "M4V")] == ["", "", "", "", "", "M4V"]


# ── health ───────────────────────────────────────────────────────────────────────────────────────


def test_nothing_heard_is_good():
    assert HealthWatch().health().state == "good"


def test_late_answers_are_slow():
    watch = HealthWatch()
    for _ in range(3):
        watch.good(4.0)
    assert (watch.health().state, watch.health().reason) == ("slow", "it answers after 4.0 s")


def test_a_refused_message_is_no_illness_and_a_refused_account_is():
    watch = HealthWatch()
    for _ in range(5):
        watch.refused("400 Bad Request: to", 0.1)
    assert watch.health().state == "good"
    for _ in range(3):
        watch.refused("401 200 Authentication Failed", 0.1)
    assert (watch.health().state, watch.health().reason) == ("down", "it refuses the account (401)")


def test_a_providers_words_stay_out_of_the_health():
    watch = HealthWatch()
    watch.bad("500 01012345678 is odd", 0.1)
    assert watch.health().reason == "1 of 1 failed, last 500"


# ── results ──────────────────────────────────────────────────────────────────────────────────────


async def polled(ask, *, watched=1):
    inbox = HeardInbox()
    poll = ResultPoll("sens", ask, first_s=0.001)
    for n in range(watched):
        poll.watch(f"p{n}")
    poll.start(inbox)
    return poll, inbox


async def test_results_are_asked_for_ever_more_rarely(monkeypatch):
    monkeypatch.setattr(result_poll, "MOST_S", 0.01)
    times = []

    async def ask(provider):
        times.append(asyncio.get_running_loop().time())
        return Receipt(state=DeliveryState.DELIVERED, provider=provider) if len(times) == 7 else None

    poll, inbox = await polled(ask)
    await until(lambda: inbox.receipts)
    await poll.stop()
    gaps = [later - earlier for earlier, later in itertools.pairwise(times)]
    assert all(gap >= wait for gap, wait in zip(gaps, [0.002, 0.004, 0.008, 0.01, 0.01], strict=False))
    assert poll.watched == 0


async def test_one_that_is_never_decided_is_given_up(monkeypatch):
    monkeypatch.setattr(result_poll, "GIVEN_UP_S", 0.01)

    async def ask(_provider):
        return None

    poll, inbox = await polled(ask, watched=3)
    await until(lambda: not poll.watched)
    await poll.stop()
    assert inbox.receipts == []


async def test_no_trouble_ends_the_asking():
    troubles = [NotNow("a"), Rejected("b"), Unanswered("c")]

    async def ask(provider):
        if troubles:
            raise troubles.pop()
        return Receipt(state=DeliveryState.DELIVERED, provider=provider)

    poll, inbox = await polled(ask)
    inbox.full = LogRefused(409, "busy", "not now")
    await until(lambda: inbox.receipts)
    await poll.stop()
    assert inbox.full is None


async def test_only_so_many_are_watched(monkeypatch):
    monkeypatch.setattr(result_poll, "AT_MOST", 2)

    async def ask(_provider):
        return None

    poll, _inbox = await polled(ask, watched=5)
    assert poll.watched == 2
    await poll.stop()


async def test_what_is_being_asked_for_when_it_ends_is_still_watched():
    asking = asyncio.Event()

    async def ask(_provider):
        asking.set()
        await asyncio.Event().wait()

    poll, _inbox = await polled(ask)
    await asking.wait()
    await poll.stop()
    assert poll.watched == 1
