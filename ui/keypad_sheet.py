"""키패드: tones into the call. Digits typed on the keyboard are sent one by one and never kept."""

from __future__ import annotations

from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from ui.context import Context
from ui.key_button import KeyButton
from ui.label import Label
from ui.language import tr
from ui.sheet import Sheet

KEYS = ("123", "456", "789", "*0#")


class KeypadSheet(Sheet):
    """Attributes: `sent` — how many tones went out since it was opened."""

    def __init__(self, context: Context, parent: QWidget) -> None:
        super().__init__(context, tr("Keypad"), parent, width=280)
        self.sent = 0
        self._count = Label(tr("Type digits or press the keys. They are not kept."), "second", wrap=True)
        self.column.addWidget(self._count)
        grid = QGridLayout()
        grid.setSpacing(context.look.px(8))
        for row, keys in enumerate(KEYS):
            for column, key in enumerate(keys):
                button = KeyButton(context.look, key)
                button.setAccessibleName({"*": tr("Star"), "#": tr("Hash")}.get(key, key))
                button.clicked.connect(lambda _=False, key=key: self.send(key))
                grid.addWidget(button, row, column)
        self.column.addLayout(grid)
        self.close_button()

    def send(self, digit: str) -> None:
        """Send one tone."""
        self.context.tasks.start(self.context.desk.calls.send_tones(digit), lambda _: self._count_one(), self)

    def _count_one(self) -> None:
        self.sent += 1
        self._count.say(tr("Tones sent: {count}", count=self.sent))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A typed digit is a tone."""
        if event.text() and event.text() in "0123456789*#":
            self.send(event.text())
        else:
            super().keyPressEvent(event)
