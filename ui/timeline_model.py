"""The lines of one session as a Qt model: the newest ones, in steps of a frame, older ones when asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from client.domain.timeline import CaptionLine, Change, Line, Timeline
from client.domain.words import Party
from ui.line_text import LiveLine, spoken
from ui.listen import Coalesced

LINE_ROLE = Qt.ItemDataRole.UserRole + 1
PAGE = 150  # lines shown at first, and added at each step back
Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()


def is_final(line: Line) -> bool:
    """True for a caption whose utterance is over."""
    return isinstance(line, CaptionLine) and line.final


def stop(ends: list[Callable[[], None]]) -> None:
    """Listen no more, once."""
    while ends:
        ends.pop()()


class TimelineModel(QAbstractListModel):
    """The last lines of a timeline.

    Changes are collected and applied once a frame, so that 200 events a second cost 40 layouts.
    Attributes: `talking_since` — RFC 3339 of the answer, for times. Signals: `arrived(int)` — lines added;
    `finished(CaptionLine)` — an utterance has its final text.
    """

    arrived = Signal(int)
    finished = Signal(object)

    def __init__(self, timeline: Timeline, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.talking_since = ""
        self._timeline = timeline
        self._first = max(0, len(timeline.lines) - PAGE)
        self._lines: list[Line] = list(timeline.lines[self._first :])
        self._live: list[LiveLine] = []
        self._live_wanted: tuple[tuple[str, Party, str], ...] = ()
        self._waiting: list[tuple[Change, int, Line | None]] = []
        self._due = Coalesced(self, self.catch_up)
        self._ends = ends = [timeline.listen(self._on_change)]
        self.destroyed.connect(lambda _=None: stop(ends))  # with its view, where another look made that anew

    def close(self) -> None:
        """Listen no more."""
        stop(self._ends)

    @property
    def earlier(self) -> int:
        """How many older lines are not shown yet."""
        return self._first

    def line(self, row: int) -> Line:
        """The line of a row; those that are being typed stand at the end."""
        return self._lines[row] if row < len(self._lines) else self._live[row - len(self._lines)]

    @property
    def lines(self) -> Sequence[Line]:
        """The shown lines, oldest first."""
        return self._lines

    def row_of(self, id_: str) -> int:
        """The row of a line's id, or -1."""
        return next((row for row in range(len(self._lines) - 1, -1, -1) if self._lines[row].id == id_), -1)

    def rowCount(self, parent: Index = ROOT) -> int:
        """Number of shown lines."""
        return 0 if parent.isValid() else len(self._lines) + len(self._live)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The line itself for the delegate, its sentence for assistive technology."""
        if not index.isValid():
            return None
        line = self.line(index.row())
        if role == LINE_ROLE:
            return line
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return spoken(line, self.talking_since)
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Every line can be gone to; which can be edited is the view's matter."""
        usual = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEditable
        return usual if index.isValid() else Qt.ItemFlag.NoItemFlags

    def show_earlier(self) -> None:
        """Show one page of older lines more."""
        self.catch_up()
        start = max(0, self._first - PAGE)
        if start == self._first:
            return
        self.beginInsertRows(ROOT, 0, self._first - start - 1)
        self._lines[:0] = self._timeline.lines[start : self._first]
        self._first = start
        self.endInsertRows()

    def trim(self) -> None:
        """Leave out older lines again where many have gathered: a layout looks at every row."""
        over = len(self._lines) - PAGE
        if over > PAGE and not self._waiting:
            self.beginRemoveRows(ROOT, 0, over - 1)
            del self._lines[:over]
            self._first += over
            self.endRemoveRows()

    def _on_change(self, change: Change, index: int) -> None:
        line = self._timeline.lines[index] if change is not Change.REMOVED else None
        self._waiting.append((change, index, line))
        self._due.ask()

    def show_live(self, typed: Sequence[tuple[str, Party, str]]) -> None:
        """What stands unfinished: (its id, who types, text). With the same frame a finished one's message takes its place."""
        self._live_wanted = tuple(typed)
        self._due.ask()

    def _apply_live(self) -> None:
        """Rows stay where their line goes on, so that nothing flickers."""
        wanted = [LiveLine(id=id_, at="", party=party, text=text) for id_, party, text in self._live_wanted]
        if wanted == self._live:
            return
        first, same = len(self._lines), min(len(wanted), len(self._live))
        if len(self._live) > same:
            self.beginRemoveRows(ROOT, first + same, first + len(self._live) - 1)
            del self._live[same:]
            self.endRemoveRows()
        for row in range(same):
            if wanted[row] != self._live[row]:
                self._live[row] = wanted[row]
                self.dataChanged.emit(self.index(first + row), self.index(first + row))
        if len(wanted) > same:
            self.beginInsertRows(ROOT, first + same, first + len(wanted) - 1)
            self._live += wanted[same:]
            self.endInsertRows()

    def catch_up(self) -> None:
        """Apply what is waiting, now."""
        self._apply_lines()
        self._apply_live()

    def _apply_lines(self) -> None:
        waiting, self._waiting = self._waiting, []
        before = len(self._lines)
        touched: dict[int, Line] = {}
        for change, index, line in waiting:
            row = index - self._first
            if change is Change.CHANGED and row >= 0 and line is not None:
                touched[row] = line
                continue
            self._flush(touched)
            self._move(change, row, line)
        self._flush(touched)
        if len(self._lines) > before and waiting:
            self.arrived.emit(len(self._lines) - before)

    def _flush(self, touched: dict[int, Line]) -> None:
        for row, line in touched.items():
            old, self._lines[row] = self._lines[row], line
            if is_final(line) and not is_final(old):
                self.finished.emit(line)
            index = self.index(row)
            self.dataChanged.emit(index, index)
        touched.clear()

    def _move(self, change: Change, row: int, line: Line | None) -> None:
        if change is Change.ADDED and line is not None:
            if row < 0 or (row == 0 and self._first):
                self._first += 1
                return
            self.beginInsertRows(ROOT, row, row)
            self._lines.insert(row, line)
            self.endInsertRows()
            if is_final(line):
                self.finished.emit(line)
        elif change is Change.REMOVED:
            if row < 0:
                self._first -= 1
                return
            self.beginRemoveRows(ROOT, row, row)
            del self._lines[row]
            self.endRemoveRows()
