"""The timeline of the open session: follows its end, and stops following when the agent scrolls up to read."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QApplication, QListView, QStyledItemDelegate, QWidget
from shiboken6 import isValid

from client.domain.timeline import CaptionLine
from ui.correction_edit import CorrectionEdit
from ui.key_button import KeyButton, Kind
from ui.language import tr
from ui.line_text import spoken
from ui.listen import Coalesced
from ui.look import Look
from ui.memory import ReadMarks
from ui.timeline_delegate import TimelineDelegate
from ui.timeline_model import TimelineModel

Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class Place:
    """Where one has scrolled to: the first line in sight, and how far above the edge it begins."""

    line: str
    above: int


NEAR_END = 24  # pixels from the end that still count as being there


class TimelineView(QListView):
    """A list of lines, each one reachable by the arrow keys.

    Attributes: `following` — the end is kept in sight. Signals: `corrected(line id, text)`.
    """

    corrected = Signal(str, str)

    def __init__(self, look: Look, end_key: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.following = True
        self._look = look
        self._new = 0
        self._moving = False
        self._laying = False
        self._from_end: int | None = None
        self._marks = ReadMarks()
        self._came_from: QWidget | None = None
        self._wanted: Place | None = None
        self._delegate = TimelineDelegate(look, self)
        self._delegate.corrected.connect(self.corrected)
        self.setItemDelegate(self._delegate)
        self.setAccessibleName(tr("Timeline"))
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setTabKeyNavigation(False)
        self.verticalScrollBar().setSingleStep(look.px(28))
        self.verticalScrollBar().valueChanged.connect(self._on_scrolled)
        self.verticalScrollBar().rangeChanged.connect(self._on_range)
        self._settle = Coalesced(self, self._anchor, 0)
        self._to_end = KeyButton(look, "", key=end_key, kind=Kind.PRIMARY, icon="down", parent=self)
        self._to_end.clicked.connect(self.follow)
        self._to_end.hide()

    # ── content ──────────────────────────────────────────────────────────────────────────────────

    def show_lines(self, model: TimelineModel, marks: ReadMarks | None = None) -> None:
        """Show another session's lines, at their end; `marks` — what was read of them."""
        self.finish_editing()
        old = self.model()
        self.following, self._new, self._marks = True, 0, marks or ReadMarks()
        self.setModel(model)
        if isinstance(old, TimelineModel):
            old.close()
            old.deleteLater()
        self._delegate.set_width(self.viewport().width())
        model.rowsInserted.connect(self._settle.ask)
        model.rowsRemoved.connect(self._settle.ask)
        model.dataChanged.connect(self._on_changed)
        model.arrived.connect(self._on_arrived)
        self._settle.ask()
        self.follow()

    def lines(self) -> TimelineModel | None:
        """The model, once there is one."""
        model = self.model()
        return model if isinstance(model, TimelineModel) else None

    def _on_changed(self, first: QModelIndex, last: QModelIndex) -> None:
        model = self.lines()
        assert model is not None
        for row in range(first.row(), last.row() + 1):
            if self._delegate.grew(model.line(row)):
                self._delegate.sizeHintChanged.emit(model.index(row))
                self._settle.ask()

    def _on_arrived(self, count: int) -> None:
        if self.following:
            model = self.lines()
            if model is not None:
                model.trim()
        else:
            self._new += count
        self._place_button()

    # ── following the end ────────────────────────────────────────────────────────────────────────

    def follow(self) -> None:
        """Go to the end and stay there."""
        self.following, self._new = True, 0
        self._scroll_to_end()
        self._place_button()

    def _keep_at_end(self) -> None:
        """A line that is being corrected stays in sight: the end waits."""
        if self.following and self.state() is not QAbstractItemView.State.EditingState:
            self._scroll_to_end()

    def _scroll_to_end(self) -> None:
        self._moving = True
        self.scrollToBottom()
        self._moving = False

    def _on_scrolled(self, value: int) -> None:
        bar = self.verticalScrollBar()
        if not self._moving and not self._laying:
            self.following = value >= bar.maximum() - NEAR_END
            if self.following:
                self._new = 0
        model = self.lines()
        if value == bar.minimum() and bar.maximum() > 0 and model is not None and model.earlier and not self._moving:
            self._from_end = bar.maximum() - value
            model.show_earlier()
        self._place_button()

    def updateGeometries(self) -> None:
        """A layout may squeeze the range for a moment: that is not the agent scrolling to the end."""
        bar = self.verticalScrollBar()
        value, was_laying = bar.value(), self._laying
        self._laying = True
        super().updateGeometries()
        if not self.following and self._from_end is None:
            bar.setValue(value)
        self._laying = was_laying

    def _on_range(self, _minimum: int, maximum: int) -> None:
        if self._from_end is not None:
            self._moving = True
            self.verticalScrollBar().setValue(maximum - self._from_end)
            self._moving = False
            self._from_end = None
        else:
            self._keep_at_end()

    def _place_button(self) -> None:
        self._to_end.setVisible(not self.following)
        if self.following:
            return
        text = tr("New: {count} · to the end", count=self._new) if self._new else tr("To the end")
        self._to_end.set_words(text)
        size = self._to_end.sizeHint()
        self._to_end.setGeometry(
            (self.width() - size.width()) // 2,
            self.height() - size.height() - self._look.px(12),
            size.width(),
            size.height(),
        )

    # ── geometry ─────────────────────────────────────────────────────────────────────────────────

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay the lines out anew for another width; few lines stand at the bottom, where the eye is."""
        super().resizeEvent(event)
        self._delegate.set_width(self.viewport().width())
        self._settle.ask()
        self._place_button()

    def _anchor(self) -> None:
        model = self.lines()
        if model is None:
            return
        room = self.height() - self._look.px(8)
        used = 0
        for row in range(model.rowCount() - 1, -1, -1):
            used += self._delegate.laid(model.line(row)).height
            if used >= room:
                break
        top = max(0, room - used)
        if self.viewportMargins().top() != top:
            self.setViewportMargins(0, top, 0, 0)
        if self._wanted is not None:
            wanted, self._wanted = self._wanted, None
            self._show_at(wanted)
        self._keep_at_end()

    def set_look(self, look: Look) -> None:
        """Show the captions in another size, at the same line."""
        place = self.place()
        self._look = look
        self._delegate.set_look(look)
        editor = self.findChild(CorrectionEdit)
        if editor is not None:
            editor.setFont(look.font(look.caption_px))
        self.scheduleDelayedItemsLayout()
        if place is not None:
            self.go_to(place)
        self._settle.ask()

    def place(self) -> Place | None:
        """Where one reads; None at the end."""
        model = self.lines()
        index = self.indexAt(self.viewport().rect().topLeft() + QPoint(1, 1))
        if self.following or model is None or not index.isValid():
            return None
        return Place(model.line(index.row()).id, -self.visualRect(index).top())

    def go_to(self, place: Place) -> None:
        """Read on at a place, once the lines are laid out."""
        self.following = False
        self._wanted = place
        self._settle.ask()

    def _show_at(self, place: Place) -> None:
        model = self.lines()
        self._moving = True
        while model is not None and model.row_of(place.line) < 0 and model.earlier:
            model.show_earlier()
        if model is not None and model.row_of(place.line) >= 0:
            self.scrollTo(model.index(model.row_of(place.line)), QAbstractItemView.ScrollHint.PositionAtTop)
            self.verticalScrollBar().setValue(self.verticalScrollBar().value() + place.above)
        self._moving = False
        self._place_button()

    # ── correcting and reading ───────────────────────────────────────────────────────────────────

    def correct(self) -> bool:
        """Open the last caption for correction, or the chosen one while the timeline has the keyboard.

        False where there is none.
        """
        model = self.lines()
        if model is None or self.state() is QAbstractItemView.State.EditingState:
            return False
        model.catch_up()
        rows = [self.currentIndex().row()] if self.hasFocus() and self.currentIndex().isValid() else []
        rows += range(model.rowCount() - 1, -1, -1)
        for row in rows:
            line = model.line(row)
            if isinstance(line, CaptionLine) and line.final:
                self._came_from = None if self.hasFocus() else QApplication.focusWidget()
                self._moving = True  # showing the line does not end following
                self.setCurrentIndex(model.index(row))
                self.scrollTo(model.index(row))
                self._moving = False
                self.edit(model.index(row))
                return True
        return False

    def edit(self, index: Index, *rest: object) -> bool | None:  # type: ignore[override]
        """Only finished captions open an editor."""
        model = self.lines()
        line = model.line(index.row()) if model is not None and index.isValid() else None
        if rest or (isinstance(line, CaptionLine) and line.final):
            return super().edit(index, *rest)
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter corrects the chosen line."""
        if (
            event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
            and self.state() is not QAbstractItemView.State.EditingState
        ):
            self.correct()
        else:
            super().keyPressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """A double click corrects the line under it."""
        index = self.indexAt(event.position().toPoint())
        if index.isValid():
            self.edit(index)

    def closeEditor(self, editor: QWidget, hint: QStyledItemDelegate.EndEditHint) -> None:
        """The keyboard goes back to where it was when the correction began, unless it has left already."""
        had_keyboard = editor.hasFocus()
        super().closeEditor(editor, hint)
        if had_keyboard and self._came_from is not None and isValid(self._came_from):
            self._came_from.setFocus()
        self._came_from = None
        self._keep_at_end()

    def finish_editing(self) -> None:
        """Keep the reading of an open correction."""
        editor = self.findChild(CorrectionEdit)
        if editor is not None and self.state() is QAbstractItemView.State.EditingState:
            self.commitData(editor)
            self.closeEditor(editor, QStyledItemDelegate.EndEditHint.NoHint)

    def focusInEvent(self, event: QEvent) -> None:
        """The arrow keys start at the newest line."""
        model = self.lines()
        if model is not None and not self.currentIndex().isValid() and model.rowCount():
            self.setCurrentIndex(model.index(model.rowCount() - 1))
        super().focusInEvent(event)  # type: ignore[arg-type]

    def last_line(self) -> str:
        """The newest line in one sentence; all up to it count as read."""
        model = self.lines()
        if model is not None:
            model.catch_up()
        if model is None or not model.rowCount():
            return tr("No lines yet")
        line = model.line(model.rowCount() - 1)
        self._marks.say(model.lines)
        return spoken(line, model.talking_since)

    def next_unread(self) -> str:
        """The first line that was not said yet, in one sentence; it counts as read."""
        model = self.lines()
        if model is not None:
            model.catch_up()
        line = self._marks.unread(model.lines) if model is not None else None
        if model is None or line is None:
            return tr("No unread lines")
        self._marks.say((line,))
        return spoken(line, model.talking_since)
