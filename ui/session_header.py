"""Over the timeline: who the session is with, and how long it has run."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from client.domain.session import SessionView, Stage
from client.domain.signal import Working
from client.services.notices import SessionChanged
from ui.context import Context
from ui.key_button import KeyButton, Kind
from ui.label import Label
from ui.language import tr
from ui.listen import CALM_MS, Coalesced, every_second, listen
from ui.wording import ars_text, channel_text, clock_text, language_text, seconds_since, stage_text, who_text

CHIP_PAD, LEAST_OTHERS = 18, 40  # px of the design: a chip's own room, and the least that says anything
CLAIMABLE = (Stage.WAITING,)


class SessionHeader(QFrame):
    """Name or masked number, chips, the clock; and for a waiting session the one act it needs."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        look = context.look
        self.setProperty("is", "band")
        self.setMinimumHeight(look.px(58))
        self._name = Label(style="name")
        self._chips = [Label(style=style) for style in ("chip-accent", "chip", "chip-careful", "chip", "chip")]
        self._clock = Label(style="clock")
        self._claim = KeyButton(look, tr("Take this session"), key=context.key("claim"), kind=Kind.PRIMARY)
        self._claim.clicked.connect(lambda: context.actions.trigger("claim"))
        self._finish = KeyButton(look, tr("Finish"), key=context.key("finish"))
        self._finish.clicked.connect(lambda: context.actions.trigger("finish"))
        self._others = Label(style="chip-careful")
        self._here: frozenset[tuple[str, str]] = frozenset()
        self._call_back = KeyButton(look, tr("Call back"), key=context.key("call_back"))
        self._call_back.clicked.connect(lambda: context.actions.trigger("call_back"))
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(look.px(20), look.px(8), look.px(20), look.px(8))
        row.setSpacing(look.px(12))
        row.addWidget(self._name)
        row.addWidget(self._others)
        for chip in self._chips:
            row.addWidget(chip)
        row.addStretch(1)
        for button in (self._call_back, self._finish, self._claim):
            row.addWidget(button)
        row.addWidget(self._clock)
        due = Coalesced(self, self.refresh, CALM_MS)
        listen(self, context.desk.publisher, SessionChanged, self._on_session)
        context.selection.changed.connect(due.ask)
        self._due = due
        every_second(self, self._tick)
        self.refresh()

    def set_low(self, low: bool) -> None:
        """Take less room in a low window."""
        self.setMinimumHeight(self._context.look.px(42 if low else 58))
        margin = self._context.look.px(3 if low else 8)
        side = self._context.look.px(20)
        self._row.setContentsMargins(side, margin, side, margin)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave chips out, the last ones first, before the name or a button is cut."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Leave out caps, chips and the end of who else is here, in that order of little loss, before the name is cut."""
        gap = self._row.spacing()
        others = self._others_width() + gap if self._others.words else 0
        self._show_caps(True)
        if self._room() < others:
            self._show_caps(False)
        room = self._room()
        room -= self._fit_others(room - gap)
        for chip in self._chips:
            room -= chip.sizeHint().width() + gap if chip.words else 0
            chip.setVisible(bool(chip.words) and room >= 0)

    def _room(self) -> int:
        """What the name, the clock and the buttons leave."""
        margins, gap = self._row.contentsMargins(), self._row.spacing()
        fixed = [
            self._name,
            self._clock,
            *(button for button in (self._call_back, self._finish, self._claim) if not button.isHidden()),
        ]
        return self.width() - margins.left() - margins.right() - sum(w.sizeHint().width() + gap for w in fixed)

    def _show_caps(self, shown: bool) -> None:
        for button in (self._call_back, self._finish, self._claim):
            button.show_cap(shown)

    def _others_width(self) -> int:
        self._others.ensurePolished()
        return self._others.fontMetrics().horizontalAdvance(self._others.words) + self._context.look.px(CHIP_PAD)

    def _fit_others(self, room: int) -> int:
        """Who else is here, as far as there is room; the tip and assistive technology have all of it. The room taken."""
        words, look = self._others.words, self._context.look
        most = room - look.px(CHIP_PAD)
        self._others.setVisible(bool(words) and most >= look.px(LEAST_OTHERS))
        if self._others.isHidden():
            return 0
        self._others.setText(self._others.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, most))
        self._others.setToolTip(words)
        return self._others.sizeHint().width() + self._row.spacing()

    def _on_session(self, notice: SessionChanged) -> None:
        if notice.session == self._context.selection.session:
            self._due.ask()

    def refresh(self) -> None:
        """Show the open session."""
        view = self._context.selection.view()
        if view is None:
            return
        self._name.say(who_text(view))
        relay = tr("Relay call") if view.relay else ""
        outbound = tr("Outgoing") if view.outbound else ""
        stage = stage_text(view) if view.stage is not Stage.TALKING else ""
        channel = channel_text(view.channel) if view.channel.is_written else ""
        texts = (channel or ars_text(view.ars), language_text(view.language), relay, outbound, stage)
        for chip, text in zip(self._chips, texts, strict=True):
            chip.say(text)
        self._claim.setVisible(view.stage in CLAIMABLE and view.owner is None)
        self._finish.setVisible(self._context.actions.possible("finish"))
        self._show_others(view)
        self._call_back.setVisible(self._context.actions.possible("call_back"))
        self._tick()  # the clock's width counts
        self._fit()

    def _tick(self) -> None:
        view = self._context.selection.view()
        if view is None:
            return
        over = view.stage is Stage.CLOSED
        clock = "" if over else clock_text(seconds_since(self._since(view), self._context.desk.clock.now()))
        self._clock.say(clock)
        if self._show_others(view):
            self._fit()

    def _show_others(self, view: SessionView) -> bool:
        """Who else is here; who comes is said, not every pause in their writing. True if the words changed."""
        others = self._context.desk.sessions.others_at(view.id)
        here = frozenset((view.id, one.principal) for one in others)
        text = others_text(others)
        if here - self._here:
            self._context.announcer.say(text)
        changed = text != self._others.words
        self._here = here
        self._others.say(text)
        return changed

    def _since(self, view: SessionView) -> str:
        talking = view.stage in (Stage.TALKING, Stage.HELD)
        return view.talking_since if talking else view.since


def others_text(others: Sequence[Working]) -> str:
    """Which colleagues have the session open, and who of them writes."""
    parts = []
    for one in others:
        looks = tr("{name} looks at it", name=one.name)
        parts.append(f"{looks} · {tr('is writing')}" if one.typing else looks)
    return ", ".join(parts)
