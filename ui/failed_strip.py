"""A message that may not have arrived: what it said, why, and the two things that can be done about it."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from client.domain.timeline import MessageLine
from client.services.notices import SessionChanged
from ui.context import Context
from ui.key_button import KeyButton, Kind
from ui.label import Label
from ui.language import tr
from ui.line_text import message_state
from ui.listen import CALM_MS, Coalesced, listen

SHOWN = 40  # characters of the message


class FailedStrip(QFrame):
    """Shown while the open session has such a message; the newest one."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        look = context.look
        self.setProperty("is", "card")
        row = QHBoxLayout(self)
        row.setContentsMargins(look.px(12), look.px(6), look.px(8), look.px(6))
        row.setSpacing(look.px(10))
        self._words = Label(style="careful", wrap=True)
        self._again = KeyButton(look, tr("Send again"), key=context.key("send_again"), compact=True)
        self._again.clicked.connect(lambda: context.actions.trigger("send_again"))
        self._leave = KeyButton(
            look, tr("Leave as it is"), key=context.key("leave_failed"), kind=Kind.QUIET, compact=True
        )
        self._leave.clicked.connect(lambda: context.actions.trigger("leave_failed"))
        row.addWidget(self._words, 1)
        row.addWidget(self._again)
        row.addWidget(self._leave)
        self._due = Coalesced(self, self.refresh, CALM_MS)
        listen(self, context.desk.publisher, SessionChanged, lambda _: self._due.ask())
        context.selection.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show the newest one, or nothing."""
        view = self._context.selection.view()
        line = self._context.desk.sessions.open_question(view.id) if view is not None else None
        self.setVisible(line is not None)
        if isinstance(line, MessageLine):
            text = line.text if len(line.text) <= SHOWN else f"{line.text[:SHOWN]}…"
            self._words.say(f"“{text}” — {message_state(line)[0]}")
