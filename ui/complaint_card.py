"""A complaint at a glance: what, where, which office by which rule; both the office and what the citizen is told can be set."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from client.domain.masking import mask_contact
from client.services.notices import SessionChanged
from ui.actions import LetKeysThrough
from ui.choice import Choice
from ui.context import Context
from ui.key_button import KeyButton
from ui.label import Label
from ui.language import tr
from ui.listen import CALM_MS, Coalesced, listen
from ui.wording import COMPLAINT_STATES, complaint_status_text


class ComplaintCard(QFrame):
    """Hidden for every other kind of session."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        look = context.look
        self.setProperty("is", "card")
        column = QVBoxLayout(self)
        column.setContentsMargins(look.px(14), look.px(12), look.px(14), look.px(12))
        column.setSpacing(look.px(8))
        self._what = Label(style="strong", wrap=True)
        self._where = Label(style="second", wrap=True)
        self._who = Label(style="second", wrap=True)
        self._office = Label(wrap=True)
        self._why = Label(style="third", wrap=True)
        self.office = self._line(tr("Another office"))
        self._set = KeyButton(look, tr("Assign"))
        self._set.clicked.connect(self._assign)
        self.office.returnPressed.connect(self._assign)
        self.status = Choice(context.actions)
        self.status.setAccessibleName(tr("What the citizen is told"))
        for status in COMPLAINT_STATES:
            self.status.addItem(complaint_status_text(status), status)
        self.note = self._line(tr("A word to the citizen with it"))
        self._tell = KeyButton(look, tr("Tell the citizen"))
        self._tell.clicked.connect(self._tell_citizen)
        for part in (self._what, self._where, self._who, self._office, self._why):
            column.addWidget(part)
        for left, right in ((self.office, self._set), (self.status, self._tell)):
            row = QHBoxLayout()
            row.addWidget(left, 1)
            row.addWidget(right)
            column.addLayout(row)
        column.addWidget(self.note)
        self._due = Coalesced(self, self.refresh, CALM_MS)
        listen(self, context.desk.publisher, SessionChanged, lambda _: self._due.ask())
        context.selection.changed.connect(self.refresh)
        self.refresh()

    def _line(self, name: str) -> QLineEdit:
        made = QLineEdit()
        made.setAccessibleName(name)
        made.setPlaceholderText(name)
        LetKeysThrough(self._context.actions, made)
        return made

    def refresh(self) -> None:
        """Show the open session's complaint."""
        view = self._context.selection.view()
        filed = view.complaint if view is not None else None
        self.setVisible(filed is not None)
        if view is None or filed is None:
            return
        self._what.say(tr("Complaint: {what}", what=filed.category))
        self._where.say(" ".join(part for part in (filed.district, filed.place) if part))
        number = tr("No. {reference}", reference=filed.reference) if filed.reference else ""
        self._who.say(" · ".join(part for part in (mask_contact(filed.contact), number) if part))
        self._who.setVisible(bool(self._who.words))
        office = view.office
        self._office.say(tr("Office: {office}", office=office.office) if office else tr("No office yet"))
        by = tr("rule {number}", number=office.rule) if office and office.rule else tr("by hand")
        self._why.say(f"{by} · {office.why}" if office and office.why else by if office else "")
        mine = view.owner == self._context.desk.sessions.me
        for part in (self.office, self._set, self.status, self._tell, self.note):
            part.setEnabled(mine)
        at = self.status.findData(view.complaint_status)
        if at >= 0 and not self.status.hasFocus():
            self.status.setCurrentIndex(at)

    def _assign(self) -> None:
        office, session = self.office.text().strip(), self._context.selection.session
        if office and self._context.tasks.attempt(lambda: self._context.desk.writing.route(session, office)):
            self.office.clear()
            self._context.announcer.say(tr("Goes to {office} ({by})", office=office, by=tr("by hand")))

    def _tell_citizen(self) -> None:
        session, status, note = (
            self._context.selection.session,
            str(self.status.currentData()),
            self.note.text().strip(),
        )
        if self._context.tasks.attempt(lambda: self._context.desk.writing.tell_status(session, status, note)):
            self.note.clear()
            self._context.announcer.say(tr("Told the citizen: {status}", status=complaint_status_text(status)))
