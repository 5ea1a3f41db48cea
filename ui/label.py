"""Labels: their words are their accessible name, and Korean breaks between words, never inside one."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

NUMBER = "0123456789*-"
JOINER = "\u2060"  # WORD JOINER: no line break here (UAX #14)


def is_hangul(character: str) -> bool:
    """True for a syllable or a jamo, between which Unicode would allow a break."""
    return "가" <= character <= "힣" or "ㄱ" <= character <= "ㅣ"


def keep_words(text: str) -> str:
    """`text` with joiners between the syllables of each word (CSS `word-break: keep-all`), and inside numbers."""
    made: list[str] = []
    for at, character in enumerate(text):
        before = text[at - 1] if at else " "
        inside_word = is_hangul(character) and not before.isspace() and before not in ".,!?·/—-)"
        if inside_word or (before in NUMBER and character in NUMBER):
            made.append(JOINER)
        made.append(character)
    return "".join(made)


class Label(QLabel):
    """Plain text of one style (`is` of the stylesheet). Wrapping ones keep words whole."""

    def __init__(self, text: str = "", style: str = "", *, wrap: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(wrap)
        if "chip" in style:
            self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        if wrap:
            self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self._words = ""
        if style:
            self.setProperty("is", style)
        self.say(text)

    @property
    def words(self) -> str:
        """The text as it was given."""
        return self._words

    def say(self, text: str, style: str | None = None) -> None:
        """Change the words, and the style if it is given; both at no cost if nothing changes."""
        if text != self._words or not self.text():
            self._words = text
            self.setText(keep_words(text) if self.wordWrap() else text)
            self.setAccessibleName(text)
        if style is not None and style != self.property("is"):
            restyle(self, style)


def restyle(widget: QWidget, style: str) -> None:
    """Give a widget another style of the sheet."""
    if widget.property("is") == style:
        return
    widget.setProperty("is", style)
    widget.style().unpolish(widget)
    widget.style().polish(widget)
