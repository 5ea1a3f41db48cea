"""A small strip at the top of a monitor: it says what calls, and never takes the keyboard."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QMouseEvent, QScreen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QWidget

from ui.context import Context
from ui.icons import pixmap
from ui.label import Label
from ui.language import tr

FLAGS = (
    Qt.WindowType.Tool
    | Qt.WindowType.FramelessWindowHint
    | Qt.WindowType.WindowStaysOnTopHint
    | Qt.WindowType.WindowDoesNotAcceptFocus
)


class AlertStrip(QWidget):
    """Steady: the light that flashes is the offer card's. A click brings the window forward."""

    def __init__(self, context: Context, on_click: Callable[[], None]) -> None:
        super().__init__(None, FLAGS)
        self._on_click = on_click
        look = context.look
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWindowTitle(tr("Alert"))
        frame = QFrame(self)
        frame.setProperty("is", "strip")
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(frame)
        row = QHBoxLayout(frame)
        row.setContentsMargins(look.px(18), look.px(12), look.px(18), look.px(12))
        row.setSpacing(look.px(12))
        icon = QLabel()
        icon.setPixmap(pixmap("phone", look.px(22), look.color("accent"), self.devicePixelRatioF()))
        self.text = Label(style="strong")
        row.addWidget(icon)
        row.addWidget(self.text)

    def show_on(self, screen: QScreen, text: str, *, more: int) -> None:
        """Show the text at the top middle of a monitor."""
        self.text.say(tr("{text}, {count} more", text=text, count=more) if more else text)
        self.setAccessibleName(self.text.words)
        self.adjustSize()
        room = screen.availableGeometry()
        self.move(room.x() + (room.width() - self.width()) // 2, room.y() + 12)
        if not self.isVisible():
            self.show()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: ARG002
        """Go to the window."""
        self._on_click()
