"""A practice, a demo or a benchmark has a place of its own; what it needs and does not find is said."""

from __future__ import annotations

import os

import pytest

from client import models, platform, settings
from client.__main__ import main
from client.commands import demo
from client.demo import apart, needs
from client.demo.apart import place_apart
from client.demo.needs import Missing

MINE = '[hub]\nurl = "https://hub.example"\n[desk]\nscale = 150\n[phone]\naccounts = [{user = "1001", domain = "x.test"}]\n'


@pytest.fixture
def files(tmp_path, monkeypatch):
    """The person's and the machine's settings files."""
    mine, machine = tmp_path / "mine.toml", tmp_path / "machine.toml"
    mine.write_text(MINE)
    monkeypatch.setenv("IEUM_USER_SETTINGS", str(mine))
    monkeypatch.setenv("IEUM_DATA", str(tmp_path / "data"))
    monkeypatch.setattr(platform, "machine_settings_file", lambda: machine)
    return mine, machine


def test_inside_nothing_of_the_persons_is_in_force_and_afterwards_all_of_it(files, tmp_path):
    before = dict(os.environ)
    with place_apart() as directory:
        wanted = settings.load()
        assert (wanted.hub_url, wanted.accounts, wanted.scale) == ("", (), 100)
        assert platform.data_dir() == directory
        assert directory != tmp_path / "data"
    assert dict(os.environ) == before
    assert not directory.exists()
    assert settings.load().hub_url == "https://hub.example"


def test_what_the_person_sees_with_may_be_kept(files):
    with place_apart(("desk.",), {"captions.on": False}):
        wanted = settings.load()
        assert (wanted.scale, wanted.hub_url, wanted.captions) == (150, "", False)


def test_the_machines_settings_are_not_in_force_either(files):
    files[1].write_text('[hub]\nurl = "https://it.example"\n[desk]\ncapacity = 2\n')
    with place_apart():
        assert (settings.load().hub_url, settings.load().capacity) == ("", 6)


def test_what_it_has_locked_to_the_real_centre_is_not_stepped_around(files):
    files[1].write_text('locked = ["hub.url"]\n[hub]\nurl = "https://it.example"\n')
    with pytest.raises(Missing, match=r"hub\.url"), place_apart():
        pytest.fail("it began")


def test_models_stay_where_they_are(files, tmp_path, monkeypatch):
    monkeypatch.setenv("IEUM_MODELS", str(tmp_path / "models"))
    with place_apart():
        assert models.directory(settings.load().models_dir) == tmp_path / "models"


@pytest.mark.parametrize("command", [["demo"], ["desk", "--practice"]])
def test_without_models_it_says_what_to_install(files, tmp_path, monkeypatch, capsys, command):
    monkeypatch.setenv("IEUM_MODELS", str(tmp_path / "none"))
    monkeypatch.setattr(platform, "has_display", lambda: False)
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    assert main([*command, "--out", str(tmp_path / "out")]) == 3
    assert "ieum models install" in capsys.readouterr().err


def test_without_a_browser_the_demo_says_what_to_install(files, monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(demo, "need_models", lambda: None)
    monkeypatch.setattr(demo, "need_browser", lambda: needs.need_browser(str(tmp_path / "chromium")))
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    assert main(["demo", "--out", str(tmp_path / "out")]) == 3
    assert "apt-get install chromium" in capsys.readouterr().err


def test_every_place_that_could_reach_the_centre_is_a_setting():
    assert set(apart.TOUCHING) <= {key for key, _ in settings.declared()}
