"""The video benchmark's figures come from what was seen and heard, and every key of the issue is among them."""

from __future__ import annotations

import argparse

import numpy as np
import pytest

from client.bench import video, video_figures, video_runs, video_watch
from client.bench.video_figures import End, Pictures
from client.bench.video_runs import FIGURES
from client.bench.waiting import BenchFailed
from client.engines.video import clock_code
from client.picture_ring import PictureWriter

BEGUN = 1_795_000_000_000.0
WRAP = 1 << 32


def pictures(delay: float = 50, step: float = 100, count: int = 10, skip: tuple[int, ...] = ()) -> Pictures:
    """A second with ten pictures, each `delay` late."""
    made = [BEGUN + number * step for number in range(count) if number not in skip]
    return Pictures([(at + delay, int(at) % WRAP) for at in made], BEGUN, BEGUN + step * count)


def test_rate_and_delay_of_what_came():
    seen = pictures()
    assert seen.fps == 10
    assert set(seen.delays) == {50}
    assert seen.unread == 0


def test_the_longest_freeze_is_the_longest_time_without_a_new_picture():
    assert pictures().longest_freeze_ms == 100
    assert pictures(skip=(4, 5)).longest_freeze_ms == 300
    assert pictures(skip=(0, 1, 2)).longest_freeze_ms == 350  # from the beginning
    assert pictures(skip=(7, 8, 9)).longest_freeze_ms == 350  # to the end
    assert Pictures([], BEGUN, BEGUN + 900).longest_freeze_ms == 900


def test_a_picture_that_is_shown_again_is_not_a_new_one():
    first = int(BEGUN) % WRAP
    seen = Pictures([(BEGUN + 30, first), (BEGUN + 63, first), (BEGUN + 96, first + 66)], BEGUN, BEGUN + 1000)
    assert [at - BEGUN for at, _ in seen.new] == [30, 96]


def test_of_pictures_that_come_at_once_only_the_last_is_seen():
    first = int(BEGUN) % WRAP
    burst = [(BEGUN + 100 + number, first + 33 * number) for number in range(3)]
    seen = Pictures([*burst, (BEGUN + 133, first + 99)], BEGUN, BEGUN + 1000)
    assert seen.delays == [36, 34]


def test_a_picture_whose_clock_cannot_be_read_counts_for_nothing_and_is_told():
    seen = pictures()
    torn = Pictures([*seen.shown, (BEGUN + 999, None)], seen.begun, seen.ended)
    assert torn.new == seen.new
    assert torn.unread == pytest.approx(1 / 11)
    assert Pictures([], BEGUN, BEGUN + 1).unread == 1


def test_a_beep_is_matched_with_the_one_that_was_made_last():
    made = [BEGUN, BEGUN + 1000]
    assert video_figures.sound_delays(made, [BEGUN + 90, BEGUN + 1120]) == [(BEGUN, 90), (BEGUN + 1000, 120)]
    assert video_figures.sound_delays(made, [BEGUN - 300, BEGUN + 5000]) == []


def test_sound_is_later_or_earlier_than_the_picture_of_the_same_moment():
    assert video_figures.av_offsets(pictures(delay=50), [(BEGUN + 200, 130), (BEGUN + 300, 20)]) == [80, -30]
    assert video_figures.av_offsets(Pictures([], BEGUN, BEGUN + 1), [(BEGUN, 10)]) == []


def test_the_worse_direction_counts():
    citizen = End(pictures(delay=80), texts=[5, 9], beeps=[BEGUN + 200], waits={"video": 17.04}, sent_kbps=700)
    desk = End(pictures(delay=50, skip=(3,)), texts=[4, 20], heard=[BEGUN + 310], core_share=0.4)
    told = video_figures.figures_of(citizen, desk)
    assert set(FIGURES) <= set(told)
    assert (told["fps_in"], told["fps_out"]) == (9, 10)
    assert (told["delay_ms_p50"], told["delay_ms_p50_in"], told["delay_ms_p50_out"]) == (80, 50, 80)
    assert told["longest_freeze_ms"] == told["longest_freeze_ms_in"] == 200
    assert told["text_ms_p95"] == 20
    assert told["av_offset_ms_p95"] == 60
    assert told["engine_core_share"] == 0.4
    assert (told["picture_wait_ms_out"], told["sound_wait_ms_out"]) == (17.0, None)


def test_a_direction_that_brought_nothing_gives_no_figure():
    told = video_figures.figures_of(End(pictures(), texts=[3]), End(Pictures([], BEGUN, BEGUN + 1000)))
    assert told["fps_in"] == 0
    assert told["delay_ms_p95"] is None
    assert told["delay_ms_p95_out"] == 50
    assert told["text_ms_p95"] is None
    assert told["av_offset_ms_p95"] is None


def test_every_key_that_is_asked_for_is_of_a_run():
    keys = {run.key(name) for run in video_runs.all_runs() for name in FIGURES}
    for size in ("480", "720"):
        for rest in ("", "_loss2", "_loss5", "_busy"):
            for peer in ("", "chromium_", "stock_"):
                assert {f"{peer}{name}_{size}{rest}" for name in FIGURES} <= keys
    assert len(keys) == 24 * len(FIGURES)


def test_runs_are_chosen_by_name():
    assert [run.name for run in video_runs.chosen("stock_720_loss5, 480")] == ["480", "stock_720_loss5"]
    assert video_runs.chosen("480_loss2")[0].delay_ms == 40
    with pytest.raises(argparse.ArgumentTypeError, match="no such run: 481"):
        video_runs.chosen("480,481")


def test_our_delay_is_told_as_a_multiple_of_chromiums():
    runs = video_runs.chosen("480,chromium_480,720")
    summary: video_figures.Summary = {
        "delay_ms_p50_480": 60.0,
        "chromium_delay_ms_p50_480": 50.0,
        "delay_ms_p95_480": 70.0,
        "chromium_delay_ms_p95_480": None,
        "delay_ms_p50_720": 60.0,
    }
    assert video_runs.ratios(runs, summary) == {"delay_p50_to_chromium_480": 1.2}


def test_the_eye_reads_each_picture_of_a_ring_once(tmp_path):
    eye = video_watch.Eye(tmp_path / "ring")
    eye.look()  # there is no ring yet
    ring = PictureWriter(tmp_path / "ring")
    frame = np.zeros((480, 640, 4), np.uint8)
    for stamp in (1000, 1033):
        clock_code.encode(frame, stamp)
        ring.put(640, 480, 0, frame.tobytes())
        eye.look()
        eye.look()
    eye.look()
    assert [stamp for _, stamp in eye.shown] == [1000, 1033]
    assert eye.sizes == {"640x480": 2}
    eye.close()
    ring.close()


def test_the_ear_dates_a_beep_by_its_first_sample_and_hears_it_once():
    ear = video_watch.Ear()
    quiet, loud = np.zeros(320, np.int16), np.full(320, 9000, np.int16)
    begins = np.concatenate([quiet[:160], loud[160:]])
    for number, block in enumerate([quiet, begins, loud, loud, quiet]):
        ear.take(BEGUN + 20 * number, block.tobytes())
    assert ear.heard == [BEGUN + 30]
    ear.take(BEGUN + 1000, loud.tobytes())
    assert ear.heard == [BEGUN + 30, BEGUN + 1000]


async def test_a_run_that_does_not_come_about_leaves_the_others_their_figures(monkeypatch, capsys):
    tried = []

    async def one(run, _playwright, _arguments, *, seed):
        tried.append((run.name, seed))
        if run.name == "480_loss5" or seed == 1:
            raise BenchFailed("a browser waits in vain for a connection")
        return dict.fromkeys(FIGURES, 1.0), {}

    monkeypatch.setattr(video, "_one", one)
    arguments = argparse.Namespace(only=video_runs.chosen("480,480_loss5"), seed=1)
    summary, _ = await video._measure(arguments)
    assert tried == [("480", 1), ("480", 2), *(("480_loss5", seed) for seed in (1, 2, 3))]
    assert (summary["fps_in_480"], summary["connects_failed_480"]) == (1.0, 1)
    assert (summary["fps_in_480_loss5"], summary["connects_failed_480_loss5"]) == (None, 3)
    assert "480_loss5: a browser waits in vain" in capsys.readouterr().err
    arguments.only = video_runs.chosen("480_loss5")
    with pytest.raises(BenchFailed, match="no call came about"):
        await video._measure(arguments)
