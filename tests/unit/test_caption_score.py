"""The arithmetic of the captions benchmark, on cases whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.bench.caption_score import (
    ReferenceWord,
    Shown,
    ShownUtterance,
    edit_distance,
    error_rate,
    matched,
    score,
)
from client.bench.phone_band import a_law, phone_band


def test_errors_are_counted_over_letters_without_spaces_and_punctuation():
    assert error_rate([("나는 오늘", "나는, 오늘.")]) == 0
    assert error_rate([("가나다라", "가나")]) == 0.5
    assert error_rate([("가나", "가나"), ("가나", "")]) == 0.5


@given(st.text("가나다", max_size=8), st.text("가나다", max_size=8))
def test_edit_distance_is_a_distance(one, other):
    assert edit_distance(one, other) == edit_distance(other, one)
    assert (edit_distance(one, other) == 0) == (one == other)
    assert edit_distance(one, other) <= max(len(one), len(other))


def test_a_beginning_is_matched_where_it_stands_and_not_further_on():
    assert matched("오늘오늘", "오늘") == [True, True, False, False]
    assert matched("가나다", "가라다") == [True, False, True]


def test_a_word_counts_from_the_moment_all_its_letters_stand_there():
    words = [ReferenceWord("나는", 0, 500), ReferenceWord("오늘", 500, 1_000)]
    line = ShownUtterance(0)
    line.states = [Shown(800, "", "나는"), Shown(1_400, "나는", " 오는"), Shown(1_700, "나는", " 오늘")]
    line.final, line.final_at_ms, line.end_ms = "나는 오늘", 2_000, 1_000
    delays = score(words, [line])
    assert delays.first_ms == [300, 700]
    assert delays.stable_ms == [900, 1_000]
    assert delays.final_ms == [1_000]
    assert (delays.stable_before_final, delays.final_letters, delays.changed) == (2, 4, 0)


def test_a_final_that_changes_stable_letters_is_counted():
    line = ShownUtterance(0, [Shown(500, "나는 오는", "")], "나는 오늘", 900, 800)
    delays = score([], [line])
    assert (delays.stable_letters, delays.changed) == (4, 1)


def test_an_utterance_whose_final_never_came_is_missing_and_makes_no_delay_better():
    words = [ReferenceWord("나는", 100_000, 100_500)]
    shown = ShownUtterance(100_000, [Shown(100_800, "", "나는")], end_ms=100_800)
    delays = score(words, [shown])
    assert (delays.finals_missing, delays.final_ms, delays.first_ms) == (1, [], [300])
    assert (delays.changed, delays.final_letters, delays.stable_letters) == (0, 0, 0)


def test_a_word_that_is_there_a_little_early_counts_below_zero_and_much_earlier_from_the_next_state():
    words = [ReferenceWord("나는", 0, 1_000)]
    little = ShownUtterance(0, [Shown(700, "", "나는")], "나는", 2_000, 1_000)
    assert score(words, [little]).first_ms == [-300]
    much = ShownUtterance(0, [Shown(500, "", "나는"), Shown(900, "", "나는")], "나는", 2_000, 1_000)
    assert score(words, [much]).first_ms == [-100]


def test_the_phone_band_keeps_speech_and_drops_the_rest():
    seconds = np.arange(16_000) / 16_000
    kept, dropped = (np.sin(2 * np.pi * hz * seconds).astype(np.float32) * 0.5 for hz in (1_000, 5_000))
    assert np.sqrt(np.mean(phone_band(kept) ** 2)) == pytest.approx(np.sqrt(np.mean(kept**2)), rel=0.05)
    assert np.sqrt(np.mean(phone_band(dropped) ** 2)) < 0.01
    assert len(phone_band(kept)) == len(kept)


def test_a_law_keeps_small_steps_small():
    samples = np.arange(-32_768, 32_768)
    error = np.abs(a_law(samples).astype(int) - samples)
    assert error.max() <= 512  # half of the coarsest step, G.711
    assert error[np.abs(samples) < 256].max() <= 8
