"""What keys do with written sessions: take, hand over, finish, join, search, export, and what became of messages."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

from client.domain.session import SessionView, Stage
from client.domain.timeline import MessageLine
from client.domain.words import Party
from ui.context import Context
from ui.desk_view import DeskView
from ui.export_sheet import ExportSheet
from ui.files_sheet import FilesSheet
from ui.language import tr
from ui.sheet import Sheet
from ui.written_sheets import HandOverSheet, MergeSheet, SearchSheet


class WrittenActions(QObject):
    """Registers them. `show` opens a dialog."""

    def __init__(self, context: Context, view: DeskView, show: Callable[[Sheet], None]) -> None:
        super().__init__(view)
        self._context = context
        self._view = view
        self._show = show
        register = context.actions.register
        register("next_waiting", self.next_waiting)
        register("claim", self.claim, self._claimable)
        register("finish", self.finish, lambda: self._mine(Stage.TALKING))
        register("release", self.release, lambda: self._mine(Stage.TALKING))
        register("hand_over", lambda: show(HandOverSheet(context, view.window())), self._may_hand_over)
        register("merge", lambda: show(MergeSheet(context, view.window())), lambda: self._mine(Stage.TALKING))
        register("search", lambda: show(SearchSheet(context, view.window())))
        register("export", lambda: show(ExportSheet(context, view.window())))
        register("files", lambda: show(FilesSheet(context, view.window())), lambda: bool(context.selection.session))
        register("withdraw", self.withdraw, lambda: self._last(_can_be_withdrawn) is not None)
        register("send_again", lambda: self.settle(again=True), lambda: self._last(_is_open) is not None)
        register("leave_failed", lambda: self.settle(again=False), lambda: self._last(_is_open) is not None)

    def _written(self) -> SessionView | None:
        view = self._context.selection.view()
        return view if view is not None and (view.channel.is_written or view.mail) else None

    def _mine(self, *stages: Stage) -> bool:
        view = self._written()
        return view is not None and view.owner == self._context.desk.sessions.me and view.stage in stages

    def _may_hand_over(self) -> bool:
        by_video = self._context.desk.video.running
        return self._mine(Stage.TALKING) or (by_video is not None and by_video == self._context.selection.session)

    def _claimable(self) -> bool:
        view = self._context.selection.view()
        if view is not None and self._is_live(view):
            return any(offer.session == view.id for offer in self._context.desk.video.offers)
        return view is not None and view.owner is None and view.stage is Stage.WAITING

    @staticmethod
    def _is_live(view: SessionView) -> bool:
        """True for who waits before a camera or a microphone: taking them answers them."""
        return view.channel.is_web and not view.mail

    # ── sessions ─────────────────────────────────────────────────────────────────────────────────

    def next_waiting(self) -> None:
        """Take the one who has waited longest, and go to writing."""
        self._context.tasks.start(self._context.desk.sessions.next_waiting(), self._open_next, self)

    def _open_next(self, session: str) -> None:
        if not session:
            self._context.announcer.say(tr("Nobody waits"), urgent=True)
            return
        self._go_to(session)

    def claim(self) -> None:
        """Take the open session."""
        view, session = self._context.selection.view(), self._context.selection.session
        if view is not None and self._is_live(view):
            self._context.tasks.start(self._context.desk.video.answer(session), self._go_to, self)
            return
        self._context.tasks.start(self._context.desk.sessions.claim(session), lambda _: self._go_to(session), self)

    def _go_to(self, session: str) -> None:
        self._context.selection.open(session)
        self._view.page.composer.refresh()
        self._context.actions.trigger("message")

    def finish(self) -> None:
        """The wrap-up begins."""
        session = self._context.selection.session
        if self._context.tasks.attempt(lambda: self._context.desk.wrapups.begin(session)):
            self._context.actions.trigger("panel_wrapup")

    def release(self) -> None:
        """Back to those who wait."""
        session = self._context.selection.session
        self._context.tasks.start(
            self._context.desk.sessions.release(session, "released"),
            lambda _: self._context.announcer.say(tr("Back with those who wait"), urgent=True),
        )

    # ── messages ─────────────────────────────────────────────────────────────────────────────────

    def _last(self, fits: Callable[[MessageLine], bool]) -> MessageLine | None:
        """The agent's newest message that fits; the chosen line first."""
        session = self._context.selection.session
        if not session or session not in self._context.desk.sessions:
            return None
        lines = self._context.desk.sessions.timeline(session).lines
        found = (x for x in reversed(lines) if isinstance(x, MessageLine) and x.party is Party.AGENT and fits(x))
        return next(found, None)

    def withdraw(self) -> None:
        """Take back the newest message that can be."""
        line = self._last(_can_be_withdrawn)
        if line is not None and self._context.tasks.attempt(
            lambda: self._context.desk.writing.withdraw(line.session, line.id)
        ):
            self._context.announcer.say(tr("Taken back: {text}", text=line.text), urgent=True)

    def settle(self, *, again: bool) -> None:
        """Decide about the newest message that may not have arrived."""
        line = self._last(_is_open)
        if line is not None:
            words = tr("Sent again") if again else tr("Left as it is")
            self._context.tasks.start(
                self._context.desk.writing.settle(line.session, line.id, again=again),
                lambda _: self._context.announcer.say(words, urgent=True),
            )


def _can_be_withdrawn(line: MessageLine) -> bool:
    outside = line.via is not None and line.via.leaves_the_centre
    return not line.withdrawn and not outside


def _is_open(line: MessageLine) -> bool:
    return line.open_question
