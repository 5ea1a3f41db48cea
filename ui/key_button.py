"""The desk's button: its words, and the key that does the same in a small cap. It paints itself."""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from ui.icons import paint_icon
from ui.look import Look

DARK = 60  # lightness (0–255) under which a touched button gets lighter instead of darker
COMPACT_PAD, COMPACT_GAP = 8, 6
HEIGHT, PAD, GAP, CAP_PAD, CAP_HEIGHT, ICON = 36, 14, 8, 6, 19, 18


class Kind(StrEnum):
    """What a press means."""

    PLAIN = "plain"
    PRIMARY = "primary"
    DANGER = "danger"
    QUIET = "quiet"
    DASHED = "dashed"
    ON = "on"


COLORS = {  # (fill, outline, ink) roles; "" is none
    Kind.PLAIN: ("raised", "line", "text"),
    Kind.PRIMARY: ("accent", "accent", "on_accent"),
    Kind.DANGER: ("raised", "bad", "bad"),
    Kind.QUIET: ("", "", "second"),
    Kind.DASHED: ("raised", "line", "text"),
    Kind.ON: ("careful_soft", "careful", "careful"),
}
OFF = ("background", "hairline", "third")


def touched(fill: QColor, look: Look) -> QColor:
    """The fill of a button under the pointer or pressed; its ink stays legible on it, which a test computes."""
    changed = fill.darker(108) if fill.lightness() > DARK else fill.lighter(130)
    return look.color("soft") if fill.alpha() == 0 or changed == fill else changed  # black has no lighter black


def shown_key(key: str) -> str:
    """A key as it stands in a cap: `Shift+F9` is `⇧F9`."""
    return key.replace("Shift+", "⇧").replace("Ctrl+", "Ctrl ").replace("Alt+", "Alt ")


class KeyButton(QPushButton):
    """A push button with a key cap. The accessible name is the words alone; the key is its description."""

    def __init__(
        self,
        look: Look,
        text: str = "",
        *,
        key: str = "",
        kind: Kind = Kind.PLAIN,
        icon: str = "",
        compact: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._look, self._kind, self._icon = look, kind, icon
        self._pad, self._gap = (COMPACT_PAD, COMPACT_GAP) if compact else (PAD, GAP)
        self._key = ""
        self._dot = ""
        self._cap_shown = True
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setAutoDefault(False)
        self.set_words(text, key)

    def set_words(self, text: str, key: str | None = None) -> None:
        """Change the words, and the key if it is given; assistive technology is told of a new name."""
        key = self._key if key is None else key
        if text == self.text() and key == self._key:
            return
        self._key = key
        self.setText(text)
        self.setAccessibleName(text)
        self.setAccessibleDescription(key)
        self.setToolTip(f"{text}  ({key})" if key else "")
        self.updateGeometry()
        self.update()

    def show_cap(self, shown: bool) -> None:
        """Leave the cap out where there is no room; the key stays in the tooltip and the description."""
        if shown != self._cap_shown:
            self._cap_shown = shown
            self.updateGeometry()
            self.update()

    def set_kind(self, kind: Kind) -> None:
        """Change what a press means."""
        if kind is not self._kind:
            self._kind = kind
            self.update()

    def set_dot(self, role: str) -> None:
        """Show a dot of this colour before the words; "" shows none. The words must say it too."""
        self._dot = role
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Room for the dot, the icon, the words and the cap."""
        look = self._look
        return QSize(round(self._content_width()) + 2 * look.px(self._pad), look.px(HEIGHT))

    def minimumSizeHint(self) -> QSize:
        """Words are never cut."""
        return self.sizeHint()

    def _content_width(self) -> float:
        look = self._look
        parts = []
        if self._dot:
            parts.append(float(look.px(9)))
        if self._icon:
            parts.append(float(look.px(ICON)))
        if self.text():
            parts.append(QFontMetricsF(look.font()).horizontalAdvance(self.text()))
        if self._key and self._cap_shown:
            parts.append(self._cap_width())
        return sum(parts) + look.px(self._gap) * max(0, len(parts) - 1)

    def _cap_width(self) -> float:
        look = self._look
        return QFontMetricsF(look.font(11.5)).horizontalAdvance(shown_key(self._key)) + 2 * look.px(CAP_PAD)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        """Draw the box, then the content centred in it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        fill, outline, ink = COLORS[self._kind] if self.isEnabled() else OFF
        self._paint_box(painter, fill, outline)
        self._paint_content(painter, self._look.color(ink))
        painter.end()

    def _paint_box(self, painter: QPainter, fill: str, outline: str) -> None:
        look = self._look
        radius = look.px(8)
        box = (
            QRectF(self.rect()).adjusted(2.5, 2.5, -2.5, -2.5)
            if self.hasFocus()
            else QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        )
        color = look.color(fill) if fill else QColor(Qt.GlobalColor.transparent)
        if self.isEnabled() and (self.isDown() or self.underMouse()):
            color = touched(color, look)
        painter.setBrush(color)
        pen = QPen(look.color(outline)) if outline else QPen(Qt.PenStyle.NoPen)
        if self._kind is Kind.DASHED:
            pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.drawRoundedRect(box, radius, radius)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(look.color("accent"), 2))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), radius + 2, radius + 2)

    def _paint_content(self, painter: QPainter, ink: QColor) -> None:
        look = self._look
        x = (self.width() - self._content_width()) / 2
        middle = self.height() / 2
        if self._dot:
            size = look.px(9)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.color(self._dot))
            painter.drawEllipse(QRectF(x, middle - size / 2, size, size))
            x += size + look.px(self._gap)
        if self._icon:
            size = look.px(ICON)
            paint_icon(painter, self._icon, QRectF(x, middle - size / 2, size, size), ink)
            x += size + look.px(self._gap)
        if self.text():
            font = look.font()
            width = QFontMetricsF(font).horizontalAdvance(self.text())
            painter.setFont(font)
            painter.setPen(ink)
            painter.drawText(QRectF(x, 0, width + 2, self.height()), Qt.AlignmentFlag.AlignVCenter, self.text())
            x += width + look.px(self._gap)
        if self._key and self._cap_shown:
            self._paint_cap(
                painter, QRectF(x, middle - look.px(CAP_HEIGHT) / 2, self._cap_width(), look.px(CAP_HEIGHT)), ink
            )

    def _paint_cap(self, painter: QPainter, box: QRectF, ink: QColor) -> None:
        look = self._look
        plain = self._kind in (Kind.PLAIN, Kind.QUIET, Kind.DASHED) and self.isEnabled()
        painter.setPen(QPen(look.color("line") if plain else ink))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), look.px(4), look.px(4))
        painter.setFont(look.font(11.5))
        painter.setPen(look.color("second") if plain else ink)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, shown_key(self._key))
