"""One of the things that must work: its name, and how it stands, in words and colour."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QWidget

from ui.label import Label
from ui.look import Look

STYLES = {"good": "good", "careful": "careful-strong", "bad": "bad-strong"}


class HealthLabel(QWidget):
    """Attributes: `name`, `state` — the two labels."""

    def __init__(self, look: Look, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name = Label(name, "second")
        self.state = Label()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(look.px(4))
        row.addWidget(self.name)
        row.addWidget(self.state)

    def show_state(self, state: str, text: str, whole: str = "") -> None:
        """Say how it stands; `state` is good, careful, bad or off; `whole` — all of it, where `text` is its beginning."""
        self.state.say(text, STYLES.get(state, "third"))
        self.setAccessibleName(f"{self.name.words} {whole or text}")
        self.setToolTip(whole)
