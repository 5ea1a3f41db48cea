"""Over the message's field: to whom and by which channel it goes, from which number, how long it is and what it becomes."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from client.domain import kakao_text, sms_text
from client.domain.sms_text import TextKind, TextPlan, TextProblem
from client.domain.words import Channel
from client.services.writing import Way
from ui.actions import LetKeysThrough
from ui.choice import Choice
from ui.context import Context
from ui.flow_layout import FlowLayout
from ui.label import Label
from ui.language import tr
from ui.wording import channel_text


class RecipientBar(QFrame):
    """Attributes: `way` — the chosen one, None: there is none; `subject` — of an LMS or MMS. Signals: `changed` — way or subject."""

    changed = Signal()

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._ways: tuple[Way, ...] = ()
        self._session = ""
        self._who = ""
        self._kind = ""
        look = context.look
        self._to = Label(style="strong")
        self._choice = Choice(context.actions)
        self._choice.setAccessibleName(tr("By which way to the citizen"))
        self._choice.setToolTip(context.key("next_way"))
        self._choice.activated.connect(lambda _: self._on_way())
        self._sender = Choice(context.actions)
        self._sender.setAccessibleName(tr("Sender number"))
        self._count = Label(style="second")
        self.subject = QLineEdit()
        self.subject.setAccessibleName(tr("Subject of the long message"))
        self.subject.setPlaceholderText(tr("Subject, up to 40 bytes; may stay empty"))
        self.subject.textChanged.connect(lambda _: self.changed.emit())
        LetKeysThrough(context.actions, self.subject)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(look.px(6))
        self._row = row = QHBoxLayout()
        row.setSpacing(look.px(10))
        to = FlowLayout(gap=look.px(10))  # whom it goes to is never cut: it takes a second row
        for part in (self._to, self._choice, self._sender):
            to.addWidget(part)
        row.addLayout(to, 1)
        row.addWidget(self._count)
        column.addLayout(row)
        column.addWidget(self.subject)
        self.subject.hide()
        context.actions.register("next_way", self.next_way, lambda: len(self._ways) > 1)

    def add_at_end(self, part: QWidget) -> None:
        """One more part of the row."""
        self._row.addWidget(part)

    @property
    def way(self) -> Way | None:
        """How it goes."""
        at = self._choice.currentIndex()
        return self._ways[at] if 0 <= at < len(self._ways) else None

    @property
    def chosen_sender(self) -> str:
        """The chosen registered number; "" for the first."""
        return self._sender.currentText() if self._sender.currentIndex() > 0 else ""

    @property
    def is_sms(self) -> bool:
        """Whether carriers' limits hold."""
        return self.way is not None and self.way.via is Channel.SMS

    def show_ways(self, session: str, who: str, ways: Sequence[Way]) -> None:
        """Who the citizen is and how they can be reached. The session's chosen way stays while it is there."""
        if (session, who, tuple(ways)) == (self._session, self._who, self._ways):
            return
        before = self.way.via if self.way is not None else None
        kept = self._session == session and self.way is not None
        self._session, self._who, self._ways = session, who, tuple(ways)
        self._choice.clear()
        self._choice.addItems([way_text(way) for way in ways])
        if kept:
            at = next((n for n, way in enumerate(ways) if way.via == before), 0)
            self._choice.setCurrentIndex(at)
        self._choice.setVisible(len(ways) > 1)
        self._show_way()

    def next_way(self) -> None:
        """The next one, said aloud."""
        self._choice.setCurrentIndex((self._choice.currentIndex() + 1) % len(self._ways))
        self._on_way()
        if self.way is not None:
            self._context.announcer.say(tr("By {way}", way=way_text(self.way)), urgent=True)

    def _on_way(self) -> None:
        self._show_way()
        self.changed.emit()

    def _show_way(self) -> None:
        way = self.way
        if way is None:
            self._to.say("")
        elif len(self._ways) > 1:
            self._to.say(tr("To {who}, by", who=self._who))
        else:
            self._to.say(tr("To {who} · {way}", who=self._who, way=way_text(way)))
        senders = way.senders if way is not None else ()
        self._sender.clear()
        self._sender.addItems(
            [tr("from {number}", number=number) if n == 0 else number for n, number in enumerate(senders)]
        )
        self._sender.setVisible(len(senders) > 1)

    def measure(self, text: str, attached: int) -> TextPlan | None:
        """Show how long the text is; what becomes of it where carriers' limits hold. A change of kind is said once."""
        way = self.way
        if way is None or way.via not in (Channel.SMS, Channel.KAKAO):
            self._count.say("")
            self.subject.hide()
            return None
        if way.via is Channel.KAKAO:
            self._count.say(tr("{count} of {most} characters", count=len(text), most=kakao_text.MAX_TEXT))
            self.subject.hide()
            return None
        subject = self.subject.text() if not self.subject.isHidden() else ""
        plan = sms_text.plan(text, subject=subject, pictures=attached)
        self.subject.setVisible(plan.kind is not TextKind.SMS)
        self._count.say(tr("{bytes} of {limit} bytes · {kind}", bytes=plan.bytes, limit=plan.limit, kind=plan.kind))
        if self._kind and self._kind != plan.kind:
            self._context.announcer.say(tr("It will be sent as {kind}", kind=plan.kind))
        self._kind = plan.kind
        return plan


def way_text(way: Way) -> str:
    """A way in words."""
    return channel_text(way.via) if way.via is not None else tr("The citizen's page")


def problem_text(plan: TextPlan, text: str) -> str:
    """Why a text cannot be sent as it is; "" where it can."""
    signs = " ".join(dict.fromkeys(text[slice(*span)] for span in plan.unsendable))
    words = {
        TextProblem.TOO_LONG: tr("Too long: at most {limit} bytes", limit=plan.limit),
        TextProblem.SUBJECT_TOO_LONG: tr("The subject is too long: at most 40 bytes"),
        TextProblem.UNSENDABLE: tr(
            "Cannot be sent by text message: {signs}", signs=signs or tr("signs of the subject")
        ),
        TextProblem.TOO_MANY_PICTURES: tr("At most three pictures go with a text message"),
    }
    return " · ".join(words[problem] for problem in plan.problems)
