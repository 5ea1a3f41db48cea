"""A QR code drawn from its matrix, always dark on white, with the quiet zone that cameras need."""

from __future__ import annotations

import segno
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from ui.language import tr
from ui.look import Look

QUIET = 4  # modules (ISO/IEC 18004)


class QrCode(QWidget):
    """Shows one address."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[bytearray, ...] = ()
        self._side = look.px(148)
        self.setFixedSize(self.sizeHint())
        self.setAccessibleName(tr("QR code of the citizen link"))

    def show_address(self, address: str) -> None:
        """Encode an address; "" shows nothing."""
        self._rows = tuple(segno.make(address, error="m", micro=False).matrix) if address else ()
        self.update()

    def sizeHint(self) -> QSize:
        """A square."""
        return QSize(self._side, self._side)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        """Modules of whole pixels, so that none blurs."""
        if not self._rows:
            return
        painter = QPainter(self)
        count = len(self._rows) + 2 * QUIET
        module = max(1, self.width() // count)
        start = (self.width() - module * count) // 2 + QUIET * module
        painter.fillRect(self.rect(), QColor(Qt.GlobalColor.white))
        for y, row in enumerate(self._rows):
            for x, dark in enumerate(row):
                if dark:
                    painter.fillRect(
                        QRectF(start + x * module, start + y * module, module, module), QColor(Qt.GlobalColor.black)
                    )
        painter.end()
