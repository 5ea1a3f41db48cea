"""What the agent sees of a failure of the program itself: that it happened, that work goes on, where the report is."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from client.crash import Crash
from ui.context import Context
from ui.key_button import Kind
from ui.label import Label
from ui.language import tr
from ui.sheet import Sheet


class CrashBridge(QObject):
    """Brings a crash from whatever thread it happened on to the interface's.

    `CrashBridge.take` is what `client.crash.Funnel` calls. Signals: `crashed(Crash)`.
    """

    crashed = Signal(object)

    def take(self, crash: Crash) -> None:
        """Hand a crash on."""
        self.crashed.emit(crash)


class CrashSheet(Sheet):
    """The report to read and to copy; it holds nothing of the citizen's. Calls go on in their own process."""

    def __init__(self, context: Context, parent: QWidget, crash: Crash) -> None:
        super().__init__(context, tr("Something in the program failed"), parent, width=560)
        advice = tr("Calls and what you wrote are kept. Go on working; if something looks wrong, start the desk again.")
        self.column.addWidget(Label(advice, wrap=True))
        self.report = QPlainTextEdit(crash.text)
        self.report.setReadOnly(True)
        self.report.setTabChangesFocus(True)
        self.report.setAccessibleName(tr("Report, without personal data"))
        self.report.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByKeyboard | Qt.TextInteractionFlag.TextSelectableByMouse
        )
        self.column.addWidget(self.report, 1)
        if crash.file is not None:
            self.column.addWidget(Label(tr("Kept in {file}", file=crash.file), "second", wrap=True))
        copy = self.button(tr("Copy the report"))
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(crash.text))
        go_on = self.button(tr("Go on"), Kind.PRIMARY, key="Esc")
        go_on.clicked.connect(self.accept)
        go_on.setFocus()
