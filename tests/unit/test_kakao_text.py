"""Consultation talk: every limit at its edge, and 30 days from the citizen's last message."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from client.domain.kakao_text import KakaoProblem, expired, expires_at, problems

LAST = datetime(2026, 1, 31, 9, 0, tzinfo=UTC)


def test_everything_at_its_limit_can_be_sent():
    assert problems("가" * 1_000, buttons=5, images=(5_000_000,), files=(300_000_000,)) == ()


@pytest.mark.parametrize(
    ("text", "more", "problem"),
    [
        ("가" * 1_001, {}, KakaoProblem.TOO_LONG),
        ("", {"buttons": 6}, KakaoProblem.TOO_MANY_BUTTONS),
        ("", {"images": (1, 5_000_001)}, KakaoProblem.IMAGE_TOO_LARGE),
        ("", {"files": (300_000_001, 1)}, KakaoProblem.FILE_TOO_LARGE),
    ],
)
def test_one_more_is_said(text, more, problem):
    assert problems(text, **more) == (problem,)


def test_all_that_is_wrong_is_said_at_once():
    assert problems("가" * 1_001, buttons=6, images=(6_000_000,), files=(400_000_000,)) == tuple(KakaoProblem)


def test_a_picture_is_not_held_to_the_limit_of_files_nor_a_file_to_that_of_pictures():
    assert problems("", files=(5_000_001,)) == ()


def test_a_session_lives_thirty_days_from_the_last_message():
    end = expires_at(LAST)
    assert end == datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    assert not expired(LAST, end - timedelta(microseconds=1))
    assert expired(LAST, end)


def test_another_time_zone_is_the_same_moment():
    seoul = timezone(timedelta(hours=9))
    assert expired(LAST, datetime(2026, 3, 2, 18, 0, tzinfo=seoul))
    assert not expired(LAST, datetime(2026, 3, 2, 17, 59, tzinfo=seoul))
