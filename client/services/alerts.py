"""What calls for the agent, repeated until it is acknowledged. The interface gives it light, text and speech; sound is rung here."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

from client.domain import event as e
from client.domain.call import CallState
from client.domain.session import Stage
from client.domain.words import Party
from client.ports.clock import Clock, Timer
from client.ports.telephony import Telephony
from client.services.call_views import CallStarted
from client.services.calls import CallService
from client.services.log import EventLog
from client.services.notices import Alarm, AlertChanged, CallsChanged, Trouble, TroubleTold, WrapUpAsked, WrapUpChanged
from client.services.policy import Policy
from client.services.publisher import Publisher
from client.services.sessions import SessionBook
from client.services.video_views import VideoOfferView
from client.services.watch import EventSeen
from client.services.wrapups import WrapUpService

SLOW_AFTER, SLOWER = 60, 6  # five minutes of every five seconds, then every half minute: nobody may be at the desk
SEEN_BY_LOOKING = (Alarm.MESSAGE, Alarm.SCREEN_ANSWERED)
OFFERS = (Alarm.CALL_OFFERED, Alarm.VIDEO_OFFERED)  # they have a card, and a ring that goes on
ENDED_BY_A_CALL = (Alarm.CALL_LOST, Alarm.WRAPUP_TIME, Alarm.TRANSFER_ARRIVED)
NOT_IN_CALL = (CallState.OFFERED, CallState.ENDED)


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
        wrapups: WrapUpService,
        log: EventLog,
        sessions: SessionBook,
        clock: Clock,
        publisher: Publisher,
        policy: Policy,
    ) -> None:
        self.active: tuple[Alert, ...] = ()
        self._telephony = telephony
        self._calls = calls
        self._wrapups = wrapups
        self._log = log
        self._sessions = sessions
        self._clock = clock
        self._publisher = publisher
        self._policy = policy
        self._ids = itertools.count(1)
        self._timers: dict[int, Timer] = {}
        self._ringing = False
        self._at_window = True

    def start(self) -> None:
        """Follow what may call for the agent, and what the agent does about it."""
        self._publisher.subscribe(CallsChanged, lambda _: self._follow_calls())
        self._publisher.subscribe(CallStarted, lambda notice: self._on_call(notice.call.call))
        self._publisher.subscribe(WrapUpAsked, lambda notice: self.raise_(Alarm.WRAPUP_TIME, notice.session))
        self._publisher.subscribe(WrapUpChanged, lambda notice: self._on_wrapup(notice.session))
        self._publisher.subscribe(TroubleTold, self._on_trouble)
        self._publisher.subscribe(EventSeen, lambda seen: self._on_event(seen.event))
        self._log.on_rename.append(self._rename)

    def raise_(self, alarm: Alarm, session: str = "") -> None:
        """Raise an alert; the same alarm of the same session is one alert."""
        if any(alert.alarm is alarm and alert.session == session for alert in self.active):
            return
        alert = Alert(id=next(self._ids), alarm=alarm, session=session, since=e.timestamp(self._clock.now()))
        self.active = (*self.active, alert)
        self._sound(alert)
        self._schedule(alert)
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
        self._acknowledge(tuple(alarm for alarm in Alarm if alarm not in OFFERS), session)

    def look(self, *, at_window: bool) -> None:
        """Whether the window is before the agent's eyes; only then does the open session show by itself what is new."""
        self._at_window = at_window
        if at_window and self._sessions.shown:
            self._acknowledge(SEEN_BY_LOOKING, self._sessions.shown)

    def _acknowledge(self, alarms: tuple[Alarm, ...], session: str) -> None:
        for alert in [alert for alert in self.active if alert.session == session and alert.alarm in alarms]:
            self.acknowledge(alert.id)

    # ── again and again ──────────────────────────────────────────────────────────────────────────

    def _schedule(self, alert: Alert) -> None:
        slower = SLOWER if alert.repeats >= SLOW_AFTER else 1
        self._timers[alert.id] = self._clock.later(self._policy.repeat_alert_s * slower, lambda: self._repeat(alert.id))

    def _repeat(self, id_: int) -> None:
        self._drop_handled()
        for alert in [alert for alert in self.active if alert.id == id_]:
            again = replace(alert, repeats=alert.repeats + 1)
            self._put(again)
            self._sound(again)
            self._schedule(again)
            self._publisher.publish(AlertChanged())

    def _put(self, changed: Alert) -> None:
        self.active = tuple(changed if alert.id == changed.id else alert for alert in self.active)

    def _sound(self, alert: Alert) -> None:
        """Everything is one short soft tone, aside from a ring outside a call, which goes on by itself."""
        if not self._policy.hears:
            return
        if not alert.silenced and (alert.alarm not in OFFERS or self._in_call()):
            self._log.in_background(self._telephony.ring(True, soft=True))

    def _in_call(self) -> bool:
        return any(call.state not in NOT_IN_CALL for call in self._calls.book.told.values())

    def _ring(self) -> None:
        """Ring while somebody is offered who is not silenced, nobody is in the agent's ear, and the agent hears."""
        calls = any(not offer.silenced for offer in self._calls.offers)
        videos = any(alert.alarm is Alarm.VIDEO_OFFERED and not alert.silenced for alert in self.active)
        wanted = self._policy.hears and not self._in_call() and (calls or videos)
        if wanted != self._ringing:
            self._ringing = wanted
            self._log.in_background(self._telephony.ring(wanted))

    # ── what the agent did about it ──────────────────────────────────────────────────────────────

    def _follow_calls(self) -> None:
        for offer in self._calls.offers:
            self.raise_(Alarm.CALL_OFFERED, offer.session)
            if offer.silenced:
                self._silence(Alarm.CALL_OFFERED, offer.session)
        self._drop_handled()
        self._ring()

    def follow_videos(self, offers: Sequence[VideoOfferView]) -> None:
        """These citizens wait for this agent by video."""
        for offer in offers:
            self.raise_(Alarm.VIDEO_OFFERED, offer.session)
            if offer.silenced:
                self._silence(Alarm.VIDEO_OFFERED, offer.session)
        there = {offer.session for offer in offers}
        for alert in [alert for alert in self.active if alert.alarm is Alarm.VIDEO_OFFERED]:
            if alert.session not in there:
                self.acknowledge(alert.id)
        self._ring()

    def calm(self, alarm: Alarm, session: str = "") -> None:
        """What this alarm said is so no more."""
        self._acknowledge((alarm,), session)

    def _silence(self, alarm: Alarm, session: str) -> None:
        for alert in self.active:
            if alert.alarm is alarm and alert.session == session and not alert.silenced:
                self._put(replace(alert, silenced=True))
                if alarm is Alarm.CALL_OFFERED:
                    self._ringing = False  # silencing has stopped the one bell: it begins again for another offer
                self._publisher.publish(AlertChanged())

    def _drop_handled(self) -> None:
        for alert in [alert for alert in self.active if self._is_handled(alert)]:
            self.acknowledge(alert.id)

    def _is_handled(self, alert: Alert) -> bool:
        """What it called for is done, or is not this agent's any more."""
        if alert.alarm is Alarm.CALL_OFFERED:
            return not any(offer.session == alert.session for offer in self._calls.offers)
        if alert.alarm is Alarm.FAR_END_SILENT:
            return self._calls.running is None
        if alert.alarm is Alarm.WRAPUP_TIME:
            state = self._wrapups.state(alert.session)
            return state is None or not state.asked
        if alert.session and not self._is_ours(alert.session):
            return True
        if alert.alarm is Alarm.REPLY_LATE and not self._sessions.get(alert.session).unanswered_since:
            return True
        if alert.alarm is Alarm.CALL_LOST:  # one that was never answered leaves a closed session
            return self._calls.call(alert.session) is not None
        return bool(alert.session) and self._sessions.get(alert.session).stage is Stage.CLOSED

    def _is_ours(self, session: str) -> bool:
        return session in self._sessions and self._sessions.get(session).owner in (None, self._sessions.me)

    def _on_wrapup(self, session: str) -> None:
        if self._wrapups.state(session) is None:  # saved
            self.acknowledge_session(session)
        self._drop_handled()

    def _on_call(self, call: str) -> None:
        self._acknowledge(ENDED_BY_A_CALL, self._calls.book.session_of(call))

    def _rename(self, old: str, new: str) -> None:
        """A session joined another: what it called for goes on under the new name, said once."""
        for alert in [alert for alert in self.active if alert.session == old]:
            self._put(replace(alert, session=new))

    # ── what calls for the agent ─────────────────────────────────────────────────────────────────

    def _calls_us(self, session: str) -> bool:
        """What is written into a session that waits calls for everybody, so for nobody: the list shows that it waits."""
        view = self._sessions.get(session)
        return view.owner is not None or not view.channel.is_written

    def _on_trouble(self, told: TroubleTold) -> None:
        if told.trouble is Trouble.CALL_LOST:
            self.raise_(Alarm.CALL_LOST, told.session)

    def _on_event(self, event: e.Event) -> None:
        if not self._is_ours(event.session):
            return
        body = event.body
        self._drop_handled()
        seen = self._at_window and event.session == self._sessions.shown
        if isinstance(body, e.MessageDelivery) and body.state in (e.DeliveryState.FAILED, e.DeliveryState.UNCERTAIN):
            self.raise_(Alarm.MESSAGE_FAILED, event.session)
        if (
            isinstance(body, e.MessageSent)
            and body.party is Party.CITIZEN
            and not seen
            and self._calls_us(event.session)
        ):
            self.raise_(Alarm.MESSAGE, event.session)
        elif isinstance(body, e.ScreenAnswered) and not seen:
            self.raise_(Alarm.SCREEN_ANSWERED, event.session)
        elif isinstance(body, e.SessionTransferred) and body.to == self._sessions.me:
            self.raise_(Alarm.TRANSFER_ARRIVED, event.session)
