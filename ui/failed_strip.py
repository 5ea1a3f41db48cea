"""A message that may not have arrived: what it said, why, and the two things that can be done about it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from client.domain.timeline import MessageLine
from client.services.notices import SessionChanged
from ui.context import Context
from ui.key_button import KeyButton, Kind
from ui.label import Label, keep_words
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
        self._low = self._gives_way = False
        row.addWidget(self._words, 1)
        row.addWidget(self._again)
        row.addWidget(self._leave)
        self._due = Coalesced(self, self.refresh, CALM_MS)
        listen(self, context.desk.publisher, SessionChanged, lambda _: self._due.ask())
        context.selection.changed.connect(self.refresh)
        self.refresh()

    def give_way(self, gives: bool) -> None:
        """Step aside for what is being written; its keys go on working and the timeline still shows the message."""
        self._gives_way = gives
        self.refresh()

    def set_low(self, low: bool) -> None:
        """One line in a low window; the timeline has it whole, and so has the tip."""
        self._low = low
        self._words.setWordWrap(not low)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """As much as fits."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        words = self._words.words
        self._words.setToolTip(words if self._low else "")
        if self._low:
            room = self.contentsRect().width() - self._again.width() - self._leave.width() - self._context.look.px(40)
            measured = self._words.fontMetrics()
            self._words.setText(measured.elidedText(words, Qt.TextElideMode.ElideRight, max(0, room)))
        else:
            self._words.setText(keep_words(words))

    def refresh(self) -> None:
        """Show the newest one, or nothing."""
        view = self._context.selection.view()
        line = self._context.desk.sessions.open_question(view.id) if view is not None else None
        self.setVisible(line is not None and not self._gives_way)
        if isinstance(line, MessageLine):
            text = line.text if len(line.text) <= SHOWN else f"{line.text[:SHOWN]}…"
            self._words.say(f"“{text}” — {message_state(line)[0]}")
            self._fit()
