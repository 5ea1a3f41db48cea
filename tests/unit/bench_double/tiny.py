"""How long nothing takes.

A double: it measures by what it is told.
"""

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("place", nargs="?", default="here")


def run(arguments: argparse.Namespace) -> tuple[dict[str, float | int | str | None], dict[str, list[float]]]:
    samples = [float(n) for n in range(arguments.times)]
    return {"nothing_ms_p50": samples[len(samples) // 2], "runs": arguments.times, "peer_ms": None}, {"ms": samples}
