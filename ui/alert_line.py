"""What calls for the agent, said in the window's head: for who hears nothing, and for who looks at the window itself.

It stands in room that is always free, so that nothing moves when it comes, and never takes the keyboard by itself.
"""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from client.services.alerts import OFFERS, Alert
from client.services.notices import AlertChanged, CallsChanged, SessionChanged
from ui.context import Context
from ui.icons import paint_icon
from ui.key_button import shown_key
from ui.language import tr
from ui.listen import CALM_MS, Coalesced, listen
from ui.offer_card import FLASH_MS
from ui.wording import ALARM_ICONS, alert_parts

HEIGHT, PAD, GAP, ICON, LEAST_TEXT = 40, 12, 8, 20, 56
ACT_HEIGHT, ACT_PAD, CAP_HEIGHT, CAP_PAD = 28, 10, 19, 6
ACT_SIZE, CAP_SIZE = 13.5, 11.5


class AlertLine(QPushButton):
    """The oldest alert that is not an offer, which has its card. A press opens its session.

    Attributes: `alert` — what is shown, None for nothing; `lit` — the outline's light is on.
    """

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.alert: Alert | None = None
        self.lit = False
        self._what = self._who = self._more = self._act = self._key = ""
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keyboard where the agent writes
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setAutoDefault(False)
        self.clicked.connect(self._notice)
        self._flash = QTimer(self, interval=FLASH_MS)
        self._flash.timeout.connect(self._turn)
        listen(self, context.desk.publisher, AlertChanged, Coalesced(self, self.refresh).ask)
        calm = Coalesced(self, self.refresh, CALM_MS)
        for kind in (CallsChanged, SessionChanged):
            listen(self, context.desk.publisher, kind, calm.ask)
        self.refresh()

    def refresh(self) -> None:
        """Show what calls now, or nothing."""
        loud = [alert for alert in self._context.desk.alerts.active if not alert.silenced]
        lasting = [alert for alert in loud if alert.alarm not in OFFERS]
        self.alert = lasting[0] if lasting else None
        self.setVisible(self.alert is not None)
        self._light(beside_an_offer=len(loud) > len(lasting))
        if self.alert is not None:
            self._say(self.alert, more=len(lasting) - 1, key_is_ours=loud[0] is self.alert)

    def _say(self, alert: Alert, *, more: int, key_is_ours: bool) -> None:
        sessions = self._context.desk.sessions
        what, self._who = alert_parts(sessions, alert)
        self._what = what
        self._more = tr("{count} more", count=more) if more else ""
        self._act = tr("Open") if alert.session in sessions else tr("Noticed")
        self._key = self._context.key("acknowledge") if key_is_ours else ""
        name = ", ".join(part for part in (what, self._who, self._more, self._act) if part)
        if name != self.accessibleName():
            self.setAccessibleName(name)
        self.setAccessibleDescription(self._key)
        self.setToolTip(", ".join(part for part in (what, self._who, self._more) if part))
        self.updateGeometry()
        self.update()

    def _notice(self) -> None:
        alert, desk = self.alert, self._context.desk
        if alert is not None:
            desk.alerts.acknowledge(alert.id)
            if alert.session in desk.sessions:
                self._context.selection.open(alert.session)

    # ── light ────────────────────────────────────────────────────────────────────────────────────

    def _light(self, *, beside_an_offer: bool) -> None:
        """One thing flashes at a time: beside an offer's card this is steady."""
        if self.alert is None or beside_an_offer or self._context.look.reduced_motion:
            self._flash.stop()
            self.lit = self.alert is not None
        elif not self._flash.isActive():
            self.lit = True
            self._flash.start()
        self.update()

    def _turn(self) -> None:
        self.lit = not self.lit
        self.update()

    # ── measures ─────────────────────────────────────────────────────────────────────────────────

    def sizeHint(self) -> QSize:
        """Room for all its words."""
        words = self._width(self._what, bold=True)
        for part in (self._who, self._more):
            words += self._width(part) + self._context.look.px(GAP) if part else 0
        return QSize(round(words) + self._around(), self._context.look.px(HEIGHT))

    def minimumSizeHint(self) -> QSize:
        """Its beginning, and the key: the tooltip and assistive technology have all of it."""
        look = self._context.look
        around = 2 * look.px(PAD) + look.px(GAP) + round(self._act_width(tight=True))
        return QSize(look.px(LEAST_TEXT) + around, look.px(HEIGHT))

    def _around(self) -> int:
        look = self._context.look
        return 2 * look.px(PAD) + look.px(ICON) + 2 * look.px(GAP) + round(self._act_width())

    def _is_tight(self) -> bool:
        """Too narrow for a picture and for the act's words beside its key."""
        return self.width() < 2 * self._context.look.px(LEAST_TEXT) + self._around()

    def _width(self, text: str, size: float = 14, *, bold: bool = False) -> float:
        return QFontMetricsF(self._context.look.font(size, bold=bold)).horizontalAdvance(text) + 1 if text else 0.0

    def _act_width(self, *, tight: bool = False) -> float:
        look = self._context.look
        act = "" if tight and self._key else self._act
        gap = look.px(GAP) if act and self._key else 0
        return self._width(act, ACT_SIZE, bold=True) + gap + self._cap_width() + 2 * look.px(ACT_PAD)

    def _cap_width(self) -> float:
        return self._width(shown_key(self._key), CAP_SIZE) + 2 * self._context.look.px(CAP_PAD) if self._key else 0.0

    # ── painting ─────────────────────────────────────────────────────────────────────────────────

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        """The box with its light, the words, and what a press does."""
        look = self._context.look
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        wide = look.px(2) if self.lit else 1
        box = QRectF(self.rect()).adjusted(wide / 2, wide / 2, -wide / 2, -wide / 2)
        painter.setBrush(look.color("soft"))
        painter.setPen(QPen(look.color("accent"), wide))
        painter.drawRoundedRect(box, look.px(10), look.px(10))
        act = self._paint_act(painter)
        self._paint_words(painter, act.left() - look.px(GAP))
        painter.end()

    def _paint_act(self, painter: QPainter) -> QRectF:
        """The words of the act and the key that does it, at the right end; where they stand."""
        look = self._context.look
        tight = self._is_tight()
        width, height = self._act_width(tight=tight), look.px(ACT_HEIGHT)
        place = QRectF(self.width() - look.px(PAD) / 2 - width, (self.height() - height) / 2, width, height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.color("accent"))
        painter.drawRoundedRect(place, look.px(7), look.px(7))
        painter.setPen(QPen(look.color("on_accent")))
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(look.color("on_accent"), look.px(2)))
            painter.drawRoundedRect(place.adjusted(3, 3, -3, -3), look.px(5), look.px(5))
        inside = place.adjusted(look.px(ACT_PAD), 0, -look.px(ACT_PAD), 0)
        painter.setFont(look.font(ACT_SIZE, bold=True))
        if not (tight and self._key):
            painter.drawText(inside, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self._act)
        if self._key:
            self._paint_cap(painter, inside)
        return place

    def _paint_cap(self, painter: QPainter, inside: QRectF) -> None:
        look = self._context.look
        height = look.px(CAP_HEIGHT)
        cap = QRectF(inside.right() - self._cap_width(), inside.center().y() - height / 2, self._cap_width(), height)
        painter.setPen(QPen(look.color("on_accent")))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(cap.adjusted(0.5, 0.5, -0.5, -0.5), look.px(4), look.px(4))
        painter.setFont(look.font(CAP_SIZE))
        painter.drawText(cap, Qt.AlignmentFlag.AlignCenter, shown_key(self._key))

    def _paint_words(self, painter: QPainter, right: float) -> None:
        look = self._context.look
        left = float(look.px(PAD))
        if self.alert is not None and not self._is_tight():
            size = look.px(ICON)
            icon = ALARM_ICONS.get(self.alert.alarm, "warning")
            paint_icon(painter, icon, QRectF(left, (self.height() - size) / 2, size, size), look.color("accent"))
            left += size + look.px(GAP)
        more = self._width(self._more) + look.px(GAP) if self._more and not self._is_tight() else 0.0
        words = ((self._what, "text", True, right - more), (self._who, "text", False, right - more))
        for text, ink, bold, end in (*words, (self._more if more else "", "second", False, right)):
            if text and end - left > look.px(GAP):
                left += self._paint_part(painter, text, QRectF(left, 0, end - left, self.height()), ink, bold=bold)

    def _paint_part(self, painter: QPainter, text: str, box: QRectF, ink: str, *, bold: bool) -> float:
        """One part in what room there is; how far it went."""
        font = self._context.look.font(14, bold=bold)
        painter.setFont(font)
        painter.setPen(self._context.look.color(ink))
        measured = QFontMetricsF(font)
        shown = measured.elidedText(text, Qt.TextElideMode.ElideRight, box.width())
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
        return measured.horizontalAdvance(shown) + self._context.look.px(GAP)
