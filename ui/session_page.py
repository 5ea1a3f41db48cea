"""The centre for one session: header, timeline, composer."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from client.domain.timeline import CaptionLine, Line
from client.services.notices import SessionChanged, SessionGone
from ui.composer import Composer
from ui.context import Context
from ui.handed_strip import HandedStrip
from ui.language import tr
from ui.line_text import spoken
from ui.listen import CALM_MS, Coalesced, listen
from ui.live_lines import LiveLines
from ui.memory import Correction
from ui.session_header import SessionHeader
from ui.timeline_model import TimelineModel
from ui.timeline_view import Place, TimelineView
from ui.videomail_view import VideomailView

ONE_LINE = 36


class SessionPage(QWidget):
    """Attributes: `header`, `handed`, `timeline`, `composer` — the parts. Signals: `asked_for` — an action wants the page to be seen."""

    asked_for = Signal()

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._session = ""
        self.header = SessionHeader(context)
        self.handed = HandedStrip(context)
        self.mail = VideomailView(context)
        self.timeline = TimelineView(context.look, context.key("to_end"))
        self.composer = Composer(context)
        self.live = LiveLines(context, self.timeline)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(self.handed)
        column.addWidget(self.mail)
        column.addWidget(self.timeline, 1)
        column.addWidget(self.composer)
        self.timeline.corrected.connect(self._correct)
        register = context.actions.register
        register("correct", self._open_correction, lambda: bool(self._session))
        register(
            "undo_correction",
            self.undo,
            lambda: any(one.session == self._session for one in context.memory.corrections),
        )
        register("to_end", self.timeline.follow, lambda: bool(self._session))
        register("read_last", lambda: self._say(self.timeline.last_line()), lambda: bool(self._session))
        register("read_next", lambda: self._say(self.timeline.next_unread()), lambda: bool(self._session))
        self._due = Coalesced(self, self._follow_talk, CALM_MS)
        listen(self, context.desk.publisher, SessionChanged, self._due.ask)
        listen(self, context.desk.publisher, SessionGone, lambda notice: context.memory.forget(notice.session))
        context.selection.changed.connect(self._change_session)
        context.selection.line_wanted.connect(self._go_to_line)
        self.composer.asked_for.connect(self.asked_for)
        self._change_session()

    def set_low(self, low: bool) -> None:
        """In a low window the timeline gives way down to one line: what one writes, and to whom, is never cut."""
        self.timeline.setMinimumHeight(self._context.look.px(ONE_LINE) if low else 0)
        for part in (self.header, self.mail, self.composer):
            part.set_low(low)

    def _open_correction(self) -> None:
        self.asked_for.emit()
        self.timeline.correct()

    def _say(self, text: str) -> None:
        self._context.announcer.say(text, urgent=True)

    def _change_session(self) -> None:
        self.timeline.finish_editing()  # while the correction's own session is still the page's
        session = self._context.selection.session
        if not session or session not in self._context.desk.sessions:
            return
        self._session = session
        model = TimelineModel(self._context.desk.sessions.timeline(session), self)
        model.talking_since = self._context.desk.sessions.get(session).talking_since
        model.finished.connect(self._announce_caption)
        self.timeline.show_lines(model, self._context.memory.marks(session))
        self.live.refresh()

    def _go_to_line(self, event: str) -> None:
        """The line that says this event gets the keyboard, if there is one."""
        lines = self._context.desk.sessions.timeline(self._session).lines if self._session else []
        line = next((line for line in lines if says(line, event)), None)
        model = self.timeline.lines()
        if line is None or model is None:
            return
        self.asked_for.emit()
        while model.row_of(line.id) < 0 and model.earlier:
            model.show_earlier()
        self.timeline.setFocus()
        self.timeline.setCurrentIndex(model.index(model.row_of(line.id)))
        self.timeline.go_to(Place(line.id, 0))

    def _follow_talk(self) -> None:
        view, model = self._context.selection.view(), self.timeline.lines()
        if view is not None and model is not None and model.talking_since != view.talking_since:
            model.talking_since = view.talking_since
            self.timeline.viewport().update()

    def _announce_caption(self, line: CaptionLine) -> None:
        """Only where a setting asks for it: each finished utterance is said."""
        model = self.timeline.lines()
        if self._context.settings.announce_captions and model is not None:
            self._context.announcer.say(spoken(line, model.talking_since))

    def _correct(self, line_id: str, text: str) -> None:
        line = self._context.desk.sessions.timeline(self._session).find(line_id)
        before = line.text if isinstance(line, CaptionLine) else ""
        session = self._session
        if self._context.tasks.attempt(lambda: self._context.desk.captions.correct(session, line_id, text)):
            self._context.memory.corrections.append(Correction(session, line_id, before))
            self._say(tr("Corrected. {key} takes it back.", key=self._context.key("undo_correction")))

    def undo(self) -> None:
        """Put the reading before the last correction back."""
        last = self._context.memory.take_correction(self._session)
        if last is not None and self._context.tasks.attempt(
            lambda: self._context.desk.captions.correct(last.session, last.line, last.before)
        ):
            self._say(tr("Taken back"))


def says(line: Line, event: str) -> bool:
    """True for the line that an event made."""
    return event in (line.id, getattr(line, "event", ""))
