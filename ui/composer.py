"""Writing: to the citizen's page, and for colleagues alone. The two fields cannot be mistaken for one another."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QInputMethodEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from client.services.notices import SessionChanged
from ui.actions import LetKeysThrough
from ui.context import Context
from ui.key_button import KeyButton, Kind
from ui.label import Label
from ui.language import tr
from ui.listen import CALM_MS, Coalesced, listen

DRAFT_MS = 400  # a draft is kept this long after the last keystroke
MAX_LINES = 5


class WritingField(QPlainTextEdit):
    """Grows to five lines. Enter sends (unless it ends a Hangul composition), Shift+Enter breaks the line.

    Signals: `sent()` — Enter; `left()` — Esc.
    """

    sent = Signal()
    left = Signal()

    def __init__(self, context: Context, style: str) -> None:
        super().__init__()
        self._look = context.look
        self._composing = False
        self.setProperty("is", style)
        self.setTabChangesFocus(True)
        self.setFont(context.look.font(15))
        self.textChanged.connect(self.grow)
        self.document().setDocumentMargin(context.look.px(3))
        LetKeysThrough(context.actions, self)
        self.grow()

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        """Know whether a syllable is being composed."""
        self._composing = bool(event.preeditString())
        super().inputMethodEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter sends, never half a syllable."""
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and not event.modifiers() & Qt.KeyboardModifier.ShiftModifier and not event.isAutoRepeat():
            if not self._composing:
                self.sent.emit()
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def grow(self) -> None:
        """As high as its lines, up to five."""
        lines = min(MAX_LINES, max(1, self.document().blockCount(), round(self.document().size().height())))
        full = self.document().size().height() > MAX_LINES
        policy = Qt.ScrollBarPolicy
        self.setVerticalScrollBarPolicy(policy.ScrollBarAsNeeded if full else policy.ScrollBarAlwaysOff)
        self.setFixedHeight(round(self.fontMetrics().lineSpacing() * lines) + self._look.px(14))


class Composer(QFrame):
    """The composer with the note above it when it is asked for. Drafts are kept per session, across a crash too.

    Signals: `asked_for` — a key goes to one of the fields.
    """

    asked_for = Signal()

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._session = ""
        look = context.look
        self.setProperty("is", "foot")
        self.message = WritingField(context, "composer")
        self.message.setAccessibleName(tr("Message to the citizen"))
        self.note = WritingField(context, "note")
        self.note.setAccessibleName(tr("Internal note, not shown to the citizen"))
        self._trouble = Label(style="bad", wrap=True)
        self._trouble.hide()
        self._send = KeyButton(look, tr("Send"), key="Enter", kind=Kind.PRIMARY)
        self._to_note = KeyButton(look, tr("Internal note"), key=context.key("note"), kind=Kind.DASHED)
        self._keep = KeyButton(look, tr("Keep the note"), key="Enter")
        self._lay_out()
        self._connect()
        self._due = Coalesced(self, self.refresh, CALM_MS)
        listen(self, context.desk.publisher, SessionChanged, self._on_session)
        context.selection.changed.connect(self._change_session)
        self._change_session()

    def _lay_out(self) -> None:
        look = self._context.look
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(look.px(20), look.px(12), look.px(20), look.px(14))
        column.setSpacing(look.px(8))
        self._note_box = QFrame()
        self._note_box.setProperty("is", "note")
        inside = QVBoxLayout(self._note_box)
        inside.setContentsMargins(look.px(10), look.px(8), look.px(10), look.px(8))
        inside.addWidget(Label(tr("Internal note · the citizen does not see it"), "careful-strong"))
        row = QHBoxLayout()
        row.addWidget(self.note, 1)
        row.addWidget(self._keep, 0, Qt.AlignmentFlag.AlignBottom)
        inside.addLayout(row)
        self._note_box.hide()
        column.addWidget(self._note_box)
        column.addWidget(self._trouble)
        row = QHBoxLayout()
        row.setSpacing(look.px(10))
        row.addWidget(self.message, 1)
        row.addWidget(self._send, 0, Qt.AlignmentFlag.AlignBottom)
        row.addWidget(self._to_note, 0, Qt.AlignmentFlag.AlignBottom)
        column.addLayout(row)

    def _connect(self) -> None:
        self.message.sent.connect(self.send)
        self._send.clicked.connect(self.send)
        self.note.sent.connect(self.keep_note)
        self._keep.clicked.connect(self.keep_note)
        self.note.left.connect(self.close_note)
        self._to_note.clicked.connect(lambda: self._context.actions.trigger("note"))
        self._context.actions.register("note", self.open_note, lambda: bool(self._session))
        self._context.actions.register("message", self.go_to_message, self.message.isEnabled)
        self._drafts = QTimer(self, singleShot=True, interval=DRAFT_MS)
        self._drafts.timeout.connect(self.keep_drafts)
        for field in (self.message, self.note):
            field.textChanged.connect(self._on_text)

    def set_low(self, low: bool) -> None:
        """Take less room in a low window: Enter sends there, without a button for it."""
        look = self._context.look
        top, bottom = (look.px(5), look.px(6)) if low else (look.px(12), look.px(14))
        self._column.setContentsMargins(look.px(20), top, look.px(20), bottom)
        self._send.setVisible(not low)

    def _on_session(self, notice: SessionChanged) -> None:
        if notice.session == self._session:
            self._due.ask()

    def _change_session(self) -> None:
        QGuiApplication.inputMethod().commit()  # a syllable being composed belongs to the session it was begun in
        self._drafts.stop()
        self.keep_drafts()
        self._session = self._context.selection.session
        drafts = self._context.desk.writing.drafts(self._session) if self._session else {}
        for field, name in ((self.message, "message"), (self.note, "note")):
            field.blockSignals(True)
            field.setPlainText(drafts.get(name, ""))
            field.blockSignals(False)
            field.grow()
        self._note_box.setVisible(bool(drafts.get("note")))
        self._tell("")
        self.refresh()

    def refresh(self) -> None:
        """Say to whom one writes, or why one cannot."""
        view = self._context.selection.view()
        reachable = view is not None and self._context.desk.writing.reachable(view.id)
        mine = view is not None and self._context.desk.sessions.may_write(view.id)
        self.message.setEnabled(reachable and mine)
        self._send.setEnabled(reachable and mine)
        if view is None or not reachable:
            text = tr("You can write once the citizen has opened the link")
        elif not mine:
            text = tr("{name} has this session", name=view.owner_name or tr("Another agent"))
        else:
            text = tr("Write to {who}", who=view.name or view.number or tr("the citizen"))
        if self.message.placeholderText() != text:
            self.message.setPlaceholderText(text)
            self.message.setAccessibleDescription(text)

    def send(self) -> None:
        """Send the message; where that is not possible the text stays and the reason stands beside it."""
        text = self.message.toPlainText().strip()
        if text and self._attempt(lambda: self._context.desk.writing.send(self._session, text)):
            self.message.clear()

    def open_note(self) -> None:
        """Show the note's field and go there."""
        self.asked_for.emit()
        self.show_note()
        self.note.setFocus()

    def show_note(self) -> None:
        """Show the note's field."""
        self._note_box.show()

    def go_to_message(self) -> None:
        """Go to the field for the citizen."""
        self.asked_for.emit()
        self.message.setFocus()

    def close_note(self) -> None:
        """Hide the note's field; what stands in it is kept."""
        self.keep_drafts()
        self._note_box.setVisible(bool(self.note.toPlainText()))
        self.message.setFocus() if self.message.isEnabled() else self._to_note.setFocus()

    def keep_note(self) -> None:
        """Write the note into the session."""
        text = self.note.toPlainText().strip()
        if text and self._attempt(lambda: self._context.desk.writing.note(self._session, text)):
            self.note.clear()
            self.close_note()

    def _on_text(self) -> None:
        self._drafts.start()

    def keep_drafts(self) -> bool:
        """Keep what is being written; false where the disk is full."""
        if not self._session:
            return True
        for name, field in (("message", self.message), ("note", self.note)):
            text = field.toPlainText()
            if text != self._context.desk.writing.drafts(self._session).get(name, "") and not self._attempt(
                lambda name=name, text=text: self._context.desk.writing.draft(self._session, name, text)
            ):
                return False
        return True

    def _attempt(self, act: object) -> bool:
        refused = self._context.tasks.reason(act)  # type: ignore[arg-type]
        self._tell(refused)
        return not refused

    def _tell(self, text: str) -> None:
        self._trouble.say(text)
        self._trouble.setVisible(bool(text))
        if text:
            self._context.announcer.say(text, urgent=True)
