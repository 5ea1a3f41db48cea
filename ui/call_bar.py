"""The running call's own bar: who hears the agent, and the call's keys, whichever session is open."""

from __future__ import annotations

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QWidget

from client.domain.call import CallState
from client.services.calls import CallView
from client.services.notices import CallsChanged, SessionChanged
from ui.call_actions import bar_session
from ui.context import Context
from ui.flow_layout import FlowLayout
from ui.key_button import KeyButton, Kind
from ui.label import Label, restyle
from ui.language import tr
from ui.listen import CALM_MS, Coalesced, listen
from ui.wording import listener_text

LISTENER_STYLES = {"citizen": "good", "all_three": "good", "nobody_muted": "careful", "nobody_hold": "careful"}


class CallBar(QFrame):
    """Hidden while there is no call. Its state is told to the screen reader when it changes."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._told = ""
        self._stands: tuple[CallView | None, str, bool] | None = None
        look = context.look
        self.setAccessibleName(tr("Running call"))
        self._state = Label(style="good-strong")
        self._listener = Label()
        self.hold = self._button("hold", tr("Hold"), keyed=True)
        self.mute = self._button("mute", tr("Mute"), keyed=True)
        self.complete = self._button("transfer", tr("Connect them"), kind=Kind.PRIMARY)
        self.join = self._button("three_way", tr("All three"))
        self.back = self._button("back_to_citizen", tr("Back to the citizen"))
        self.transfer = self._button("transfer", tr("Transfer"))
        self.three_way = self._button("three_way", tr("Three-way"))
        self.keypad = self._button("keypad", tr("Keypad"))
        self.emergency = self._button("emergency", tr("Emergency"))
        self.hang_up = self._button("hang_up", tr("Hang up"), keyed=True, kind=Kind.DANGER)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(look.px(20), look.px(5), look.px(16), look.px(5))
        self._row.setSpacing(look.px(8))
        words = QHBoxLayout()
        words.setSpacing(look.px(8))
        words.addWidget(self._state)
        words.addWidget(self._listener)
        words.addStretch(1)
        self._row.addLayout(words, 1)
        self._buttons = QWidget()
        self._flow = FlowLayout(self._buttons, gap=look.px(5), align_right=True)
        for button in self._all():
            self._flow.addWidget(button)
        self._row.addWidget(self._buttons)
        due = Coalesced(self, self.refresh)
        listen(self, context.desk.publisher, CallsChanged, due.ask)
        listen(self, context.desk.publisher, SessionChanged, Coalesced(self, self.refresh, CALM_MS).ask)
        context.selection.changed.connect(due.ask)
        self.refresh()

    def _all(self) -> tuple[KeyButton, ...]:
        return (
            self.complete,
            self.join,
            self.back,
            self.hold,
            self.mute,
            self.transfer,
            self.three_way,
            self.keypad,
            self.emergency,
            self.hang_up,
        )

    def _button(self, action: str, text: str, *, keyed: bool = False, kind: Kind = Kind.PLAIN) -> KeyButton:
        context = self._context
        button = KeyButton(context.look, text, key=context.key(action) if keyed else "", kind=kind, compact=True)
        if not keyed:
            button.setToolTip(f"{text}  ({context.key(action)})" if context.key(action) else text)
            button.setAccessibleDescription(context.key(action))
        return button

    def refresh(self) -> None:
        """Show how the call stands."""
        desk = self._context.desk
        session = bar_session(desk)
        call = desk.calls.call(session) if session else None
        stands = (call, desk.calls.listener_text_key, session == self._context.selection.session)
        if stands == self._stands:
            return
        self._stands = stands
        self.setVisible(call is not None)
        if call is None:
            self._told = ""
            return
        self._show_state(call)
        self._show_buttons(call)
        self._fit()

    def _show_state(self, call: CallView) -> None:
        calls = self._context.desk.calls
        key = calls.listener_text_key
        style = LISTENER_STYLES.get(key, "soft" if key == "colleague_only" else "careful")
        state = call_text(call)
        if call.session != self._context.selection.session and call.number_masked:
            state = f"{call.number_masked} {state}"
        listener = (
            tr("Waiting for an answer") if call.state in (CallState.DIALLING, CallState.EARLY) else listener_text(key)
        )
        ink = {"good": "good", "careful": "careful"}.get(style, "")
        restyle(self, f"callbar-{style}")
        self._state.say(state, f"{ink}-strong" if ink else "strong")
        self._listener.say(listener)
        told = f"{call_text(call)}, {listener}"
        if self._told and told != self._told:
            self._context.announcer.say(told)
        self._told = told

    def _show_buttons(self, call: CallView) -> None:
        talking = call.state in (CallState.ACTIVE, CallState.HELD)
        consulting = bool(call.consultation)
        three = bool(call.conference)
        citizen = not call.alone_with
        self.hold.set_words(tr("Resume") if call.on_hold else tr("Hold"))
        self.hold.set_kind(Kind.ON if call.on_hold else Kind.PLAIN)
        self.mute.set_words(tr("Unmute") if call.muted else tr("Mute"))
        self.mute.set_kind(Kind.ON if call.muted else Kind.PLAIN)
        self.three_way.set_words(tr("End the three-way call") if three else tr("Three-way"))
        self.three_way.setAccessibleName(tr("End the three-way call") if three else tr("Three-way call"))
        self.three_way.set_kind(Kind.ON if three else Kind.PLAIN)
        for button in (self.complete, self.join, self.back):
            button.setVisible(consulting)
        for button in (self.transfer, self.three_way):
            button.setVisible(talking and citizen and not consulting)
        self.hold.setVisible(talking and not consulting)
        for button in (self.mute, self.keypad):
            button.setVisible(talking)
        self.emergency.setVisible(talking and citizen)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Words above the buttons where both do not fit in one row."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """One row; else the words above the buttons; else the buttons without their caps, in as many rows as it takes."""
        margins = self._row.contentsMargins()
        room = self.width() - margins.left() - margins.right()
        words = self._state.sizeHint().width() + self._listener.sizeHint().width() + 3 * self._row.spacing()
        self._show_caps(True)
        across = words + self._flow.sizeHint().width() <= room
        if not across and self._flow.sizeHint().width() > room:
            self._show_caps(False)
            across = words + self._flow.sizeHint().width() <= room
        direction = QBoxLayout.Direction.LeftToRight if across else QBoxLayout.Direction.TopToBottom
        self._row.setDirection(direction)
        self._buttons.setFixedHeight(self._flow.heightForWidth(self._flow.sizeHint().width() if across else room))

    def _show_caps(self, shown: bool) -> None:
        for button in self._all():
            button.show_cap(shown)
        self._flow.invalidate()


def call_text(call: CallView) -> str:
    """The call's state in a word or two."""
    beside = call.alone_with or call.consultation or next(iter(call.conference), "")
    if call.ringing:
        return tr("Calling {name}", name=beside)
    if call.state in (CallState.DIALLING, CallState.EARLY):
        return tr("Calling")
    if call.alone_with:
        return tr("With {name}, the citizen has left", name=beside)
    if call.emergency and call.conference:
        return tr("Emergency, three-way")
    if call.conference:
        return tr("Three-way with {name}", name=beside)
    if call.consultation:
        return tr("Consulting {name}", name=beside)
    if call.on_hold or call.state is CallState.HELD:
        return tr("On hold")
    return tr("Microphone off") if call.muted else tr("In a call")
