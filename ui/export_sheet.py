"""Taking a session, or a row for each of mine, away as a file; with the reason, which is logged."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QLineEdit, QWidget

from ui.choice import Choice
from ui.context import Context
from ui.key_button import Kind
from ui.label import Label
from ui.language import tr
from ui.sheet import Sheet

FORMS = (("html", "HTML"), ("txt", "TXT"), ("json", "JSON"))


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
        self.since, since_label = self._day(tr("From"), today.replace(day=1))
        self.until, until_label = self._day(tr("To, this day too"), today)
        self._day_labels = (since_label, until_label)
        self.reason = self.field(tr("Reason"), tr("Reason, kept in the access log"))
        self.trouble = Label(style="bad", wrap=True)
        self.trouble.hide()
        self.column.addWidget(self.trouble)
        self.close_button(tr("Leave it"))
        self._export = self.button(tr("Export"), Kind.PRIMARY, key="Enter")
        self._export.clicked.connect(self._go)
        self.reason.returnPressed.connect(self._go)
        self.form.currentIndexChanged.connect(lambda _: self._show_days())
        self._show_days()
        self.reason.setFocus()

    def _show_days(self) -> None:
        """The days are asked only where they mean something."""
        for part in (*self._day_labels, self.since, self.until):
            part.setVisible(self.form.currentData() == "csv")
        self.fit()

    def _go(self) -> None:
        if not self._export.isEnabled():
            return
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
            self._busy(on=True)
            self.context.tasks.start(work, self._save, self, self._refuse)

    def _busy(self, *, on: bool) -> None:
        self._export.setEnabled(not on)
        self._export.set_words(tr("Exporting…") if on else tr("Export"))
        if on:
            self.trouble.hide()
            self.context.announcer.say(tr("Exporting…"))

    def _save(self, data: bytes) -> None:
        name = f"ieum-{datetime.now().astimezone():%Y%m%d-%H%M}.{self.form.currentData()}"
        self.accept()
        save_as(self.context, self._window, name, data)

    def _day(self, label: str, day: date) -> tuple[QLineEdit, QWidget]:
        made = self.field(label, "2026-11-26")
        made.setText(day.isoformat())
        above = self.column.itemAt(self.column.count() - 2)
        label_widget = above.widget() if above is not None else None
        assert label_widget is not None
        return made, label_widget

    def _refuse(self, text: str) -> None:
        self._busy(on=False)
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
        context.tasks.told.emit(tr("It could not be saved: {why}", why=error.strerror or str(error)), False)
    else:
        context.tasks.told.emit(tr("Saved: {file}", file=file), True)
