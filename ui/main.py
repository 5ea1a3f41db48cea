"""Starting the interface: the application, its event loop, the window."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import qasync
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication

from client.services.desk import Desk
from client.settings import Settings
from ui.window import DeskWindow, LockedSettings, SaveSettings


def make_application(arguments: Sequence[str] = ()) -> QApplication:
    """The one QApplication; asked again, the same."""
    there = QCoreApplication.instance()
    if isinstance(there, QApplication):
        return there
    app = QApplication([sys.argv[0] or "ieum", *arguments])
    app.setApplicationName("ieum")
    app.setApplicationDisplayName("이음")
    app.setDesktopFileName("ieum")
    app.setQuitOnLastWindowClosed(False)
    return app


def event_loop(app: QApplication) -> qasync.QEventLoop:
    """asyncio on Qt's loop: run it with `run_until_complete` or `run_forever`; never nest another."""
    return qasync.QEventLoop(app)


def build_window(
    desk: Desk, settings: Settings, save: SaveSettings | None = None, locked: LockedSettings | None = None
) -> DeskWindow:
    """The window on a desk.

    `save` keeps changed settings (key → value) and returns those in force; `locked` tells the keys that only IT sets.
    """
    return DeskWindow(desk, settings, save, locked)
