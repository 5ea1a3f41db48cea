"""What calls for the agent, repeated until it is acknowledged. The interface gives it light, text and speech; sound is rung here."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace

from client.domain import event as e
from client.domain.words import Party
from client.ports.clock import Clock, Timer
from client.ports.telephony import Telephony
from client.services.calls import CallService
from client.services.log import EventLog
from client.services.notices import Alarm, AlertChanged, CallsChanged, Trouble, TroubleTold, WrapUpAsked
from client.services.policy import Policy
from client.services.publisher import Publisher
from client.services.sessions import SessionBook
from client.services.watch import EventSeen

MAX_REPEATS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One alert: `repeats` counts how often it was said again; `silenced` has neither sound nor light any more."""

    id: int
    alarm: Alarm
    session: str
    since: str
    repeats: int = 0
    silenced: bool = False


class AlertService:
    """Attributes: `active` — alerts not yet acknowledged, oldest first."""

    def __init__(
        self,
        telephony: Telephony,
        calls: CallService,
        log: EventLog,
        sessions: SessionBook,
        clock: Clock,
        publisher: Publisher,
        policy: Policy,
    ) -> None:
        self.active: tuple[Alert, ...] = ()
        self._telephony = telephony
        self._calls = calls
        self._log = log
        self._sessions = sessions
        self._clock = clock
        self._publisher = publisher
        self._policy = policy
        self._ids = itertools.count(1)
        self._timers: dict[int, Timer] = {}
        self._ringing = False

    def start(self) -> None:
        """Follow what may call for the agent."""
        self._publisher.subscribe(CallsChanged, lambda _: self._follow_offers())
        self._publisher.subscribe(WrapUpAsked, lambda notice: self.raise_(Alarm.WRAPUP_TIME, notice.session))
        self._publisher.subscribe(TroubleTold, self._on_trouble)
        self._publisher.subscribe(EventSeen, lambda seen: self._on_event(seen.event))

    def raise_(self, alarm: Alarm, session: str = "") -> None:
        """Raise an alert; the same alarm of the same session is one alert."""
        if any(alert.alarm is alarm and alert.session == session for alert in self.active):
            return
        alert = Alert(id=next(self._ids), alarm=alarm, session=session, since=e.timestamp(self._clock.now()))
        self.active = (*self.active, alert)
        self._sound(alert)
        self._schedule(alert.id)
        self._publisher.publish(AlertChanged())

    def acknowledge(self, id_: int) -> None:
        """The agent has noticed."""
        self.active = tuple(alert for alert in self.active if alert.id != id_)
        timer = self._timers.pop(id_, None)
        if timer is not None:
            timer.cancel()
        self._publisher.publish(AlertChanged())

    def acknowledge_session(self, session: str) -> None:
        """The agent looks at this session: its alerts are noticed, offers aside."""
        for alert in [x for x in self.active if x.session == session and x.alarm is not Alarm.CALL_OFFERED]:
            self.acknowledge(alert.id)

    def _schedule(self, id_: int) -> None:
        self._timers[id_] = self._clock.later(self._policy.repeat_alert_s, lambda: self._repeat(id_))

    def _repeat(self, id_: int) -> None:
        for alert in [alert for alert in self.active if alert.id == id_ and alert.repeats < MAX_REPEATS]:
            again = replace(alert, repeats=alert.repeats + 1)
            self.active = tuple(again if x.id == id_ else x for x in self.active)
            self._sound(again)
            self._schedule(id_)
            self._publisher.publish(AlertChanged())

    def _sound(self, alert: Alert) -> None:
        """A ring goes on by itself; everything else is one short soft tone, as is a ring in a call."""
        if alert.silenced:
            return
        soft = self._calls.running is not None or alert.alarm is not Alarm.CALL_OFFERED
        if soft or not self._ringing:
            self._ringing = self._ringing or not soft
            self._log.in_background(self._telephony.ring(True, soft=soft))

    def _follow_offers(self) -> None:
        offers = {offer.session: offer for offer in self._calls.offers}
        for alert in [alert for alert in self.active if alert.alarm is Alarm.CALL_OFFERED]:
            if alert.session not in offers:
                self.acknowledge(alert.id)
            elif offers[alert.session].silenced and not alert.silenced:
                self.active = tuple(replace(x, silenced=True) if x.id == alert.id else x for x in self.active)
                self._publisher.publish(AlertChanged())
        for session in offers:
            self.raise_(Alarm.CALL_OFFERED, session)
        if self._ringing and not any(not offer.silenced for offer in offers.values()):
            self._ringing = False
            self._log.in_background(self._telephony.ring(False))

    def _on_trouble(self, told: TroubleTold) -> None:
        if told.trouble is Trouble.CALL_LOST:
            self.raise_(Alarm.CALL_LOST, told.session)

    def _on_event(self, event: e.Event) -> None:
        if event.session not in self._sessions or self._sessions.get(event.session).owner not in (
            None,
            self._sessions.me,
        ):
            return
        body = event.body
        shown = event.session == self._sessions.shown
        if isinstance(body, e.MessageSent) and body.party is Party.CITIZEN and not shown:
            self.raise_(Alarm.MESSAGE, event.session)
        elif isinstance(body, e.ScreenAnswered) and not shown:
            self.raise_(Alarm.SCREEN_ANSWERED, event.session)
        elif isinstance(body, e.SessionTransferred) and body.to == self._sessions.me:
            self.raise_(Alarm.TRANSFER_ARRIVED, event.session)
