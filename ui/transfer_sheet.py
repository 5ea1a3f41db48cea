"""호전환: to whom, with what note, at once or after talking to them first. Also who joins a three-way call."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from client.services.people import Colleague
from ui.context import Context
from ui.key_button import Kind
from ui.label import Label
from ui.language import tr
from ui.sheet import Sheet

PERSON = Qt.ItemDataRole.UserRole + 1


class TransferSheet(Sheet):
    """Attributes: `number`, `note` — fields; `people` — colleagues who can be chosen instead of a number.

    Signals: `consulting(colleague id, note)` — they are being called; both are needed when the call is handed over.
    """

    consulting = Signal(str, str)

    def __init__(self, context: Context, parent: QWidget, *, three_way: bool = False) -> None:
        super().__init__(context, tr("Three-way call") if three_way else tr("Transfer the call"), parent)
        look = context.look
        self.number = self.field(tr("Number or name"), tr("Number, or part of a colleague's name"))
        self.people = QListWidget()
        self.people.setAccessibleName(tr("Colleagues"))
        self.people.setFixedHeight(look.px(150))
        self.column.addWidget(self.people)
        self.note = self.field(tr("Note for them"), tr("What they should know; the citizen does not see it"))
        self._trouble = Label(style="bad", wrap=True)
        self._trouble.hide()
        self.column.addWidget(self._trouble)
        self.close_button(tr("Leave it"))
        self.consult = self.button(
            tr("Talk to them first"), Kind.PRIMARY if three_way else Kind.PLAIN, key="Enter" if three_way else ""
        )
        self.consult.clicked.connect(self._consult)
        self.blind = self.button(tr("Transfer now"), Kind.PRIMARY, key="Enter")
        self.blind.clicked.connect(self._transfer)
        self.blind.setVisible(not three_way)
        self.number.returnPressed.connect(self._consult if three_way else self._transfer)
        self.number.textChanged.connect(self._filter)
        self.people.itemActivated.connect(lambda _: self._consult() if three_way else self._transfer())
        self.people.itemClicked.connect(lambda item: self.number.setText(item.data(PERSON).name))
        context.tasks.start(context.desk.sessions.colleagues(), self._show_people, self)
        self.number.setFocus()

    def _show_people(self, people: Sequence[Colleague]) -> None:
        for person in people:
            state = tr("connected") if person.connected else tr("not connected")
            item = QListWidgetItem(f"{person.name}  ·  {state}")
            item.setData(PERSON, person)
            if not person.connected:
                item.setForeground(self.context.look.color("third"))
            self.people.addItem(item)
        self._filter(self.number.text())

    def _filter(self, text: str) -> None:
        for row in range(self.people.count()):
            item = self.people.item(row)
            item.setHidden(text.strip().casefold() not in item.text().casefold() and item.data(PERSON).name != text)

    def _chosen(self) -> tuple[str, str, str] | None:
        """(number to call, colleague's id or "", name for people), or None where it is not clear whom."""
        text = self.number.text().strip()
        people = [self.people.item(row).data(PERSON) for row in range(self.people.count())]
        current = self.people.currentItem()
        named = [p for p in people if p.name == text]
        if not named and current is not None and self.people.hasFocus():
            named = [current.data(PERSON)]
        fitting = named or [p for p in people if text and text.casefold() in p.name.casefold()]
        if len(fitting) == 1:
            person = fitting[0]
            return person.number or person.id, person.id, person.name
        if text and not fitting:
            return text, "", text
        self._trouble.say(tr("Choose one colleague or type a number."))
        self._trouble.show()
        self.context.announcer.say(self._trouble.words, urgent=True)
        return None

    def _transfer(self) -> None:
        chosen = self._chosen()
        if chosen is not None:
            to, colleague, _ = chosen
            self.context.tasks.start(self.context.desk.calls.transfer(to, self.note.text().strip(), colleague))
            self.accept()

    def _consult(self) -> None:
        chosen = self._chosen()
        if chosen is not None:
            to, colleague, name = chosen
            self.consulting.emit(colleague, self.note.text().strip())
            self.context.tasks.start(self.context.desk.calls.consult(to, name))
            self.accept()
