"""The card of a ringing call, or of a citizen who waits by video, always at the same place.

Its outline is the alert's light, not the keyboard's focus. Before a video is answered one may look at oneself here first:
nothing of that leaves the machine.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QVBoxLayout, QWidget

from client.domain.words import Channel
from client.services.calls import OfferView
from client.services.notices import CallsChanged, PresenceChanged, SessionChanged, VideoChanged
from client.services.video_views import VideoOfferView
from ui.context import Context
from ui.key_button import KeyButton, Kind
from ui.label import Label
from ui.language import tr
from ui.listen import Coalesced, every_second, listen
from ui.self_view import SelfView
from ui.wording import ars_text, clock_text, language_text, seconds_since

NOTE_LETTERS = 60
FLASH_MS = 500  # half a period: one flash a second, a third of what WCAG 2.3.1 allows


class OfferCard(QWidget):
    """Shows the oldest offer; a phone call's goes first. Attributes: `lit` — the outline's light is on; `preview` — the
    own picture, before anybody else sees it."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.lit = False
        self._low = False
        look = context.look
        self._title = Label(style="title", wrap=True)
        self._who = Label(style="second", wrap=True)
        self.answer = KeyButton(look, kind=Kind.PRIMARY, key=context.key("answer"))
        self.decline = KeyButton(look, tr("To another agent"), key=context.key("decline"))
        self.silence = KeyButton(look, tr("Silence the ring"), key=context.key("acknowledge"), kind=Kind.QUIET)
        self.preview = SelfView(context, guide=True)
        self.preview.setFixedHeight(look.px(150))
        self.preview.hide()
        self.look_first = KeyButton(look, tr("See my picture first"), key=context.key("own_picture"))
        self.look_first.clicked.connect(lambda: context.actions.trigger("own_picture"))
        self.answer.clicked.connect(lambda: context.actions.trigger("answer"))
        self.decline.clicked.connect(lambda: context.actions.trigger("decline"))
        self.silence.clicked.connect(lambda: context.actions.trigger("acknowledge"))
        self._lay_out()
        self._flash = QTimer(self, interval=FLASH_MS)
        self._flash.timeout.connect(self._turn)
        due = Coalesced(self, self.refresh)
        for kind in (CallsChanged, VideoChanged, SessionChanged, PresenceChanged):
            listen(self, context.desk.publisher, kind, due.ask)
        every_second(self, self._tick)
        self.refresh()

    def _lay_out(self) -> None:
        look = self._context.look
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(look.px(22), look.px(20), look.px(22), look.px(14))
        column.setSpacing(look.px(8))
        column.addWidget(self._title)
        column.addWidget(self._who)
        column.addSpacing(look.px(2))
        column.addWidget(self.preview)
        for button in (self.answer, self.decline, self.look_first, self.silence):
            column.addWidget(button)

    def set_low(self, low: bool) -> None:
        """Take less room in a low window: silencing keeps its key."""
        self._low = low
        look = self._context.look
        top, bottom = (look.px(16), look.px(8)) if low else (look.px(20), look.px(14))
        self._column.setContentsMargins(look.px(22), top, look.px(22), bottom + (look.px(8) if low else 0))
        self._column.setSpacing(look.px(5 if low else 8))
        self.refresh()

    def refresh(self) -> None:
        """Show what rings now, or nothing."""
        offers = self._context.desk.calls.offers
        waiting = () if offers else self._context.desk.video_offers
        self.setVisible(bool(offers or waiting))
        self.decline.setVisible(bool(offers))
        self.look_first.setVisible(bool(waiting) and waiting[0].channel is Channel.SIGN_VIDEO)
        if not waiting and not self.preview.isHidden():
            self._end_preview()
        if waiting:
            self._show_video(waiting[0], len(waiting) - 1)
        elif offers:
            self._show_call(offers)
        else:
            self._flash.stop()

    def _show_video(self, offer: VideoOfferView, more: int) -> None:
        """Who waits by video, how long, and how many more."""
        self._title.say(video_title(offer, more))
        clock = clock_text(seconds_since(offer.since, self._context.desk.clock.now()))
        parts = (offer.name, language_text(offer.language), tr("waits {time}", time=clock))
        who = " · ".join(part for part in parts if part)
        self._who.say("\n".join(part for part in (who, shortened(offer.note)) if part))
        self.answer.set_words(tr("Answer"))
        self.silence.set_words(tr("Not now: stop the alert"))
        self.silence.setVisible(not offer.silenced and not self._low)
        said = (self._title.words, offer.name or language_text(offer.language), offer.note)
        name = ", ".join(part for part in said if part)
        if name != self.accessibleName():
            self.setAccessibleName(name)
        self._light(offer.silenced)

    def _tick(self) -> None:
        if self.isVisible() and not self._context.desk.calls.offers:
            self.refresh()

    def toggle_preview(self) -> None:
        """Look at oneself before the answer, or stop."""
        if self.preview.isHidden():
            self.preview.show()
            self.look_first.set_words(tr("Close my picture"))
            self._context.tasks.start(self._context.desk.video.preview(on=True), lambda _: self.preview.refresh(), self)
        else:
            self._end_preview()

    def _end_preview(self) -> None:
        self.preview.hide()
        self.look_first.set_words(tr("See my picture first"))
        self._context.tasks.start(self._context.desk.video.preview(on=False))

    def _show_call(self, offers: Sequence[OfferView]) -> None:
        offer = offers[0]
        self.silence.set_words(tr("Silence the ring"))
        self._title.say(self._title_text(len(offers)))
        self._who.say(self._who_text(offer))
        busy = self._context.desk.calls.running is not None
        self.answer.set_words(tr("Hold and answer") if busy else tr("Answer"))
        self.silence.setVisible(not offer.silenced and not self._low)
        self.setAccessibleName(f"{self._title.words}, {self._who.words}")
        self._light(offer.silenced)

    def _title_text(self, count: int) -> str:
        return tr("A call has come") if count == 1 else tr("A call has come, {count} more", count=count - 1)

    def _who_text(self, offer: OfferView) -> str:
        language = "" if offer.language.startswith("ko") else language_text(offer.language)
        parts = (ars_text(offer.ars), offer.number_masked or tr("Number unknown"), language, offer.queue)
        return " · ".join(part for part in parts if part)

    def _light(self, silenced: bool) -> None:
        if silenced:
            self._flash.stop()
            self.lit = False
        elif self._context.look.reduced_motion:
            self.lit = True
        elif not self._flash.isActive():
            self.lit = True
            self._flash.start()
        self.update()

    def _turn(self) -> None:
        self.lit = not self.lit
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        """The card, and the light around it."""
        look = self._context.look
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(look.px(10), look.px(8), -look.px(10), -look.px(8))
        painter.setBrush(look.color("soft"))
        painter.setPen(QPen(look.color("accent"), 1))
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), look.px(10), look.px(10))
        if self.lit:
            gap = look.px(4)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(look.color("accent"), look.px(2)))
            painter.drawRoundedRect(box.adjusted(-gap, -gap, gap, gap), look.px(13), look.px(13))
        painter.end()


def video_title(offer: VideoOfferView, more: int) -> str:
    """What has come, in a sentence."""
    if offer.handed_by:
        return tr("{name} hands a session to you", name=offer.handed_by)
    if offer.channel is Channel.WEB_CALL:
        return tr("A call from the homepage, {count} more", count=more) if more else tr("A call from the homepage")
    return tr("Sign-language video, {count} more wait", count=more) if more else tr("Sign-language video")


def shortened(note: str) -> str:
    """A colleague's note as far as there is room before the answer; the whole of it stands over the timeline."""
    note = " ".join(note.split())
    return note if len(note) <= NOTE_LETTERS else f"{note[:NOTE_LETTERS].rstrip()}…"
