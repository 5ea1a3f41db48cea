"""The desk's benchmarks measure a whole desk: hub, engines, models, a call over real SIP."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

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
