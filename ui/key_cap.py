"""A key drawn as a small cap."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from ui.key_button import shown_key
from ui.look import Look


class KeyCap(QWidget):
    """Shows one key; "" draws nothing."""

    def __init__(self, look: Look, key: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look, self._key = look, shown_key(key)
        self.setFixedSize(self.sizeHint())

    def sizeHint(self) -> QSize:
        """The key and its frame."""
        look = self._look
        return QSize(round(QFontMetricsF(look.font(12)).horizontalAdvance(self._key)) + look.px(14), look.px(22))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        """A rounded frame around the key."""
        if not self._key:
            return
        look = self._look
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(look.color("line")))
        painter.setBrush(look.color("panel"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), look.px(4), look.px(4))
        painter.setFont(look.font(12))
        painter.setPen(look.color("second"))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self._key)
        painter.end()
