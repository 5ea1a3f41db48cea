"""Leaving the desk while a call runs is asked about, without stopping anything."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from ui.context import Context
from ui.key_button import Kind
from ui.label import Label
from ui.language import tr
from ui.sheet import Sheet


class LeaveSheet(Sheet):
    """Accepted when the agent leaves all the same."""

    def __init__(self, context: Context, parent: QWidget) -> None:
        super().__init__(context, tr("A call is running"), parent)
        text = tr(
            "If you close the desk the call goes on for half a minute, so that you can start it again; then it ends."
        )
        self.column.addWidget(Label(text, wrap=True))
        self.stay = self.button(tr("Stay"), Kind.PRIMARY, key="Esc")
        self.stay.clicked.connect(self.reject)
        self.leave = self.button(tr("Close the desk"), Kind.DANGER)
        self.leave.clicked.connect(self.accept)
        self.stay.setFocus()
