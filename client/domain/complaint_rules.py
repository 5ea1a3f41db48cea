"""Which office a complaint goes to: ordered rules of category, district and words, each decision with its reason.

A file is TOML with a list `rules`; the first that fits decides:

    [[rules]]
    category = "도로"            # the app's category, or * for any
    district = "*"               # one of the 25 districts, or *
    words = ["포트홀", "파손"]    # any of them in the text; left out: any text
    office = "{district} 도로과"  # {district} is the complaint's own

The last rule must fit everything: no complaint is without an office. A rule that an earlier one leaves nothing to is refused:
whoever wrote it believes that it works. Rules are counted from 1, as in what the agent reads.
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
CITY = "서울시"  # in the place of a district that is not told, or not known


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
        if not all(word.strip() for word in self.words):
            raise BadInput("words", "must not be empty")
        if self.district not in (ANY, *DISTRICTS):
            raise BadInput("district", "must be one of the 25 districts or *")

    @property
    def fits_all(self) -> bool:
        """True if nothing can escape it."""
        return self.category == ANY and self.district == ANY and not self.words

    def covers(self, other: Rule) -> bool:
        """True if whatever `other` fits, this one fits too: a text that holds 포트홀파손 holds 포트홀."""
        if self.category not in (ANY, other.category) or self.district not in (ANY, other.district):
            return False
        return not self.words or (bool(other.words) and all(any(w in word for w in self.words) for word in other.words))

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
    """The rules of a TOML text; raises `BadInput` naming the file, the rule (from 1) and the field."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadInput(file, f"is not TOML: {error}") from None
    listed = data.get("rules")
    if not isinstance(listed, list):
        raise BadInput(file, "must hold a list [[rules]]")
    rules = tuple(decode(Rule, item, f"{file}: rule {n}") for n, item in enumerate(listed, 1))
    if not rules or not rules[-1].fits_all:
        raise BadInput(file, "the last rule must fit every complaint (category *, district *, no words)")
    _refuse_unreachable(file, rules)
    return rules


def _refuse_unreachable(file: str, rules: Sequence[Rule]) -> None:
    for n, rule in enumerate(rules):
        before = next((m for m, earlier in enumerate(rules[:n]) if earlier.covers(rule)), None)
        if before is not None:
            raise BadInput(f"{file}: rule {n + 1}", f"is never reached: rule {before + 1} fits all that it would")


def route(rules: Sequence[Rule], filed: ComplaintFiled, text: str) -> ComplaintRouted:
    """The office by the first rule that fits; `rule` counts from 1. A district that is none of the 25 is the city's."""
    place = filed.district if filed.district in DISTRICTS else CITY
    for n, rule in enumerate(rules, 1):
        why = rule.why(filed, text)
        if why is not None:
            return ComplaintRouted(office=rule.office.replace(PLACE, place), rule=n, why=why)
    raise ValueError("the last rule fits everything")
