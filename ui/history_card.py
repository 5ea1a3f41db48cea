"""What the citizen's earlier sessions were about; where a setting asks so, only after the agent made sure who writes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from client.domain.codes import Code, walk
from client.domain.session import SessionView, Stage
from client.services.looking import PastSession
from client.services.notices import SessionChanged
from ui.choice import Choice
from ui.context import Context
from ui.key_button import KeyButton, Kind
from ui.label import Label
from ui.language import tr
from ui.listen import CALM_MS, Coalesced, listen
from ui.wording import CONFIRMED, channel_text, confirmed_text, day_text

PAST = Qt.ItemDataRole.UserRole + 1
MOST_HEIGHT = 220  # px of the design; more scrolls


class HistoryCard(QFrame):
    """Asked for by a press, not by opening a session: every look is logged. Attributes: `list` — what was found."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._session = ""
        self.setProperty("is", "card")
        look = context.look
        column = QVBoxLayout(self)
        column.setContentsMargins(look.px(14), look.px(12), look.px(14), look.px(12))
        column.setSpacing(look.px(8))
        self._words = Label(style="second", wrap=True)
        self.how = Choice(context.actions)
        self.how.setAccessibleName(tr("How it was made sure who writes"))
        for how in CONFIRMED:
            self.how.addItem(confirmed_text(how), how)
        self.confirm = KeyButton(look, tr("I made sure who writes"), kind=Kind.PLAIN)
        self.confirm.clicked.connect(self._confirmed)
        self.show_them = KeyButton(look, tr("Show earlier sessions"), key=context.key("history"))
        self.show_them.clicked.connect(self._ask)
        self.list = self._make_list()
        for part in (self._words, self.how, self.confirm, self.show_them, self.list):
            column.addWidget(part)
        self._due = Coalesced(self, self.refresh, CALM_MS)
        self._fitting = Coalesced(self, self._fit, 0)
        listen(self, context.desk.publisher, SessionChanged, self._on_session)
        context.selection.changed.connect(self._change_session)
        self._change_session()

    def _make_list(self) -> QListWidget:
        made = QListWidget()
        made.setAccessibleName(tr("Earlier sessions"))
        made.setWordWrap(True)
        made.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        made.itemActivated.connect(self._open)
        made.hide()
        return made

    def _on_session(self, notice: SessionChanged) -> None:
        if notice.session == self._session:
            self._due.ask()

    def _change_session(self) -> None:
        self._session = self._context.selection.session
        self.list.clear()
        self.list.hide()
        self._words.say("")
        self.refresh()

    def _is_ours(self, view: SessionView | None) -> bool:
        return view is not None and view.owner == self._context.desk.sessions.me and view.stage is not Stage.CLOSED

    def _is_sure(self, view: SessionView | None) -> bool:
        return view is not None and (view.citizen_confirmed or not self._context.desk.policy.confirm_citizen)

    def refresh(self) -> None:
        """What can be done now."""
        view = self._context.selection.view()
        ours, sure = self._is_ours(view), self._is_sure(view)
        if ours and not sure:
            self._words.say(tr("This number may be another person's by now. Make sure who writes first."))
        for part in (self.how, self.confirm):
            part.setVisible(ours and not sure)
        self.show_them.setVisible(ours and sure and self.list.isHidden())
        self._words.setVisible(bool(self._words.words))
        self.setVisible(ours)

    def possible(self) -> bool:
        """True where earlier sessions can be asked for."""
        return self._is_ours(self._context.selection.view())

    def go(self) -> None:
        """By key: to what was found, else ask; first to the question who writes, where it must be answered."""
        if not self._is_sure(self._context.selection.view()):
            self.how.setFocus()
        elif self.list.count():
            self.list.setFocus()
        else:
            self._ask()

    def _confirmed(self) -> None:
        how = str(self.how.currentData())
        if self._context.tasks.attempt(lambda: self._context.desk.writing.confirm_citizen(self._session, how)):
            self._words.say("")
            self.refresh()
            self.show_them.setFocus()

    def _ask(self) -> None:
        self._context.tasks.start(self._found(self._session), self._put, self)

    async def _found(self, session: str) -> tuple[str, Sequence[PastSession]]:
        """The hub must know first that it was made sure who writes."""
        await self._context.desk.log.settled(session)
        return session, await self._context.desk.sessions.history(session)

    def _put(self, answer: tuple[str, Sequence[PastSession]]) -> None:
        session, found = answer
        if session != self._session:
            return
        self.list.clear()
        for past in found:
            item = QListWidgetItem(past_text(past, self._context.desk.wrapups.codes))
            item.setData(PAST, past)
            self.list.addItem(item)
        text = tr("Earlier sessions: {count}", count=len(found)) if found else tr("There were no earlier sessions")
        self._words.say(text)
        self._words.show()
        self._context.announcer.say(text)
        self.show_them.hide()
        self.list.setVisible(bool(found))
        if found:
            self._fitting.ask()
            self.list.setCurrentRow(0)
            self.list.setFocus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lines break elsewhere in another width."""
        super().resizeEvent(event)
        self._fitting.ask()

    def _fit(self) -> None:
        """As high as what was found, once its width is known."""
        if self.list.isHidden():
            return
        look = self._context.look
        self.list.setFixedHeight(look.px(MOST_HEIGHT))
        self.list.doItemsLayout()
        rows = sum(self.list.visualItemRect(self.list.item(row)).height() for row in range(self.list.count()))
        self.list.setFixedHeight(min(look.px(MOST_HEIGHT), rows + look.px(14)))

    def _open(self, item: QListWidgetItem) -> None:
        past: PastSession = item.data(PAST)
        selection, reading = self._context.selection, self._context.desk.reading
        self._context.tasks.start(reading.fetch(past.id), lambda _: selection.read(past.id), self)


def past_text(past: PastSession, codes: Iterable[Code]) -> str:
    """An earlier session in a line or two: day, channel, agent, codes in words, summary."""
    names = {code.id: code.label for code, _ in walk(tuple(codes))}
    named = ", ".join(names.get(code, code) for code in past.codes)
    line = " · ".join(
        part for part in (day_text(past.opened), channel_text(past.channel), past.owner_name, named) if part
    )
    return f"{line}\n{past.summary}" if past.summary else line
