"""Quick answers over the field: `/` and a few letters find one, Enter puts it in. The keyboard never leaves the field."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from client.domain.quick_answers import QuickAnswer
from ui.context import Context
from ui.label import Label
from ui.language import tr

MOST, LOW_MOST = 5, 2  # shown at once
ANSWER = Qt.ItemDataRole.UserRole + 1


class QuickList(QFrame):
    """Signals: `chosen(QuickAnswer)`. Attributes: `open` — whether it is shown."""

    chosen = Signal(object)

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        look = context.look
        self.setProperty("is", "card")
        column = QVBoxLayout(self)
        column.setContentsMargins(look.px(8), look.px(8), look.px(8), look.px(8))
        column.setSpacing(look.px(4))
        self._head = Label(style="heading")
        self.list = QListWidget()
        self.list.setAccessibleName(tr("Quick answers"))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.list.itemClicked.connect(self._choose)
        self._low = False
        self._preview = Label(style="second", wrap=True)
        for part in (self._head, self.list, self._preview):
            column.addWidget(part)
        self.list.currentItemChanged.connect(lambda *_: self._show_current())
        self.hide()

    @property
    def open(self) -> bool:
        """Whether it is shown."""
        return not self.isHidden()

    def set_low(self, low: bool) -> None:
        """Fewer at once in a low window, and the text only as a tip and in speech."""
        self._low = low

    def show_answers(self, answers: Sequence[QuickAnswer]) -> None:
        """Offer these, the best first."""
        self.list.clear()
        for answer in answers[: MOST * 4]:
            item = QListWidgetItem(f"/{answer.key}   {answer.title}   ·   {answer.category}")
            item.setData(ANSWER, answer)
            item.setToolTip(answer.text)
            self.list.addItem(item)
        rows = min(LOW_MOST if self._low else MOST, max(1, self.list.count()))
        height = self.list.sizeHintForRow(0) if self.list.count() else self._context.look.px(30)
        self.list.setFixedHeight(height * rows + self._context.look.px(12))
        self._head.say(
            tr("Quick answers: {count}. Enter puts one in, Esc leaves.", count=len(answers))
            if answers
            else tr("No quick answer fits")
        )
        self.list.setVisible(bool(answers))
        self.show()
        self.list.setCurrentRow(0)
        self._show_current()

    def _show_current(self) -> None:
        item = self.list.currentItem()
        answer: QuickAnswer | None = item.data(ANSWER) if item else None
        self._preview.say(answer.text if answer else "")
        self._preview.setVisible(answer is not None and not self._low)
        if answer is not None and self.open:
            self._context.announcer.say(f"{answer.title}, {answer.text}")

    def step(self, by: int) -> None:
        """The next or the previous one."""
        if self.list.count():
            self.list.setCurrentRow((self.list.currentRow() + by) % self.list.count())

    def take(self) -> bool:
        """Put the current one in; False where there is none."""
        item = self.list.currentItem()
        if self.list.count() == 0:
            return False
        self._choose(item)
        return True

    def _choose(self, item: QListWidgetItem) -> None:
        self.hide()
        self.chosen.emit(item.data(ANSWER))
