"""The funnel: everything that falls is reported once, with its stack and without the citizen's data."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from client import platform
from client.crash import KEEP, Funnel, scrub
from client.domain.codec import BadInput

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def funnel(tmp_path):
    caught = []
    made = Funnel("desk", tmp_path, caught.append)
    made.caught = caught
    made.install()
    yield made
    made.remove()


def fall(text: str = "no") -> None:
    raise ValueError(text)


def test_what_a_thread_lets_fall_is_reported(funnel):
    thread = threading.Thread(target=fall, name="ringer")
    thread.start()
    thread.join()
    (crash,) = funnel.caught
    assert (crash.where, crash.kind) == ("thread ringer", "ValueError")
    assert crash.file.read_text(encoding="utf-8") == crash.text
    assert "in fall" in crash.text
    assert "raise ValueError(text)" in crash.text


async def test_what_a_task_or_a_callback_lets_fall_is_reported(funnel):
    loop = asyncio.get_running_loop()
    funnel.watch(loop)
    loop.call_soon(fall)
    loop.call_exception_handler({"message": "Task was destroyed"})
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert [crash.kind for crash in funnel.caught] == ["RuntimeError", "ValueError"]
    assert {crash.where for crash in funnel.caught} == {"loop"}


def test_what_the_main_thread_lets_fall_is_reported(funnel):
    try:
        fall()
    except ValueError as error:
        sys.excepthook(type(error), error, error.__traceback__)
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert [crash.where for crash in funnel.caught] == ["main"]


def test_removing_gives_the_hooks_back(tmp_path):
    before = (sys.excepthook, threading.excepthook)
    funnel = Funnel("desk", tmp_path)
    funnel.install()
    assert sys.excepthook != before[0]
    funnel.remove()
    assert (sys.excepthook, threading.excepthook) == before
    Funnel("desk", tmp_path).remove()


@pytest.mark.parametrize(
    ("text", "scrubbed"),
    [
        ("call 010-1234-5678 now", "call … now"),
        ("901212 - 1234567", "…"),
        ("'홍길동' is missing", "… is missing"),
        ('KeyError: "kim"', "KeyError: …"),
        ("시민이 말한 것", "… … …"),
        ("from sip:01012345678@pbx.example failed", "from … failed"),
        ("token eyJhbGciOi1NiJ9abc_def", "token …"),
        ("must be at most 16 tries, 3 left", "must be at most 16 tries, 3 left"),
        ("unsupported operand type(s) for +", "unsupported operand type(s) for +"),
        ("NotImplementedError in PipelineSomething", "NotImplementedError in PipelineSomething"),
    ],
)
def test_a_message_keeps_its_sense_and_loses_the_person(text, scrubbed):
    assert scrub(text) == scrubbed


def test_no_report_holds_what_the_citizen_said(funnel):
    said = "제 번호는 공일공 1234 5678"
    caption = {"text": said, "number": "01012345678"}
    try:
        try:
            caption[said]
        except KeyError as error:
            raise BadInput(f"body.{caption['number']}", f"cannot hold {said!r}") from error
    except BadInput as error:
        crash = funnel.take(error, "loop")
    for secret in (said, "공일공", "1234", "01012345678"):
        assert secret not in crash.text
    assert "KeyError" in crash.text
    assert "which led to" in crash.text
    assert crash.text.index("KeyError") < crash.text.index("BadInput")


def test_each_part_of_a_group_is_told(funnel):
    crash = funnel.take(ExceptionGroup("two", [ValueError("a"), TypeError("b")]), "loop")
    assert "ValueError: a" in crash.text
    assert "TypeError: b" in crash.text


def test_paths_of_this_machine_are_not_told(funnel):
    with pytest.raises(ValueError, match="no") as caught:
        fall()
    text = funnel.take(caught.value, "main").text
    assert str(ROOT) not in text
    assert "tests/unit/test_crash.py:" in text


def test_a_full_disk_still_tells(funnel, monkeypatch):
    def refuse(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(platform, "write_private", refuse)
    crash = funnel.take(ValueError("x"), "main")
    assert crash.file is None
    assert funnel.caught == [crash]


def test_old_reports_make_room(funnel):
    for _ in range(KEEP + 3):
        last = funnel.take(ValueError("x"), "main")
    kept = sorted(funnel.directory.glob("desk-2*.txt"))
    assert len(kept) == KEEP
    assert last.file in kept


DIES = """
import sys, faulthandler
from pathlib import Path
from client.crash import Funnel
Funnel("voice", Path(sys.argv[1])).install()
faulthandler._sigabrt() if sys.argv[2] == "abort" else 1 / 0
"""


@pytest.mark.parametrize(
    ("how", "expected"), [("abort", "Fatal Python error: Aborted"), ("divide", "ZeroDivisionError")]
)
def test_a_process_that_dies_leaves_its_report(tmp_path, how, expected):
    subprocess.run([sys.executable, "-c", DIES, str(tmp_path), how], cwd=ROOT, check=False, capture_output=True)
    files = (tmp_path / "crashes").glob("voice-*.txt")
    assert any(expected in file.read_text(encoding="utf-8") for file in files)
