"""What the citizen sees now, drawn as their page shows it: their ticks and words, and where they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from client.domain.screen import Screen, ScreenKind
from client.services.screens import MirrorView
from ui.icons import paint_icon
from ui.label import keep_words
from ui.language import tr
from ui.look import Look

PART_ROLE = Qt.ItemDataRole.UserRole + 1
Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of the page: `kind` is title, text, tick, choice, field or button; `id` can be pointed at."""

    kind: str
    text: str
    hint: str = ""
    id: str = ""
    on: bool = False
    value: str = ""
    here: bool = False


def parts_of(screen: Screen, values: dict[str, str], focus: str) -> list[Part]:
    """The page's parts, top to bottom, with what the citizen did on them."""
    parts = [Part(kind="title", text=screen.title)]
    parts += [Part(kind="text", text=text) for text in (screen.lead, *screen.body.split("\n\n")) if text]
    kind = "choice" if screen.kind is ScreenKind.CHOICE else "tick"
    for item in screen.items:
        on = values.get(item.id) == "on" or values.get("choice") == item.id
        parts.append(Part(kind=kind, text=item.text, hint=item.hint, id=item.id, on=on, here=focus == item.id))
    for field in screen.fields:
        value = values.get(field.id, "")
        parts.append(Part(kind="field", text=field.label, id=field.id, value=value, here=focus == field.id))
    if screen.button:
        parts.append(Part(kind="button", text=screen.button))
    return parts


class MirrorModel(QAbstractListModel):
    """Attributes: `parts` — as they stand."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.parts: list[Part] = []

    def show_parts(self, parts: list[Part]) -> None:
        """Show these; a part that changed in place keeps its row."""
        if [part.text for part in parts] != [part.text for part in self.parts]:
            self.beginResetModel()
            self.parts = parts
            self.endResetModel()
            return
        for row, (old, new) in enumerate(zip(self.parts, parts, strict=True)):
            if old != new:
                self.parts[row] = new
                self.dataChanged.emit(self.index(row), self.index(row))

    def rowCount(self, parent: Index = ROOT) -> int:
        """Number of parts."""
        return 0 if parent.isValid() else len(self.parts)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The part for the delegate, its sentence for assistive technology."""
        part = self.parts[index.row()]
        if role == PART_ROLE:
            return part
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return part_sentence(part)
        return None


def part_sentence(part: Part) -> str:
    """A part in words: what it is, how it stands, and whether the citizen is there."""
    words = [part.text]
    if part.kind in ("tick", "choice"):
        words.append(tr("chosen") if part.on else tr("not chosen"))
    if part.kind == "field":
        words.append(part.value or tr("empty"))
    if part.here:
        words.append(tr("the citizen is here"))
    return ", ".join(words)


class MirrorDelegate(QStyledItemDelegate):
    """Draws the parts."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """By the wrapped text."""
        part: Part = index.data(PART_ROLE)
        look = self._look
        view = self.parent()
        width = view.viewport().width() if isinstance(view, QListView) else option.rect.width()
        room = width - look.px(20) - (look.px(28) if part.kind in ("tick", "choice") else 0)
        size, bold = self._type(part)
        bounds = QFontMetricsF(look.font(size, bold=bold)).boundingRect(
            QRectF(0, 0, max(1, room), 4000), Qt.TextFlag.TextWordWrap, keep_words(part.text)
        )
        extra = {"title": 12, "text": 8, "field": 48, "button": 26}.get(part.kind, 16)
        hint = look.px(18) if part.hint else 0
        return QSize(width, round(bounds.height()) + look.px(extra) + hint)

    def _type(self, part: Part) -> tuple[float, bool]:
        return {"title": (15, True), "text": (13, False), "field": (12.5, False)}.get(part.kind, (13.5, False))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """One part; a ring where the citizen is, another where the agent is."""
        look = self._look
        part: Part = index.data(PART_ROLE)
        box = QRectF(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        state = option.state
        if part.here or (state & QStyle.StateFlag.State_Selected and state & QStyle.StateFlag.State_HasFocus):
            painter.setBrush(look.color("soft") if part.here else Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(look.color("accent"), 2, Qt.PenStyle.SolidLine if part.here else Qt.PenStyle.DotLine))
            painter.drawRoundedRect(box.adjusted(1.5, 1.5, -1.5, -1.5), look.px(8), look.px(8))
        inside = box.adjusted(look.px(10), 0, -look.px(10), 0)
        {"tick": self._tick, "choice": self._tick, "field": self._field, "button": self._button}.get(
            part.kind, self._plain
        )(painter, part, inside)
        painter.restore()

    def _plain(self, painter: QPainter, part: Part, box: QRectF) -> None:
        size, bold = self._type(part)
        painter.setFont(self._look.font(size, bold=bold))
        painter.setPen(self._look.color("text" if bold else "second"))
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap, keep_words(part.text))

    def _tick(self, painter: QPainter, part: Part, box: QRectF) -> None:
        look = self._look
        side = look.px(16)
        top = box.y() + look.px(10)
        mark = QRectF(box.x(), top, side, side)
        painter.setPen(QPen(look.color("accent" if part.on else "line"), 2))
        painter.setBrush(look.color("accent" if part.on else "panel"))
        radius = side / 2 if part.kind == "choice" else look.px(4)
        painter.drawRoundedRect(mark, radius, radius)
        if part.on:
            paint_icon(painter, "check", mark.adjusted(2, 2, -2, -2), look.color("on_accent"))
        words = box.adjusted(look.px(26), look.px(7), 0, 0)
        painter.setFont(look.font(13.5))
        painter.setPen(look.color("text"))
        used = painter.boundingRect(words, Qt.TextFlag.TextWordWrap, keep_words(part.text))
        painter.drawText(words, Qt.TextFlag.TextWordWrap, keep_words(part.text))
        if part.hint:
            painter.setFont(look.font(12.5))
            painter.setPen(look.color("third"))
            under = QRectF(words.x(), used.bottom(), words.width(), look.px(20))
            hint = QFontMetricsF(look.font(12.5)).elidedText(part.hint, Qt.TextElideMode.ElideRight, under.width())
            painter.drawText(under, Qt.AlignmentFlag.AlignVCenter, hint)

    def _field(self, painter: QPainter, part: Part, box: QRectF) -> None:
        look = self._look
        painter.setFont(look.font(12.5))
        painter.setPen(look.color("second"))
        painter.drawText(box.adjusted(0, look.px(6), 0, 0), Qt.AlignmentFlag.AlignTop, part.text)
        field = QRectF(box.x(), box.bottom() - look.px(37), box.width(), look.px(31))
        painter.setPen(QPen(look.color("line"), 1))
        painter.setBrush(look.color("panel"))
        painter.drawRoundedRect(field, look.px(6), look.px(6))
        painter.setFont(look.font(13.5))
        painter.setPen(look.color("text"))
        words = QFontMetricsF(look.font(13.5)).elidedText(
            part.value, Qt.TextElideMode.ElideLeft, field.width() - look.px(18)
        )
        painter.drawText(field.adjusted(look.px(9), 0, -look.px(9), 0), Qt.AlignmentFlag.AlignVCenter, words)

    def _button(self, painter: QPainter, part: Part, box: QRectF) -> None:
        look = self._look
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.color("accent"))
        painter.drawRoundedRect(box.adjusted(0, look.px(5), 0, -look.px(4)), look.px(8), look.px(8))
        painter.setFont(look.font(13.5))
        painter.setPen(look.color("on_accent"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, part.text)


class MirrorList(QListView):
    """Enter or a click on an item points the citizen to it.

    Signals: `pointed(item id)`.
    """

    pointed = Signal(str)

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._page = MirrorModel(self)
        self.setModel(self._page)
        self.setItemDelegate(MirrorDelegate(look, self))
        self.setAccessibleName(tr("What the citizen sees"))
        self.setAccessibleDescription(tr("Enter points the citizen to an item."))
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.clicked.connect(self._point)

    def show_mirror(self, mirror: MirrorView) -> None:
        """Show a page as it stands."""
        self._page.show_parts(parts_of(mirror.screen, mirror.values, mirror.focus) if mirror.screen else [])
        here = next((row for row, part in enumerate(self._page.parts) if part.here), -1)
        if here >= 0:
            self.scrollTo(self._page.index(here))

    def wanted_height(self) -> int:
        """The height at which nothing has to be scrolled."""
        return sum(self.sizeHintForRow(row) for row in range(self._page.rowCount())) + 2

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter points."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._point(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def _point(self, index: Index) -> None:
        part: Part | None = index.data(PART_ROLE) if index.isValid() else None
        if part is not None and part.id:
            self.pointed.emit(part.id)
