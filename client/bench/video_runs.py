"""The runs of the video benchmark, and how their keys are called."""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from dataclasses import dataclass

from client.bench.video_figures import Summary

SIZES = {"480": (640, 480, "VP8"), "720": (1280, 720, "H264")}
PEERS = ("", "chromium", "stock")  # "": our engine
FIGURES = (
    "fps_in",
    "fps_out",
    "delay_ms_p50",
    "delay_ms_p95",
    "longest_freeze_ms",
    "kbps_in",
    "engine_core_share",
    "text_ms_p95",
    "av_offset_ms_p95",
)
DELAY_MS = 40  # one way, in the runs with loss
AWAY_MS, AWAY_EVERY_MS = 250, 2_000  # how the user interface is made busy


@dataclass(frozen=True, slots=True)
class Run:
    """`peer` — who answers; `loss` — percent, in both directions."""

    peer: str
    size: str
    loss: int = 0
    busy: bool = False

    @property
    def suffix(self) -> str:
        """What stands behind a key."""
        return f"_{self.size}" + (f"_loss{self.loss}" if self.loss else "") + ("_busy" if self.busy else "")

    @property
    def name(self) -> str:
        """As `--only` takes it."""
        return f"{self.peer}{self.suffix}".lstrip("_")

    def key(self, figure: str) -> str:
        """The key of a figure in the summary."""
        return f"{self.peer}_{figure}{self.suffix}".lstrip("_")

    @property
    def delay_ms(self) -> int:
        """One way."""
        return DELAY_MS if self.loss else 0


def all_runs() -> list[Run]:
    """Peers beside each other, so that a machine's mood touches all three alike."""
    kinds = [(0, False), (2, False), (5, False), (0, True)]
    return [Run(peer, size, loss, busy) for size in SIZES for loss, busy in kinds for peer in PEERS]


def chosen(text: str) -> list[Run]:
    """Of `--only`: names with commas between them; raises `ArgumentTypeError` with the known ones."""
    known = {run.name: run for run in all_runs()}
    names = [name.strip() for name in text.split(",") if name.strip()]
    if wrong := [name for name in names if name not in known]:
        raise argparse.ArgumentTypeError(f"no such run: {', '.join(wrong)}; there are: {', '.join(known)}")
    return [run for name, run in known.items() if name in names]


def ratios(runs: Sequence[Run], summary: Summary) -> Summary:
    """Our delay as a multiple of Chromium's in the like run, where both were made."""
    found: Summary = {}
    for run in (each for each in runs if not each.peer):
        for figure in ("delay_ms_p50", "delay_ms_p95"):
            ours, theirs = summary.get(run.key(figure)), summary.get(Run("chromium", *_rest(run)).key(figure))
            if isinstance(ours, float | int) and isinstance(theirs, float | int) and not math.isclose(theirs, 0):
                found[run.key(f"{figure.replace('_ms', '')}_to_chromium")] = round(ours / theirs, 2)
    return found


def _rest(run: Run) -> tuple[str, int, bool]:
    return run.size, run.loss, run.busy
