"""Four bars that show how loud the microphone is: a sign that it lives, not a measurement."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from ui.language import tr
from ui.look import Look

BARS = 4
STEPS = (0.01, 0.05, 0.15, 0.4)  # peak from which each bar is lit


class LevelMeter(QWidget):
    """Attributes: `lit` — bars lit, 0–4."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self.lit = 0
        self.setAccessibleName(tr("Microphone level"))
        self.setFixedSize(self.sizeHint())

    def show_level(self, level: float) -> None:
        """Draw a level 0–1; repaints only when a bar changes."""
        lit = sum(level >= step for step in STEPS)
        if lit != self.lit:
            self.lit = lit
            self.update()

    def sizeHint(self) -> QSize:
        """Room for four bars."""
        return QSize(self._look.px(24), self._look.px(16))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        """Bars of rising height."""
        look = self._look
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        wide, gap = look.px(4), look.px(2)
        for bar in range(BARS):
            high = look.px(5 + 3 * bar)
            painter.setBrush(look.color("good") if bar < self.lit else look.color("hairline"))
            painter.drawRoundedRect(QRectF(bar * (wide + gap), self.height() - high - 1, wide, high), 1, 1)
        painter.end()
