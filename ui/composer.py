"""Writing: to the citizen, by whichever way leads there, and for colleagues alone. The two fields cannot be mistaken."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QMimeData, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QTextCursor
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from client.domain.quick_answers import QuickAnswer, holes
from client.domain.session import Stage
from client.domain.sms_text import replaced
from client.services.errors import NotPossible
from client.services.notices import AttachmentsChanged, GatewaysChanged, HeldChanged, SessionChanged
from ui.attachment_bar import AttachmentBar, files_of
from ui.context import Context
from ui.failed_strip import FailedStrip
from ui.held_strip import HeldStrip
from ui.key_button import KeyButton, Kind
from ui.label import Label
from ui.language import tr
from ui.listen import CALM_MS, Coalesced, listen
from ui.live_writing import LiveWriting
from ui.quick_list import QuickList
from ui.recipient_bar import RecipientBar, problem_text
from ui.unsendable_marks import UnsendableMarks
from ui.writing_field import WritingField

DRAFT_MS = 400  # a draft is kept this long after the last keystroke
SLASH = "/"
FIELDS = ("message", "subject", "note")


class Composer(QFrame):
    """The composer with the note above it when it is asked for. Drafts are kept per session, across a crash too.

    Signals: `asked_for` — a key goes to one of the fields.
    """

    asked_for = Signal()

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._session = ""
        self._low = False
        look = context.look
        self.setProperty("is", "foot")
        self.held = HeldStrip(context)
        self._failed = FailedStrip(context)
        self.to = RecipientBar(context)
        self.files = AttachmentBar(context)
        self.quick = QuickList(context)
        self.message = WritingField(context, "composer", takes_files=True)
        self.message.setAccessibleName(tr("Message to the citizen"))
        self.live = LiveWriting(context, self.message)
        self.note = WritingField(context, "note")
        self.note.setAccessibleName(tr("Internal note, not shown to the citizen"))
        self._marks = UnsendableMarks(self.message.document(), look.color("bad"))
        self._trouble = Label(style="bad", wrap=True)
        self._trouble.hide()
        self._limits = Label(style="careful", wrap=True)
        self._limits.hide()
        self._plain = KeyButton(look, tr("Replace them"), key=context.key("plain_signs"), compact=True)
        self._plain.hide()
        self._attach = KeyButton(look, tr("Attach"), key=context.key("attach"), compact=True)
        self._send = KeyButton(look, tr("Send"), key="Enter", kind=Kind.PRIMARY)
        self._to_note = KeyButton(look, tr("Internal note"), key=context.key("note"), kind=Kind.DASHED)
        self._keep = KeyButton(look, tr("Keep the note"), key="Enter")
        self._lay_out()
        self._connect()
        self._due = Coalesced(self, self.refresh, CALM_MS)
        publisher = context.desk.publisher
        listen(self, publisher, SessionChanged, self._on_session)
        listen(self, publisher, GatewaysChanged, lambda _: self._due.ask())
        listen(self, publisher, HeldChanged, self._on_held)
        listen(self, publisher, AttachmentsChanged, lambda _: self.measure())
        context.selection.changed.connect(self._change_session)
        self.live.turned.connect(self._due.ask)
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
        limits = QHBoxLayout()
        limits.addWidget(self._limits, 1)
        limits.addWidget(self._plain)
        for part in (
            self.held,
            self._failed,
            self._note_box,
            self.quick,
            self.to,
            self.files,
            self._trouble,
        ):
            column.addWidget(part)
        self.to.add_at_end(self._attach)
        column.addLayout(limits)
        row = QHBoxLayout()
        row.setSpacing(look.px(10))
        row.addWidget(self.message, 1)
        for button in (self._send, self._to_note):
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignBottom)
        column.addLayout(row)

    def _connect(self) -> None:
        actions = self._context.actions
        self.message.sent.connect(self._on_enter)
        self.message.left.connect(self._leave_quick)
        self.message.stepped.connect(self.quick.step)
        self.message.given.connect(self._take_files)
        self.quick.chosen.connect(self._put_in)
        self._send.clicked.connect(self.send)
        self._attach.clicked.connect(lambda: actions.trigger("attach"))
        self._plain.clicked.connect(lambda: actions.trigger("plain_signs"))
        self.note.sent.connect(self.keep_note)
        self._keep.clicked.connect(self.keep_note)
        self.note.left.connect(self.close_note)
        self._to_note.clicked.connect(lambda: actions.trigger("note"))
        self.to.changed.connect(self._on_way)
        self.held.undoing.connect(self.keep_drafts)  # what comes back goes below the newest words, not over them
        actions.register("note", self.open_note, lambda: bool(self._session))
        actions.register("message", self.go_to_message, self.message.isEnabled)
        actions.register("quick", self.open_quick, self.message.isEnabled)
        actions.register("attach", self.files.choose, self._attach.isEnabled)
        actions.register("plain_signs", self.replace_signs, lambda: not self._plain.isHidden())
        self._drafts = QTimer(self, singleShot=True, interval=DRAFT_MS)
        self._drafts.timeout.connect(self.keep_drafts)
        self.message.textChanged.connect(self._on_text)
        for changed in (self.note.textChanged, self.to.subject.textChanged):
            changed.connect(lambda *_: self._drafts.start())

    def set_low(self, low: bool) -> None:
        """Take less room in a low window: keys send and attach there, without buttons for it."""
        look = self._context.look
        top, bottom = (look.px(5), look.px(6)) if low else (look.px(12), look.px(14))
        self._column.setContentsMargins(look.px(20), top, look.px(20), bottom)
        self._send.setVisible(not low and not self.live.on)
        self._attach.setVisible(not low)
        for part in (self._failed, self.quick, self.message, self.note):
            part.set_low(low)
        self._low = low
        self._give_way()

    def _give_way(self) -> None:
        """In a low window one thing stands over the field at a time."""
        busy = bool(self.message.toPlainText() or self._context.desk.sending.held)
        self._failed.give_way(self._low and busy)

    # ── the session ──────────────────────────────────────────────────────────────────────────────

    def _on_session(self, notice: SessionChanged) -> None:
        if notice.session == self._session:
            self._due.ask()

    def _on_held(self, notice: HeldChanged) -> None:
        """A message of this session was taken back: its words are in the draft."""
        self._give_way()
        if notice.session and notice.session == self._session:
            self._context.desk.attaching.forget(self._session)
            self._show_drafts()

    def _change_session(self) -> None:
        QGuiApplication.inputMethod().commit()  # a syllable being composed belongs to the session it was begun in
        self._drafts.stop()
        self.keep_drafts()
        self._leave_quick()
        self._session = self._context.selection.session
        self._show_drafts()
        self.files.show_session(self._session)
        self._tell("")
        self.live.follow()
        self.refresh()

    def _show_drafts(self) -> None:
        drafts = self._context.desk.writing.drafts(self._session) if self._session else {}
        for field, name in ((self.message, "message"), (self.note, "note")):
            field.blockSignals(True)
            field.setPlainText(drafts.get(name, ""))
            field.moveCursor(QTextCursor.MoveOperation.End)
            field.blockSignals(False)
            field.grow()
        self.to.subject.setText(drafts.get("subject", ""))
        self._note_box.setVisible(bool(drafts.get("note")))
        self.measure()

    def refresh(self) -> None:
        """Say to whom one writes and how, or why one cannot."""
        view = self._context.selection.view()
        writing = self._context.desk.writing
        ways = writing.ways(view.id) if view is not None else ()
        mine = view is not None and self._context.desk.sessions.may_write(view.id)
        waiting = view is not None and view.channel.is_written and view.owner is None
        live = self.live.on and mine
        able = live or (mine and not waiting and any(way.open for way in ways))
        for part in (self.message, self._send, self._attach):
            part.setEnabled(able)
        who = (view.name or view.number or tr("the citizen")) if view is not None else ""
        self.to.show_ways(self._session, who, [way for way in ways if way.open] if able and not live else ())
        self.to.setVisible(able and not live)
        self._send.setVisible(not live and not self._low)
        if view is not None and view.stage is Stage.CLOSED:
            text = tr("This session is closed: it can only be read")
        elif view is None or not mine:
            text = tr("{name} has this session", name=(view.owner_name if view else "") or tr("Another agent"))
        elif live:
            text = tr("Seen by the other side as you type")
        elif waiting:
            text = tr("Take this session to write: {key}", key=self._context.key("claim"))
        elif able:
            text = tr("Write to {who}", who=who)
        elif ways:
            text = tr("The citizen's conversation there is over: nothing can be written")
        else:
            text = tr("You can write once the citizen has opened the link")
        if self.message.placeholderText() != text:
            self.message.setPlaceholderText(text)
            self.message.setAccessibleDescription(text)
        self.measure()

    # ── sending ──────────────────────────────────────────────────────────────────────────────────

    def _on_enter(self) -> None:
        if not (self.quick.open and self.quick.take()):
            self.send()

    def send(self) -> None:
        """Send the message; where that is not possible the text stays and the reason stands beside it."""
        text = self.message.toPlainText().strip()
        attaching = self._context.desk.attaching
        if not text and not attaching.items(self._session):
            return
        attached = bool(attaching.items(self._session))
        if self._attempt(lambda: self._finish_line(text) if self.live.on and not attached else self._say(text)):
            self.message.clear()
            self.to.subject.clear()
            self._leave_quick()

    def _finish_line(self, text: str) -> None:
        if open_ := holes(text):
            raise NotPossible("unfilled", ", ".join(open_))
        self.live.finish(text)

    def _say(self, text: str) -> None:
        plan = self.to.measure(text, len(self._context.desk.attaching.items(self._session)))
        if plan is not None and plan.problems:
            raise NotPossible("cannot_be_sent", problem_text(plan, text))
        if open_ := holes(text):
            raise NotPossible("unfilled", ", ".join(open_))
        self._context.desk.writing.send(
            self._session,
            text,
            way=self.to.way,
            subject=self.to.subject.text() if not self.to.subject.isHidden() else "",
            sender=self.to.chosen_sender,
            attachments=self._context.desk.attaching.taken(self._session),
        )

    def _on_way(self) -> None:
        self._drafts.start()
        self.measure()

    def measure(self) -> None:
        """How long the text is for its channel, and what in it cannot be sent."""
        text = self.message.toPlainText()
        attached = len(self._context.desk.attaching.items(self._session)) if self._session else 0
        self._give_way()
        plan = self.to.measure(text, attached)
        self._marks.turn(on=plan is not None)
        trouble = problem_text(plan, text) if plan is not None else ""
        self._limits.say(trouble)
        self._limits.setVisible(bool(trouble))
        self._plain.setVisible(plan is not None and bool(plan.unsendable) and replaced(text) != text)

    def replace_signs(self) -> None:
        """Put look-alikes in the place of what cannot be sent, as one step that can be undone."""
        cursor = self.message.textCursor()
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.insertText(replaced(self.message.toPlainText()))

    # ── quick answers ────────────────────────────────────────────────────────────────────────────

    def open_quick(self) -> None:
        """Offer quick answers, whatever stands in the field: what is typed next finds one."""
        self.go_to_message()
        if not self.message.toPlainText():
            self.message.insertPlainText(SLASH)
        else:
            self._offer("")

    def _offer(self, query: str) -> None:
        self.quick.show_answers(self._context.desk.writing.find(self._session, query))
        self.message.stepping = True

    def _leave_quick(self) -> None:
        self.quick.hide()
        self.message.stepping = False

    def _put_in(self, answer: QuickAnswer) -> None:
        identity = self._context.desk.log.identity
        agent = identity.name if identity is not None else ""
        today = datetime.now().astimezone().strftime("%Y-%m-%d")
        text, open_ = self._context.desk.writing.filled(self._session, answer, agent, today)
        if self.message.toPlainText().startswith(SLASH):
            cursor = self.message.textCursor()
            cursor.select(QTextCursor.SelectionType.Document)
            cursor.insertText(text)
        else:
            self.message.insertPlainText(text)
        self._leave_quick()
        self.message.setFocus()
        if open_:
            self._select(f"{{{open_[0]}}}")

    def _select(self, words: str) -> None:
        """The first place to be filled: typing replaces it."""
        at = self.message.toPlainText().find(words)
        if at >= 0:
            cursor = self.message.textCursor()
            cursor.setPosition(at)
            cursor.setPosition(at + len(words), QTextCursor.MoveMode.KeepAnchor)
            self.message.setTextCursor(cursor)

    # ── files ────────────────────────────────────────────────────────────────────────────────────

    def _take_files(self, source: QMimeData) -> None:
        self.files.add(self._session, *files_of(source))

    # ── the note ─────────────────────────────────────────────────────────────────────────────────

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

    # ── drafts ───────────────────────────────────────────────────────────────────────────────────

    def _on_text(self) -> None:
        self._drafts.start()
        text = self.message.toPlainText()
        if text.startswith(SLASH) and "\n" not in text and self._session:
            self._offer(text[len(SLASH) :])
        elif self.quick.open:
            self._leave_quick()
        if text:
            self._context.desk.attendance.types()
        self.measure()

    def keep_drafts(self) -> bool:
        """Keep what is being written; false where the disk is full."""
        if not self._session:
            return True
        texts = (self.message.toPlainText(), self.to.subject.text(), self.note.toPlainText())
        for name, text in zip(FIELDS, texts, strict=True):
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
