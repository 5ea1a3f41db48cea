"""Alerts for the eye and the screen reader: taskbar, strips on the monitors, speech. Sound is the services' part.

Nothing here takes the keyboard; everything is repeated until the alert is acknowledged.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from PySide6.QtCore import QObject, QProcess
from PySide6.QtGui import QGuiApplication, QScreen
from PySide6.QtWidgets import QApplication, QWidget

from client.services.alerts import Alert
from client.services.notices import AlertChanged
from ui.alert_strip import AlertStrip
from ui.context import Context
from ui.listen import Coalesced, listen
from ui.wording import alarm_text, ars_text

SETTLE_MS = 60  # while the keyboard goes from a window to its dialog no window has it


class Alerts(QObject):
    """Attributes: `strips` — one per monitor that shows one now."""

    def __init__(self, context: Context, window: QWidget) -> None:
        super().__init__(window)
        self._context = context
        self._window = window
        self.strips: list[AlertStrip] = []
        self._said: dict[int, int] = {}
        listen(self, context.desk.publisher, AlertChanged, lambda _: self.refresh())
        app = QGuiApplication.instance()
        assert isinstance(app, QGuiApplication)
        self._strips_due = Coalesced(self, self._show_strips, SETTLE_MS)
        app.focusWindowChanged.connect(self._strips_due.ask)

    def end(self) -> None:
        """Take everything down: another look takes over."""
        self._show_on([])
        self.deleteLater()

    def refresh(self) -> None:
        """Say what is new or was repeated, show what lasts."""
        active = self._context.desk.alerts.active
        for alert in active:
            if self._said.get(alert.id) != alert.repeats and not alert.silenced:
                self._say(alert)
            self._said[alert.id] = alert.repeats
        self._said = {alert.id: self._said[alert.id] for alert in active}
        self._strips_due.ask()

    def _say(self, alert: Alert) -> None:
        self._context.announcer.say(self.text(alert), urgent=True)
        QApplication.alert(self._window)
        command = shlex.split(self._context.settings.alert_command)
        if command:
            run_hook(command, alert)

    def text(self, alert: Alert) -> str:
        """The alert in one sentence, with the key that answers it."""
        sessions = self._context.desk.sessions
        view = sessions.get(alert.session) if alert.session in sessions else None
        parts = [alarm_text(alert.alarm)]
        if view is not None:
            parts += [ars_text(view.ars), view.name or view.number]
        return ", ".join(part for part in parts if part)

    def _show_strips(self, *_: object) -> None:
        """On every monitor, except where the agent is looking at the window itself."""
        loud = [alert for alert in self._context.desk.alerts.active if not alert.silenced]
        screens = [screen for screen in QGuiApplication.screens() if not self._sees_window(screen)] if loud else []
        self._show_on(screens)
        for strip, screen in zip(self.strips, screens, strict=True):
            strip.show_on(screen, self.text(loud[0]), more=len(loud) - 1)

    def _show_on(self, screens: Sequence[QScreen]) -> None:
        for strip in self.strips[len(screens) :]:
            strip.hide()
            strip.deleteLater()
        del self.strips[len(screens) :]
        while len(self.strips) < len(screens):
            self.strips.append(AlertStrip(self._context, self._raise))

    def _sees_window(self, screen: QScreen) -> bool:
        active = QApplication.activeWindow()  # the window or a dialog of it
        return active is not None and active.screen() is screen and not self._window.isMinimized()

    def _raise(self) -> None:
        self._window.setWindowState(self._window.windowState() & ~self._window.windowState().WindowMinimized)
        self._window.show()
        self._window.raise_()
        self._window.activateWindow()


def run_hook(command: Sequence[str], alert: Alert) -> None:
    """Start the lamp's or vibrator's command with the alarm's name and count; never a number or a name of a person."""
    process = QProcess()
    process.setProgram(command[0])
    process.setArguments([*command[1:], alert.alarm.value, str(alert.repeats)])
    process.startDetached()
