"""Pictures that came from elsewhere, decoded within bounds. The hub has made each of them anew before."""

from __future__ import annotations

from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtGui import QImage, QImageReader

MOST_MB = 64  # of a decoded picture


def decoded(data: bytes) -> QImage:
    """A picture within bounds of memory; a null image where it is none."""
    kept = QByteArray(data)
    buffer = QBuffer(kept)
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer)
    reader.setAllocationLimit(MOST_MB)
    return reader.read()
