"""`ieum bench video` runs on the real parts: browsers, the video engine, stock aiortc, a lossy relay between them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from client.bench.video_runs import FIGURES, chosen

ROOT = Path(__file__).resolve().parents[2]
RUNS = "480,480_busy,chromium_480,stock_480_loss2,720"


def test_a_short_run_gives_every_figure(tmp_path):
    short = ["--seconds", "3", "--settle", "2", "--settle-most", "3", "--raw", str(tmp_path / "raw.json")]
    command = [sys.executable, "-m", "client", "bench", "video", "--json", "--only", RUNS, *short]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=400, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout.splitlines()[-1])
    for run in chosen(RUNS):
        for name in FIGURES:
            assert told[run.key(name)] > 0, run.key(name)
        assert told[run.key("unread")] < 0.1, run.name  # the browser's clock is read here, and ours there
    assert told["stock_delay_ms_p50_480_loss2"] > 40  # the relay's way is in it
    assert told["desk_freeze_ms_480_busy"] >= 250
    assert told["delay_p50_to_chromium_480"] > 0
    samples = json.loads((tmp_path / "raw.json").read_text())["samples"]
    assert len(samples["delay_ms_in_480"]) > 3
