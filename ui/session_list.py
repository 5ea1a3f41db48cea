"""The list of sessions at the left: what runs, how long, what waits, what is late."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from client.services.notices import CallsChanged, SessionChanged, SessionGone, WrapUpChanged
from ui.context import Context
from ui.icons import paint_icon
from ui.language import tr
from ui.listen import CALM_MS, Coalesced, every_second, listen
from ui.session_model import ROW_ROLE, Row, SessionListModel, Urgency
from ui.wording import clock_text

ROW_HEIGHT, HEADING_HEIGHT = 66, 42
INKS = {Urgency.NEAR: "careful", Urgency.LATE: "bad", Urgency.LONG: "careful"}
DRAWINGS = {Urgency.NEAR: "clock", Urgency.LATE: "warning", Urgency.LONG: "warning"}
MOST_NEW = 99  # a number that still fits
Index = QModelIndex | QPersistentModelIndex


class SessionDelegate(QStyledItemDelegate):
    """Draws a row: icon, who, how long, how it stands."""

    def __init__(self, context: Context, model: SessionListModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = context.look
        self._model = model

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: ARG002
        """Two heights."""
        row: Row = index.data(ROW_ROLE)
        return QSize(self._look.px(160), self._look.px(ROW_HEIGHT if row.session else HEADING_HEIGHT))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """A heading or a session."""
        row: Row = index.data(ROW_ROLE)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(option.rect)
        if row.session:
            self._paint_card(painter, option, row, box)
            self._paint_session(painter, row, box.adjusted(self._look.px(24), 0, -self._look.px(23), 0))
        else:
            self._paint_heading(painter, row, box.adjusted(self._look.px(18), self._look.px(6), -self._look.px(18), 0))
        painter.restore()

    def _paint_heading(self, painter: QPainter, row: Row, box: QRectF) -> None:
        painter.setFont(self._look.font(12, tabular=True))
        painter.setPen(self._look.color("third"))
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, row.title)
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, str(row.badge))

    def _paint_card(self, painter: QPainter, option: QStyleOptionViewItem, row: Row, box: QRectF) -> None:
        look = self._look
        state = option.state
        selected = bool(state & QStyle.StateFlag.State_Selected)
        card = box.adjusted(look.px(10) + 0.5, 1.5, -look.px(10) - 0.5, -1.5)
        radius = look.px(10)
        if selected:
            focused = bool(state & QStyle.StateFlag.State_HasFocus)
            painter.setBrush(look.color("panel"))
            painter.setPen(QPen(look.color("accent" if focused else "line"), 2 if focused else 1))
            painter.drawRoundedRect(card, radius, radius)
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.setBrush(look.color("panel"))
            painter.setPen(QPen(look.color("hairline"), 1))
            painter.drawRoundedRect(card, radius, radius)
        if row.running:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.color("accent"))
            painter.drawRoundedRect(
                QRectF(card.x() + look.px(3), card.y() + look.px(12), look.px(3), card.height() - look.px(24)), 1.5, 1.5
            )

    def _paint_session(self, painter: QPainter, row: Row, box: QRectF) -> None:
        look = self._look
        size = look.px(20)
        paint_icon(painter, row.icon, QRectF(box.x(), box.center().y() - size / 2, size, size), look.color("second"))
        words = box.adjusted(look.px(33), 0, 0, 0)
        top = QRectF(words.x(), words.center().y() - look.px(23), words.width(), look.px(22))
        under = QRectF(words.x(), words.center().y(), words.width(), look.px(22))
        timer = self._paint_timer(painter, row, top)
        badge = self._paint_badge(painter, row, under) if row.badge else 0.0
        ink = INKS.get(self._model.urgency(row), "second")
        self._text(painter, row.title, top.adjusted(0, 0, -timer - look.px(8), 0), "text", 14.5, bold=True)
        self._text(painter, self._model.under(row), under.adjusted(0, 0, -badge, 0), ink, 13)

    def _paint_timer(self, painter: QPainter, row: Row, box: QRectF) -> float:
        """How long, at the right, with a drawing where it calls; its width."""
        look, urgency = self._look, self._model.urgency(row)
        text = clock_text(self._model.elapsed(row))
        font = look.font(13, bold=bool(urgency), tabular=True)
        color = look.color(INKS.get(urgency, "second"))
        painter.setFont(font)
        painter.setPen(color)
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, text)
        width = QFontMetricsF(font).horizontalAdvance(text)
        if not urgency:
            return width
        size, gap = look.px(15), look.px(4)
        place = QRectF(box.right() - width - gap - size, box.center().y() - size / 2, size, size)
        paint_icon(painter, DRAWINGS[urgency], place, color)
        return width + gap + size

    def _paint_badge(self, painter: QPainter, row: Row, box: QRectF) -> float:
        """How much is new, under the timer; the room it takes."""
        look = self._look
        font = look.font(11.5, bold=True, tabular=True)
        text = str(row.badge) if row.badge <= MOST_NEW else f"{MOST_NEW}+"
        high = look.px(20)
        wide = max(high, round(QFontMetricsF(font).horizontalAdvance(text)) + look.px(10))
        place = QRectF(box.right() - wide, box.center().y() - high / 2, wide, high)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.color("accent"))
        painter.drawRoundedRect(place, high / 2, high / 2)
        painter.setFont(font)
        painter.setPen(look.color("on_accent"))
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)
        return float(wide + look.px(8))

    def _text(self, painter: QPainter, text: str, box: QRectF, ink: str, size: float, *, bold: bool = False) -> None:
        font = self._look.font(size, bold=bold, tabular=True)
        painter.setFont(font)
        painter.setPen(self._look.color(ink))
        # in the middle: of a masked number the last digits tell the calls apart
        mode = Qt.TextElideMode.ElideMiddle if bold else Qt.TextElideMode.ElideRight
        shown = QFontMetricsF(font).elidedText(text, mode, box.width())
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)


class SessionList(QListView):
    """Going to a row opens its session; audio stays where it is."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._restoring = False
        self.rows = SessionListModel(context.desk, self)
        self.setModel(self.rows)
        self.setItemDelegate(SessionDelegate(context, self.rows, self))
        self.setAccessibleName(tr("Sessions"))
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self._due = Coalesced(self, self.refresh, CALM_MS)
        for kind in (SessionChanged, SessionGone, CallsChanged, WrapUpChanged):
            listen(self, context.desk.publisher, kind, self._due.ask)
        context.selection.changed.connect(self._show_current)
        every_second(self, self.viewport().update)
        self.refresh()

    def refresh(self) -> None:
        """Read the sessions anew."""
        self._restoring = True
        moved = self.rows.refresh()
        self._restoring = False
        if moved:
            self._show_current()

    def _show_current(self) -> None:
        row = self.rows.row_of(self._context.selection.session)
        self._restoring = True
        if row >= 0:
            self.setCurrentIndex(self.rows.index(row))
        else:
            self.clearSelection()
        self._restoring = False

    def currentChanged(self, current: Index, previous: Index) -> None:
        """Open the session of the row."""
        super().currentChanged(current, previous)
        if not self._restoring and current.isValid():
            row: Row = current.data(ROW_ROLE)
            if row.session:
                self._context.selection.open(row.session)

    def step(self, by: int) -> None:
        """Open the next (1) or the previous (-1) session, around the ends."""
        self.refresh()
        sessions = [row.session for row in self.rows.rows if row.session]
        if sessions:
            here = self._context.selection.session
            at = sessions.index(here) if here in sessions else (-1 if by > 0 else 0)
            self._context.selection.open(sessions[(at + by) % len(sessions)])
