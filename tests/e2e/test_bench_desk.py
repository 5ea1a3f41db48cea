"""The benchmarks measure a whole desk: hub, engines, models, a call over real SIP; and the hub's log under load."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import soundfile

from tests.peers.recorded import RATE, korean

ROOT = Path(__file__).resolve().parents[2]


def bench(*arguments: str) -> dict:
    command = [sys.executable, "-m", "client", "bench", *arguments, "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_startup(tmp_path):
    told = bench("startup", "--rounds", "1", "--raw", str(tmp_path / "raw.json"))
    assert 0 < told["window_ms"] < told["ready_ms"]
    assert 30 < told["desk_rss_mb"] < told["all_rss_mb"]
    samples = json.loads((tmp_path / "raw.json").read_text())["samples"]
    assert [round(value) for value in samples["window_ms"]] == [told["window_ms"]]


def test_ui():
    told = bench("ui", "--minutes", "2", "--minute", "2", "--rate", "50", "--others", "3")
    assert told["max_stall_ms"] <= told["worst_minute_max_stall_ms"]
    assert told["events_posted"] >= 50  # and the benchmark fails unless all of them came to the desk
    assert told["open_session_events_per_s"] == 12.5
    assert 0 <= told["stall_ms_p95"] <= told["max_stall_ms"]


def test_captions_come_through_the_desk_into_its_timeline(tmp_path):
    passage = korean(8)
    soundfile.write(tmp_path / "one.wav", passage.samples[: 5 * RATE], RATE, subtype="PCM_16")
    (tmp_path / "one.txt").write_text("머리 숙여 깊이 감사드립니다 저는 오늘", encoding="utf-8")
    told = bench("captions", str(tmp_path), "--band", "phone", "--raw", str(tmp_path / "raw.json"))
    assert told["utterances"] >= 2  # at least one on each leg
    assert told["finals_missing"] == 0
    assert told["first_text_ms_p50"] <= told["first_text_ms_p95"]
    assert 0 < told["cer"] < 0.6  # 0.2-0.45: five seconds, so a word weighs much
    for key in ("whole_file_cer", "vosk_cer", "stable_ms_p50", "final_ms_p95", "core_share"):
        assert told[key] > 0, key
    samples = json.loads((tmp_path / "raw.json").read_text())["samples"]
    assert len(samples["final_ms"]) == told["utterances"]
    assert set(samples) == {"first_text_ms", "stable_ms", "final_ms"}


def test_log():
    short = ["--seconds", "1", "--streams", "5", "--rate", "100", "--store-events", "1000", "--rounds", "1"]
    told = bench("log", *short)
    assert told["events_posted"] == 100
    assert told["events_missing"] == 0
    assert 0 < told["commit_ms_p50"] <= told["commit_ms_p95"]
    assert 0 < told["stream_ms_p50"] <= told["stream_ms_p95"]
    assert told["events_per_s"] > 0
    assert told["raw_sqlite_events_per_s"] > 0


def test_chat():
    told = bench("chat", "--rounds", "3", "--others", "5")
    assert told["open_chats"] == 6
    for chats in (1, 500):
        assert 0 < told[f"to_desk_p50_ms_{chats}"] < told[f"p50_ms_{chats}"] <= told[f"p95_ms_{chats}"]


def test_queue():
    told = bench("queue", "--sessions", "60", "--desks", "6")
    assert (told["claims"], told["double_claims"]) == (60, 0)
    assert told["claims_per_s"] > 0
