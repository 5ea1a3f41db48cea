"""What a colleague wrote when they handed the session over: the first thing to read, until it is put away."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from client.domain.session import SessionView
from client.services.notices import SessionChanged
from ui.context import Context
from ui.key_button import KeyButton
from ui.label import Label
from ui.language import tr
from ui.listen import CALM_MS, Coalesced, listen


class HandedStrip(QFrame):
    """Over the timeline of a session that was handed to us with a note."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        look = context.look
        self.setProperty("is", "trouble-careful")
        row = QHBoxLayout(self)
        row.setContentsMargins(look.px(20), look.px(6), look.px(12), look.px(6))
        row.setSpacing(look.px(10))
        words = QVBoxLayout()
        words.setSpacing(0)
        self._from = Label(style="careful-strong", wrap=True)
        self._note = Label(wrap=True)
        words.addWidget(self._from)
        words.addWidget(self._note)
        row.addLayout(words, 1)
        self.away = KeyButton(look, tr("I have read it"), compact=True)
        self.away.clicked.connect(self._put_away)
        row.addWidget(self.away)
        self._due = Coalesced(self, self.refresh, CALM_MS)
        listen(self, context.desk.publisher, SessionChanged, self._on_session)
        context.selection.changed.connect(self.refresh)
        self.refresh()

    def _on_session(self, notice: SessionChanged) -> None:
        if notice.session == self._context.selection.session:
            self._due.ask()

    def refresh(self) -> None:
        """Show the note of the open session, or nothing; it is said when it comes into sight."""
        view = self._context.selection.view()
        if view is None or not self._is_unread(view):
            self.hide()
            return
        self._from.say(tr("{name} handed this over with a note", name=view.handed_by or tr("A colleague")))
        if view.handed_note != self._note.words or self.isHidden():
            self._context.announcer.say(f"{self._from.words}: {view.handed_note}")
        self._note.say(view.handed_note)
        self.away.setAccessibleDescription(view.handed_note)
        self.show()

    def _is_unread(self, view: SessionView) -> bool:
        ours = view.owner == self._context.desk.sessions.me
        return ours and bool(view.handed_note) and (view.id, view.handed_note) not in self._context.memory.notes_read

    def _put_away(self) -> None:
        view = self._context.selection.view()
        if view is not None:
            self._context.memory.notes_read.add((view.id, view.handed_note))
        had_keyboard = self.away.hasFocus()
        self.refresh()
        if had_keyboard:
            self._context.actions.trigger("message")
