"""A page of the side panel: a column that scrolls where the window is low."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from ui.look import Look


class PanelPage(QScrollArea):
    """Attributes: `column` — where the page's parts go, top to bottom."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        inside = QWidget()
        self.column = QVBoxLayout(inside)
        self.column.setContentsMargins(look.px(16), look.px(14), look.px(16), look.px(16))
        self.column.setSpacing(look.px(10))
        self.setWidget(inside)
        self.setFocusProxy(None)  # type: ignore[arg-type]  # Qt: none


def card(look: Look) -> tuple[QFrame, QVBoxLayout]:
    """A framed group and its column."""
    frame = QFrame()
    frame.setProperty("is", "card")
    column = QVBoxLayout(frame)
    column.setContentsMargins(look.px(14), look.px(12), look.px(14), look.px(12))
    column.setSpacing(look.px(8))
    return frame, column
