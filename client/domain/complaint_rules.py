"""Which office a complaint goes to: ordered rules of category, district and words, each decision with its reason.

A file is TOML with a list `rules`; the first that fits decides:

    [[rules]]
    category = "도로"            # the app's category, or * for any
    district = "*"               # one of the 25 districts, or *
    words = ["포트홀", "파손"]    # any of them in the text; left out: any text
    office = "{district} 도로과"  # {district} is the complaint's own

The last rule must fit everything: no complaint is without an office.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass

from client.domain.bodies.intake import ComplaintFiled, ComplaintRouted
from client.domain.codec import BadInput, decode

DISTRICTS = [
    "강남구",
    "강동구",
    "강북구",
    "강서구",
    "관악구",
    "광진구",
    "구로구",
    "금천구",
    "노원구",
    "도봉구",
    "동대문구",
    "동작구",
    "마포구",
    "서대문구",
    "서초구",
    "성동구",
    "성북구",
    "송파구",
    "양천구",
    "영등포구",
    "용산구",
    "은평구",
    "종로구",
    "중구",
    "중랑구",
]
ANY = "*"
PLACE = "{district}"
CITY = "서울시"  # in the place of a district that is not told


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One line of the centre's rules."""

    category: str
    office: str
    district: str = ANY
    words: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("category", "office"):
            if not getattr(self, name).strip():
                raise BadInput(name, "must not be empty")
        if self.district not in (ANY, *DISTRICTS):
            raise BadInput("district", "must be one of the 25 districts or *")

    @property
    def fits_all(self) -> bool:
        """True if nothing can escape it."""
        return self.category == ANY and self.district == ANY and not self.words

    def why(self, filed: ComplaintFiled, text: str) -> str | None:
        """Why it fits, in words; None: it does not."""
        if self.category not in (ANY, filed.category) or self.district not in (ANY, filed.district):
            return None
        found = next((word for word in self.words if word in text), "")
        if self.words and not found:
            return None
        reasons = [
            f"분류 ‘{self.category}’" if self.category != ANY else "",
            f"지역 ‘{self.district}’" if self.district != ANY else "",
            f"낱말 ‘{found}’" if found else "",
        ]
        return " · ".join(reason for reason in reasons if reason) or "그 밖의 민원"


def read_rules(file: str, text: str) -> tuple[Rule, ...]:
    """The rules of a TOML text; raises `BadInput` naming the file, the rule and the field."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadInput(file, f"is not TOML: {error}") from None
    rules = decode(tuple[Rule, ...], data.get("rules"), f"{file}: rules")
    if not rules or not rules[-1].fits_all:
        raise BadInput(f"{file}: rules", "the last one must fit every complaint (category *, no words)")
    for n, rule in enumerate(rules[:-1]):
        if rule.fits_all:
            raise BadInput(f"{file}: rules.{n + 1}", "is never reached: the rule before it fits everything")
    return rules


def route(rules: Sequence[Rule], filed: ComplaintFiled, text: str) -> ComplaintRouted:
    """The office by the first rule that fits; `rule` counts from 1."""
    for n, rule in enumerate(rules, 1):
        why = rule.why(filed, text)
        if why is not None:
            return ComplaintRouted(office=rule.office.replace(PLACE, filed.district or CITY), rule=n, why=why)
    raise ValueError("the last rule fits everything")
