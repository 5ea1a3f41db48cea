"""What the agent can do with calls, registered under the ids of `ui.shortcuts`."""

from __future__ import annotations

from PySide6.QtCore import QObject

from client.domain.call import CallState
from client.domain.session import Stage
from client.services.desk import Desk
from client.services.notices import Alarm
from ui.call_guard import CallGuard
from ui.context import Context

DIALLING = (CallState.DIALLING, CallState.EARLY)


def bar_session(desk: Desk) -> str:
    """The session whose call the bar shows: the running one, else the one being dialled, "" for none."""
    if desk.calls.running:
        return desk.calls.running
    for view in desk.sessions.mine():
        call = desk.calls.call(view.id)
        if call is not None and call.state in DIALLING:
            return view.id
    return ""


class CallActions(QObject):
    """Answer, hang up, decline, silence, hold, mute, call back, end a consultation. Dialogs register their own."""

    def __init__(self, context: Context, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._desk = desk = context.desk
        self.guard = CallGuard(desk, self)
        register = context.actions.register
        register("answer", self.answer, lambda: bool(desk.calls.offers))
        register("hang_up", self.hang_up, self.may_hang_up)
        register("decline", self.decline, lambda: bool(desk.calls.offers))
        register("acknowledge", self.acknowledge, self.may_acknowledge)
        register("hold", lambda: self._start(desk.calls.toggle_hold()), self.talking)
        register("mute", lambda: self._start(desk.calls.toggle_mute()), self.talking)
        register("call_back", self.call_back, self._may_call_back)
        register("running_session", self.to_running, lambda: bool(bar_session(desk)))
        register("back_to_citizen", self.back_to_citizen, self.consulting)

    def _start(self, work: object) -> None:
        self._context.tasks.start(work)  # type: ignore[arg-type]

    def talking(self) -> bool:
        """True while a call is active or held."""
        return self._desk.calls.running is not None

    def answer(self) -> None:
        """Take the oldest offer and open its session, unless it took another's place just now."""
        if not self.guard.open() or not self._desk.calls.offers:
            return
        session = self._desk.calls.offers[0].session
        self._context.tasks.start(self._desk.calls.answer(session), lambda _: self._context.selection.open(session))

    def hang_up(self) -> None:
        """End the call of the bar, unless it has just become the running one."""
        if self.guard.open():
            self._start(self._desk.calls.hang_up(bar_session(self._desk)))

    def decline(self) -> None:
        """Give the oldest offer to another agent."""
        if self.guard.open() and self._desk.calls.offers:
            self._start(self._desk.calls.decline(self._desk.calls.offers[0].session))

    def may_hang_up(self) -> bool:
        """True while the bar shows a call."""
        return bool(bar_session(self._desk))

    def may_acknowledge(self) -> bool:
        """True while something calls for the agent."""
        return any(not alert.silenced for alert in self._desk.alerts.active)

    def acknowledge(self) -> None:
        """Notice the oldest alert: an offer only falls silent, others are done and open their session."""
        alert = next((alert for alert in self._desk.alerts.active if not alert.silenced), None)
        if alert is None:
            return
        if alert.alarm is Alarm.CALL_OFFERED:
            self._start(self._desk.calls.silence(alert.session))
            return
        self._desk.alerts.acknowledge(alert.id)
        if alert.session in self._desk.sessions:
            self._context.selection.open(alert.session)

    def _may_call_back(self) -> bool:
        view = self._context.selection.view()
        over = view is not None and view.stage in (Stage.WRAP_UP, Stage.WAITING, Stage.CLOSED)
        return over and bool(view and view.number) and not bar_session(self._desk)

    def call_back(self) -> None:
        """Call the citizen of the open session again."""
        self._start(self._desk.calls.call_back(self._context.selection.session))

    def to_running(self) -> None:
        """Open the running call's session; the sound stays where it is."""
        self._context.selection.open(bar_session(self._desk))

    def consulting(self) -> bool:
        """True while the running call's citizen waits for a consultation."""
        call = self._desk.calls.call(self._desk.calls.running) if self._desk.calls.running else None
        return call is not None and bool(call.consultation)

    def back_to_citizen(self) -> None:
        """End the consultation and go on with the citizen."""
        self._start(self._desk.calls.cancel_consultation())
        self._context.selection.open(bar_session(self._desk))
