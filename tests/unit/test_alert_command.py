"""The command of a lamp or vibrator is a list: a path of Windows stays whole, and a bad one is refused at the settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from client import settings
from client.domain.codec import BadInput
from client.services.notices import Alarm


def load(tmp_path, text: str) -> settings.Settings:
    file = tmp_path / "user.toml"
    file.write_text(f"[desk]\nalert_command = {text}\n", encoding="utf-8")
    return settings.load(tmp_path / "none.toml", file)


def test_paths_of_windows_and_spaces_need_no_care(tmp_path):
    got = load(tmp_path, r"""['C:\Program Files\lamp\on.exe', "--colour", 'a "b']""")
    assert got.alert_command == (r"C:\Program Files\lamp\on.exe", "--colour", 'a "b')


def test_without_one_nothing_is_run(tmp_path):
    assert load(tmp_path, "[]").alert_command == ()


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("'C:\\lamp\\on.exe'", "desk.alert_command"),
        ("['']", "desk.alert_command.0"),
        ("[' ', 'on']", "desk.alert_command.0"),
        ('["lamp", "a\\u0000b"]', "desk.alert_command.1"),
        ("['lamp', 1]", "desk.alert_command.1"),
    ],
)
def test_what_cannot_be_run_is_refused_with_its_place(tmp_path, text, where):
    with pytest.raises(BadInput) as refused:
        load(tmp_path, text)
    assert refused.value.path.endswith(where)


def test_it_is_told_every_kind_there_is():
    text = (Path(__file__).resolve().parents[2] / "resources/help/it.md").read_text(encoding="utf-8")
    assert [alarm.value for alarm in Alarm if f"`{alarm.value}`" not in text] == []
