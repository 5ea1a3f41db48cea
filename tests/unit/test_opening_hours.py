"""When somebody is there."""

from __future__ import annotations

from datetime import datetime

import pytest

from client.domain.codec import BadInput
from client.domain.opening_hours import is_open, read_hours

MONDAY, SATURDAY = datetime(2026, 11, 23, 9, 0), datetime(2026, 11, 28, 9, 0)  # noqa: DTZ001 — the centre's own time


def hours(*lines: str):
    return [read_hours("video.hours", line) for line in lines]


def test_without_hours_it_is_always_open():
    assert is_open((), SATURDAY)


@pytest.mark.parametrize(("minute", "open_"), [((8, 59), False), ((9, 0), True), ((17, 59), True), ((18, 0), False)])
def test_the_last_minute_is_outside(minute, open_):
    assert is_open(hours("mon-fri 09:00-18:00"), MONDAY.replace(hour=minute[0], minute=minute[1])) is open_


def test_days_may_be_listed_and_go_over_the_week():
    assert is_open(hours("mon 00:00-24:00", "fri-sun 08:00-10:00"), SATURDAY)
    assert not is_open(hours("tue,thu 00:00-24:00"), MONDAY)


@pytest.mark.parametrize(
    "line", ["", "always", "mon 9-18", "mon 18:00-09:00", "mon 09:60-10:00", "foo 09:00-10:00", "mon 09:00-25:00"]
)
def test_what_is_no_time_is_refused_with_its_place(line):
    with pytest.raises(BadInput) as refused:
        read_hours("video.hours.0", line)
    assert refused.value.path == "video.hours.0"
