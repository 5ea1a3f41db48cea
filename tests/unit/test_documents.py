"""Documents that test themselves: examples run, options exist, paths are there, every layer and command is named."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from client.__main__ import COMMANDS, main
from client.settings import load
from tests.unit.test_layers import ALLOWED

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted(ROOT.glob("resources/help/*.md"))]


def blocks(kind: str) -> list[str]:
    """The fenced blocks of one kind, of all pages."""
    pattern = re.compile(rf"^```{kind}\n(.*?)^```", re.MULTILINE | re.DOTALL)
    return [block for page in PAGES for block in pattern.findall(page.read_text(encoding="utf-8"))]


def console_examples() -> list[tuple[str, str]]:
    """(command, what it prints; … stands for anything)."""
    parts = [part for block in blocks("console") for part in re.split(r"^\$ ", block, flags=re.MULTILINE) if part]
    return [(command, output.strip()) for command, _, output in (part.partition("\n") for part in parts)]


def shell_examples() -> list[str]:
    return [line for block in blocks("sh") for line in block.splitlines() if line.startswith("ieum ")]


def test_there_are_examples():
    assert len(console_examples()) >= 2
    assert len(shell_examples()) >= 5


@pytest.mark.parametrize(("command", "expected"), console_examples(), ids=lambda each: each[:40])
def test_a_console_example_prints_what_the_page_says(command, expected, tmp_path):
    program, *arguments = shlex.split(command)
    assert program == "ieum"
    done = subprocess.run(
        [sys.executable, "-m", "client", *arguments],
        cwd=ROOT,
        env={**os.environ, "IEUM_DATA": str(tmp_path), "IEUM_USER_SETTINGS": str(tmp_path / "none.toml")},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    pattern = ".*".join(re.escape(part) for part in expected.split("…"))
    assert re.fullmatch(pattern, re.sub(r'": ', '":', done.stdout.strip()), re.DOTALL), done.stdout + done.stderr


@pytest.mark.parametrize("command", shell_examples())
def test_a_shell_example_uses_options_that_exist(command, capsys):
    _, *words = shlex.split(command, comments=True)
    with pytest.raises(SystemExit) as stop:
        main([*words, "--help"])
    assert stop.value.code == 0
    known = capsys.readouterr().out
    for option in (word for word in words if word.startswith("-")):
        assert option in known, f"{command}: no such option in --help"


def test_every_command_is_in_the_readme():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `ieum (\w+)` \|", readme, re.MULTILINE) == list(COMMANDS)


def rows_of_layers() -> list[tuple[list[str], str]]:
    """(layers, what they may import) of each row of the table in CONTRIBUTING."""
    table = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("| layer |")[2].partition("\n\n")[0]
    cells = [line.split("|")[1:3] for line in table.splitlines()[2:]]
    return [(re.findall(r"`([\w.]+)`", layers), allowed.strip()) for layers, allowed in cells]


def test_the_table_of_layers_says_what_is_enforced():
    shown = {layer for layers, _ in rows_of_layers() for layer in layers}
    assert shown == set(ALLOWED)
    for layers, text in rows_of_layers():
        enforced = set().union(*(ALLOWED[layer] for layer in layers)) - set(layers)
        words = {word.strip().replace(" ", "_") for word in text.split(",")} - {"nothing"}
        assert {f"client.{word}" for word in words} == enforced or (words, enforced) == ({"anything"}, {"*"}), layers


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_path_and_link_of_a_page_is_there(page):
    text = page.read_text(encoding="utf-8")
    paths = re.findall(r"`((?:client|ui|tests|resources|build)/[\w./-]+)`", text)
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in link]
    missing = [path for path in paths if not (ROOT / path).exists()]
    missing += [link for link in links if not (page.parent / link).exists()]
    assert missing == []


def test_the_settings_shown_to_it_are_valid(tmp_path):
    for n, block in enumerate(blocks("toml")):
        file = tmp_path / f"{n}.toml"
        file.write_text(block, encoding="utf-8")
        load(file, tmp_path / "none.toml")
    assert blocks("toml")


def test_the_hooks_run_what_make_check_runs():
    hooks = (ROOT / ".pre-commit-config.yaml").read_text()
    for tool in re.findall(r"\$\(VENV\)/bin/(ruff check|ruff format|mypy)", (ROOT / "Makefile").read_text()):
        assert f".venv/bin/{tool}" in hooks
    assert "repo: local" in hooks
    assert hooks.count("repo:") == 1
