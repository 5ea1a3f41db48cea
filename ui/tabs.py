"""Tabs as a line of words: the open one underlined, a dot or a number where something is new."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QTabBar, QWidget

from ui.language import tr
from ui.look import Look


class Tabs(QTabBar):
    """A tab bar that paints itself. `set_badge` marks a tab; its accessible name says so."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._badges: dict[int, int] = {}
        self.setDrawBase(False)
        self.setExpanding(False)
        self.setUsesScrollButtons(False)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def set_badge(self, tab: int, count: int) -> None:
        """Show a number at a tab; 0 shows none."""
        if self._badges.get(tab, 0) == count:
            return
        self._badges[tab] = count
        name = self.tabText(tab)
        self.setAccessibleTabName(tab, tr("{name}, new: {count}", name=name, count=count) if count else name)
        self.updateGeometry()
        self.update()

    def tabSizeHint(self, index: int) -> QSize:
        """The words, the badge and room around them."""
        look = self._look
        width = QFontMetricsF(look.font(14, bold=True)).horizontalAdvance(self.tabText(index))
        badge = look.px(26) if self._badges.get(index) else 0
        return QSize(round(width) + badge + look.px(26), look.px(47))

    def minimumTabSizeHint(self, index: int) -> QSize:
        """Words are never cut."""
        return self.tabSizeHint(index)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        """Words and a line under the open tab."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for tab in range(self.count()):
            self._paint_tab(painter, tab)
        painter.end()

    def _paint_tab(self, painter: QPainter, tab: int) -> None:
        look = self._look
        box = QRectF(self.tabRect(tab))
        chosen = tab == self.currentIndex()
        font = look.font(14, bold=chosen)
        width = QFontMetricsF(font).horizontalAdvance(self.tabText(tab))
        painter.setFont(font)
        painter.setPen(look.color("accent" if chosen else "second"))
        badge = self._badges.get(tab, 0)
        x = box.x() + (box.width() - width - (look.px(26) if badge else 0)) / 2
        painter.drawText(QRectF(x, box.y(), width + 2, box.height()), Qt.AlignmentFlag.AlignVCenter, self.tabText(tab))
        if badge:
            self._paint_badge(
                painter, badge, QRectF(x + width + look.px(6), box.center().y() - look.px(9), look.px(18), look.px(18))
            )
        if chosen:
            painter.fillRect(QRectF(box.x(), box.bottom() - look.px(2), box.width(), look.px(3)), look.color("accent"))
            if self.hasFocus():
                painter.setPen(QPen(look.color("accent"), 2))
                painter.drawRoundedRect(box.adjusted(2, 6, -2, -6), look.px(6), look.px(6))

    def _paint_badge(self, painter: QPainter, count: int, place: QRectF) -> None:
        look = self._look
        painter.save()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.color("accent"))
        painter.drawEllipse(place)
        painter.setFont(look.font(11, bold=True))
        painter.setPen(look.color("on_accent"))
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, str(min(count, 99)))
        painter.restore()
