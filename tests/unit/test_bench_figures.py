"""What benchmarks make of samples: percentiles, stalls on a grid, what a timeline showed, a load that failed."""

from __future__ import annotations

import asyncio
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.bench.captions import NO_VOSK, _vosk_cer
from client.bench.figures import percentile
from client.bench.shown_captions import ShownCaptions
from client.bench.stall_watch import StallWatch, late_ms
from client.bench.ui import events_posted
from client.bench.waiting import BenchFailed
from client.domain.event import Caption, new_event, parse_timestamp
from client.domain.recognition import FinalText
from client.domain.signal import PartialCaption
from client.domain.timeline import Timeline
from client.domain.words import Party
from tests.waiting import until

AT = "2026-11-26T04:00:00.000Z"
LEG = "call/citizen"


def test_percentiles_are_samples():
    assert percentile([3, 1, 2], 0.5) == 2
    assert percentile(list(range(1, 101)), 0.95) == 95
    assert percentile([7], 0.95) == 7
    assert percentile([], 0.5) is None


@given(st.lists(st.floats(0, 1e6), min_size=1), st.sampled_from([0.5, 0.95, 1.0]))
def test_a_percentile_lets_its_share_lie_below_and_never_leaves_the_samples(samples, share):
    value = percentile(samples, share)
    assert value in samples
    assert sum(sample <= value for sample in samples) >= share * len(samples)


def test_every_moment_of_the_grid_in_a_stall_is_a_sample():
    assert late_ms(0.0, 1, 0.0104) == pytest.approx([0.4])
    assert late_ms(0.0, 3, 0.0604) == pytest.approx([30.4, 20.4, 10.4, 0.4])


async def test_a_stall_is_seen_whole_but_for_one_step_of_the_grid():
    watch = StallWatch()
    watch.start()
    await until(watch.so_far)
    blocked = time.perf_counter()
    while time.perf_counter() - blocked < 0.12:
        pass
    await until(lambda: max(watch.so_far()) > 100)
    stalls = watch.finish()
    assert sum(stall > 50 for stall in stalls) >= 5  # its later moments are there too
    await asyncio.to_thread(watch.join)


def test_a_load_that_failed_is_no_measurement():
    assert events_posted(0, [{"event": "posted", "count": 300}]) == 300
    for code, said in ((1, [{"event": "posted", "count": 300}]), (0, []), (0, [{"event": "posted", "count": 0}])):
        with pytest.raises(BenchFailed, match="load"):
            events_posted(code, said)


def partial(utterance: str, stable: str, provisional: str) -> PartialCaption:
    return PartialCaption(
        leg=LEG, party=Party.CITIZEN, utterance=utterance, stable=stable, provisional=provisional, start_ms=100
    )


def final(utterance: str, text: str) -> FinalText:
    return FinalText(
        leg=LEG, utterance=utterance, text=text, words=(), start_ms=100, end_ms=900, language="ko", engine="whisper"
    )


def caption(utterance: str, text: str):
    body = Caption(
        utterance=utterance, party=Party.CITIZEN, text=text, words=(), engine="whisper", start_ms=100, end_ms=900
    )
    return new_event("01a21617-801f-7f40-aa07-4459e90a79d5", body, at=parse_timestamp(AT), leg=LEG)


def watched() -> tuple[ShownCaptions, Timeline]:
    shown, timeline = ShownCaptions(), Timeline()
    shown.begin(LEG)
    shown.watch(timeline)
    return shown, timeline


def test_what_the_timeline_shows_is_what_counts():
    shown, timeline = watched()
    timeline.partial(AT, partial("one", "나는", " 오"))
    timeline.partial(AT, partial("one", "나는 오늘", ""))
    leg = shown.legs[LEG]
    assert not leg.complete
    event = caption("one", "나는 오늘 간다")
    timeline.apply(event)
    shown.take(final("one", "나는 오늘 간다"))
    assert leg.complete
    assert leg.text == "나는 오늘 간다"
    [line] = leg.utterances.values()
    assert [(state.stable, state.provisional) for state in line.states] == [("나는", " 오"), ("나는 오늘", "")]
    assert line.end_ms == 900


def test_what_the_hub_masks_after_the_final_is_no_recognition():
    shown, timeline = watched()
    timeline.apply(caption("one", "번호는 800101-1234567"))
    at = shown.legs[LEG].utterances["one"].final_at_ms
    timeline.apply(caption("one", "번호는 ******-*******"))
    assert shown.legs[LEG].text == "번호는 800101-1234567"
    assert shown.legs[LEG].utterances["one"].final_at_ms == at


def test_a_partial_that_was_nothing_has_had_its_final():
    shown, timeline = watched()
    timeline.partial(AT, partial("one", "", "음"))
    timeline.partial(AT, partial("one", "", ""))
    shown.take(final("one", ""))
    assert shown.legs[LEG].complete
    assert shown.legs[LEG].text == ""


def test_without_vosk_its_error_rate_is_unknown_and_not_one(tmp_path, monkeypatch):
    monkeypatch.setattr("client.models.find", lambda model, under: None)
    assert _vosk_cer(tmp_path, ["나는"], []) == {"vosk_cer": None, "vosk_note": NO_VOSK}
