"""`ieum bench push` runs on the real parts and ends with one line of JSON."""

from __future__ import annotations

import json
import subprocess
import sys


def test_a_short_run_gives_every_figure():
    command = [sys.executable, "-m", "client", "bench", "push", "--json", "--pushes", "4", "--echoes", "4"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout.splitlines()[-1])
    assert {"painted_ms_p50", "painted_ms_p95", "sse_echo_ms_p95"} <= set(figures)
    assert 0 < figures["painted_ms_p50"] < 5_000
    assert 0 < figures["sse_echo_ms_p95"] < 5_000
