"""A citizen's video message in its session: played, slowed, jumped in, and called back from.

It stands over the timeline, so that one may write while looking. No control lies over the picture; every one has a key.
"""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QProgressBar, QVBoxLayout, QWidget

from client.services.notices import MailChanged, SessionChanged, SessionGone
from client.services.videomail import MailView
from ui.context import Context
from ui.flow_layout import FlowLayout
from ui.key_button import KeyButton, Kind
from ui.label import Label
from ui.language import tr
from ui.listen import CALM_MS, Coalesced, listen
from ui.picture_view import PictureView
from ui.wording import clock_text, day_text

STEP_MS = 5_000
HIGH, LOW = 300, 150  # px of the design: the picture, and in a low window
FILL = 1000  # steps of the bar


class VideomailView(QFrame):
    """Shown where the open session has a message. Attributes: `picture`, `words`, `bar`; its buttons by name."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._mail = context.desk.mail
        self._session = ""
        self.setProperty("is", "card")
        self.setAccessibleName(tr("Video message"))
        look = context.look
        column = QVBoxLayout(self)
        column.setContentsMargins(look.px(14), look.px(10), look.px(14), look.px(10))
        column.setSpacing(look.px(8))
        self.heading = Label(style="name", wrap=True)
        self.picture = PictureView(self._mail.picture)
        self.picture.setMaximumHeight(look.px(HIGH))  # less where the window is low: nothing may lie over it
        self.picture.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.bar = QProgressBar(maximum=FILL, textVisible=False)
        self.bar.setFixedHeight(look.px(8))
        self.bar.setAccessibleName(tr("Position in the video message"))
        self.words = Label(style="second", wrap=True)
        for part in (self.heading, self.picture, self.bar, self.words):
            column.addWidget(part, 1 if part is self.picture else 0)
        column.addLayout(self._make_buttons())
        self._register()
        self._due = Coalesced(self, self.refresh, CALM_MS)
        listen(self, context.desk.publisher, MailChanged, lambda _: self.refresh())
        listen(self, context.desk.publisher, SessionChanged, self._on_session)
        listen(self, context.desk.publisher, SessionGone, self._on_session)
        context.selection.changed.connect(self._change_session)
        self._change_session()

    def _make_buttons(self) -> FlowLayout:
        row = FlowLayout(gap=self._context.look.px(8))
        self.play = self._button("mail_play", tr("Play"), Kind.PRIMARY)
        self.back = self._button("mail_back", tr("5 s back"))
        self.forward = self._button("mail_forward", tr("5 s forward"))
        self.slower = self._button("mail_slower", tr("Slower"))
        self.call_back = self._button("mail_call_back", tr("Call back by video"))
        for button in (self.play, self.back, self.forward, self.slower, self.call_back):
            row.addWidget(button)
        return row

    def _button(self, action: str, words: str, kind: Kind = Kind.PLAIN) -> KeyButton:
        made = KeyButton(self._context.look, words, key=self._context.key(action), kind=kind, compact=True)
        made.clicked.connect(lambda: self._context.actions.trigger(action))
        return made

    def _register(self) -> None:
        register = self._context.actions.register
        register("mail_play", self._toggle, lambda: self._view() is not None)
        register("mail_back", lambda: self._jump(-STEP_MS), self._is_open)
        register("mail_forward", lambda: self._jump(STEP_MS), self._is_open)
        register("mail_slower", lambda: self._start(self._mail.slower()), self._is_open)
        register("mail_call_back", self._call_back, lambda: self._mail.may_call_back(self._session))

    def set_low(self, low: bool) -> None:
        """In a low window the picture gives way to what is written."""
        self.picture.setMaximumHeight(self._context.look.px(LOW if low else HIGH))
        self.heading.setVisible(not low)

    # ── how it stands ────────────────────────────────────────────────────────────────────────────

    def _view(self) -> MailView | None:
        return self._mail.view(self._session) if self._session else None

    def _is_open(self) -> bool:
        view = self._view()
        return view is not None and view.playing is not None

    def _on_session(self, notice: SessionChanged | SessionGone) -> None:
        if notice.session == self._session:
            self._due.ask()

    def _change_session(self) -> None:
        before, self._session = self._session, self._context.selection.session
        if before and before != self._session:
            self._context.tasks.start(self._mail.close())
        self.picture.clear()
        self.refresh()

    def refresh(self) -> None:
        """The message of the open session, or nothing."""
        view = self._view()
        if view is None:
            if not self.isHidden() and self._session:
                self._context.tasks.start(self._mail.close())  # it was erased
            self.hide()
            return
        if view.playing is None and self.picture.has_picture:
            self.picture.clear()
        self._say(view)
        self.show()

    def _say(self, view: MailView) -> None:
        look, playing = self._context.actions, view.playing
        self.heading.say(
            tr(
                "Video message, {seconds} s, kept until {day}",
                seconds=round(view.seconds),
                day=day_text(view.keep_until),
            )
        )
        runs = playing is not None and playing.playing
        self.play.setText(tr("Pause") if runs else tr("Play"))
        self.picture.setVisible(playing is not None)
        self.bar.setVisible(playing is not None)
        if playing is not None and playing.duration_ms:
            self.bar.setValue(round(FILL * playing.position_ms / playing.duration_ms))
        self.words.say(position_text(view))
        self.picture.setAccessibleName(tr("The citizen signs. {position}", position=self.words.words))
        for button in (self.back, self.forward, self.slower):
            button.setEnabled(playing is not None)
        self.call_back.setVisible(self._mail.may_call_back(view.session))
        look.changed.emit()

    # ── what the agent does ──────────────────────────────────────────────────────────────────────

    def _toggle(self) -> None:
        self._start(self._mail.toggle(self._session))

    def _jump(self, by_ms: int) -> None:
        self._start(self._mail.jump(by_ms))

    def _call_back(self) -> None:
        words = tr("This is the address of your sign-language video call: {link}")
        self._context.tasks.start(self._mail.call_back(self._session, words), self._called_back, self)

    def _called_back(self, by_sms: bool) -> None:
        sent = tr("The address of the video call was sent by text message. Wait here for the citizen.")
        there = tr("No number was left. The citizen finds the video call where they look for the answer.")
        self._context.announcer.say(sent if by_sms else there, urgent=True)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        self._context.tasks.start(work, lambda _: self._context.announcer.say(self.words.words), self)


def position_text(view: MailView) -> str:
    """Where it stands, in words."""
    playing = view.playing
    if view.fetching:
        return tr("The video message is being fetched")
    if playing is None:
        return tr("Not played yet")
    if playing.problem:
        return tr("The video message cannot be shown. Ask the citizen to leave it again.")
    parts = [
        tr(
            "{position} of {length}",
            position=clock_text(playing.position_ms / 1000),
            length=clock_text(playing.duration_ms / 1000),
        ),
        tr("Playing") if playing.playing else tr("Paused"),
    ]
    if playing.rate != 1.0:
        parts.append(tr("{rate} times its speed", rate=f"{playing.rate:g}"))
    if playing.sound:
        parts.append(tr("It has sound, which is not played"))
    return " · ".join(parts)
