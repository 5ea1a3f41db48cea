"""The centre while no session is open: calm, and what comes next."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from client.services.notices import PresenceChanged, WrapUpChanged
from ui.context import Context
from ui.icons import pixmap
from ui.key_button import KeyButton, Kind
from ui.label import Label
from ui.language import tr
from ui.listen import listen


class EmptyPage(QWidget):
    """A sentence, and the acts that make sense now."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        look = context.look
        picture = QLabel()
        picture.setPixmap(pixmap("phone", look.px(40), look.color("line"), self.devicePixelRatioF()))
        picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._title = Label(style="name")
        self._advice = Label(style="second", wrap=True)
        for label in (self._title, self._advice):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        available = KeyButton(look, tr("Change my state"), key=context.key("presence"))
        available.clicked.connect(lambda: context.actions.trigger("presence"))
        dial = KeyButton(look, tr("New call"), key=context.key("dial"))
        dial.clicked.connect(lambda: context.actions.trigger("dial"))
        keys = KeyButton(look, tr("Keys and help"), key=context.key("help"), kind=Kind.QUIET)
        keys.clicked.connect(lambda: context.actions.trigger("help"))
        row = QHBoxLayout()
        row.setSpacing(look.px(10))
        row.addStretch(1)
        for button in (available, dial, keys):
            row.addWidget(button)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setSpacing(look.px(10))
        column.addStretch(4)
        column.addWidget(picture)
        column.addSpacing(look.px(6))
        column.addWidget(self._title)
        column.addWidget(self._advice)
        column.addSpacing(look.px(8))
        column.addLayout(row)
        column.addStretch(5)
        listen(self, context.desk.publisher, PresenceChanged, self.refresh)
        listen(self, context.desk.publisher, WrapUpChanged, self.refresh)
        self.refresh()

    def refresh(self, *_: object) -> None:
        """Say whether calls can come."""
        if self._context.desk.presence.may_be_offered():
            self._title.say(tr("Ready for the next call"))
            self._advice.say(
                tr("A call announces itself at the lower left; {key} answers it.", key=self._context.key("answer"))
            )
        elif self._context.desk.wrapups.pending():
            self._title.say(tr("A wrap-up is not finished"))
            self._advice.say(tr("Calls come again once it is saved."))
        else:
            self._title.say(tr("You take no calls now"))
            self._advice.say(tr("Set your state to Available to be offered calls."))
