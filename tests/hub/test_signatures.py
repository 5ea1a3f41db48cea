"""Webhooks are believed only by their signature, their time and their being new."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.domain.session_log import LogRefused
from client.hub.gateways.gateway import WebRequest
from client.hub.gateways.signatures import (
    NONCE,
    SIGNATURE,
    TIMESTAMP,
    checked_nonce,
    hmac_base64,
    hmac_hex,
    require_signature,
    same,
    signed_headers,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SECRET = "a secret of this test"


class Nonces:
    """The part of an inbox that remembers nonces."""

    def __init__(self):
        self.seen = set()

    async def fresh(self, gateway, nonce, good_s):
        assert good_s >= 600
        new = (gateway, nonce) not in self.seen
        self.seen.add((gateway, nonce))
        return new


def webhook(body=b"{}", *, now=NOW, secret=SECRET, path="messages", gateway="sens", nonce=""):
    headers = signed_headers(secret, "POST", f"/v1/gateways/{gateway}/{path}", body, now=now, nonce=nonce)
    return WebRequest(method="POST", path=path, headers=headers, body=body)


def refusal(request, *, secret=SECRET, gateway="sens", now=NOW):
    with pytest.raises(LogRefused) as refused:
        checked_nonce(request, gateway=gateway, secret=secret, now=now)
    return refused.value.status, refused.value.code


def test_hmac_is_that_of_rfc_4231():
    key, data = "Jefe", "what do ya want for nothing?"
    assert hmac_hex(key, data) == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert hmac_base64(key, data) == "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM="


def test_the_scheme_is_the_one_written_down():
    body = '{"말":1}'.encode()
    headers = signed_headers(SECRET, "post", "/v1/gateways/a/b", body, now=NOW, nonce="n" * 16)
    text = f"1767225600\n{'n' * 16}\nPOST\n/v1/gateways/a/b\n{hashlib.sha256(body).hexdigest()}"
    assert headers[SIGNATURE] == hmac.new(SECRET.encode(), text.encode(), hashlib.sha256).hexdigest()
    assert headers[TIMESTAMP] == "1767225600"


def test_each_request_has_a_nonce_of_its_own():
    assert webhook().headers[NONCE] != webhook().headers[NONCE]


async def test_a_signed_webhook_is_taken_once():
    request, inbox = webhook(), Nonces()
    await require_signature(request, gateway="sens", secret=SECRET, inbox=inbox, now=NOW)
    with pytest.raises(LogRefused) as refused:
        await require_signature(request, gateway="sens", secret=SECRET, inbox=inbox, now=NOW)
    assert (refused.value.status, refused.value.code) == (409, "replayed")


async def test_a_forged_webhook_uses_up_no_nonce():
    request, inbox = webhook(secret="another"), Nonces()
    with pytest.raises(LogRefused):
        await require_signature(request, gateway="sens", secret=SECRET, inbox=inbox, now=NOW)
    assert inbox.seen == set()


@pytest.mark.parametrize("change", [{"body": b"{ }"}, {"path": "receipts"}, {"method": "PUT"}])
def test_what_was_signed_may_not_change(change):
    assert refusal(replace(webhook(), **change)) == (401, "bad-signature")


@pytest.mark.parametrize("header", [TIMESTAMP, NONCE, SIGNATURE])
@pytest.mark.parametrize("value", [None, "", "0", "\ud800", "ㄱ" * 20])
def test_headers_may_not_change(header, value):
    headers = {**webhook().headers, header: value}
    if value is None:
        del headers[header]
    assert refusal(replace(webhook(), headers=headers)) == (401, "bad-signature")


def test_another_gateways_webhook_is_refused():
    assert refusal(webhook(gateway="other")) == (401, "bad-signature")


def test_without_a_secret_nothing_is_believed():
    assert refusal(webhook(secret=""), secret="") == (401, "bad-signature")


@pytest.mark.parametrize("offset", [-301, 301])
def test_old_and_future_webhooks_are_refused(offset):
    assert refusal(webhook(now=NOW + timedelta(seconds=offset))) == (401, "bad-signature")


@pytest.mark.parametrize("offset", [-300, 0, 300])
def test_five_minutes_are_granted(offset):
    request = webhook(now=NOW + timedelta(seconds=offset))
    assert checked_nonce(request, gateway="sens", secret=SECRET, now=NOW) == request.headers[NONCE]


@given(st.text(), st.text())
def test_same_is_equality(one, other):
    assert same(one, other) == (one == other)
    assert same(one, one)


@given(st.dictionaries(st.sampled_from([TIMESTAMP, NONCE, SIGNATURE]), st.text(max_size=40)), st.binary(max_size=40))
def test_headers_of_any_kind_are_refused_and_nothing_else(headers, body):
    assert refusal(WebRequest(method="POST", path="messages", headers=headers, body=body)) == (401, "bad-signature")
