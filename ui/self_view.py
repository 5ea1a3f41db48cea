"""The agent's own picture, mirrored as one knows oneself; the card that the citizen sees while it is off."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from client.domain.words import Party
from client.services.notices import CamerasChanged
from ui.context import Context
from ui.frame_guide import Light, light_of, paint_guide
from ui.icons import paint_icon
from ui.language import tr
from ui.listen import listen
from ui.picture_view import DARK, PictureView, fitted

EVERY = 15  # pictures between two looks at the light: twice a second


class SelfView(PictureView):
    """Attributes: `shown` — the picture leaves (else the card does); `guide` — the frame for signing is drawn over it."""

    def __init__(self, context: Context, *, guide: bool = False, parent: QWidget | None = None) -> None:
        video = context.desk.video
        super().__init__(lambda after: video.picture("", Party.AGENT, after), mirrored=True, parent=parent)
        self._context = context
        self.shown = True
        self.guide = guide
        self.light = Light.GOOD
        self._count = 0
        self.seen.connect(self._look_at_light)
        listen(self, context.desk.publisher, CamerasChanged, lambda _: self.refresh())
        self.refresh()

    def show_own(self, *, shown: bool) -> None:
        """The picture leaves, or the card in its place."""
        if shown != self.shown:
            self.shown = shown
            self.refresh()

    def refresh(self) -> None:
        """Say in words what is seen here."""
        cameras = self._context.desk.video.cameras
        if cameras is not None and not cameras.on and self.has_picture:
            self.clear()
        name = self.words()
        if name != self.accessibleName():
            self.setAccessibleName(name)
        self.update()

    def words(self) -> str:
        """What this shows, in a sentence."""
        cameras = self._context.desk.video.cameras
        if cameras is not None and cameras.problem:
            return tr("Camera: {problem}", problem=cameras.problem)
        if not self.shown:
            return tr("My picture is off; the citizen sees a card")
        return ", ".join(part for part in (tr("Me (mirrored)"), light_text(self.light)) if part)

    def _look_at_light(self, image: QImage) -> None:
        self._count += 1
        if self._count % EVERY == 1 and (light := light_of(image)) is not self.light:
            self.light = light
            self.refresh()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The picture with its label, or the card in words."""
        cameras = self._context.desk.video.cameras
        if self.shown and self.has_picture and not (cameras and cameras.problem):
            super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        look = self._context.look
        if self.shown and self.has_picture and not (cameras and cameras.problem):
            if self.guide:
                paint_guide(painter, fitted(self._image.size(), QRectF(self.rect())), look.px(1.5))
            self._paint_label(painter)
        else:
            self._paint_card(painter)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(look.color("line"), look.px(2)))
        painter.drawRect(QRectF(self.rect()).adjusted(1, 1, -1, -1))
        painter.end()

    def _paint_label(self, painter: QPainter) -> None:
        look = self._context.look
        font = look.font(12)
        painter.setFont(font)
        words = self.words()
        room = QRectF(look.px(6), look.px(6), self.width() - look.px(12), look.px(60))
        flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
        text = painter.boundingRect(room, flags, words)
        painter.fillRect(text.adjusted(-4, -2, 4, 2), DARK)
        painter.setPen(Qt.GlobalColor.white)
        painter.drawText(room, flags, words)

    def _paint_card(self, painter: QPainter) -> None:
        look = self._context.look
        painter.fillRect(self.rect(), look.color("panel"))
        painter.setPen(look.color("text"))
        painter.setFont(look.font(13))
        icon = look.px(22)
        room = QRectF(self.rect()).adjusted(look.px(10), look.px(8), -look.px(10), -look.px(8))
        flags = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
        words = painter.boundingRect(room, flags, self.card_text())
        top = room.y() + max(0.0, (room.height() - words.height() - icon - look.px(6)) / 2)
        paint_icon(painter, "camera-off", QRectF(room.center().x() - icon / 2, top, icon, icon), look.color("second"))
        painter.drawText(room.adjusted(0, top - room.y() + icon + look.px(6), 0, 0), flags, self.card_text())

    def card_text(self) -> str:
        """What stands in the picture's place."""
        if self._troubled():
            return self.words()
        return tr("The camera is starting") if self.shown else tr("My picture is off")

    def _troubled(self) -> bool:
        cameras = self._context.desk.video.cameras
        return cameras is not None and bool(cameras.problem)


def light_text(light: Light) -> str:
    """A word on the light; nothing where it is good."""
    return {
        Light.DARK: tr("too dark: more light from the front"),
        Light.BACKLIT: tr("light from behind: turn away from the window"),
        Light.BRIGHT: tr("too bright: hands and face run together"),
    }.get(light, "")
