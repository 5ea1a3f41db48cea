"""A pedal's program, a real child: its lines are actions, it comes back when it ends, and what is no action is told once."""

from __future__ import annotations

import sys
from pathlib import Path

import psutil
import pytest

from tests.ui import scenes
from ui import pedal
from ui.shortcuts import BY_ID


def program(tmp_path: Path, body: str) -> tuple[str, ...]:
    """A program that adds a line to `starts`, then does `body`; `go` is a file that a test makes."""
    script = tmp_path / "a pedal.py"
    script.write_text(
        "import os, sys, time, pathlib\n"
        f"here = pathlib.Path({str(tmp_path)!r})\n"
        "(here / 'starts').open('a').write(f'{os.getpid()}\\n')\n"
        "say = lambda text: print(text, flush=True)\n" + body
    )
    return sys.executable, str(script)


def starts(tmp_path: Path) -> list[int]:
    file = tmp_path / "starts"
    return [int(line) for line in file.read_text().split()] if file.exists() else []


def said(stage, words: str) -> int:
    return sum(words in text for text in stage.said)


LISTEN = "for line in sys.stdin: pass\n"  # until the desk is gone


def test_a_line_is_a_key_and_works_only_where_the_key_would(on_stage, tmp_path: Path):
    body = "while not (here / 'go').exists(): time.sleep(0.01)\nsay('mute')\n" + LISTEN

    async def play(stage):
        session = await scenes.talk(stage.fake)
        stage.still()
        (tmp_path / "go").touch()
        await stage.until(lambda: stage.desk.sessions.get(session).muted, "the pedal mutes")

    on_stage(play, pedal_command=program(tmp_path, body))


def test_over_a_dialog_it_is_like_the_keys(on_stage, tmp_path: Path):
    body = "while not (here / 'go').exists(): time.sleep(0.01)\nsay('find')\nsay('mute')\n" + LISTEN

    async def play(stage):
        session = await scenes.talk(stage.fake)
        stage.context.actions.trigger("help")
        sheet = stage.window.dialogs.sheet
        assert sheet is not None
        (tmp_path / "go").touch()
        await stage.until(lambda: stage.desk.sessions.get(session).muted, "what works everywhere works")
        assert stage.window.dialogs.sheet is sheet, "the find list has not taken the dialog's place"

    on_stage(play, pedal_command=program(tmp_path, body))


def test_a_switch_that_trembles_is_pressed_once_and_other_lines_follow_at_once(on_stage, tmp_path: Path):
    body = "while not (here / 'go').exists(): time.sleep(0.01)\nsay('mute\\nmute\\nhold')\n" + LISTEN

    async def play(stage):
        session = await scenes.talk(stage.fake)
        (tmp_path / "go").touch()
        view = stage.desk.sessions.get
        await stage.until(lambda: view(session).stage.value == "held" and view(session).muted, "both lines were taken")
        kinds = [event.body.type for event in stage.fake.hub.logs[session]]
        assert (kinds.count("call.muted"), kinds.count("call.unmuted")) == (1, 0), "muted once, not muted and unmuted"

    on_stage(play, pedal_command=program(tmp_path, body))


def test_it_is_started_again_when_it_ends_and_gone_with_the_window(on_stage, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(pedal, "AGAIN_MS", 30)
    seen: list[int] = []

    async def play(stage):
        await stage.until(lambda: len(starts(tmp_path)) >= 3, "it comes back again and again")
        stage.window.close()
        seen.extend(starts(tmp_path))

    on_stage(play, pedal_command=program(tmp_path, "say('mark')\n"))
    assert starts(tmp_path) == seen
    assert not psutil.pid_exists(seen[-1])


def test_a_living_program_is_ended_with_the_window(on_stage, tmp_path: Path):
    async def play(stage):
        await stage.until(lambda: len(starts(tmp_path)) == 1)
        assert psutil.pid_exists(starts(tmp_path)[0])
        stage.window.close()
        assert not psutil.pid_exists(starts(tmp_path)[0])

    on_stage(play, pedal_command=program(tmp_path, "time.sleep(600)\n"))


def test_what_is_no_action_is_told_once_and_the_rest_is_taken(on_stage, tmp_path: Path):
    body = (
        "while not (here / 'go').exists(): time.sleep(0.01)\n"
        "say('left pedal down')\nsay('right pedal down')\nsay('x' * 10000)\n"
        "sys.stdout.buffer.write(b'\\xff\\xfe\\n')\nsay('mute')\n" + LISTEN
    )

    async def play(stage):
        session = await scenes.talk(stage.fake)
        (tmp_path / "go").touch()
        await stage.until(lambda: stage.desk.sessions.get(session).muted, "the line that is one was taken")
        await stage.until(lambda: said(stage, "left pedal down") == 1)
        assert said(stage, "right pedal down") == 0
        assert any("left pedal down" in text for text in stage.view.troubles.texts())

    on_stage(play, pedal_command=program(tmp_path, body))


def test_a_program_that_is_not_there_is_told_once(on_stage, monkeypatch):
    monkeypatch.setattr(pedal, "AGAIN_MS", 10)
    tries: list[int] = []
    monkeypatch.setattr(pedal.Pedal, "_later", count(tries, pedal.Pedal._later))

    async def play(stage):
        await stage.until(lambda: len(tries) >= 3, "it is tried again")
        await stage.until(lambda: said(stage, "pedal.exe") == 1)
        assert any("pedal.exe" in text for text in stage.view.troubles.texts())

    on_stage(play, pedal_command=(r"C:\pedal\pedal.exe",))


def count(tries, before):
    def later(self):
        tries.append(1)
        before(self)

    return later


@pytest.mark.parametrize("action", ["own_picture", "hold", "mute", "mark", "answer", "hang_up"])
def test_the_names_that_help_gives_are_actions(action):
    assert action in BY_ID
