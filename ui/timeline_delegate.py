"""Draws the timeline's lines and edits a caption in its place."""

from __future__ import annotations

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from client.domain.timeline import CaptionLine, Line
from ui.correction_edit import CorrectionEdit
from ui.icons import paint_icon
from ui.line_layout import BAR, LABEL_SIZE, LINE_HEIGHT, RIGHT, Columns, Laid, lay_out, paint_dots
from ui.line_text import line_time, shown
from ui.look import Look
from ui.timeline_model import LINE_ROLE, TimelineModel

Index = QModelIndex | QPersistentModelIndex
CACHE = 4_000  # laid-out lines kept


class TimelineDelegate(QStyledItemDelegate):
    """One layout per line and width is kept: a frame re-lays only what changed.

    Signals: `corrected(line id, text)` — the agent finished reading a line anew.
    """

    corrected = Signal(str, str)

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look
        self._columns = Columns(look)
        self._width = 0
        self._laid: dict[str, tuple[Line, Laid]] = {}
        self._given: dict[str, int] = {}

    def set_look(self, look: Look) -> None:
        """Another size of the captions."""
        self._look = look
        self._columns = Columns(look)
        self._laid.clear()
        self._given.clear()

    def set_width(self, width: int) -> None:
        """The rows are this wide from now on."""
        if width != self._width:
            self._width = width
            self._laid.clear()
            self._given.clear()

    def grew(self, line: Line) -> bool:
        """True if the view was given another height for this line than it has now."""
        return self._given.get(line.id) != self.laid(line).height

    def laid(self, line: Line) -> Laid:
        """The line laid out for the present width."""
        kept = self._laid.get(line.id)
        if kept is not None and kept[0] is line:
            return kept[1]
        if len(self._laid) > CACHE:
            self._laid.clear()
            self._given.clear()
        made = lay_out(shown(line), self._width, self._look, self._columns)
        self._laid[line.id] = (line, made)
        return made

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: ARG002
        """The laid-out height. Called for every row at every layout, so the line is not fetched through Qt."""
        model = index.model()
        line = model.line(index.row()) if isinstance(model, TimelineModel) else index.data(LINE_ROLE)
        height = self.laid(line).height
        self._given[line.id] = height
        return QSize(max(1, self._width), height)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Label, bar, text, time."""
        line: Line = index.data(LINE_ROLE)
        laid = self.laid(line)
        box = QRectF(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_focus(painter, option, box)
        if laid.shown.boxed:
            self._paint_note_box(painter, box)
        if laid.shown.label:
            self._paint_label(painter, laid, box)
        elif laid.shown.icon:
            self._paint_fact_icon(painter, laid, box)
        painter.setPen(self._look.color("text" if laid.shown.words else "second"))
        at = QPointF(box.x() + self._columns.text, box.y() + laid.from_top)
        laid.text.draw(painter, at)
        paint_dots(painter, laid, at, self._look.color("careful"), self._look.px(2))
        model = index.model()
        since = model.talking_since if isinstance(model, TimelineModel) else ""
        self._paint_time(painter, line_time(line, since), laid, box)
        painter.restore()

    def _paint_focus(self, painter: QPainter, option: QStyleOptionViewItem, box: QRectF) -> None:
        state = option.state
        if not state & QStyle.StateFlag.State_Selected:
            return
        focused = bool(state & QStyle.StateFlag.State_HasFocus)
        painter.setBrush(self._look.color("soft"))
        painter.setPen(QPen(self._look.color("accent"), 2) if focused else Qt.PenStyle.NoPen)
        inset = self._look.px(8)
        painter.drawRoundedRect(box.adjusted(inset, 1.5, -inset, -1.5), self._look.px(6), self._look.px(6))

    def _paint_note_box(self, painter: QPainter, box: QRectF) -> None:
        look = self._look
        painter.setBrush(look.color("careful_soft"))
        painter.setPen(QPen(look.color("careful"), 1, Qt.PenStyle.DashLine))
        edge = box.adjusted(self._columns.bar, look.px(3), -self._columns.right + look.px(4), -look.px(3))
        painter.drawRoundedRect(edge, look.px(6), look.px(6))

    def _paint_label(self, painter: QPainter, laid: Laid, box: QRectF) -> None:
        look, columns = self._look, self._columns
        painter.setFont(look.font(LABEL_SIZE, bold=True))
        painter.setPen(look.color(laid.shown.ink))
        first = look.px(look.caption_px) * LINE_HEIGHT
        place = QRectF(box.x() + columns.left, box.y() + laid.from_top, columns.label_width, first)
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, laid.shown.label)
        if laid.shown.mark:
            painter.setFont(look.font(11))
            painter.setPen(look.color("careful"))
            under = place.translated(0, look.px(15))
            painter.drawText(under, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, laid.shown.mark)
        if not laid.shown.boxed:
            bar = QRectF(box.x() + columns.bar, box.y() + laid.from_top, look.px(BAR), laid.height - 2 * laid.from_top)
            painter.fillRect(bar, look.color("line" if laid.shown.ink == "second" else laid.shown.ink))

    def _paint_fact_icon(self, painter: QPainter, laid: Laid, box: QRectF) -> None:
        look = self._look
        size = look.px(17)
        middle = box.y() + laid.from_top + laid.text.lineAt(0).naturalTextRect().center().y()
        place = QRectF(box.x() + self._columns.bar - size / 2 + look.px(2), middle - size / 2, size, size)
        paint_icon(painter, laid.shown.icon, place, look.color("third"))

    def _paint_time(self, painter: QPainter, text: str, laid: Laid, box: QRectF) -> None:
        look = self._look
        painter.setFont(look.font(12, tabular=True))
        painter.setPen(look.color("third"))
        middle = laid.text.lineAt(0).naturalTextRect().center().y() if laid.text.lineCount() else 0.0
        place = QRectF(box.x(), box.y() + laid.from_top + middle - look.px(10), box.width() - look.px(20), look.px(20))
        painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)

    # ── correcting ───────────────────────────────────────────────────────────────────────────────

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:  # noqa: ARG002
        """A field over the caption's words; only what is final can be corrected."""
        line = index.data(LINE_ROLE)
        if not (isinstance(line, CaptionLine) and line.final):
            return None  # type: ignore[return-value]  # Qt: no editor
        editor = CorrectionEdit(self._look, parent)
        editor.done.connect(lambda: self._finish(editor))
        editor.left.connect(lambda: self.closeEditor.emit(editor, QStyledItemDelegate.EndEditHint.NoHint))
        return editor

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        """The present reading, all selected at the end."""
        line = index.data(LINE_ROLE)
        if isinstance(editor, CorrectionEdit) and isinstance(line, CaptionLine) and not editor.begun:
            editor.begin(line.text)

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:  # noqa: ARG002
        """Over the words and the time, so that the words keep their breaks."""
        rect = option.rect
        left = round(self._columns.text) - self._look.px(9)
        height = max(rect.height(), self._look.px(look_height(self._look)))
        editor.setGeometry(rect.x() + left, rect.y(), rect.width() - left - self._look.px(RIGHT), height)

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:  # noqa: ARG002
        """The editor is left by Enter or for another place: a changed reading is kept (and can be taken back)."""
        line = index.data(LINE_ROLE)
        if isinstance(editor, CorrectionEdit) and isinstance(line, CaptionLine):
            text = editor.reading()
            if text and text != line.text:
                self.corrected.emit(line.id, text)

    def _finish(self, editor: CorrectionEdit) -> None:
        self.commitData.emit(editor)
        self.closeEditor.emit(editor, QStyledItemDelegate.EndEditHint.NoHint)


def look_height(look: Look) -> float:
    """Height of a one-line editor, in pixels of the design."""
    return look.caption_px * LINE_HEIGHT + 14
