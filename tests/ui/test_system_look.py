"""The look follows the system while the desk runs: dark, light, high contrast, and less motion."""

from __future__ import annotations

import subprocess

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from client import platform
from client.settings import Settings
from tests.ui import scenes
from ui import look
from ui.look import look_for


@pytest.mark.parametrize(("theme", "after"), [("system", "dark"), ("light", "light")])
def test_a_system_that_goes_dark_takes_the_desk_along_where_it_may(on_stage, monkeypatch, theme, after):
    async def play(stage):
        await stage.talk()
        assert stage.context.look.tokens.name == "light"
        scenes.write(stage.view.page.composer.message, "잠시만요")
        view = stage.view
        monkeypatch.setattr(look, "theme_name", lambda asked: "dark" if asked == "system" else asked)
        QGuiApplication.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Dark)
        assert stage.context.look.tokens.name == after
        assert stage.view.page.composer.message.toPlainText() == "잠시만요"
        assert (stage.view is view) is (after == "light"), "made anew only if something changed"

    on_stage(play, theme=theme)


def test_high_contrast_is_followed_too(on_stage, monkeypatch):
    async def play(stage):
        monkeypatch.setattr(look, "theme_name", lambda asked: "contrast")
        hints = QGuiApplication.styleHints().accessibility()
        hints.contrastPreferenceChanged.emit(Qt.ContrastPreference.HighContrast)
        assert stage.context.look.tokens.name == "contrast"

    on_stage(play)


@pytest.mark.parametrize(
    ("asked", "system", "still"),
    [(False, False, False), (False, True, True), (True, False, True), (True, True, True)],
)
def test_nothing_moves_if_the_agent_or_the_system_wants_it_still(qapp, monkeypatch, asked, system, still):
    monkeypatch.setattr(platform, "wants_less_motion", lambda: system)
    assert look_for(Settings(reduced_motion=asked)).reduced_motion is still


@pytest.mark.parametrize(("answer", "still"), [("false\n", True), ("true\n", False), ("", False)])
def test_the_desktops_answer_is_read(monkeypatch, answer, still):
    def run(command, **options):
        assert command[0] == "gsettings"
        return subprocess.CompletedProcess(command, 0, stdout=answer)

    monkeypatch.setattr(platform, "WINDOWS", False)
    monkeypatch.setattr(platform.sys, "platform", "linux")
    monkeypatch.setattr(platform.subprocess, "run", run)
    assert platform.wants_less_motion() is still


def test_a_system_that_cannot_tell_moves(monkeypatch):
    def run(command, **options):
        raise FileNotFoundError(command[0])

    monkeypatch.setattr(platform.subprocess, "run", run)
    monkeypatch.setattr(platform, "WINDOWS", False)
    assert not platform.wants_less_motion()
