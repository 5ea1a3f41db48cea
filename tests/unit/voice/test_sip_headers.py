"""What a far end may put into an INVITE, and what becomes of it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from client.domain.codec import decode, encode
from client.engines.server import EngineRefusal
from client.engines.voice.sip_headers import asked_for, caller, clean, headers_of, name_and_uri, number_of
from client.engines.voice.wire_names import dial_uri, safe_headers, transfer_uri, valid_tones

INVITE = (
    "INVITE sip:1001@dasan.test SIP/2.0\r\n"
    "Via: SIP/2.0/UDP 127.0.0.1:5095\r\n"
    'f: "Kim \\"K\\" 김" <sip:+82-10-1234-5678@pbx;user=phone>;tag=1\r\n'
    "X-ARS-Menu:\r\n 2-4\r\n"
    "x-queue: dasan\r\n"
    "X-Queue: second\r\n"
    "\r\nX-Body: not a header\r\n"
)


def test_names_are_any_case_compact_or_long_and_lines_may_be_folded():
    headers = headers_of(INVITE)
    assert headers["x-ars-menu"] == ["2-4"]
    assert headers["x-queue"] == ["dasan", "second"]
    assert headers["from"][0].startswith('"Kim')
    assert "x-body" not in headers


def test_only_what_is_asked_for_by_the_settings_names():
    assert asked_for(INVITE, ("X-ARS-Menu", "X-QUEUE", "Subject", "")) == {"X-ARS-Menu": "2-4", "X-QUEUE": "dasan"}


def test_the_network_s_word_goes_before_the_caller_s():
    assert caller(INVITE, "P-Asserted-Identity") == ("+821012345678", 'Kim "K" 김')
    asserted = INVITE.replace("x-queue: dasan", "P-Asserted-Identity: <tel:02-120>\r\nx-queue: dasan")
    assert caller(asserted, "P-Asserted-Identity")[0] == "02120"


@pytest.mark.parametrize(
    ("uri", "number"),
    [
        ("sip:01012345678@a", "01012345678"),
        ("sips:0212@a;x=y", "0212"),
        ("tel:+82-2-120;phone-context=x", "+822120"),
        ("sip:anonymous@anonymous.invalid", ""),
        ("sip:kim@a", "kim"),
        ("http://a", ""),
        ("", ""),
    ],
)
def test_numbers_of_uris(uri, number):
    assert number_of(uri) == number


def test_an_address_without_brackets_ends_before_its_parameters():
    assert name_and_uri("sip:1@a;tag=2") == ("", "sip:1@a")


@settings(deadline=None)
@given(st.text())
def test_whatever_a_message_holds_becomes_text_that_can_be_told(message):
    found = {**asked_for(f"INVITE\r\nX: {message}", ("X",)), "number": "".join(caller(message, "P-Asserted-Identity"))}
    assert decode(dict[str, str], encode(found)) == found
    assert len(clean(message)) <= 512


@settings(deadline=None)
@given(st.binary())
def test_bytes_that_are_no_utf_8_do_not_get_through(raw):
    clean(raw.decode("utf-8", "surrogateescape")).encode("utf-8")


def test_numbers_are_dialled_at_the_account_s_domain_and_addresses_as_they_are():
    assert dial_uri(" 02-120 ", "1001@dasan.test") == "sip:02120@dasan.test"
    assert dial_uri("#31#119", "1001@dasan.test") == "sip:%2331%23119@dasan.test"
    assert dial_uri("sip:a@b;x=1", "1001@dasan.test") == "sip:a@b;x=1"
    for wrong in ("", "  ", "a b", "sip:a@b>\r\nX: 1", "1\r\nX: 2", "<sip:a@b>"):
        with pytest.raises(EngineRefusal):
            dial_uri(wrong, "1001@dasan.test")


def test_headers_travel_inside_a_transfer_address():
    uri = transfer_uri("sip:1@a", {"User-to-User": "00ab;encoding=hex"})
    assert uri == "sip:1@a?User-to-User=00ab%3Bencoding%3Dhex"
    assert transfer_uri("sip:1@a", {}) == "sip:1@a"


@pytest.mark.parametrize("headers", [{"X\r\nY": "1"}, {"X": "1\r\nY: 2"}, {"": "1"}, {"X": "a" * 2_000}, {"X": "\x00"}])
def test_a_header_that_would_break_the_message_is_refused(headers):
    with pytest.raises(EngineRefusal):
        safe_headers(headers)


def test_tones_are_what_rfc_4733_knows():
    assert valid_tones("0*#AD9") == "0*#AD9"
    for wrong in ("", "x", "1,2", "١", "1" * 65):
        with pytest.raises(EngineRefusal):
            valid_tones(wrong)
