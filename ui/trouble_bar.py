"""What went wrong, over the centre: what happened and what to do. It takes no keyboard and blocks nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from client.services.errors import NotPossible
from client.services.notices import Severity, Trouble, TroubleTold, WrapUpAsked, WrapUpChanged
from ui.context import Context
from ui.key_button import KeyButton, Kind
from ui.label import Label
from ui.language import tr
from ui.listen import listen
from ui.trouble_text import refusal_text, trouble_text

MOST = 3  # lines at once: more would hide the call
INFO_MS = 8_000  # good news leaves by itself; the rest stays until it is over or put away
ENDS = {  # good news → the trouble that it ends
    Trouble.HUB_BACK: (Trouble.HUB_AWAY, Trouble.HUB_DENIED),
    Trouble.PHONE_BACK: (Trouble.PHONE_AWAY, Trouble.NOT_REGISTERED),
    Trouble.GATEWAY_BACK: (Trouble.GATEWAY_DOWN,),
    Trouble.CAPTIONS_BACK: (Trouble.CAPTIONS_AWAY, Trouble.CAPTIONS_MISSING),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One trouble: `act` — the action that helps, or `words` and `do` of another help; `leaves` by itself."""

    key: str
    severity: Severity
    what: str
    advice: str = ""
    act: str = ""
    words: str = ""
    do: Callable[[], object] | None = None
    leaves: bool = False


class TroubleLine(QFrame):
    """One trouble. Attributes: `told`; `help` — the button that helps, if there is one."""

    def __init__(self, context: Context, told: Told) -> None:
        super().__init__()
        self.told = told
        self.help: KeyButton | None = None
        severity, what, advice, act = told.severity, told.what, told.advice, told.act
        look = context.look
        self.setProperty("is", f"trouble-{severity.value}")
        style = {Severity.BAD: "bad-strong", Severity.CAREFUL: "careful-strong"}.get(severity, "strong")
        row = QHBoxLayout(self)
        row.setContentsMargins(look.px(20), look.px(5), look.px(12), look.px(5))
        row.setSpacing(look.px(10))
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(Label(what, style, wrap=True))
        if advice:
            words.addWidget(Label(advice, "second", wrap=True))
        row.addLayout(words, 1)
        if act:
            self.help = KeyButton(look, act_text(act), key=context.key(act))
            self.help.clicked.connect(lambda: context.actions.trigger(act))
        elif told.do is not None:
            self.help = KeyButton(look, told.words)
            self.help.clicked.connect(told.do)
        if self.help is not None:
            row.addWidget(self.help)
        self.away = KeyButton(look, icon="close", kind=Kind.QUIET)
        self.away.setAccessibleName(tr("Put away: {what}", what=what))
        row.addWidget(self.away)
        self.setAccessibleName(f"{what}. {advice}")


def act_text(action: str) -> str:
    """The words of the one act that helps."""
    return {
        "call_back": tr("Call back"),
        "extend_wrapup": tr("One minute more"),
        "try_again": tr("Send again"),
    }[action]


class TroubleBar(QWidget):
    """Up to three troubles, newest last."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._lines: dict[str, TroubleLine] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        listen(self, context.desk.publisher, TroubleTold, self.take)
        listen(self, context.desk.publisher, WrapUpAsked, self._ask)
        listen(self, context.desk.publisher, WrapUpChanged, self._asked_enough)
        context.tasks.refused.connect(self.refuse)
        context.tasks.told.connect(self.tell_done)
        self.setVisible(False)

    def take(self, told: TroubleTold) -> None:
        """Tell a trouble; good news puts the trouble away that it ends."""
        for over in ENDS.get(told.trouble, ()):
            self._put_away(over.value)
        what, advice = trouble_text(told.trouble, told.detail)
        act = {Trouble.CALL_LOST: "call_back", Trouble.HUB_REFUSED: "try_again"}.get(told.trouble, "")
        self.tell(Told(key=told.trouble.value, severity=told.severity, what=what, advice=advice, act=act))

    def refuse(self, why: NotPossible) -> None:
        """Say why something that was asked is not done."""
        what = refusal_text(why.key, why.detail)
        self.tell(Told(key="refused", severity=Severity.CAREFUL, what=what, leaves=True))

    def tell_done(self, text: str, good: bool) -> None:
        """What came of something that the agent asked for."""
        self.tell(Told(key="done", severity=Severity.INFO if good else Severity.CAREFUL, what=text, leaves=good))

    def _ask(self, notice: WrapUpAsked) -> None:
        desk = self._context.desk
        view = desk.sessions.get(notice.session)
        what = tr("The wrap-up time is over: {who}", who=view.name or view.number or tr("Number unknown"))
        advice, key = tr("Save it, or take more time."), f"wrapup {notice.session}"
        self.tell(Told(key=key, severity=Severity.CAREFUL, what=what, advice=advice, act="extend_wrapup"))

    def _asked_enough(self, notice: WrapUpChanged) -> None:
        state = self._context.desk.wrapups.state(notice.session)
        if state is None or not state.asked:
            self._put_away(f"wrapup {notice.session}")

    def tell(self, told: Told) -> None:
        """Show a trouble and say it."""
        self._show(told)
        self._context.announcer.say(f"{told.what}. {told.advice}", urgent=told.severity is Severity.BAD)

    def shown(self) -> tuple[Told, ...]:
        """What is shown, oldest first."""
        return tuple(line.told for line in self._lines.values())

    def show_again(self, troubles: Iterable[Told]) -> None:
        """Show what another look of the window showed; it was said already."""
        for told in troubles:
            self._show(told)

    def _show(self, told: Told) -> None:
        key = told.key
        self._put_away(key)
        while len(self._lines) >= MOST:
            self._put_away(next(iter(self._lines)))
        line = TroubleLine(self._context, told)
        line.away.clicked.connect(lambda: self._put_away(key))
        self._lines[key] = line
        self._column.addWidget(line)
        self.setVisible(True)
        if told.severity is Severity.INFO or told.leaves:
            QTimer.singleShot(INFO_MS, line, lambda: self._put_away_line(key, line))

    def _put_away_line(self, key: str, line: TroubleLine) -> None:
        if self._lines.get(key) is line:
            self._put_away(key)

    def _put_away(self, key: str) -> None:
        line = self._lines.pop(key, None)
        if line is not None:
            self._column.removeWidget(line)
            line.hide()
            line.deleteLater()
            self.setVisible(bool(self._lines))

    def texts(self) -> list[str]:
        """What is shown, for the status line of assistive technology and tests."""
        return [line.accessibleName() for line in self._lines.values()]
