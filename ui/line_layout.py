"""A line of the timeline laid out for one width: where its words break, and how high it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QPainter,
    QPen,
    QTextCharFormat,
    QTextLayout,
    QTextLine,
    QTextOption,
)

from client.domain.words import Party
from ui.label import JOINER, is_hangul
from ui.language import tr
from ui.line_text import Shown
from ui.look import Look
from ui.wording import party_text, writer_text

LEFT, RIGHT, TIME_WIDTH, BAR, BAR_GAP = 20, 20, 46, 3, 12
MAX_MEASURE = 900  # a line longer than this is hard to follow back
LINE_HEIGHT = 1.55
LABEL_SIZE, FACT_SIZE = 12.5, 13.5


@dataclass(slots=True)
class Laid:
    """Text laid out: `height` of the whole row, `text` with its lines, `dotted` in its characters, `from_top` of it."""

    shown: Shown
    height: int
    text: QTextLayout
    from_top: float
    dotted: tuple[tuple[int, int], ...]


class Columns:
    """Where label, bar, text and time stand, in pixels, for one look."""

    def __init__(self, look: Look) -> None:
        metrics = QFontMetricsF(look.font(LABEL_SIZE, bold=True))
        labels = [party_text(Party.CITIZEN), writer_text(Party.CITIZEN), writer_text(Party.AGENT), tr("Internal note")]
        self.left = look.px(LEFT)
        self.label_width = max(metrics.horizontalAdvance(text) for text in labels) + look.px(6)
        self.bar = self.left + max(look.px(64), self.label_width) + look.px(8)
        self.text = self.bar + look.px(BAR + BAR_GAP)
        self.right = look.px(RIGHT) + look.px(TIME_WIDTH)


def joined(text: str) -> tuple[str, list[int]]:
    """`text` with joiners inside words, and for each character of `text` (and its end) where it stands now."""
    made: list[str] = []
    places: list[int] = []
    for at, character in enumerate(text):
        if at and is_hangul(character) and (is_hangul(text[at - 1]) or text[at - 1].isalnum()):
            made.append(JOINER)
        places.append(len(made))
        made.append(character)
    places.append(len(made))
    return "".join(made), places


def lay_out(shown: Shown, width: int, look: Look, columns: Columns) -> Laid:
    """Lay a line out for a row of `width` pixels."""
    size = look.caption_px if shown.words else FACT_SIZE
    font = QFont(look.font(size))
    if shown.words:
        font.setLetterSpacing(QFont.SpacingType.PercentageSpacing, 100)
    tail = f"  {shown.state}" if shown.state else ""
    text, places = joined(f"{shown.solid}{shown.lighter}{tail}")
    layout = QTextLayout(text, font)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    layout.setFormats(_formats(shown, len(shown.lighter), places, look))
    measure = min(width - columns.text - columns.right, look.px(MAX_MEASURE))
    spacing = LINE_HEIGHT if shown.words else 1.45
    content = _break_lines(layout, max(measure, look.px(80)), round(look.px(size) * spacing))
    pad = look.px(7 if shown.words else 5) + (look.px(5) if shown.boxed else 0)
    dotted = tuple((places[start], places[end]) for start, end in shown.dotted if end < len(places))
    return Laid(shown=shown, height=round(content) + 2 * pad, text=layout, from_top=pad, dotted=dotted)


def _formats(shown: Shown, lighter: int, places: list[int], look: Look) -> list[QTextLayout.FormatRange]:
    solid = len(shown.solid)
    runs = [(solid, solid + lighter, "third", False)] if lighter else []
    if shown.state:
        runs.append((solid + lighter, len(places) - 1, shown.state_ink, True))
    formats = []
    for start, end, ink, bold in runs:
        form = QTextCharFormat()
        form.setForeground(look.color(ink))
        if bold:
            form.setFontWeight(QFont.Weight.Bold)
            form.setProperty(QTextCharFormat.Property.FontPixelSize, look.px(FACT_SIZE))
        run = QTextLayout.FormatRange()
        run.start, run.length, run.format = places[start], places[end] - places[start], form
        formats.append(run)
    return formats


def _break_lines(layout: QTextLayout, measure: float, line_height: float) -> float:
    layout.beginLayout()
    y = 0.0
    while True:
        line = layout.createLine()
        if not line.isValid():
            break
        line.setLineWidth(measure)
        line.setPosition(QPointF(0, y + (line_height - line.height()) / 2))
        y += line_height
    layout.endLayout()
    return y


def paint_dots(painter: QPainter, laid: Laid, at: QPointF, color: QColor, thickness: int) -> None:
    """Draw the dotted lines under uncertain words."""
    pen = QPen(color, thickness, Qt.PenStyle.CustomDashLine, Qt.PenCapStyle.FlatCap)
    pen.setDashPattern([1, 1])
    painter.setPen(pen)
    for start, end in laid.dotted:
        for number in range(laid.text.lineCount()):
            line = laid.text.lineAt(number)
            first, last = max(start, line.textStart()), min(end, line.textStart() + line.textLength())
            if first < last:
                box = QRectF(line.naturalTextRect())
                y = at.y() + box.bottom() - thickness
                painter.drawLine(QPointF(at.x() + _x(line, first), y), QPointF(at.x() + _x(line, last), y))


def _x(line: QTextLine, place: int) -> float:
    """Where a character stands; the call also answers with the place itself, which the stubs do not say."""
    x, _ = cast(tuple[float, int], line.cursorToX(place))
    return x
