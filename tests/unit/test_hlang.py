"""Languages in SDP, RFC 8373."""

from __future__ import annotations

import pytest

from client.domain.hlang import MediumLanguages, agreed, fitting, parse_hlang, with_hlang

OFFER = """v=0
s=-
m=video 9 UDP/TLS/RTP/SAVPF 96
a=hlang-send:kvk
a=hlang-recv:ase kvk *
m=audio 9 UDP/TLS/RTP/SAVPF 111
a=hlang-send:ko en-GB
m=application 9 UDP/DTLS/SCTP webrtc-datachannel
"""


def test_each_medium_says_its_languages():
    assert parse_hlang(OFFER) == (
        MediumLanguages("video", send=("kvk",), recv=("ase", "kvk"), any=True),
        MediumLanguages("audio", send=("ko", "en-GB")),
        MediumLanguages("application"),
    )
    assert parse_hlang(OFFER.replace("\n", "\r\n")) == parse_hlang(OFFER)


@pytest.mark.parametrize(
    "line", ["a=hlang-send:", "a=hlang-send:한국어", "a=hlang-send:" + "ko " * 17, "a=hlang-both:ko"]
)
def test_a_line_that_is_not_well_formed_says_nothing(line):
    assert parse_hlang(f"v=0\nm=audio 9 X 0\n{line}\n") == (MediumLanguages("audio"),)
    assert parse_hlang("") == ()


def test_signs_go_by_video_and_words_by_sound_and_text():
    assert fitting("video", ("kvk", "ko", "ase")) == ("kvk", "ase")
    assert fitting("audio", ("kvk", "ko")) == ("ko",)
    assert fitting("application", ("kvk", "ko")) == ("ko",)


def test_an_answer_names_one_language_that_both_have():
    assert agreed(("ase", "kvk"), ("kvk",)) == ("kvk",)
    assert agreed((), ("kvk", "ase")) == ("kvk",)
    assert agreed(("ase",), ("kvk",)) == ()
    assert agreed(("en-GB", "ko"), ("ko", "en")) == ("en-GB",)


def test_an_answer_carries_languages_in_each_medium():
    answer = "v=0\r\ns=-\r\nm=video 9 X 96\r\na=mid:0\r\nm=audio 9 X 111\r\nm=application 9 X w\r\n"
    written = with_hlang(answer, OFFER, ("kvk", "ko"))
    assert parse_hlang(written) == (
        MediumLanguages("video", send=("kvk",), recv=("kvk",)),
        MediumLanguages("audio", send=("ko",), recv=("ko",)),
        MediumLanguages("application", send=("ko",), recv=("ko",)),
    )
    assert written.startswith("v=0\r\ns=-\r\nm=video 9 X 96\r\na=mid:0\r\na=hlang-send:kvk\r\n")
    assert with_hlang(answer, OFFER, ()) == answer
