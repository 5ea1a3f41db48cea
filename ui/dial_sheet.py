"""A new call to a citizen."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from ui.context import Context
from ui.key_button import Kind
from ui.language import tr
from ui.sheet import Sheet


class DialSheet(Sheet):
    """Attributes: `number` — the field."""

    def __init__(self, context: Context, parent: QWidget) -> None:
        super().__init__(context, tr("New call"), parent)
        self.number = self.field(tr("Number"), tr("Digits only; hyphens do no harm"))
        self.number.returnPressed.connect(self._dial)
        self.close_button(tr("Leave it"))
        self.button(tr("Place the call"), Kind.PRIMARY, key="Enter").clicked.connect(self._dial)
        self.number.setFocus()

    def _dial(self) -> None:
        number = "".join(c for c in self.number.text() if c.isdigit() or c in "+*#")
        if number:
            self.context.tasks.start(self.context.desk.calls.dial(number), self.context.selection.open)
            self.accept()
