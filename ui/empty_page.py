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
        drawing = "hand" if context.desk.policy.signs else "phone"
        picture.setPixmap(pixmap(drawing, look.px(40), look.color("line"), self.devicePixelRatioF()))
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
        """Say whether citizens can come."""
        title, advice = self._signing_words() if self._context.desk.policy.signs else self._calling_words()
        self._title.say(title)
        self._advice.say(advice)

    def _calling_words(self) -> tuple[str, str]:
        if self._context.desk.presence.may_be_offered():
            how = tr("A call announces itself at the lower left; {key} answers it.", key=self._context.key("answer"))
            return tr("Ready for the next call"), how
        if self._context.desk.wrapups.pending():
            return tr("A wrap-up is not finished"), tr("Calls come again once it is saved.")
        return tr("You take no calls now"), tr("Set your state to Available to be offered calls.")

    def _signing_words(self) -> tuple[str, str]:
        """Of a counselor who may never hear a call."""
        if self._context.desk.presence.may_be_offered():
            how = tr(
                "Who waits by video or phone stands at the lower left; {key} answers.", key=self._context.key("answer")
            )
            return tr("Ready for the next citizen"), how
        if self._context.desk.wrapups.pending():
            return tr("A wrap-up is not finished"), tr("Citizens are announced again once it is saved.")
        return tr("You take nobody now"), tr("Set your state to Available to be shown who waits.")
