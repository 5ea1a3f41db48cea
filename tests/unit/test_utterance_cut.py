"""Late cuts: a pause has to be long, and less so the longer somebody has spoken."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.domain.utterance_cut import (
    LONG_PAUSE_S,
    LONGEST_S,
    PADDING_S,
    SHORT_PAUSE_S,
    UtteranceCutter,
    needed_pause,
)

FRAME_S = 0.032


def speak(cutter, *stretches):
    """(seconds, speaking) after one another; the spans that ended."""
    spans = []
    for seconds, speaking in stretches:
        for _ in range(round(seconds / FRAME_S)):
            span = cutter.frame(speaking, speaking)
            if span:
                spans.append(span)
    return spans


def test_an_utterance_is_padded_on_both_sides_and_cut_after_a_long_pause():
    (span,) = speak(UtteranceCutter(FRAME_S), (1.0, False), (2.0, True), (1.0, False))
    assert span.start_s == pytest.approx(1.0 - PADDING_S, abs=2 * FRAME_S)
    assert span.end_s == pytest.approx(3.0 + PADDING_S, abs=2 * FRAME_S)
    assert span.spoken_end_s == pytest.approx(3.0, abs=FRAME_S)
    assert span.voice_s == pytest.approx(2.0, abs=FRAME_S)
    assert span.sure


def test_a_breath_does_not_cut():
    assert speak(UtteranceCutter(FRAME_S), (2.0, True), (LONG_PAUSE_S - 0.1, False), (1.0, True)) == []


def test_a_short_pause_cuts_a_long_utterance():
    spans = speak(UtteranceCutter(FRAME_S), (15.0, True), (SHORT_PAUSE_S + 2 * FRAME_S, False))
    assert len(spans) == 1


def test_a_click_is_no_utterance():
    cutter = UtteranceCutter(FRAME_S)
    assert speak(cutter, (0.5, False), (FRAME_S, True), (2.0, False)) == []
    assert cutter.open_s is None


def test_an_endless_speaker_is_cut_and_the_next_utterance_begins_there():
    cutter = UtteranceCutter(FRAME_S)
    speak(cutter, (LONGEST_S + 0.1, True))
    assert cutter.too_long()
    span = cutter.close(17.0, goes_on=True)
    assert span is not None
    assert span.end_s == cutter.open_s == 17.0
    assert not cutter.too_long()


def test_nothing_before_a_skip_belongs_to_an_utterance():
    cutter = UtteranceCutter(FRAME_S)
    speak(cutter, (0.5, False))
    cutter.skip_to(10.0)
    speak(cutter, (0.2, True))
    assert cutter.open_s == pytest.approx(10.0, abs=2 * FRAME_S)


@given(st.floats(0, 60), st.floats(0, 60))
def test_the_needed_pause_never_grows(one, other):
    low, high = sorted((one, other))
    assert LONG_PAUSE_S >= needed_pause(low) >= needed_pause(high) >= SHORT_PAUSE_S


@given(st.lists(st.tuples(st.floats(0.05, 3), st.booleans()), max_size=30))
def test_utterances_follow_one_another_without_overlap(stretches):
    spans = speak(UtteranceCutter(FRAME_S), *stretches)
    for span in spans:
        assert span.start_s < span.end_s
        assert span.start_s <= span.spoken_end_s <= span.end_s
    for before, after in pairwise(spans):
        assert before.end_s <= after.start_s
