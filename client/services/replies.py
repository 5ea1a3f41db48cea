"""How long citizens who wrote have waited for an answer, and the alert when it was too long."""

from __future__ import annotations

from datetime import timedelta

from client.domain.event import parse_timestamp
from client.domain.session import Stage
from client.ports.clock import Clock, Timer
from client.services.alerts import AlertService
from client.services.notices import Alarm, SessionChanged, SessionGone
from client.services.publisher import Publisher
from client.services.sessions import SessionBook

NEAR_S, NEAR_SHARE = 60.0, 1 / 3  # an answer is due soon in the last minute, of a short limit in its last third


class ReplyService:
    """Attributes: `limit_s` — seconds in which a written session should be answered; `near_s` — the last of them."""

    def __init__(
        self, sessions: SessionBook, alerts: AlertService, clock: Clock, publisher: Publisher, limit_s: int
    ) -> None:
        self.limit_s = limit_s
        self.near_s = min(NEAR_S, limit_s * NEAR_SHARE)
        self._sessions = sessions
        self._alerts = alerts
        self._clock = clock
        self._publisher = publisher
        self._timers: dict[str, tuple[str, Timer]] = {}

    def start(self) -> None:
        """Follow the sessions."""
        self._publisher.subscribe(SessionChanged, lambda notice: self._follow(notice.session))
        self._publisher.subscribe(SessionGone, lambda notice: self._drop(notice.session))

    def left_s(self, session: str) -> float | None:
        """Seconds until the answer is late, negative when it is; None: nobody waits for one."""
        since = self._waiting_since(session)
        if not since:
            return None
        return (parse_timestamp(since) + timedelta(seconds=self.limit_s) - self._clock.now()).total_seconds()

    def _waiting_since(self, session: str) -> str:
        view = self._sessions.get(session) if session in self._sessions else None
        if view is None or view.owner != self._sessions.me or view.stage is not Stage.TALKING:
            return ""
        return view.unanswered_since if view.channel.is_written else ""

    def _follow(self, session: str) -> None:
        since = self._waiting_since(session)
        known = self._timers.get(session)
        if known is not None and known[0] == since:
            return
        self._drop(session)
        left = self.left_s(session)
        if left is not None:
            timer = self._clock.later(max(0.0, left), lambda: self._late(session))
            self._timers[session] = (since, timer)

    def _late(self, session: str) -> None:
        left = self.left_s(session)
        if left is not None and left <= 0:
            self._alerts.raise_(Alarm.REPLY_LATE, session)

    def _drop(self, session: str) -> None:
        known = self._timers.pop(session, None)
        if known is not None:
            known[1].cancel()
