"""Whether a signer can be seen well: a drawn frame for head and hands, and a word on the light.

Signing needs the room from over the head to the waist and an elbow at each side; hands that leave it are words lost.
"""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

GRID = 12  # the picture is looked at in so many columns and rows
TOO_DARK = 0.22  # mean luminance (0–1) under which hands are lost before the face
BACKLIT = 0.28  # so much darker than its surroundings is a face before a window
TOO_BRIGHT = 0.9


class Light(StrEnum):
    """What the light is like."""

    GOOD = "good"
    DARK = "dark"
    BACKLIT = "backlit"
    BRIGHT = "bright"


def light_of(image: QImage) -> Light:
    """What the light of a picture is like: dark all over, a dark middle before something bright, glaring, or good."""
    small = image.scaled(GRID, GRID, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.FastTransformation)
    small = small.convertToFormat(QImage.Format.Format_Grayscale8)
    rows = [[small.pixelColor(x, y).lightnessF() for x in range(GRID)] for y in range(GRID)]
    middle = [rows[y][x] for y in range(GRID // 4, GRID) for x in range(GRID // 3, GRID - GRID // 3)]
    around = [rows[y][x] for y in range(GRID) for x in (0, 1, GRID - 2, GRID - 1)]
    inside, outside = sum(middle) / len(middle), sum(around) / len(around)
    if outside - inside > BACKLIT:
        return Light.BACKLIT
    mean = (inside + outside) / 2
    return Light.DARK if mean < TOO_DARK else Light.BRIGHT if mean > TOO_BRIGHT else Light.GOOD


def paint_guide(painter: QPainter, place: QRectF, wide: float) -> None:
    """Draw the head's oval and the hands' room over a picture at `place`; two colours, so that they show on any."""
    head = QRectF(place.center().x() - place.height() * 0.13, place.y() + place.height() * 0.1, 0, 0)
    head.setSize(head.size() + QRectF(0, 0, place.height() * 0.26, place.height() * 0.34).size())
    hands = QRectF(place.center().x() - place.height() * 0.5, place.y() + place.height() * 0.06, 0, 0)
    hands.setWidth(min(place.height(), place.width()))
    hands.moveLeft(place.center().x() - hands.width() / 2)
    hands.setHeight(place.height() * 0.9)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for color, width in ((QColor(0, 0, 0, 150), wide * 2), (QColor(255, 255, 255, 220), wide)):
        painter.setPen(QPen(color, width, Qt.PenStyle.DashLine))
        painter.drawEllipse(head)
        painter.drawRoundedRect(hands, wide * 6, wide * 6)
