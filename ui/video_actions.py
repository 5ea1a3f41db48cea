"""What keys do in video sessions. The call's keys mean the same here: answer, end, hold, mute."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QObject

from client.domain.relay import RelayState
from client.services.notices import Alarm
from ui.call_actions import CallActions
from ui.context import Context
from ui.desk_view import DeskView
from ui.export_sheet import save_as
from ui.language import tr
from ui.relay_sheet import RelaySheet
from ui.sheet import Sheet
from ui.stage_area import corner_text, size_text

STEP = 6  # percent by which the stage grows on a key


class VideoActions(QObject):
    """Registers them over those of calls; `show` opens a dialog. A phone call that rings goes first, a running video before a running call."""

    def __init__(self, context: Context, view: DeskView, show: Callable[[Sheet], None]) -> None:
        super().__init__(view)
        self._context = context
        self._show = show
        self._desk = desk = context.desk
        self._view = view
        self._calls: CallActions = view.call_actions
        calls, register = view.call_actions, context.actions.register
        register("answer", self.answer, lambda: bool(desk.calls.offers or desk.video_offers))
        register("answer_unseen", lambda: self._answer_video(shown=False), lambda: bool(desk.video_offers))
        register("hang_up", self.hang_up, lambda: self.running() or calls.may_hang_up())
        register("acknowledge", self.acknowledge, calls.may_acknowledge)
        register("hold", self.hold, lambda: self.running() or calls.talking())
        register("mute", self.mute, lambda: self._has_sound() or (not self.running() and calls.talking()))
        register("own_picture", self.own_picture, lambda: self._signs() or bool(desk.video_offers))
        register("mark", self.mark, self.running)
        register("snapshot", self.snapshot, self._may_snapshot)
        register("connect_again", lambda: context.tasks.attempt(desk.video.begin_again), self.running)
        register("relay", self.relay, self.running)
        register("relay_agree", lambda: context.tasks.start(desk.relay.agree()), self._announcing)
        register("relay_refuse", lambda: context.tasks.start(desk.relay.refuse()), self._announcing)
        register("relay_end", lambda: context.tasks.start(desk.relay.end()), lambda: desk.relay.running is not None)
        register("self_corner", self.turn_corner, self._signs)
        register("self_size", self.turn_size, self._signs)
        register("stage_larger", lambda: view.theatre.step(STEP), self.running)
        register("stage_smaller", lambda: view.theatre.step(-STEP), self.running)
        register("own_window", view.theatre.toggle_window, self.running)
        register("to_stage", view.theatre.take_keyboard, self.running)
        register("running_session", self.to_running, lambda: self.running() or calls.may_hang_up())

    # ── how it stands ────────────────────────────────────────────────────────────────────────────

    def running(self) -> bool:
        """True while this agent talks by video, or has it on hold."""
        return self._desk.video.running is not None

    def _signs(self) -> bool:
        session = self._desk.video.running
        return session is not None and not self._view.stage.own_picture.isHidden()

    def _has_sound(self) -> bool:
        session = self._desk.video.running
        view = self._desk.video.view(session) if session else None
        return view is not None and view.call is not None and view.call.sound

    def _may_snapshot(self) -> bool:
        session = self._desk.video.running
        return session is not None and self._desk.sessions.get(session).consents.get("snapshot", False)

    def _announcing(self) -> bool:
        relay = self._desk.relay
        view = relay.view(relay.running) if relay.running else None
        return view is not None and view.state is RelayState.ANNOUNCING

    # ── answering and ending ─────────────────────────────────────────────────────────────────────

    def answer(self) -> None:
        """A phone call that rings, else the citizen who has waited longest for a video."""
        if self._desk.calls.offers:
            self._calls.answer()
        else:
            self._answer_video()

    def _answer_video(self, *, shown: bool = True) -> None:
        if self._calls.guard.open() and self._desk.video_offers:
            session = self._desk.video_offers[0].session
            self._context.tasks.start(self._desk.video.answer(session, shown=shown), self._begin)

    def _begin(self, session: str) -> None:
        self._context.selection.open(session)
        self._context.actions.trigger("message")

    def hang_up(self) -> None:
        """End the video session, unless it has just become the running one; else the call."""
        session = self._desk.video.running
        if session is None:
            self._calls.hang_up()
        elif self._calls.guard.open():
            self._context.tasks.start(self._desk.video.hang_up(session))

    def acknowledge(self) -> None:
        """Notice the oldest alert: a citizen who waits by video goes on waiting, in silence."""
        alert = next((alert for alert in self._desk.alerts.active if not alert.silenced), None)
        if alert is not None and alert.alarm is Alarm.VIDEO_OFFERED:
            self._desk.video.silence(alert.session)
        else:
            self._calls.acknowledge()

    # ── while it runs ────────────────────────────────────────────────────────────────────────────

    def hold(self) -> None:
        """Hold or resume."""
        work = self._desk.video.toggle_hold() if self.running() else self._desk.calls.toggle_hold()
        self._context.tasks.start(work)

    def mute(self) -> None:
        """Mute or unmute."""
        work = self._desk.video.toggle_mute() if self.running() else self._desk.calls.toggle_mute()
        self._context.tasks.start(work)

    def own_picture(self) -> None:
        """Show oneself to the citizen or the card; before the answer, look at oneself first."""
        if self.running():
            self._context.tasks.start(self._desk.video.toggle_picture())
        else:
            self._view.offer.toggle_preview()

    def mark(self) -> None:
        """Date this moment."""
        if self._context.tasks.attempt(self._desk.video.mark):
            self._context.announcer.say(tr("Marked"))

    def snapshot(self) -> None:
        """A still picture, kept where the agent says."""
        name = f"{tr('Still picture')}-{datetime.now().astimezone():%Y%m%d-%H%M%S}.jpg"
        self._context.tasks.start(
            self._desk.video.snapshot(), lambda data: save_as(self._context, self._view.window(), name, data), self
        )

    def relay(self) -> None:
        """Call an office for the citizen; while one is on the line, go to what is to be done there."""
        if self._desk.relay.running is None:
            self._show(RelaySheet(self._context, self._view.window()))
        else:
            self._view.stage.relaying.take_keyboard()

    def turn_corner(self) -> None:
        """The own picture to the next corner."""
        self._context.announcer.say(corner_text(self._view.stage.area.turn_corner()))
        self._view.theatre.keep()

    def turn_size(self) -> None:
        """The own picture smaller, larger, hidden."""
        self._context.announcer.say(size_text(self._view.stage.area.turn_size()))
        self._view.theatre.keep()

    def to_running(self) -> None:
        """Open the running session."""
        session = self._desk.video.running
        if session:
            self._context.selection.open(session)
        else:
            self._calls.to_running()
