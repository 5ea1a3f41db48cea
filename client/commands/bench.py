"""`ieum bench NAME`: one module of `client.bench` a benchmark.

Such a module has `add_arguments(parser)` and `run(arguments) -> (summary, samples)`: the summary is flat, with units in
its keys; samples are lists of single measurements by name. It runs apart: nobody's settings, data and hub are in force.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import importlib
import importlib.util
import json
import pkgutil
import platform
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol, cast

from client import __version__
from client.bench.waiting import BenchFailed
from client.demo.needs import Missing

PACKAGE = "client.bench"
FAILED, MISSING = 1, 3
Summary = dict[str, float | int | str | None]
Samples = dict[str, list[float]]


class Benchmark(Protocol):
    """A module of `client.bench`."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """What the benchmark itself takes."""

    def run(self, arguments: argparse.Namespace) -> tuple[Summary, Samples]:
        """Measure."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`list`, or a benchmark's name and its own arguments."""
    parser.add_argument("name", metavar="NAME", help="`list` names them all; `NAME --help` says what one takes")
    parser.add_argument("rest", nargs=argparse.REMAINDER, metavar="…", help="[--json] [--raw FILE] and its own")


def run(arguments: argparse.Namespace, package: str = PACKAGE) -> int:
    """Measure and tell: a table for people, with `--json` one flat JSON object as the last line of stdout."""
    known = benchmarks(package)
    if arguments.name == "list":
        for name, text in known.items():
            print(f"{name:<10} {text}")
        return 0
    if arguments.name not in known:
        print(f"ieum bench: no benchmark {arguments.name}; there are: {', '.join(known)}", file=sys.stderr)
        return 2
    module = cast(Benchmark, importlib.import_module(f"{package}.{arguments.name}"))
    parser = argparse.ArgumentParser(prog=f"ieum bench {arguments.name}", description=known[arguments.name])
    parser.add_argument("--json", action="store_true", help="end with one line, a flat JSON object")
    parser.add_argument("--raw", type=Path, metavar="FILE", help="write every sample")
    module.add_arguments(parser)
    parsed = parser.parse_args(arguments.rest)
    try:
        started = time.monotonic()
        with _apart(parsed):
            summary, samples = module.run(parsed)
        _tell(arguments.name, summary, parsed, time.monotonic() - started)
        if parsed.raw:
            _write_samples(parsed.raw, arguments.name, arguments.rest, summary, samples)
    except Missing as error:
        return _refuse(arguments.name, str(error), MISSING)
    except ModuleNotFoundError as error:
        return _refuse(arguments.name, f"the package {error.name} is not installed: run `make setup`", MISSING)
    except BenchFailed as error:
        return _refuse(arguments.name, str(error), FAILED)
    return 0


def _apart(parsed: argparse.Namespace) -> contextlib.AbstractContextManager[object]:
    """A benchmark's own child (`--once`) is apart already, and its start is measured: nothing is imported for it."""
    if getattr(parsed, "once", None):
        return contextlib.nullcontext()
    from client.demo.apart import place_apart

    return place_apart()


def _refuse(name: str, why: str, code: int) -> int:
    print(f"ieum bench {name}: {why}", file=sys.stderr)
    return code


def benchmarks(package: str = PACKAGE) -> dict[str, str]:
    """Name → first line of its docstring; nothing is imported but the package. Its helper modules have no `run`."""
    home = importlib.import_module(package)
    described = {module.name: _describe(f"{package}.{module.name}") for module in pkgutil.iter_modules(home.__path__)}
    return {name: text for name, text in described.items() if text is not None}


def _describe(name: str) -> str | None:
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        return None
    tree = ast.parse(Path(spec.origin).read_text(encoding="utf-8"))
    if not any(isinstance(node, ast.FunctionDef) and node.name == "run" for node in tree.body):
        return None
    return (ast.get_docstring(tree) or "").partition("\n")[0]


def _tell(name: str, summary: Summary, parsed: argparse.Namespace, took_s: float) -> None:
    table = sys.stderr if parsed.json else sys.stdout
    print(f"{name}: {took_s:.1f} s", file=table)
    for key, value in summary.items():
        print(f"  {key:<32} {value:.4g}" if isinstance(value, float) else f"  {key:<32} {value}", file=table)
    table.flush()
    if parsed.json:
        print(json.dumps(summary, ensure_ascii=False, allow_nan=False), flush=True)


def _write_samples(file: Path, name: str, rest: Sequence[str], summary: Summary, samples: Samples) -> None:
    whole = {
        "bench": name,
        "arguments": list(rest),
        "version": __version__,
        "python": platform.python_version(),
        "machine": platform.platform(),
        "summary": summary,
        "samples": samples,
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(whole, ensure_ascii=False, indent=1), encoding="utf-8")
