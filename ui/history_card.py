"""What the citizen's earlier sessions were about; where a setting asks so, only after the agent made sure who writes."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from client.services.looking import PastSession
from client.services.notices import SessionChanged
from ui.context import Context
from ui.key_button import KeyButton, Kind
from ui.label import Label
from ui.language import tr
from ui.listen import CALM_MS, Coalesced, listen
from ui.wording import channel_text, day_text

MOST = 5  # shown


class HistoryCard(QFrame):
    """Asked for by a press, not by opening a session: every look is logged."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._session = ""
        self.setProperty("is", "card")
        look = context.look
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(look.px(14), look.px(12), look.px(14), look.px(12))
        self._column.setSpacing(look.px(8))
        self._words = Label(style="second", wrap=True)
        self._confirm = KeyButton(look, tr("I made sure who writes"), kind=Kind.PLAIN)
        self._confirm.clicked.connect(self._confirmed)
        self._show = KeyButton(look, tr("Show earlier sessions"), kind=Kind.PLAIN)
        self._show.clicked.connect(self._ask)
        self._lines: list[Label] = []
        for part in (self._words, self._confirm, self._show):
            self._column.addWidget(part)
        self._due = Coalesced(self, self.refresh, CALM_MS)
        listen(self, context.desk.publisher, SessionChanged, self._on_session)
        context.selection.changed.connect(self._change_session)
        self._change_session()

    def _on_session(self, notice: SessionChanged) -> None:
        if notice.session == self._session:
            self._due.ask()

    def _change_session(self) -> None:
        self._session = self._context.selection.session
        self._clear()
        self._words.say("")
        self.refresh()

    def _clear(self) -> None:
        for line in self._lines:
            line.hide()
            line.deleteLater()
        self._lines = []

    def refresh(self) -> None:
        """What can be done now."""
        view = self._context.selection.view()
        ours = view is not None and view.owner == self._context.desk.sessions.me
        asks = self._context.desk.policy.confirm_citizen
        sure = view is not None and (view.citizen_confirmed or not asks)
        if ours and not sure:
            self._words.say(tr("This number may be another person's by now. Make sure who writes first."))
        self._confirm.setVisible(ours and not sure)
        self._show.setVisible(ours and sure and not self._lines)
        self._words.setVisible(bool(self._words.words))
        self.setVisible(ours)

    def _confirmed(self) -> None:
        if self._context.tasks.attempt(lambda: self._context.desk.writing.confirm_citizen(self._session)):
            self._words.say("")

    def _ask(self) -> None:
        session = self._session
        self._context.tasks.start(
            self._context.desk.sessions.history(session), lambda found: self._put(session, found), self
        )

    def _put(self, session: str, found: Sequence[PastSession]) -> None:
        if session != self._session:
            return
        self._clear()
        for past in found[:MOST]:
            self._lines.append(Label(past_text(past), wrap=True))
            self._column.addWidget(self._lines[-1])
        text = tr("Earlier sessions: {count}", count=len(found)) if found else tr("There were no earlier sessions")
        self._words.say(text)
        self._words.show()
        self._context.announcer.say(text)
        self._show.hide()


def past_text(past: PastSession) -> str:
    """An earlier session in a line or two."""
    parts = [day_text(past.opened), channel_text(past.channel), past.owner_name, ", ".join(past.codes)]
    line = " · ".join(part for part in parts if part)
    return f"{line}\n{past.summary}" if past.summary else line
