"""Messages that are about to leave: to whom, by which channel, how long still, and one act that takes this one back."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from client.services.notices import HeldChanged
from client.services.sending import HeldMessage
from ui.context import Context
from ui.key_button import KeyButton, Kind
from ui.label import Label
from ui.language import tr
from ui.listen import every_second, listen
from ui.wording import channel_text


class HeldStrip(QFrame):
    """One row a message, whichever session is open. The key takes back the one that goes next.

    Signals: `undoing` — one comes back into a draft now.
    """

    undoing = Signal()

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._rows: dict[str, tuple[QWidget, Label, KeyButton]] = {}
        self.setProperty("is", "strip")
        look = context.look
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(look.px(12), look.px(6), look.px(8), look.px(6))
        self._column.setSpacing(look.px(4))
        context.actions.register("undo_send", self.undo, lambda: bool(context.desk.sending.held))
        listen(self, context.desk.publisher, HeldChanged, lambda _: self.refresh())
        every_second(self, self._tick)
        self.refresh()

    def refresh(self) -> None:
        """A row for each message that waits."""
        held = {one.id: one for one in self._context.desk.sending.held}
        for id_ in [id_ for id_ in self._rows if id_ not in held]:
            row, _, _ = self._rows.pop(id_)
            row.hide()
            row.deleteLater()
        for one in held.values():
            if one.id not in self._rows:
                self._add(one)
        self.setVisible(bool(held))
        self._tick()

    def _add(self, held: HeldMessage) -> None:
        look = self._context.look
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(look.px(10))
        words = Label(style="second", wrap=True)
        undo = KeyButton(look, tr("Undo"), key=self._context.key("undo_send"), compact=True)
        undo.clicked.connect(lambda: self._cancel(held.id))
        now = KeyButton(look, tr("Send now"), kind=Kind.QUIET, compact=True)
        now.clicked.connect(lambda: self._context.desk.sending.send_now(held.id))
        line.addWidget(words, 1)
        line.addWidget(undo)
        line.addWidget(now)
        self._rows[held.id] = (row, words, undo)
        self._column.addWidget(row)
        self._context.announcer.say(
            tr(
                "Goes in {seconds} s. {key} takes it back.",
                seconds=self._seconds(held),
                key=self._context.key("undo_send"),
            )
        )

    def _seconds(self, held: HeldMessage) -> int:
        return max(1, round(self._context.desk.sending.left_s(held)))

    def _tick(self) -> None:
        for held in self._context.desk.sending.held:
            if held.id in self._rows:
                _, words, undo = self._rows[held.id]
                to = self._whom(held)
                words.say(tr("Sending to {to} in {seconds} s", to=to, seconds=self._seconds(held)))
                undo.setAccessibleName(tr("Undo the message to {to}", to=to))

    def _whom(self, held: HeldMessage) -> str:
        sessions = self._context.desk.sessions
        view = sessions.get(held.session) if held.session in sessions else None
        who = (view.name or view.number) if view else ""
        channel = channel_text(held.body.via) if held.body.via else tr("The citizen's page")
        return f"{who or tr('the citizen')} · {channel}"

    def undo(self) -> None:
        """Take back the one that goes next."""
        held = self._context.desk.sending.held
        if held:
            self._cancel(held[0].id)

    def _cancel(self, id_: str) -> None:
        self.undoing.emit()
        if self._context.tasks.attempt(lambda: self._context.desk.sending.cancel(id_)):
            self._context.announcer.say(tr("Taken back. The text is in its session's field again."), urgent=True)
