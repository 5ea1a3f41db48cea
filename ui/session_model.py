"""The rows of the session list: my sessions, then those that wait, each under a heading with its number."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from client.domain.session import SessionView, Stage
from client.services.desk import Desk
from ui.language import tr
from ui.wording import (
    CHANNEL_ICONS,
    ars_text,
    channel_text,
    clock_text,
    language_text,
    seconds_since,
    stage_text,
    who_text,
)

ROW_ROLE = Qt.ItemDataRole.UserRole + 1
LATE_S = 60  # a citizen who has waited this long is late
Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()


class Urgency(StrEnum):
    """How a row calls: an answer of ours is due soon or late, or a citizen has waited long for anybody."""

    NONE = ""
    NEAR = "near"
    LATE = "late"
    LONG = "long"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row. `session` is "" for a heading, whose `title` and `badge` are its words and number.

    `channel` — in words, where the drawing alone shows it.
    """

    session: str = ""
    title: str = ""
    subtitle: str = ""
    channel: str = ""
    icon: str = ""
    badge: int = 0
    since: str = ""
    running: bool = False
    waiting: bool = False
    due: bool = False


class SessionListModel(QAbstractListModel):
    """Rows made anew from the book; only what differs is told to the view."""

    def __init__(self, desk: Desk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.rows: list[Row] = []

    def refresh(self) -> bool:
        """Read the book; true if rows came, went or moved."""
        fresh = self._read()
        moved = [row.session or row.title for row in fresh] != [row.session or row.title for row in self.rows]
        if moved:
            self.beginResetModel()
            self.rows = fresh
            self.endResetModel()
            return True
        for number, (old, new) in enumerate(zip(self.rows, fresh, strict=True)):
            if old != new:
                self.rows[number] = new
                self.dataChanged.emit(self.index(number), self.index(number))
        return False

    def row_of(self, session: str) -> int:
        """The row of a session, or -1."""
        return next((number for number, row in enumerate(self.rows) if row.session == session and session), -1)

    def elapsed(self, row: Row) -> float:
        """Seconds a row's session has been as it is."""
        return seconds_since(row.since, self._desk.clock.now())

    def urgency(self, row: Row) -> Urgency:
        """How much a row calls now."""
        if row.waiting:
            return Urgency.LONG if self.elapsed(row) >= LATE_S else Urgency.NONE
        left = self._desk.replies.left_s(row.session) if row.due else None
        if left is None:
            return Urgency.NONE
        return Urgency.LATE if left <= 0 else Urgency.NEAR if left <= self._desk.replies.near_s else Urgency.NONE

    def is_late(self, row: Row) -> bool:
        """True for a citizen who has waited too long."""
        return self.urgency(row) in (Urgency.LATE, Urgency.LONG)

    def under(self, row: Row) -> str:
        """The second line as it is drawn: what calls first."""
        urgent = {
            Urgency.NEAR: tr("Answer soon"),
            Urgency.LATE: tr("Late answer"),
            Urgency.LONG: tr("Waiting long"),
        }.get(self.urgency(row), "")
        return " · ".join(part for part in (urgent, row.subtitle) if part)

    def _read(self) -> list[Row]:
        book = self._desk.sessions
        mine = [view for view in book.mine() if view.stage is not Stage.OFFERED]
        waiting = book.waiting()
        rows = [Row(title=tr("My sessions"), badge=len(mine)), *(self._row(view) for view in mine)]
        if waiting:
            rows += [Row(title=tr("Waiting"), badge=len(waiting)), *(self._row(view) for view in waiting)]
        return rows

    def _row(self, view: SessionView) -> Row:
        return Row(
            session=view.id,
            title=who_text(view),
            subtitle=" · ".join(part for part in subtitle_parts(view) if part),
            channel=channel_text(view.channel) if view.channel.is_written and view.last_text else "",
            icon=CHANNEL_ICONS[view.channel],
            badge=self._desk.sessions.unread(view.id),
            since=self._since(view),
            running=self._desk.calls.running == view.id,
            waiting=view.stage is Stage.WAITING,
            due=self._desk.replies.left_s(view.id) is not None,
        )

    def _since(self, view: SessionView) -> str:
        """Of a written session that waits for an answer: since when it does."""
        if view.channel.is_written and view.stage is not Stage.WRAP_UP and view.unanswered_since:
            return view.unanswered_since
        return view.talking_since if view.stage in (Stage.TALKING, Stage.HELD) else view.since

    def rowCount(self, parent: Index = ROOT) -> int:
        """Sessions and headings."""
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The row for the delegate, its sentence for assistive technology."""
        if not index.isValid():
            return None
        row = self.rows[index.row()]
        if role == ROW_ROLE:
            return row
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self._sentence(row)
        return None

    def _sentence(self, row: Row) -> str:
        if not row.session:
            return f"{row.title} {row.badge}"
        parts = [part for part in (row.title, row.channel, row.subtitle, clock_text(self.elapsed(row))) if part]
        urgent = {
            Urgency.NEAR: tr("Answer soon"),
            Urgency.LATE: tr("Answer is late"),
            Urgency.LONG: tr("Waiting long"),
        }
        parts += [text for urgency, text in urgent.items() if urgency is self.urgency(row)]
        if row.badge:
            parts.append(tr("New: {count}", count=row.badge))
        return ", ".join(parts)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Headings cannot be gone to."""
        if index.isValid() and self.rows[index.row()].session:
            return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return Qt.ItemFlag.NoItemFlags


def subtitle_parts(view: SessionView) -> tuple[str, ...]:
    """How a session stands; of a written one its last words, which tell more than its channel's name."""
    waits = view.stage is Stage.WAITING
    language = "" if view.language == "ko" else language_text(view.language)
    if not (view.channel.is_written and view.last_text):
        began = tr("Video message") if view.mail else channel_text(view.channel)
        return began if waits else stage_text(view), ars_text(view.ars), language
    due = view.stage is Stage.TALKING and view.unanswered_since
    return "" if waits or due else stage_text(view), language, view.last_text.split("\n")[0]
