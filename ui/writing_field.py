"""The field that one writes in: grows to five lines, sends by Enter and never half a syllable, takes files and pictures."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, Qt, Signal
from PySide6.QtGui import QInputMethodEvent, QKeyEvent
from PySide6.QtWidgets import QPlainTextEdit

from ui.actions import LetKeysThrough
from ui.context import Context

MAX_LINES, LOW_LINES = 5, 2


class WritingField(QPlainTextEdit):
    """Grows to five lines, to two in a low window. Enter sends (unless it ends a Hangul composition), Shift+Enter breaks the line.

    Signals: `written(text)` — what stands in it, a composing syllable included; `sent()` — Enter; `left()` — Esc; `stepped(±1)` — an arrow while `stepping`; `given(QMimeData)` — files or a picture.
    """

    written = Signal(str)
    sent = Signal()
    left = Signal()
    stepped = Signal(int)
    given = Signal(object)

    def __init__(self, context: Context, style: str, *, takes_files: bool = False) -> None:
        super().__init__()
        self.stepping = False  # a list over the field has the arrows
        self._most_lines = MAX_LINES
        self._look = context.look
        self._composing = False
        self._takes_files = takes_files
        self.setProperty("is", style)
        self.setTabChangesFocus(True)
        self.setFont(context.look.font(15))
        self._preedit = ""
        self.textChanged.connect(self.grow)
        self.textChanged.connect(self._tell)
        self.document().setDocumentMargin(context.look.px(3))
        LetKeysThrough(context.actions, self)
        self.grow()

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        """Know whether a syllable is being composed."""
        self._preedit = event.preeditString()
        self._composing = bool(self._preedit)
        super().inputMethodEvent(event)
        self._tell()

    def whole(self) -> str:
        """The text with the syllable that is being composed where it will stand."""
        text, at = self.toPlainText(), self.textCursor().position()
        return f"{text[:at]}{self._preedit}{text[at:]}"

    def _tell(self) -> None:
        self.written.emit(self.whole())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter sends, never half a syllable."""
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        step = {Qt.Key.Key_Down.value: 1, Qt.Key.Key_Up.value: -1}.get(event.key(), 0)
        if enter and not event.modifiers() & Qt.KeyboardModifier.ShiftModifier and not event.isAutoRepeat():
            if not self._composing:
                self.sent.emit()
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        elif step and self.stepping and not self._composing:
            self.stepped.emit(step)
        else:
            super().keyPressEvent(event)

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        """Files and pictures too, where the field takes them."""
        return (self._takes_files and _is_files(source)) or super().canInsertFromMimeData(source)

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Pasted or dropped: files and pictures are attached, words are written."""
        if self._takes_files and _is_files(source):
            self.given.emit(source)
        else:
            super().insertFromMimeData(source)

    def set_low(self, low: bool) -> None:
        """Grow less in a low window."""
        self._most_lines = LOW_LINES if low else MAX_LINES
        self.grow()

    def grow(self) -> None:
        """As high as its lines, up to the most."""
        lines = min(self._most_lines, max(1, self.document().blockCount(), round(self.document().size().height())))
        full = self.document().size().height() > self._most_lines
        policy = Qt.ScrollBarPolicy
        self.setVerticalScrollBarPolicy(policy.ScrollBarAsNeeded if full else policy.ScrollBarAlwaysOff)
        self.setFixedHeight(round(self.fontMetrics().lineSpacing() * lines) + self._look.px(14))


def _is_files(source: QMimeData) -> bool:
    return any(url.isLocalFile() for url in source.urls()) or (source.hasImage() and not source.hasText())
