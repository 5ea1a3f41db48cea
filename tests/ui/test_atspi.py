"""A screen reader's view of the real window under X: every control with name and role, reached by Tab; a call answered,
hung up and wrapped up with nothing but keys that come from the X server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
ITEMS = ("list item", "page tab", "table cell", "tree item", "menu item")
SYSTEM_PYTHON = "/usr/bin/python3"  # gi.Atspi is a system package


class Reader:
    """The reader in its own X server and session bus, with the desk that it started."""

    def __init__(self, errors: Path) -> None:
        self._errors = errors.open("w")
        desk = [sys.executable, "-m", "tests.ui.atspi_desk"]
        reader = [SYSTEM_PYTHON, os.fspath(HERE / "atspi_reader.py"), *desk]
        self._process = subprocess.Popen(
            ["xvfb-run", "-a", "-s", "-screen 0 1366x768x24", "dbus-run-session", "--", *reader],
            cwd=ROOT,
            env={
                **os.environ,
                "QT_QPA_PLATFORM": "xcb",
                "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1",
                "PYTHONUNBUFFERED": "1",
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )

    def ask(self, command: str):
        self._process.stdin.write(command + "\n")
        self._process.stdin.flush()
        for line in self._process.stdout:
            if line.startswith("> "):
                return json.loads(line[2:])
        raise AssertionError(f"the reader ended at {command!r}: {Path(self._errors.name).read_text()}")

    def close(self) -> None:
        self._process.stdin.close()
        self._process.wait(timeout=40)
        self._process.stdout.close()
        self._errors.close()


@pytest.fixture
def reader(tmp_path):
    made = Reader(tmp_path / "errors")
    yield made
    made.close()


def controls(tree: list[dict]) -> list[dict]:
    """What one can act on, items of lists aside: those are reached by the arrows."""
    return [told for told in tree if "FOCUSABLE" in told["states"] and told["role"] not in ITEMS and told["path"]]


def check(reader: Reader, at_least: int) -> None:
    """Every control has a name and a role that says something, and Tab goes to every one."""
    tree = reader.ask("tree")
    named = controls(tree)
    assert len(named) >= at_least
    assert [told for told in named if not told["name"].strip() or "&" in told["name"]] == []
    assert [told for told in named if told["role"] in ("filler", "unknown", "panel", "invalid")] == []
    way = reader.ask("tab")
    visited = {tuple(told["path"]) for told in way}
    missed = [told["name"] for told in named if tuple(told["path"]) not in visited and "ENABLED" in told["states"]]
    assert missed == [], " > ".join(told["name"] for told in way)


def check_dialog_and_menu(reader: Reader) -> None:
    """A dialog and a menu are windows of their own; the keyboard comes back from them."""
    reader.ask("key Ctrl+t")
    assert reader.ask("window 호전환")
    check(reader, at_least=5)
    assert reader.ask("focus 번호 또는 이름")["name"] == "번호 또는 이름"
    reader.ask("key Escape")
    assert reader.ask("window 이음")
    assert reader.ask("focus")
    reader.ask("key F12")
    reader.ask("key Down")
    assert reader.ask("heard 119") == "1  119  화재·구급"
    reader.ask("key Escape")
    assert reader.ask("focus")


def check_note_and_second_call(reader: Reader) -> None:
    """The note's field says that the citizen does not see it; a call that comes meanwhile says that it would hold."""
    reader.ask("key F5")
    note = "내부 메모, 시민에게 보이지 않음"
    assert reader.ask(f"until {note}")
    assert reader.ask(f"focus {note}")["name"] == note
    check(reader, at_least=18)
    reader.ask("key F5")
    assert reader.ask(f"focus {note}")["name"] == note
    for key in ("s", "Return"):
        reader.ask(f"key {key}")
    assert reader.ask("stage a second call") == "a second call"
    assert reader.ask("until 보류하고 받기")
    answer = next(told for told in reader.ask("tree") if told["name"] == "보류하고 받기")
    assert (answer["role"], answer["description"]) == ("push button", "F9")
    check(reader, at_least=20)
    reader.ask("key Ctrl+F9")
    assert reader.ask("stage declined") == "declined"


def test_a_call_is_answered_and_wrapped_up_by_keyboard_alone(reader):
    assert reader.ask("stage ringing") == "ringing"
    assert reader.ask("until 전화가 왔습니다, ③ 안심돌봄 · 010-****-4567")
    check(reader, at_least=8)

    reader.ask("key F9")
    assert reader.ask("stage talking") == "talking"
    check(reader, at_least=18)
    assert reader.ask("until 시민이 듣고 있음")
    tree = reader.ask("tree")
    spoken = [told["name"] for told in tree if told["role"] == "list item"]
    assert any(text.startswith("시민, 안녕하세요. 장기요양을") for text in spoken)
    hang_up = next(told for told in tree if told["name"] == "끊기")
    assert (hang_up["role"], hang_up["description"]) == ("push button", "Shift+F9")

    for panel in ("Ctrl+1", "Ctrl+2", "Ctrl+3"):
        reader.ask(f"key {panel}")
        check(reader, at_least=18)

    check_dialog_and_menu(reader)
    check_note_and_second_call(reader)

    reader.ask("key Shift+F9")
    assert reader.ask("stage wrapping") == "wrapping up"
    check(reader, at_least=10)
    reader.ask("key Ctrl+3")
    assert reader.ask("focus 코드 찾기")["name"] == "코드 찾기"
    reader.ask("key Tab")
    assert reader.ask("focus 후처리 코드")["name"] == "후처리 코드"
    for key in ("Down", "space"):
        reader.ask(f"key {key}")
    assert reader.ask("until 선택: 장기요양")
    reader.ask("key Ctrl+s")
    assert reader.ask("stage closed") == "closed 3-1"
    assert reader.ask("until 다음 전화를 기다리고 있습니다")
