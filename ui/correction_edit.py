"""The field in which a caption is read anew: Enter keeps the reading, Esc leaves it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication, QInputMethodEvent, QKeyEvent, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from ui.language import tr
from ui.look import Look


class CorrectionEdit(QPlainTextEdit):
    """One caption's words.

    Attributes: `begun` — it holds the words already. Signals: `done` — keep the reading; `left` — don't.
    """

    done = Signal()
    left = Signal()

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self.begun = False
        self._composing = ""
        self.setProperty("is", "correction")
        self.setAccessibleName(tr("Correct this line"))
        self.setAccessibleDescription(tr("Enter keeps it, Esc leaves it."))
        self.setFont(look.font(look.caption_px))
        self.setTabChangesFocus(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def begin(self, text: str) -> None:
        """Start from the present reading."""
        self.begun = True
        self.setPlainText(text)
        self.moveCursor(QTextCursor.MoveOperation.End)

    def reading(self) -> str:
        """The words as one line, with the syllable that is still being composed."""
        self._settle()
        return " ".join(self.toPlainText().split())

    def _settle(self) -> None:
        QGuiApplication.inputMethod().commit()
        if self._composing:  # an input method that does not commit when it is asked
            self.insertPlainText(self._composing)
            self._composing = ""

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        """Know what is being composed: some input methods leave Enter to the field in mid-syllable."""
        self._composing = event.preeditString()
        super().inputMethodEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and Esc end the correction."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.done.emit()
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)
