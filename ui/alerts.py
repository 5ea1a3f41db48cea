"""Alerts for the eye, the screen reader and a lamp, outside the window: taskbar, strips on the monitors, speech.

Nothing here takes the keyboard; everything is repeated until the alert is acknowledged. Sound is the services' part,
the window's own light is `ui.alert_line`'s.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication, QScreen
from PySide6.QtWidgets import QApplication, QWidget

from client.services.alerts import Alert
from client.services.notices import AlertChanged
from ui.alert_strip import AlertStrip
from ui.context import Context
from ui.lamp import Lamp
from ui.listen import Coalesced, listen
from ui.theatre import STAGE_WINDOW
from ui.wording import alert_parts

SETTLE_MS = 60  # while the keyboard goes from a window to its dialog no window has it


class Alerts(QObject):
    """Attributes: `strips` — one per monitor that shows one now."""

    def __init__(self, context: Context, window: QWidget) -> None:
        super().__init__(window)
        self._context = context
        self._window = window
        self.strips: list[AlertStrip] = []
        self._said: dict[int, int] = {}
        self._lamp = Lamp(context.settings.alert_command, context.desk.publisher)
        listen(self, context.desk.publisher, AlertChanged, lambda _: self.refresh())
        app = QGuiApplication.instance()
        assert isinstance(app, QGuiApplication)
        self._look_due = Coalesced(self, self._look_around, SETTLE_MS)
        app.focusWindowChanged.connect(self._look_due.ask)
        app.screenAdded.connect(self._look_due.ask)
        app.screenRemoved.connect(self._look_due.ask)
        self._look_due.ask()

    def end(self) -> None:
        """Take everything down: another look takes over, or the desk is left."""
        self._show_on([])
        self._lamp.off()
        self.deleteLater()

    def refresh(self) -> None:
        """Say what is new or was repeated, show what lasts."""
        active = self._context.desk.alerts.active
        for alert in active:
            if self._said.get(alert.id) != alert.repeats and not alert.silenced:
                self._say(alert)
            self._said[alert.id] = alert.repeats
        self._said = {alert.id: self._said[alert.id] for alert in active}
        if all(alert.silenced for alert in active):
            self._lamp.off()
        self._look_due.ask()

    def _say(self, alert: Alert) -> None:
        self._context.announcer.say(self.text(alert), urgent=True)
        if not self._context.look.reduced_motion:
            QApplication.alert(self._window)  # it flashes in the taskbar; the strips say the same, steadily
        self._lamp.on(alert.alarm)

    def text(self, alert: Alert) -> str:
        """The alert in one sentence."""
        return ", ".join(part for part in alert_parts(self._context.desk.sessions, alert) if part)

    def _look_around(self) -> None:
        """Where the agent looks: what the window shows there is seen, every other monitor needs a strip."""
        self._context.desk.alerts.look(at_window=self._is_before_the_agent())
        loud = [alert for alert in self._context.desk.alerts.active if not alert.silenced]
        bare = [screen for screen in self.monitors() if not self._sees_window(screen) and not has_stage(screen)]
        screens = bare if loud else []
        self._show_on(screens)
        for strip, screen in zip(self.strips, screens, strict=True):
            strip.show_on(screen, self.text(loud[0]), more=len(loud) - 1)

    def monitors(self) -> Sequence[QScreen]:
        """Every monitor of this machine."""
        return QGuiApplication.screens()

    def _is_before_the_agent(self) -> bool:
        active = QApplication.activeWindow()  # the window or a dialog of it
        return active is not None and not isinstance(active, AlertStrip) and not self._window.isMinimized()

    def _sees_window(self, screen: QScreen) -> bool:
        return self._is_before_the_agent() and self._window.screen() == screen

    def _show_on(self, screens: Sequence[QScreen]) -> None:
        for strip in self.strips[len(screens) :]:
            strip.hide()
            strip.deleteLater()
        del self.strips[len(screens) :]
        while len(self.strips) < len(screens):
            self.strips.append(AlertStrip(self._context, self._raise))

    def _raise(self) -> None:
        self._window.setWindowState(self._window.windowState() & ~self._window.windowState().WindowMinimized)
        self._window.show()
        self._window.raise_()
        self._window.activateWindow()


def has_stage(screen: QScreen) -> bool:
    """True where the video stands in its own window: what calls is said in its head, and nothing covers the signer."""
    tops = (top for top in QApplication.topLevelWidgets() if top.objectName() == STAGE_WINDOW)
    return any(top.isVisible() and not top.isMinimized() and top.screen() == screen for top in tops)
