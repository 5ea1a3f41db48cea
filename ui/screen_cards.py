"""The screens that can be sent, as cards in a list."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from client.domain.screen import Screen, ScreenKind
from ui.language import tr
from ui.look import Look
from ui.wording import language_text

SCREEN_ROLE = Qt.ItemDataRole.UserRole + 1
Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()
HEIGHT = 60


def kind_text(screen: Screen) -> str:
    """What the citizen can do with it, with its size."""
    count = len(screen.items) or len(screen.fields)
    return {
        ScreenKind.CARD: tr("Information"),
        ScreenKind.CHOICE: tr("Choice of {count}", count=count),
        ScreenKind.CHECKLIST: tr("Checklist of {count}", count=count),
        ScreenKind.FORM: tr("Form, fields: {count}", count=count),
        ScreenKind.CAPTIONS: tr("Live captions"),
    }[screen.kind]


def detail_text(screen: Screen) -> str:
    """Kind, language where it is not Korean, and when the text was checked."""
    parts = [kind_text(screen)]
    if screen.language != "ko":
        parts.append(language_text(screen.language))
    if screen.reviewed:
        parts.append(tr("checked {date}", date=screen.reviewed))
    return " · ".join(parts)


class ScreenModel(QAbstractListModel):
    """Attributes: `screens` — those shown."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.screens: tuple[Screen, ...] = ()

    def show_screens(self, screens: tuple[Screen, ...]) -> bool:
        """Show these; false if they are shown already."""
        if screens == self.screens:
            return False
        self.beginResetModel()
        self.screens = screens
        self.endResetModel()
        return True

    def rowCount(self, parent: Index = ROOT) -> int:
        """Number of screens."""
        return 0 if parent.isValid() else len(self.screens)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The screen for the delegate, its sentence for assistive technology."""
        screen = self.screens[index.row()]
        if role == SCREEN_ROLE:
            return screen
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return f"{screen.title}, {detail_text(screen)}"
        return None


class ScreenDelegate(QStyledItemDelegate):
    """A card: title, and what it is. The chosen one has the accent's outline."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: ARG002
        """All alike."""
        return QSize(self._look.px(160), self._look.px(HEIGHT + 8))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw the card."""
        look = self._look
        screen: Screen = index.data(SCREEN_ROLE)
        state = option.state
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        focused = chosen and bool(state & QStyle.StateFlag.State_HasFocus)
        box = QRectF(option.rect).adjusted(1, 1, -1, -look.px(8) - 1)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(look.color("soft" if state & QStyle.StateFlag.State_MouseOver and not chosen else "panel"))
        painter.setPen(QPen(look.color("accent" if chosen else "hairline"), 2 if focused else 1))
        painter.drawRoundedRect(box, look.px(10), look.px(10))
        words = box.adjusted(look.px(14), look.px(10), -look.px(14), -look.px(9))
        self._text(painter, screen.title, words, Qt.AlignmentFlag.AlignTop, 14.5, "text", bold=True)
        self._text(painter, detail_text(screen), words, Qt.AlignmentFlag.AlignBottom, 12.5, "second", bold=False)
        painter.restore()

    def _text(
        self, painter: QPainter, text: str, box: QRectF, where: Qt.AlignmentFlag, size: float, ink: str, *, bold: bool
    ) -> None:
        font = self._look.font(size, bold=bold)
        painter.setFont(font)
        painter.setPen(self._look.color(ink))
        shown = QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, box.width())
        painter.drawText(box, where | Qt.AlignmentFlag.AlignLeft, shown)
