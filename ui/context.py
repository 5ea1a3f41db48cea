"""What every part of the window is given: the desk, the look, the actions, and which session is open."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from client.domain.session import SessionView
from client.services.desk import Desk
from client.settings import Settings
from ui.actions import Actions
from ui.announcer import Announcer
from ui.look import Look
from ui.memory import Memory
from ui.tasks import Tasks


class Selection(QObject):
    """The session that the window shows. Opening one never moves audio.

    Attributes: `session` — its id, "" for none; `reading` — the closed one that is looked at again. Signals: `changed`;
    `line_wanted(event id)` — show this line of the open session.
    """

    changed = Signal()
    line_wanted = Signal(str)

    def __init__(self, desk: Desk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session = ""
        self.reading = ""
        self._desk = desk

    def open(self, session: str) -> None:
        """Show a session; what it has new is read, and its alerts are noticed."""
        if session == self.session:
            return
        self.reading = session if session == self.reading else ""
        self.session = session
        self._desk.sessions.shown = session
        self._desk.attendance.look_at(session)
        if session:
            self._desk.openings.opened(session)
            self._desk.sessions.mark_read(session)
            self._desk.alerts.acknowledge_session(session)
            self._desk.writing.read(session)
        self.changed.emit()

    def read(self, session: str, event: str = "") -> None:
        """Show a session even though it is closed, at the line of an event if one is named."""
        self.reading = session
        self.open(session)
        if event:
            self.line_wanted.emit(event)

    def view(self) -> SessionView | None:
        """The open session as it stands."""
        return self._desk.sessions.get(self.session) if self.session in self._desk.sessions else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Handed to every part instead of globals."""

    desk: Desk
    settings: Settings
    look: Look
    actions: Actions
    tasks: Tasks
    selection: Selection
    announcer: Announcer
    memory: Memory

    def key(self, action: str) -> str:
        """The key of an action, for its button."""
        return self.actions.keys.get(action, "")
