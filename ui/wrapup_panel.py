"""후처리: codes, a summary, and the time that is left. Nothing closes by itself; the time only asks."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from client.domain.codes import for_ars
from client.domain.session import Stage
from client.services.notices import SessionChanged, WrapUpChanged
from ui.actions import LetKeysThrough
from ui.code_tree import CodeTree
from ui.context import Context
from ui.key_button import KeyButton, Kind
from ui.label import Label
from ui.language import tr
from ui.listen import CALM_MS, Coalesced, every_second, listen
from ui.wording import clock_text

DRAFT_MS = 400
EXTEND_S = 60


class WrapUpPanel(QWidget):
    """One session's wrap-up; it can be prepared while the call still runs."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._session = ""
        self._stage: Stage | None = None
        look = context.look
        self._time = Label(style="strong")
        self._extend = KeyButton(look, tr("One minute more"), key=context.key("extend_wrapup"))
        self.search = QLineEdit()
        self.search.setPlaceholderText(tr("Find a code"))
        self.search.setAccessibleName(tr("Find a code"))
        LetKeysThrough(context.actions, self.search)
        self.tree = CodeTree(context.desk.wrapups.codes, english=context.settings.interface_language == "en")
        self._chosen = Label(style="second", wrap=True)
        self.summary = QPlainTextEdit()
        self.summary.setAccessibleName(tr("Summary"))
        self.summary.setPlaceholderText(tr("Summary of the consultation"))
        self.summary.setTabChangesFocus(True)
        self.summary.setFixedHeight(look.px(92))
        LetKeysThrough(context.actions, self.summary)
        self._marks = KeyButton(look, "", key=context.key("insert_marks"))
        self._trouble = Label(style="bad", wrap=True)
        self._trouble.hide()
        self._save = KeyButton(look, tr("Save and close"), key=context.key("save_wrapup"), kind=Kind.PRIMARY)
        self._lay_out()
        self._connect()
        self._change_session()

    def _lay_out(self) -> None:
        look = self._context.look
        column = QVBoxLayout(self)
        column.setContentsMargins(look.px(16), look.px(14), look.px(16), look.px(14))
        column.setSpacing(look.px(9))
        row = QHBoxLayout()
        row.addWidget(self._time, 1)
        row.addWidget(self._extend)
        column.addLayout(row)
        column.addWidget(self.search)
        column.addWidget(self.tree, 1)
        column.addWidget(self._chosen)
        column.addWidget(self.summary)
        column.addWidget(self._marks)
        column.addWidget(self._trouble)
        column.addWidget(self._save)

    def _connect(self) -> None:
        context = self._context
        self.search.textChanged.connect(self.tree.filter)
        self.search.returnPressed.connect(self.tree.toggle_current)
        self.tree.changed.connect(self._on_edit)
        self.summary.textChanged.connect(self._on_edit)
        self._extend.clicked.connect(self.extend)
        self._save.clicked.connect(lambda: context.actions.trigger("save_wrapup"))
        context.actions.register("save_wrapup", self.save, lambda: bool(self._session))
        context.actions.register("extend_wrapup", self.extend, self._runs)
        context.actions.register("insert_marks", self.insert_marks, lambda: bool(self._marked()))
        self._marks.clicked.connect(lambda: context.actions.trigger("insert_marks"))
        self._drafts = QTimer(self, singleShot=True, interval=DRAFT_MS)
        self._drafts.timeout.connect(self.keep_draft)
        self._due = Coalesced(self, self.refresh, CALM_MS)
        listen(self, context.desk.publisher, WrapUpChanged, self._on_notice)
        listen(self, context.desk.publisher, SessionChanged, self._on_notice)
        context.selection.changed.connect(self._change_session)
        every_second(self, self._tick)

    def _on_notice(self, notice: WrapUpChanged | SessionChanged) -> None:
        if notice.session == self._session:
            self._due.ask()

    def _runs(self) -> bool:
        return bool(self._session) and self._context.desk.wrapups.state(self._session) is not None

    def _change_session(self) -> None:
        if self._drafts.isActive():
            self.keep_draft()
        self._drafts.stop()
        self._session = self._context.selection.session
        self._stage = None
        self._fill()
        self._tell("")
        self.refresh()

    def _fill(self) -> None:
        """Put the kept draft in; without one, go to the branch that the citizen's menu suggests."""
        view = self._context.selection.view()
        codes, summary = self._context.desk.wrapups.kept(self._session) if view else ((), "")
        self.summary.blockSignals(True)
        self.summary.setPlainText(summary)
        self.summary.blockSignals(False)
        self.search.clear()
        self.tree.collapseAll()
        self.tree.choose(codes)
        suggested = for_ars(self._context.desk.wrapups.codes, view.ars) if view and view.ars else None
        if suggested is not None:
            self.tree.open_at(suggested.id)
        self._show_chosen()

    def refresh(self) -> None:
        """Show whether the wrap-up runs and what is missing."""
        view = self._context.selection.view()
        self.setEnabled(view is not None)
        may_save = view is not None and view.stage in (Stage.WRAP_UP, Stage.WAITING)
        self._save.setEnabled(may_save)
        hint = self._context.actions.hint("save_wrapup")
        self._save.setToolTip(hint if may_save else tr("The wrap-up can be saved once the call is over"))
        self._extend.setVisible(self._runs())
        marks = len(self._marked())
        self._marks.setVisible(marks > 0)
        self._marks.set_words(tr("Marked moments into the summary: {count}", count=marks))
        self._tick()

    def _tick(self) -> None:
        state = self._context.desk.wrapups.state(self._session) if self._session else None
        if state is None:
            view = self._context.selection.view()
            talking = view is not None and view.stage in (Stage.TALKING, Stage.HELD)
            self._time.say(tr("The call is running; you can prepare the wrap-up") if talking else "", "second")
            return
        left = (state.ends - self._context.desk.clock.now()).total_seconds()
        if left > 0:
            self._time.say(tr("Time left {time}", time=clock_text(left)), "strong")
        else:
            self._time.say(tr("Over time by {time}", time=clock_text(-left)), "careful-strong")

    def _on_edit(self) -> None:
        self._show_chosen()
        self._drafts.start()

    def _show_chosen(self) -> None:
        names = ", ".join(self.tree.text_of(code) for code in self.tree.chosen)
        required = self._context.desk.policy.wrapup_required
        nothing = tr("No code chosen yet (required)") if required else tr("No code chosen yet")
        self._chosen.say(tr("Chosen: {names}", names=names) if names else nothing)
        if names:
            self._tell("")

    def keep_draft(self) -> bool:
        """Keep what is chosen and written so far; false where the disk is full."""
        if not self._session:
            return True
        session, codes, summary = self._session, self.tree.chosen, self.summary.toPlainText()
        if (codes, summary) == self._context.desk.wrapups.kept(session):
            return True
        refused = self._context.tasks.reason(lambda: self._context.desk.wrapups.draft(session, codes, summary))
        self._tell(refused)
        return not refused

    def _marked(self) -> tuple[tuple[float, str], ...]:
        return self._context.desk.wrapups.marks(self._session) if self._session else ()

    def insert_marks(self) -> None:
        """Put the moments that were marked into the summary, one a line, each once; the agent says there what was."""
        there = self.summary.toPlainText()
        lines = [f"{clock_text(at)} {text}".rstrip() for at, text in self._marked()]
        known = {line.rstrip() for line in there.splitlines()}
        fresh = [line for line in lines if line not in known]
        if fresh:
            self.summary.setPlainText("\n".join([*([there.rstrip()] if there.strip() else []), *fresh]) + " ")
            self.summary.moveCursor(QTextCursor.MoveOperation.End)
        self.summary.setFocus()

    def extend(self) -> None:
        """Take one minute more."""
        self._context.tasks.attempt(lambda: self._context.desk.wrapups.extend(self._session, EXTEND_S))

    def save(self) -> None:
        """Save and close the session; what is missing is said at the field."""
        self.refresh()  # the key may come before the button has followed the call's end
        if not self._save.isEnabled():
            return
        self._drafts.stop()
        self.keep_draft()
        if self._context.desk.policy.wrapup_required and not self.tree.chosen:
            self._tell(tr("Choose at least one wrap-up code."))
            self.search.setFocus()
            return
        work = self._context.desk.wrapups.save(self._session, self.tree.chosen, self.summary.toPlainText())
        self._context.tasks.start(work, lambda _: self._context.announcer.say(tr("Wrap-up saved")))

    def _tell(self, text: str) -> None:
        self._trouble.say(text)
        self._trouble.setVisible(bool(text))
        if text:
            self._context.announcer.say(text, urgent=True)
