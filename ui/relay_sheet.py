"""Calling an office for the citizen: whom, and for a counselor who does not hear, which colleague speaks."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from ui.context import Context
from ui.key_button import Kind
from ui.label import Label
from ui.language import tr
from ui.sheet import Sheet

DIALLED = "+*#"


class RelaySheet(Sheet):
    """Attributes: `office`, `number`, `colleague` — the fields; the last is needed where the agent does not hear."""

    def __init__(self, context: Context, parent: QWidget) -> None:
        super().__init__(context, tr("Phone relay to an office"), parent)
        self.office = self.field(tr("Office"), tr("As it is called in the session's log"))
        self.number = self.field(tr("Number of the office"), tr("Digits only; hyphens do no harm"))
        self._hears = context.desk.policy.hears
        label = tr("A colleague who speaks (may be empty)") if self._hears else tr("A hearing colleague who speaks")
        self.colleague = self.field(label, tr("Their number: they are called first"))
        told = tr(
            "The office is told first that an interpreter relays and that its words become captions; it may refuse."
        )
        self.column.addWidget(Label(told, "second", wrap=True))
        self.trouble = Label(style="bad", wrap=True)
        self.trouble.hide()
        self.column.addWidget(self.trouble)
        self.close_button(tr("Leave it"))
        self.button(tr("Call the office"), Kind.PRIMARY, key="Enter").clicked.connect(self._call)
        for field in (self.office, self.number, self.colleague):
            field.returnPressed.connect(self._call)
        self.office.setFocus()

    def _call(self) -> None:
        relay, session = self.context.desk.relay, self.context.desk.video.running or ""
        work = relay.start(
            session, dialled(self.number.text()), self.office.text().strip(), dialled(self.colleague.text())
        )
        self.context.tasks.start(work, lambda _: self.accept(), self, self._refused)

    def _refused(self, why: str) -> None:
        self.trouble.say(why)
        self.trouble.show()
        self.context.announcer.say(why, urgent=True)


def dialled(text: str) -> str:
    """What of a number is dialled."""
    return "".join(sign for sign in text if sign.isdigit() or sign in DIALLED)
