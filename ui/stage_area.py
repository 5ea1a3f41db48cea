"""The citizen's picture as large as it can be, the own one in a corner or beside it, and the card where there is none."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from client.domain.words import Party
from ui.context import Context
from ui.language import tr
from ui.picture_view import DARK, PictureView
from ui.self_view import SelfView
from ui.stage_card import StageCard
from ui.stage_text import Card

CORNERS = ("bottom-right", "bottom-left", "top-left", "top-right", "beside")
SIZES = ("small", "large", "hidden")
SHARE = {"small": 0.24, "large": 0.36}  # of the area's shorter measure that fits the width
MARGIN, LEAST_WIDE = 14, 132


class StageArea(QWidget):
    """Attributes: `far` — the citizen; `near` — the agent; `card`; `corner`, `size` — of the own picture.

    Signals: `placed` — the own picture was moved by hand.
    """

    placed = Signal()

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = context.look
        self._session = ""
        self.corner, self.size_ = context.settings.self_corner, context.settings.self_size
        video = context.desk.video
        self.far = PictureView(lambda after: video.picture(self._session, Party.CITIZEN, after), parent=self)
        self.far.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.card = StageCard(context.look, self)
        self.near = _Movable(context, self)
        self.near.moved.connect(self._dropped)
        self.setMinimumSize(context.look.px(150), context.look.px(100))

    def show_session(self, session: str) -> None:
        """Whose picture this is from now on."""
        if session != self._session:
            self._session = session
            self.far.clear()

    def say(self, card: Card | None) -> bool:
        """Show a card in the picture's place, or the picture; true if it says something new."""
        hidden = self.card.isHidden()
        if card is None:
            self.card.hide()
            return False
        new = self.card.say(card) or hidden
        self.card.show()
        self.card.raise_()  # where both cannot have their place, the words win
        if self.far.has_picture:
            self.far.clear()
        self._place()
        return new

    def show_near(self, *, there: bool, shown: bool) -> None:
        """The own picture is agreed on; it leaves, or the card does."""
        self.near.setVisible(there and self.size_ != "hidden")
        self.near.show_own(shown=shown)
        self._place()

    # ── places ───────────────────────────────────────────────────────────────────────────────────

    def turn_corner(self) -> str:
        """The own picture goes to the next place; which."""
        self.corner = CORNERS[(CORNERS.index(self.corner) + 1) % len(CORNERS)]
        self._place()
        return self.corner

    def turn_size(self) -> str:
        """Small, large, hidden; which."""
        self.size_ = SIZES[(SIZES.index(self.size_) + 1) % len(SIZES)]
        self.near.setVisible(self.size_ != "hidden")
        self._place()
        return self.size_

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Everything in its place for another size."""
        super().resizeEvent(event)
        self._place()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        """As dark as around a picture, also where the own one stands beside it."""
        QPainter(self).fillRect(self.rect(), DARK)

    def _place(self) -> None:
        if self.near.held:
            return
        near = self._near_size()
        beside = self.corner == "beside" and not self.near.isHidden()
        across = self.width() >= self.height()
        gap = self._look.px(MARGIN)
        room = self.rect()
        if beside and across:
            room.setWidth(max(1, self.width() - near.width() - gap))
        elif beside:
            room.setHeight(max(1, self.height() - near.height() - gap))
        self.far.setGeometry(room)
        self.near.setGeometry(self._near_place(near))
        wide = min(self.card.maximumWidth(), max(1, room.width() - 2 * gap))
        card = QRect(0, 0, wide, min(room.height(), self.card.height_for(wide)))
        self.card.setGeometry(card.translated(room.center() - card.center()))

    def _near_size(self) -> QRect:
        look = self._look
        share = SHARE.get(self.size_, SHARE["small"])
        wide = max(look.px(LEAST_WIDE), round(min(self.width(), self.height() * 4 / 3) * share))
        wide = min(wide, max(1, self.width() // 2), max(1, self.height() // 2 * 4 // 3))
        return QRect(0, 0, wide, wide * 3 // 4)

    def _near_place(self, near: QRect) -> QRect:
        gap = self._look.px(MARGIN)
        right, bottom = self.width() - near.width() - gap, self.height() - near.height() - gap
        if self.corner == "beside":
            return near.translated(right + gap, bottom + gap)
        left, top = self.corner.endswith("left"), self.corner.startswith("top")
        return near.translated(gap if left else right, gap if top else bottom)

    def _dropped(self) -> None:
        middle = self.near.geometry().center()
        vertical = "top" if middle.y() < self.height() / 2 else "bottom"
        self.corner = f"{vertical}-{'left' if middle.x() < self.width() / 2 else 'right'}"
        self._place()
        self.placed.emit()


class _Movable(SelfView):
    """Can be dragged; keys do the same."""

    moved = Signal()

    def __init__(self, context: Context, parent: QWidget) -> None:
        super().__init__(context, parent=parent)
        self._held: QPoint | None = None
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self.setToolTip(tr("Drag it to another corner ({key})", key=context.key("self_corner")))

    @property
    def held(self) -> bool:
        """True while it is dragged."""
        return self._held is not None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold."""
        self._held = event.position().toPoint()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go along with the pointer."""
        if self._held is not None:
            self.move(self.mapToParent(event.position().toPoint()) - self._held)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: ARG002
        """Let go: it stays in the nearest corner."""
        if self._held is not None:
            self._held = None
            self.moved.emit()


def corner_text(corner: str) -> str:
    """Where the own picture stands."""
    return {
        "bottom-right": tr("My picture: bottom right"),
        "bottom-left": tr("My picture: bottom left"),
        "top-left": tr("My picture: top left"),
        "top-right": tr("My picture: top right"),
    }.get(corner, tr("My picture: beside the citizen's"))


def size_text(size: str) -> str:
    """How large the own picture is."""
    return {"small": tr("My picture: small"), "large": tr("My picture: large")}.get(size, tr("My picture: hidden"))
