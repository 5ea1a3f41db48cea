"""The card that stands in a picture's place: what is the matter, in words that the keyboard and a screen reader reach."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from ui.key_button import KeyButton
from ui.label import Label
from ui.language import tr
from ui.look import Look
from ui.stage_text import Card

WIDE = 420


class StageCard(QFrame):
    """Signals: `again` — a new connection is asked for."""

    again = Signal()

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("is", "card")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._title = Label(style="name", wrap=True)
        self._text = Label(style="second", wrap=True)
        for label in (self._title, self._text):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.button = KeyButton(look, tr("Connect again"))
        self.button.clicked.connect(self.again)
        self.setMaximumWidth(look.px(WIDE))
        column = QVBoxLayout(self)
        column.setContentsMargins(look.px(22), look.px(18), look.px(22), look.px(18))
        column.setSpacing(look.px(8))
        column.addWidget(self._title)
        column.addWidget(self._text)
        column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)

    @property
    def words(self) -> str:
        """What it says."""
        return f"{self._title.words}. {self._text.words}"

    def height_for(self, width: int) -> int:
        """The height that its words take at this width."""
        layout = self.layout()
        assert layout is not None
        inside = width - layout.contentsMargins().left() - layout.contentsMargins().right()
        parts = [label.heightForWidth(inside) for label in (self._title, self._text)]
        if not self.button.isHidden():
            parts.append(self.button.sizeHint().height())
        margins = layout.contentsMargins().top() + layout.contentsMargins().bottom()
        return sum(parts) + layout.spacing() * (len(parts) - 1) + margins + 2

    def say(self, card: Card) -> bool:
        """Show a card; true if it says something else than before."""
        new = card.title != self._title.words
        self._title.say(card.title)
        self._text.say(card.text)
        self.button.setVisible(card.again)
        if self.accessibleName() != card.title:
            self.setAccessibleName(card.title)
        self.setAccessibleDescription(card.text)
        return new
