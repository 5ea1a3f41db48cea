"""Draws the newest picture of a camera or a citizen, as large as it fits, its aspect kept. Polls only while it is seen."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QHideEvent, QImage, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from client.domain.video import Picture

POLL_MS = 8  # four looks for every picture of 30 a second: what is newest waits at most this long
LEAST = QSize(120, 90)
DARK = QColor("#12151B")  # around a picture in every theme, as in a cinema: light beside a signer blinds

Source = Callable[[int], Picture | None]
"""Number of the last picture → the newest one, if it is newer."""


def image_of(picture: Picture) -> QImage:
    """The picture as Qt draws it; its pixels are shared, so the image must not outlive `picture.pixels`."""
    return QImage(picture.pixels, picture.width, picture.height, picture.width * 4, QImage.Format.Format_RGB32)


def fitted(size: QSize, room: QRectF) -> QRectF:
    """Where a picture of `size` stands in `room`: as large as it fits, in the middle."""
    if size.isEmpty() or room.isEmpty():
        return QRectF()
    scaled = size.toSizeF().scaled(room.size(), Qt.AspectRatioMode.KeepAspectRatio)
    left, top = room.x() + (room.width() - scaled.width()) / 2, room.y() + (room.height() - scaled.height()) / 2
    return QRectF(left, top, scaled.width(), scaled.height())


class PictureView(QWidget):
    """Attributes: `painted` — pictures drawn so far; `number` — of the newest; `mirrored` — as in a mirror.

    Signals: `came` — the first picture is there; `seen(QImage)` — a new one is.
    """

    came = Signal()
    seen = Signal(QImage)

    def __init__(self, source: Source, *, mirrored: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.painted = self.number = 0
        self.mirrored = mirrored
        self._source = source
        self._picture: Picture | None = None
        self._image = QImage()
        self._new = False
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(LEAST)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._timer = QTimer(self, interval=POLL_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.look)

    @property
    def has_picture(self) -> bool:
        """True once one has come."""
        return not self._image.isNull()

    def clear(self) -> None:
        """Show nothing until a new picture comes: what was last seen is not what is."""
        self._image, self._picture, self.number = QImage(), None, 0
        self.update()

    def look(self) -> None:
        """Take the newest picture, if there is a newer one."""
        picture = self._source(self.number)
        if picture is None:
            return
        first = not self.has_picture
        self.number, self._picture, self._image = picture.number, picture, image_of(picture)
        self._new = True
        self.update()
        self.seen.emit(self._image)
        if first:
            self.came.emit()

    def showEvent(self, event: QShowEvent) -> None:
        """Look for pictures."""
        super().showEvent(event)
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody sees them."""
        super().hideEvent(event)
        self._timer.stop()

    def sizeHint(self) -> QSize:
        """A quarter of what comes at least."""
        return QSize(320, 240)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        """The picture, and dark where it does not reach."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), DARK)
        if self.has_picture:
            self._paint_picture(painter, fitted(self._image.size(), QRectF(self.rect())))
            self.painted += self._new
            self._new = False
        painter.end()

    def _paint_picture(self, painter: QPainter, place: QRectF) -> None:
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        if self.mirrored:
            painter.translate(place.x() * 2 + place.width(), 0)
            painter.scale(-1, 1)
        painter.drawImage(place, self._image)
        painter.resetTransform()
