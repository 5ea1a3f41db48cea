"""Dressing the application in a look: Fusion as the ground, our palette, fonts and stylesheet on it."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication

from client.resources import resource_path
from ui.look import Look
from ui.stylesheet import stylesheet
from ui.theme import palette

PICTURES = ("check", "chevron", "chevron-up", "chevron-right")  # the stylesheet cannot tint: one file per theme


def dress(app: QApplication, look: Look) -> None:
    """Give the application this look."""
    images = {name: resource_path(f"icons/{name}-{look.tokens.name}.svg").as_posix() for name in PICTURES}
    app.setStyle("Fusion")
    app.setPalette(palette(look.tokens))
    app.setFont(look.font())
    app.setStyleSheet(stylesheet(look, images))
