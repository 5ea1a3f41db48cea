"""Where a complaint goes: the first rule that fits, with its reason; every complaint has an office."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.domain.codec import BadInput
from client.domain.complaint_rules import DISTRICTS, read_rules, route
from client.domain.event import ComplaintFiled
from client.resources import resource_path

SHIPPED = read_rules("r.toml", (resource_path("complaint_rules.toml")).read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("category", "district", "text", "office", "why"),
    [
        ("도로", "은평구", "포트홀", "은평구청 도로과", "분류 ‘도로’"),
        ("도로", "강남구", "올림픽대로 갓길", "서울시설공단 도로관리처", "분류 ‘도로’ · 낱말 ‘올림픽대로’"),
        ("교통", "중구", "신호등이 꺼짐", "서울시 교통운영과", "분류 ‘교통’ · 낱말 ‘신호등’"),
        ("없는 분류", "", "무엇이든", "서울시청 민원여권과", "그 밖의 민원"),
    ],
)
def test_the_first_rule_that_fits_decides_and_says_why(category, district, text, office, why):
    routed = route(SHIPPED, ComplaintFiled(category=category, district=district), text)
    assert (routed.office, routed.why) == (office, why)
    assert SHIPPED[routed.rule - 1].why(ComplaintFiled(category=category, district=district), text) == why


@given(st.text(min_size=1).filter(str.strip), st.sampled_from(["", *DISTRICTS]), st.text())
def test_no_complaint_is_without_an_office(category, district, text):
    assert route(SHIPPED, ComplaintFiled(category=category, district=district), text).office


def test_there_are_twenty_five_districts():
    assert len(set(DISTRICTS)) == 25


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", "r.toml: rules"),
        ("x", "r.toml"),
        ("[[rules]]\ncategory='도로'\noffice='과'", "r.toml: rules"),
        ("[[rules]]\ncategory='*'\noffice='과'\n[[rules]]\ncategory='*'\noffice='과'", "r.toml: rules.1"),
        ("[[rules]]\ncategory='*'\ndistrict='없는구'\noffice='과'", "r.toml: rules.0.district"),
        ("[[rules]]\ncategory='*'\noffice=''", "r.toml: rules.0.office"),
    ],
)
def test_rules_that_cannot_hold_are_refused_by_their_place(text, place):
    with pytest.raises(BadInput) as refused:
        read_rules("r.toml", text)
    assert refused.value.path == place
