"""Dialogs of written sessions: hand over, join, search."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from client.domain.session import SessionView
from client.services.looking import Found
from client.services.people import Colleague
from ui.context import Context
from ui.key_button import Kind
from ui.label import Label
from ui.language import tr
from ui.sheet import Sheet
from ui.wording import channel_text, moment_text, stage_text

DATA = Qt.ItemDataRole.UserRole + 1
LEAST_LIST = 110  # px of the design
LEAST_WORDS = 2  # characters that the hub searches for


SHOWN = 24  # characters of a session's last words


def last_words(view: SessionView) -> str:
    """What was written last, shortened."""
    text = view.last_text.split("\n")[0]
    return f"“{text[:SHOWN]}…”" if len(text) > SHOWN else f"“{text}”" if text else ""


def who_text(view: SessionView) -> str:
    """A session in one line."""
    who = view.name or view.number or tr("Number unknown")
    return f"{who} · {channel_text(view.channel)} · {stage_text(view)}"


class ListSheet(Sheet):
    """A dialog with one list. Attributes: `list`."""

    def __init__(self, context: Context, title: str, parent: QWidget, name: str) -> None:
        super().__init__(context, title, parent, width=560)
        self.list = QListWidget()
        self.list.setAccessibleName(name)
        self.list.setMinimumHeight(context.look.px(180))
        self.trouble = Label(style="bad", wrap=True)
        self.trouble.hide()

    def put(self, text: str, data: object) -> None:
        """One more row."""
        item = QListWidgetItem(text)
        item.setData(DATA, data)
        self.list.addItem(item)
        if self.list.currentRow() < 0:
            self.list.setCurrentRow(0)

    def chosen(self) -> object:
        """What the current row stands for, or None."""
        item = self.list.currentItem()
        return item.data(DATA) if item is not None else None

    def refuse(self, text: str) -> None:
        """Say what is missing."""
        self.trouble.say(text)
        self.trouble.show()
        self.context.announcer.say(text, urgent=True)


class HandOverSheet(ListSheet):
    """To which colleague, with what note."""

    def __init__(self, context: Context, parent: QWidget) -> None:
        super().__init__(context, tr("Hand this session over"), parent, tr("Colleagues"))
        self._session = context.selection.session
        self.column.addWidget(self.list)
        self.note = self.field(tr("Note for them"), tr("What they should know; the citizen does not see it"))
        self.column.addWidget(self.trouble)
        self.close_button(tr("Leave it"))
        give = self.button(tr("Hand over"), Kind.PRIMARY, key="Enter")
        give.clicked.connect(self._give)
        self.note.returnPressed.connect(self._give)
        self.list.itemActivated.connect(lambda _: self._give())
        context.tasks.start(context.desk.sessions.colleagues(), self._show, self)

    def _show(self, people: Sequence[Colleague]) -> None:
        for person in sorted(people, key=lambda person: not person.connected):
            state = tr("connected") if person.connected else tr("not connected")
            self.put(f"{person.name}  ·  {state}", person)
        if not people:
            self.refuse(tr("There is nobody to whom it can go"))
        self.list.setFocus()

    def _give(self) -> None:
        person = self.chosen()
        if not isinstance(person, Colleague):
            self.refuse(tr("Choose one colleague."))
            return
        desk, note = self.context.desk, self.note.text().strip()
        by_video = desk.video.running == self._session
        give = desk.video.hand_over if by_video else desk.sessions.transfer
        self.context.tasks.start(
            give(self._session, person.id, note),
            lambda _: self.context.announcer.say(tr("Handed to {name}", name=person.name)),
        )
        self.accept()


class MergeSheet(ListSheet):
    """Which of my other sessions this one goes on in; the same number stands first."""

    def __init__(self, context: Context, parent: QWidget) -> None:
        super().__init__(context, tr("Join with another session"), parent, tr("My other sessions"))
        view = context.selection.view()
        assert view is not None
        self._view = view
        self._asked = ""
        self._plain = tr("{who} goes on in the session that you choose, with all its lines.", who=who_text(view))
        self.words = Label(self._plain, wrap=True)
        self.column.addWidget(self.words)
        self.list.setMinimumHeight(context.look.px(LEAST_LIST))  # it gives way to the question
        self.column.addWidget(self.list)
        self.column.addWidget(self.trouble)
        others = [one for one in context.desk.sessions.mine() if one.id != view.id and one.owner == view.owner]
        for other in sorted(others, key=lambda one: one.number != view.number):
            same = tr("same number") if view.number and other.number == view.number else ""
            self.put(" · ".join(part for part in (who_text(other), last_words(other), same) if part), other)
        self.close_button(tr("Leave it"))
        self._go = self.button(tr("Join them"), Kind.PRIMARY, key="Enter")
        self._go.clicked.connect(self._join)
        self.list.itemActivated.connect(lambda _: self._join())
        self.list.currentItemChanged.connect(lambda *_: self._doubt())
        if not others:
            self.refuse(tr("You have no other session to join it with"))

    def _doubt(self) -> None:
        """Another one is chosen: what was asked holds no more."""
        self._asked = ""
        self.words.say(self._plain, "")
        self._go.set_words(tr("Join them"))

    def _ask(self, target: SessionView) -> None:
        """Both are named before anything is done: it cannot be taken back."""
        self._asked = target.id
        one, other = who_text(self._view), who_text(target)
        self.words.say(tr("Really? {one} ends and goes on in {other}.", one=one, other=other), "careful-strong")
        self._go.set_words(tr("Yes, join them"))
        self.context.announcer.say(self.words.words, urgent=True)

    def _join(self) -> None:
        target = self.chosen()
        if not isinstance(target, SessionView):
            self.refuse(tr("Choose one session."))
            return
        if self._asked != target.id:
            self._ask(target)
            return
        open_ = self.context.selection.open
        self.context.tasks.start(self.context.desk.sessions.merge(self._view.id, target.id), lambda _: open_(target.id))
        self.accept()


class SearchSheet(ListSheet):
    """Words in my sessions; Enter opens the session at that line, a closed one for reading."""

    def __init__(self, context: Context, parent: QWidget) -> None:
        super().__init__(context, tr("Search my sessions"), parent, tr("Found"))
        self._opening = False
        self.words = self.field(tr("Words"), tr("At least two characters; what was found is noted in the access log"))
        self.column.addWidget(self.list, 1)
        self.column.addWidget(self.trouble)
        self.words.returnPressed.connect(self._find)
        self.words.textEdited.connect(lambda _: self._offer(opening=False))
        self.list.itemActivated.connect(lambda _: self._open())
        self.close_button()
        self._act = self.button(tr("Search"), Kind.PRIMARY, key="Enter")
        self._act.clicked.connect(lambda: self._open() if self._opening else self._find())
        self.words.setFocus()

    def _offer(self, *, opening: bool) -> None:
        """What Enter does next."""
        self._opening = opening
        self._act.set_words(tr("Open") if opening else tr("Search"))

    def _find(self) -> None:
        words = self.words.text().strip()
        if len(words) < LEAST_WORDS:
            self.refuse(tr("Write at least two characters."))
            return
        self.trouble.hide()
        self.context.tasks.start(self.context.desk.sessions.search(words), self._show, self)

    def _show(self, found: Sequence[Found]) -> None:
        self.list.clear()
        for hit in found:
            self.put(
                " · ".join(part for part in (moment_text(hit.at), self._whose(hit.session), hit.excerpt) if part), hit
            )
        self._offer(opening=bool(found))
        if found:
            self.list.setFocus()
            self.context.announcer.say(tr("Found: {count}", count=len(found)))
        else:
            self.refuse(tr("Nothing was found"))

    def _open(self) -> None:
        hit = self.chosen()
        if not isinstance(hit, Found):
            return
        self.context.tasks.start(
            self.context.desk.reading.fetch(hit.session), lambda _: self._show_hit(hit), self, self.refuse
        )

    def _show_hit(self, hit: Found) -> None:
        self.accept()
        self.context.selection.read(hit.session, hit.id)

    def _whose(self, session: str) -> str:
        sessions = self.context.desk.sessions
        view = sessions.get(session) if session in sessions else None
        return f"{view.name or view.number or tr('Number unknown')} · {channel_text(view.channel)}" if view else ""
