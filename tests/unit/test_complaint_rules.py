"""Where a complaint goes: the first rule that fits, with its reason; every complaint has an office."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.domain.codec import BadInput
from client.domain.complaint_rules import DISTRICTS, Rule, read_rules, route
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


ALL = "[[rules]]\ncategory='*'\noffice='과'\n"


def rule(category, *, district="*", words=()):
    return Rule(category=category, district=district, words=tuple(words), office="과")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", "r.toml"),
        ("x", "r.toml"),
        ("rules = 1", "r.toml"),
        ("rules = []", "r.toml"),
        ("[[rules]]\ncategory='도로'\noffice='과'", "r.toml"),
        ("rules = [1]", "r.toml: rule 1"),
        (ALL + ALL, "r.toml: rule 2"),
        ("[[rules]]\ncategory='도로'\noffice='과'\n" * 2 + ALL, "r.toml: rule 2"),
        ("[[rules]]\ncategory='*'\ndistrict='없는구'\noffice='과'\n" + ALL, "r.toml: rule 1.district"),
        ("[[rules]]\ncategory='*'\noffice=''", "r.toml: rule 1.office"),
        ("[[rules]]\ncategory='*'\nwords=['']\noffice='과'\n" + ALL, "r.toml: rule 1.words"),
        ("[[rules]]\ncategory='*'\noffise='과'\n" + ALL, "r.toml: rule 1.offise"),
        (ALL + "words='도로'", "r.toml: rule 1.words"),
    ],
)
def test_rules_that_cannot_hold_are_refused_by_their_place(text, place):
    with pytest.raises(BadInput) as refused:
        read_rules("r.toml", text)
    assert refused.value.path == place


def test_an_unreachable_rule_is_told_with_the_one_before_it():
    with pytest.raises(BadInput, match="rule 2: is never reached: rule 1 fits"):
        read_rules("r.toml", "[[rules]]\ncategory='도로'\noffice='과'\n" * 2 + ALL)


@pytest.mark.parametrize(
    ("earlier", "later", "covered"),
    [
        (rule("도로"), rule("도로", district="중구"), True),
        (rule("*", words=["홀"]), rule("도로", words=["포트홀", "맨홀"]), True),
        (rule("*", words=["홀"]), rule("도로", words=["포트홀", "파손"]), False),
        (rule("도로", district="중구"), rule("도로"), False),
        (rule("도로", words=["홀"]), rule("도로"), False),
        (rule("교통"), rule("도로"), False),
    ],
)
def test_a_rule_covers_what_it_leaves_nothing_to(earlier, later, covered):
    assert earlier.covers(later) is covered


CATEGORIES, PLACES, WORDS = ["도로", "교통"], ["중구", "중랑구"], ["홀", "포트홀", "파손"]
RULES = st.builds(
    Rule,
    category=st.sampled_from(["*", *CATEGORIES]),
    district=st.sampled_from(["*", *PLACES]),
    words=st.lists(st.sampled_from(WORDS), max_size=2).map(tuple),
    office=st.just("과"),
)
FILED = st.builds(ComplaintFiled, category=st.sampled_from(CATEGORIES), district=st.sampled_from(PLACES))


@given(RULES, RULES, FILED, st.lists(st.sampled_from(WORDS)).map("".join))
def test_what_covers_a_rule_fits_wherever_that_one_fits(earlier, later, filed, text):
    if earlier.covers(later) and later.why(filed, text) is not None:
        assert earlier.why(filed, text) is not None


@pytest.mark.parametrize("district", ["", "Eunpyeong-gu", "<b>", "은평"])
def test_a_district_that_is_none_does_not_name_an_office(district):
    assert route(SHIPPED, ComplaintFiled(category="청소", district=district), "").office == "서울시청 청소행정과"
