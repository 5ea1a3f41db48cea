"""Characters that the chosen channel cannot carry, marked where they stand while one writes."""

from __future__ import annotations

from PySide6.QtGui import QColor, QSyntaxHighlighter, QTextCharFormat, QTextDocument

from client.domain.sms_text import unsendable, utf16


class UnsendableMarks(QSyntaxHighlighter):
    """A wavy line under them while `on`; the words beside the field say it too."""

    def __init__(self, document: QTextDocument, color: QColor) -> None:
        super().__init__(document)
        self._on = False
        self._format = QTextCharFormat()
        self._format.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
        self._format.setUnderlineColor(color)
        self._format.setForeground(color)

    def turn(self, *, on: bool) -> None:
        """Mark, or do not."""
        if on != self._on:
            self._on = on
            self.rehighlight()

    def highlightBlock(self, text: str) -> None:
        """One paragraph (Qt's own override)."""
        for span in unsendable(text) if self._on else ():
            start, end = utf16(text, span)
            self.setFormat(start, end - start, self._format)
