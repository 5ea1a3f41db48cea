"""The stage of a running video session: who it is, the pictures or a card, and the bar under them.

No control lies over a picture, and nothing that calls for the agent covers the signer: alerts stand in the window's head.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from client.domain.words import Channel
from client.services.notices import CamerasChanged, QualityChanged, SessionChanged, VideoChanged
from client.services.video_views import VideoView
from ui.context import Context
from ui.flow_layout import FlowLayout
from ui.key_button import KeyButton, Kind
from ui.label import Label
from ui.language import tr
from ui.listen import CALM_MS, Coalesced, every_second, listen
from ui.relay_strip import RelayStrip
from ui.stage_area import StageArea
from ui.stage_text import card_of, clock_of, figures_text, sees_text
from ui.wording import language_text

LOW = 420  # px of the design under which the picture has the room of the bar's lesser buttons


class VideoStage(QFrame):
    """Shows the running session, whichever is open. Attributes: `area` — the pictures; the bar's buttons by name.

    Signals: `placed` — the own picture was moved by hand.
    """

    placed = Signal()

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._told = ""
        self.setProperty("is", "centre")
        self.setAccessibleName(tr("Video"))
        self._who = Label(style="strong")
        self._sees = Label(style="second")
        self._warning = Label(style="bad-strong")
        self._figures = Label(style="third")
        self.area = StageArea(context)
        self.area.placed.connect(self.placed)
        self.area.card.again.connect(lambda: context.actions.trigger("connect_again"))
        self.area.far.came.connect(self.refresh)
        self.relaying = RelayStrip(context)
        self.own_picture = self._button("own_picture", tr("My picture off"))
        self.hold = self._button("hold", tr("Hold"))
        self.mute = self._button("mute", tr("Mute"))
        self.relay = self._button("relay", tr("Phone relay"))
        self.mark = self._button("mark", tr("Mark"))
        self.snapshot = self._button("snapshot", tr("Still picture"))
        self.corner = self._button("self_corner", tr("My picture's place"), keyed=False)
        self.window_ = self._button("own_window", tr("Own window"), keyed=False)
        self.end = self._button("hang_up", tr("End"), kind=Kind.DANGER)
        self._lay_out()
        due = Coalesced(self, self.refresh)
        calm = Coalesced(self, self.refresh, CALM_MS)
        for kind, ask in (
            (VideoChanged, due.ask),
            (CamerasChanged, due.ask),
            (QualityChanged, calm.ask),
            (SessionChanged, calm.ask),
        ):
            listen(self, context.desk.publisher, kind, ask)
        every_second(self, self.refresh)
        self.refresh()

    def _button(self, action: str, text: str, *, keyed: bool = True, kind: Kind = Kind.PLAIN) -> KeyButton:
        context = self._context
        button = KeyButton(context.look, text, key=context.key(action) if keyed else "", kind=kind, compact=True)
        if not keyed:
            button.setToolTip(context.actions.hint(action))
            button.setAccessibleDescription(context.key(action))
        button.clicked.connect(lambda: context.actions.trigger(action))
        button.setObjectName(action)
        return button

    def buttons(self) -> tuple[KeyButton, ...]:
        """The bar's, in their order, "end" apart."""
        return (self.own_picture, self.hold, self.mute, self.relay, self.mark, self.snapshot, self.corner, self.window_)

    def _labels(self) -> tuple[Label, ...]:
        return (self._who, self._sees, self._warning, self._figures)

    def _lay_out(self) -> None:
        look = self._context.look
        self._head = QWidget()
        self._words = FlowLayout(self._head, gap=look.px(12))
        for label in self._labels():
            self._words.addWidget(label)
        self._top = head = QHBoxLayout()
        head.addWidget(self._head)
        self._bar = QWidget()
        self._flow = FlowLayout(self._bar, gap=look.px(6))
        for button in self.buttons():
            self._flow.addWidget(button)
        self._foot = foot = QHBoxLayout()
        foot.setSpacing(look.px(32))
        foot.addWidget(self._bar, 1)
        foot.addWidget(self.end, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.area, 1)
        column.addWidget(self.relaying)
        column.addLayout(foot)

    def words(self) -> str:
        """All that the stage says, in a sentence: for who does not look at it."""
        card = "" if self.area.card.isHidden() else self.area.card.words
        labels = (label.words for label in self._labels())
        return ", ".join(part for part in (*labels, card, self.area.near.words()) if part)

    # ── how it stands ────────────────────────────────────────────────────────────────────────────

    def refresh(self) -> None:
        """Show the running session as it stands, or nothing."""
        desk = self._context.desk
        view = desk.video.view(desk.video.running) if desk.video.running else None
        if view is None:
            self._told = ""
            self.area.show_session("")
            return
        self.area.show_session(view.session)
        self._show_head(view)
        self._show_buttons(view)
        card = card_of(view, away=desk.video.away, has_picture=self._sees_now(view), now=desk.clock.now())
        if self.area.say(card) and card is not None:
            self._context.announcer.say(f"{card.title}. {card.text}")
        self.area.show_near(there=view.channel is Channel.SIGN_VIDEO, shown=view.shown and not view.on_hold)

    def _sees_now(self, view: VideoView) -> bool:
        """The picture that stands is from now: the newest is taken at once where none stood."""
        if view.call is not None and view.call.sees and not self.area.far.has_picture:
            self.area.far.look()
        return self.area.far.has_picture

    def _show_head(self, view: VideoView) -> None:
        session = self._context.desk.sessions.get(view.session)
        who = session.name or tr("Citizen")
        clock = clock_of(view, self._context.desk.clock.now())
        self._who.say(" · ".join(part for part in (who, language_text(session.language), clock) if part))
        sees = sees_text(view)
        self._sees.say(sees)
        if self._told and sees != self._told:
            self._context.announcer.say(sees)
        self._told = sees
        self._warning.say("" if view.readable else tr("⚠ Hard to read"))
        self._figures.say(figures_text(view), "third" if view.readable else "bad")
        self.area.far.setAccessibleName(tr("Picture of the citizen, {figures}", figures=figures_text(view) or sees))

    def _show_buttons(self, view: VideoView) -> None:
        signs = view.channel is Channel.SIGN_VIDEO
        self.own_picture.set_words(tr("My picture off") if view.shown else tr("My picture on"))
        self.own_picture.set_kind(Kind.PLAIN if view.shown else Kind.ON)
        self.hold.set_words(tr("Resume") if view.on_hold else tr("Hold"))
        self.hold.set_kind(Kind.ON if view.on_hold else Kind.PLAIN)
        self.mute.set_words(tr("Unmute") if view.muted else tr("Mute"))
        self.mute.set_kind(Kind.ON if view.muted else Kind.PLAIN)
        self.mute.setVisible(bool(view.call and view.call.sound))
        self.snapshot.setVisible(self._context.actions.possible("snapshot"))
        out = self.isWindow() or self.window() is not self._context.announcer.parent()
        self.window_.set_words(tr("Back into the desk") if out else tr("Own window"))
        low = self.height() < self._context.look.px(LOW)
        self.own_picture.setVisible(signs)
        self.corner.setVisible(signs and not low)
        for button in (self.mark, self.window_):
            button.setVisible(not low)
        self._fit()

    # ── room ─────────────────────────────────────────────────────────────────────────────────────

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The bar takes the rows that it needs."""
        super().resizeEvent(event)
        self.refresh()
        self._fit()

    def _fit(self) -> None:
        """Caps are left out before the bar takes a second row: the picture has the room."""
        look = self._context.look
        room = self.width() - 2 * look.px(20) - look.px(32) - self.end.sizeHint().width()
        for shown in (True, False):
            for button in self.buttons():
                button.show_cap(shown)
            self._flow.invalidate()
            if self._flow.sizeHint().width() <= room:
                break
        self._bar.setFixedHeight(self._flow.heightForWidth(max(1, room)))
        low = self.height() < look.px(LOW)
        for row in (self._top, self._foot):
            row.setContentsMargins(look.px(20), look.px(4 if low else 8), look.px(20), look.px(4 if low else 8))
        for label in self._labels():
            label.setVisible(bool(label.words))
        if low:  # the picture has the room: what is left out has its key, or is said on one
            (self._sees if self._warning.words else self._figures).hide()
        self._words.invalidate()
        self._head.setFixedHeight(self._words.heightForWidth(max(1, self.width() - 2 * look.px(20))))
