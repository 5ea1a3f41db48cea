"""When somebody is there: lines such as `mon-fri 09:00-18:00` or `sat,sun 00:00-24:00`, in the centre's own time."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from client.domain.codec import BadInput

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LINE = re.compile(r"([a-z,-]+) (\d{2}):(\d{2})-(\d{2}):(\d{2})")
DAY_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True)
class Hours:
    """On these days (0: Monday) from minute `begins` to before minute `ends` of the day."""

    days: frozenset[int]
    begins: int
    ends: int


def read_hours(path: str, line: str) -> Hours:
    """One line; raises `BadInput`."""
    found = _LINE.fullmatch(line.strip().lower())
    if found is None:
        raise BadInput(path, "must be like `mon-fri 09:00-18:00`")
    days = frozenset(day for part in found[1].split(",") for day in _days(path, part))
    begins, ends = int(found[2]) * 60 + int(found[3]), int(found[4]) * 60 + int(found[5])
    if int(found[3]) > 59 or int(found[5]) > 59 or not 0 <= begins < ends <= DAY_MINUTES:  # noqa: PLR2004 — minutes
        raise BadInput(path, "must begin before it ends, within one day")
    return Hours(days, begins, ends)


def _days(path: str, part: str) -> Iterable[int]:
    first, _, last = part.partition("-")
    if first not in DAYS or (last or first) not in DAYS:
        raise BadInput(path, f"must name days as {', '.join(DAYS)}")
    begin, end = DAYS.index(first), DAYS.index(last or first)
    return range(begin, end + 1) if begin <= end else (*range(begin, len(DAYS)), *range(end + 1))


def is_open(hours: Iterable[Hours], now: datetime) -> bool:
    """True while somebody is there; without any line: always. `now` is local."""
    lines = tuple(hours)
    minute = now.hour * 60 + now.minute
    return not lines or any(now.weekday() in line.days and line.begins <= minute < line.ends for line in lines)
