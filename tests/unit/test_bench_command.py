"""`ieum bench`: the last line is one flat JSON object, the samples go to a file."""

from __future__ import annotations

import argparse
import importlib
import json
import math
import os
import sys
from pathlib import Path

import pytest

from client import settings
from client.__main__ import main
from client.bench.waiting import BenchFailed
from client.commands import bench
from client.demo.needs import Missing

PACKAGE = "bench_double"


@pytest.fixture(autouse=True)
def package_on_the_path(monkeypatch):
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    importlib.invalidate_caches()
    yield
    for name in [name for name in sys.modules if name.startswith(PACKAGE)]:
        del sys.modules[name]


def bench_run(*argv: str) -> int:
    parser = argparse.ArgumentParser()
    bench.add_arguments(parser)
    return bench.run(parser.parse_args(list(argv)), PACKAGE)


def test_the_last_line_is_one_flat_json_object(capsys):
    assert bench_run("tiny", "--json") == 0
    out, err = capsys.readouterr()
    assert json.loads(out.splitlines()[-1]) == {"nothing_ms_p50": 1.0, "runs": 3, "peer_ms": None}
    assert len(out.splitlines()) == 1
    assert "nothing_ms_p50" in err


def test_without_json_a_table_for_people(capsys):
    assert bench_run("tiny", "there", "--times", "5") == 0
    out, _ = capsys.readouterr()
    assert [line.split() for line in out.splitlines()[1:]] == [
        ["nothing_ms_p50", "2"],
        ["runs", "5"],
        ["peer_ms", "None"],
    ]


def test_every_sample_goes_to_the_raw_file(tmp_path, capsys):
    file = tmp_path / "deep" / "raw.json"
    assert bench_run("tiny", "--raw", str(file), "--times", "4") == 0
    written = json.loads(file.read_text(encoding="utf-8"))
    assert written["samples"] == {"ms": [0.0, 1.0, 2.0, 3.0]}
    assert written["summary"]["runs"] == 4
    assert written["arguments"][-1] == "4"


def test_a_figure_that_is_no_number_is_not_told_as_one(monkeypatch):
    tiny = importlib.import_module(f"{PACKAGE}.tiny")
    monkeypatch.setattr(tiny, "run", lambda _: ({"x_ms": math.nan}, {}))
    with pytest.raises(ValueError, match="JSON"):
        bench_run("tiny", "--json")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (Missing("kamailio is not installed: apt-get install kamailio"), 3),
        (ModuleNotFoundError("No module named 'psutil'", name="psutil"), 3),
        (BenchFailed("kamailio never answered"), 1),
    ],
)
def test_what_is_missing_or_did_not_happen_is_said_with_its_own_exit_code(monkeypatch, capsys, error, code):
    def run(_):
        raise error

    monkeypatch.setattr(importlib.import_module(f"{PACKAGE}.tiny"), "run", run)
    assert bench_run("tiny", "--json") == code
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("ieum bench tiny: ")
    assert ("kamailio" if code == 1 or isinstance(error, Missing) else "make setup") in err


def test_nobodys_settings_are_in_force_while_it_measures(monkeypatch, tmp_path, capsys):
    mine = tmp_path / "mine.toml"
    mine.write_text('[hub]\nurl = "https://hub.example"\n')
    monkeypatch.setenv("IEUM_USER_SETTINGS", str(mine))
    monkeypatch.setenv("IEUM_DATA", str(tmp_path / "data"))
    tiny = importlib.import_module(f"{PACKAGE}.tiny")
    monkeypatch.setattr(tiny, "run", lambda _: ({"hub": settings.load().hub_url, "place": os.environ["IEUM_DATA"]}, {}))
    assert bench_run("tiny", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["hub"] == ""
    assert told["place"] != str(tmp_path / "data")


def test_list_names_each_with_its_first_line(capsys):
    assert bench_run("list") == 0
    assert capsys.readouterr().out.split("\n")[0].split(maxsplit=1) == ["tiny", "How long nothing takes."]


def test_an_unknown_name_is_told_with_the_known_ones(capsys):
    assert bench_run("huge") == 2
    assert "tiny" in capsys.readouterr().err


def test_each_has_its_own_help(capsys):
    with pytest.raises(SystemExit) as stop:
        bench_run("tiny", "--help")
    assert stop.value.code == 0
    assert "--times" in capsys.readouterr().out


def test_wrong_arguments_are_refused(capsys):
    with pytest.raises(SystemExit) as stop:
        bench_run("tiny", "--times", "many")
    assert stop.value.code == 2
    assert "ieum bench tiny" in capsys.readouterr().err


def test_the_real_benchmarks_keep_to_the_protocol(capsys):
    for name, text in bench.benchmarks().items():
        assert text, f"client.bench.{name} says nothing about itself"
        with pytest.raises(SystemExit) as stop:
            main(["bench", name, "--help"])
        assert stop.value.code == 0
        assert "--json" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "remedy"),
    [
        (["push", "--chromium", "/nowhere/chromium"], "apt-get install chromium"),
        (["calls"], "apt-get install kamailio"),
        (["captions", "."], "ieum models install"),
        (["startup"], "ieum models install"),
        (["ui"], "ieum models install"),
    ],
)
def test_what_a_real_benchmark_misses_is_said_before_it_begins(monkeypatch, tmp_path, capsys, arguments, remedy):
    monkeypatch.setattr("client.bench.sip_rig.PLACES", str(tmp_path))
    monkeypatch.setenv("IEUM_MODELS", str(tmp_path))
    assert main(["bench", *arguments, "--json"]) == 3
    out, err = capsys.readouterr()
    assert remedy in err
    assert out == ""
