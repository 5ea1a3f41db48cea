"""Dialogs of written sessions: hand over, join, search, export, and the files of a session."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QListWidget, QListWidgetItem, QWidget

from client.domain.session import SessionView
from client.services.looking import Found
from client.services.people import Colleague
from ui.choice import Choice
from ui.context import Context
from ui.key_button import Kind
from ui.label import Label
from ui.language import tr
from ui.sheet import Sheet
from ui.wording import channel_text, stage_text, time_text

DATA = Qt.ItemDataRole.UserRole + 1
FORMS = (("html", "HTML"), ("txt", "TXT"), ("json", "JSON"))
LEAST_WORDS = 2  # characters that the hub searches for


def who_text(view: SessionView) -> str:
    """A session in one line."""
    who = view.name or view.number or tr("Number unknown")
    return f"{who} · {channel_text(view.channel)} · {stage_text(view)}"


class ListSheet(Sheet):
    """A dialog with one list. Attributes: `list`."""

    def __init__(self, context: Context, title: str, parent: QWidget, name: str) -> None:
        super().__init__(context, title, parent, width=560)
        self.list = QListWidget()
        self.list.setAccessibleName(name)
        self.list.setMinimumHeight(context.look.px(180))
        self.trouble = Label(style="bad", wrap=True)
        self.trouble.hide()

    def put(self, text: str, data: object) -> None:
        """One more row."""
        item = QListWidgetItem(text)
        item.setData(DATA, data)
        self.list.addItem(item)
        if self.list.currentRow() < 0:
            self.list.setCurrentRow(0)

    def chosen(self) -> object:
        """What the current row stands for, or None."""
        item = self.list.currentItem()
        return item.data(DATA) if item is not None else None

    def refuse(self, text: str) -> None:
        """Say what is missing."""
        self.trouble.say(text)
        self.trouble.show()
        self.context.announcer.say(text, urgent=True)


class HandOverSheet(ListSheet):
    """To which colleague, with what note."""

    def __init__(self, context: Context, parent: QWidget) -> None:
        super().__init__(context, tr("Hand this session over"), parent, tr("Colleagues"))
        self._session = context.selection.session
        self.column.addWidget(self.list)
        self.note = self.field(tr("Note for them"), tr("What they should know; the citizen does not see it"))
        self.column.addWidget(self.trouble)
        self.close_button(tr("Leave it"))
        give = self.button(tr("Hand over"), Kind.PRIMARY, key="Enter")
        give.clicked.connect(self._give)
        self.note.returnPressed.connect(self._give)
        self.list.itemActivated.connect(lambda _: self._give())
        context.tasks.start(context.desk.sessions.colleagues(), self._show, self)

    def _show(self, people: Sequence[Colleague]) -> None:
        for person in sorted(people, key=lambda person: not person.connected):
            state = tr("connected") if person.connected else tr("not connected")
            self.put(f"{person.name}  ·  {state}", person)
        if not people:
            self.refuse(tr("There is nobody to whom it can go"))
        self.list.setFocus()

    def _give(self) -> None:
        person = self.chosen()
        if not isinstance(person, Colleague):
            self.refuse(tr("Choose one colleague."))
            return
        self.context.tasks.start(
            self.context.desk.sessions.transfer(self._session, person.id, self.note.text().strip()),
            lambda _: self.context.announcer.say(tr("Handed to {name}", name=person.name)),
        )
        self.accept()


class MergeSheet(ListSheet):
    """Which of my other sessions this one goes on in; the same number stands first."""

    def __init__(self, context: Context, parent: QWidget) -> None:
        super().__init__(context, tr("Join with another session"), parent, tr("My other sessions"))
        view = context.selection.view()
        assert view is not None
        self._view = view
        self.column.addWidget(
            Label(
                tr("{who} goes on in the session that you choose, with all its lines.", who=who_text(view)), wrap=True
            )
        )
        self.column.addWidget(self.list)
        self.column.addWidget(self.trouble)
        others = [one for one in context.desk.sessions.mine() if one.id != view.id and one.owner == view.owner]
        for other in sorted(others, key=lambda one: one.number != view.number):
            self.put(who_text(other), other)
        self.close_button(tr("Leave it"))
        join = self.button(tr("Join them"), Kind.PRIMARY, key="Enter")
        join.clicked.connect(self._join)
        self.list.itemActivated.connect(lambda _: self._join())
        if not others:
            self.refuse(tr("You have no other session to join it with"))

    def _join(self) -> None:
        target = self.chosen()
        if not isinstance(target, SessionView):
            self.refuse(tr("Choose one session."))
            return
        open_ = self.context.selection.open
        self.context.tasks.start(self.context.desk.sessions.merge(self._view.id, target.id), lambda _: open_(target.id))
        self.accept()


class SearchSheet(ListSheet):
    """Words in my sessions; Enter opens the session where it is still here."""

    def __init__(self, context: Context, parent: QWidget) -> None:
        super().__init__(context, tr("Search my sessions"), parent, tr("Found"))
        self.words = self.field(tr("Words"), tr("At least two characters; what was found is noted in the access log"))
        self.column.addWidget(self.list, 1)
        self.column.addWidget(self.trouble)
        self.words.returnPressed.connect(self._find)
        self.list.itemActivated.connect(lambda _: self._open())
        self.close_button()
        find = self.button(tr("Search"), Kind.PRIMARY, key="Enter")
        find.clicked.connect(self._find)
        self.words.setFocus()

    def _find(self) -> None:
        words = self.words.text().strip()
        if len(words) < LEAST_WORDS:
            self.refuse(tr("Write at least two characters."))
            return
        self.trouble.hide()
        self.context.tasks.start(self.context.desk.sessions.search(words), self._show, self)

    def _show(self, found: Sequence[Found]) -> None:
        self.list.clear()
        for hit in found:
            self.put(f"{time_text(hit.at)}   {hit.excerpt}", hit)
        if found:
            self.list.setFocus()
            self.context.announcer.say(tr("Found: {count}", count=len(found)))
        else:
            self.refuse(tr("Nothing was found"))

    def _open(self) -> None:
        hit = self.chosen()
        if not isinstance(hit, Found):
            return
        sessions = self.context.desk.sessions
        if hit.session in {view.id for view in sessions.all()}:
            self.accept()
            self.context.selection.open(hit.session)
        else:
            self.refuse(tr("That session is closed: {excerpt}", excerpt=hit.excerpt))


class ExportSheet(Sheet):
    """The open session, or all of mine between two days, into a file; with the reason, which is logged."""

    def __init__(self, context: Context, parent: QWidget) -> None:
        super().__init__(context, tr("Export"), parent, width=480)
        self._window = parent
        self._session = context.selection.session
        self.form = Choice(context.actions)
        self.form.setAccessibleName(tr("What and in which form"))
        for form, name in FORMS if self._session else ():
            self.form.addItem(tr("This session as {form}", form=name), form)
        self.form.addItem(tr("My sessions, one row each, as CSV"), "csv")
        self.column.addWidget(Label(tr("What and in which form"), "heading"))
        self.column.addWidget(self.form)
        today = datetime.now().astimezone().date()
        self.since = self.field(tr("From (for CSV)"))
        self.since.setText(today.replace(day=1).isoformat())
        self.until = self.field(tr("To (for CSV)"))
        self.until.setText(today.isoformat())
        self.reason = self.field(tr("Reason"), tr("Reason, kept in the access log"))
        self.trouble = Label(style="bad", wrap=True)
        self.trouble.hide()
        self.column.addWidget(self.trouble)
        self.close_button(tr("Leave it"))
        go = self.button(tr("Export"), Kind.PRIMARY, key="Enter")
        go.clicked.connect(self._go)
        self.reason.returnPressed.connect(self._go)
        self.reason.setFocus()

    def _go(self) -> None:
        form, reason = str(self.form.currentData()), self.reason.text().strip()
        between = _days(self.since.text(), self.until.text())
        if not reason:
            self._refuse(tr("Write the reason: it stands in the access log."))
        elif form == "csv" and between is None:
            self._refuse(tr("Write the days like 2026-11-26."))
        else:
            sessions = self.context.desk.sessions
            if form == "csv" and between is not None:
                work = sessions.export_rows(*between, reason)
            else:
                work = sessions.export(self._session, form, reason)
            name = f"ieum-{datetime.now().astimezone():%Y%m%d-%H%M}.{form}"
            self.context.tasks.start(work, partial(save_as, self.context, self._window, name))
            self.accept()

    def _refuse(self, text: str) -> None:
        self.trouble.say(text)
        self.trouble.show()
        self.context.announcer.say(text, urgent=True)


def _days(since: str, until: str) -> tuple[datetime, datetime] | None:
    try:
        first, last = date.fromisoformat(since.strip()), date.fromisoformat(until.strip())
    except ValueError:
        return None
    here = datetime.now().astimezone().tzinfo
    begin = datetime.combine(first, time(), here).astimezone(UTC)
    return begin, datetime.combine(last + timedelta(days=1), time(), here).astimezone(UTC)


def save_as(context: Context, over: QWidget, name: str, data: bytes) -> None:
    """Ask where, then write; what went wrong is said."""
    dialog = QFileDialog(over, tr("Save as"))
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.selectFile(name)
    dialog.fileSelected.connect(partial(_write, context, data))
    dialog.open()


def _write(context: Context, data: bytes, file: str) -> None:
    try:
        Path(file).write_bytes(data)
    except OSError as error:
        context.announcer.say(tr("It could not be saved: {why}", why=error.strerror or str(error)), urgent=True)
    else:
        context.announcer.say(tr("Saved: {file}", file=file), urgent=True)
