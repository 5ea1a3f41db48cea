"""Wrap-up (후처리): codes, a summary, and a time limit at which the agent is asked."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from client.domain import event as e
from client.domain.codes import Code, walk
from client.domain.event import parse_timestamp
from client.domain.session import SessionView, Stage
from client.domain.timeline import FactLine
from client.ports.clock import Clock, Timer
from client.ports.outbox import Outbox, OutboxFull
from client.services.call_book import Part
from client.services.call_views import CallFinished
from client.services.errors import NotPossible
from client.services.log import EventLog
from client.services.notices import SessionChanged, WrapUpAsked, WrapUpChanged
from client.services.policy import Policy
from client.services.publisher import Publisher
from client.services.sessions import SessionBook

FIELD = "wrapup"


@dataclass(frozen=True, slots=True, kw_only=True)
class WrapUpView:
    """A running wrap-up; `codes` and `summary` are the draft. `asked` once the limit is reached."""

    session: str
    started: datetime
    ends: datetime
    asked: bool
    codes: tuple[str, ...]
    summary: str


class WrapUpService:
    """Begins a wrap-up at each call's end and keeps its draft. Attributes: `codes` — the centre's tree."""

    def __init__(
        self,
        codes: Sequence[Code],
        log: EventLog,
        sessions: SessionBook,
        outbox: Outbox,
        clock: Clock,
        publisher: Publisher,
        policy: Policy,
    ) -> None:
        self.codes = tuple(codes)
        self._known = {code.id for code, _ in walk(codes)}
        self._log = log
        self._sessions = sessions
        self._outbox = outbox
        self._clock = clock
        self._publisher = publisher
        self._policy = policy
        self._timers: dict[str, Timer] = {}

    def start(self) -> None:
        """Follow calls and sessions (a restarted desk finds its unfinished wrap-ups in the log)."""
        self._publisher.subscribe(CallFinished, self._on_finished)
        self._publisher.subscribe(SessionChanged, lambda notice: self._on_session(notice.session))

    def _on_finished(self, notice: CallFinished) -> None:
        if notice.part is not Part.CITIZEN or not notice.was_talking or notice.session not in self._sessions:
            return
        view = self._sessions.get(notice.session)
        if not view.codes:
            self._log.say(notice.session, e.WrapUpStarted(limit_s=self._policy.wrapup_s))
            self._publisher.publish(WrapUpChanged(notice.session))

    def begin(self, session: str) -> None:
        """The agent is done with a written session: its wrap-up begins. Raises `NotPossible`."""
        view = self._sessions.get(session) if session in self._sessions else None
        if view is None or view.owner != self._sessions.me or view.stage is not Stage.TALKING:
            raise NotPossible("not_yours")
        self._log.say(session, e.WrapUpStarted(limit_s=self._policy.wrapup_s))
        self._publisher.publish(WrapUpChanged(session))

    def _on_session(self, session: str) -> None:
        view = self._sessions.get(session) if session in self._sessions else None
        running = view is not None and self._is_ours(view)
        if running and session not in self._timers:
            self._set_timer(session)
        elif not running and session in self._timers:
            self._timers.pop(session).cancel()

    def _is_ours(self, view: SessionView) -> bool:
        mine = view.owner in (None, self._sessions.me)
        return view.stage is Stage.WRAP_UP and view.wrapup_limit_s > 0 and mine

    def _set_timer(self, session: str) -> None:
        if session in self._timers:
            self._timers.pop(session).cancel()
        state = self.state(session)
        if state is not None:
            wait = max(0.0, (state.ends - self._clock.now()).total_seconds())
            self._timers[session] = self._clock.later(wait, lambda: self._ask(session))

    def _ask(self, session: str) -> None:
        if self.state(session) is not None:
            self._publisher.publish(WrapUpAsked(session))
            self._publisher.publish(WrapUpChanged(session))

    def state(self, session: str) -> WrapUpView | None:
        """The session's running wrap-up."""
        view = self._sessions.get(session) if session in self._sessions else None
        if view is None or not self._is_ours(view):
            return None
        started = parse_timestamp(view.since)
        ends = started + timedelta(seconds=view.wrapup_limit_s)
        codes, summary = self._draft(session)
        return WrapUpView(
            session=session, started=started, ends=ends, asked=self._clock.now() >= ends, codes=codes, summary=summary
        )

    def marks(self, session: str) -> tuple[tuple[float, str], ...]:
        """(seconds since the answer, words) of each moment that the agent marked in this session."""
        view = self._sessions.get(session) if session in self._sessions else None
        if view is None:
            return ()
        began = parse_timestamp(view.talking_since or view.opened_at)
        lines = [line for line in self._sessions.timeline(session).lines if isinstance(line, FactLine)]
        return tuple(
            ((parse_timestamp(line.at) - began).total_seconds(), line.body.text)
            for line in lines
            if isinstance(line.body, e.MarkSet)
        )

    def pending(self) -> tuple[str, ...]:
        """Sessions whose wrap-up is not saved."""
        return tuple(view.id for view in self._sessions.all() if self._is_ours(view))

    def draft(self, session: str, codes: Sequence[str], summary: str) -> None:
        """Keep what is chosen and written so far."""
        try:
            self._outbox.save_draft(session, FIELD, json.dumps([list(codes), summary]) if codes or summary else "")
        except OutboxFull as error:
            raise NotPossible("store_full", str(error)) from error

    def kept(self, session: str) -> tuple[tuple[str, ...], str]:
        """(codes, summary) of the draft, also while the call still runs."""
        return self._draft(session)

    def _draft(self, session: str) -> tuple[tuple[str, ...], str]:
        text = self._outbox.drafts(session).get(FIELD, "")
        if not text:
            return (), ""
        codes, summary = json.loads(text)
        return tuple(codes), summary

    def extend(self, session: str, seconds: int) -> None:
        """Take more time."""
        if self.state(session) is None:
            raise NotPossible("no_wrapup")
        overdue = max(0, int((self._clock.now() - self._ends(session)).total_seconds()))
        self._log.say(session, e.WrapUpExtended(by_s=seconds + overdue))
        self._set_timer(session)
        self._publisher.publish(WrapUpChanged(session))

    def _ends(self, session: str) -> datetime:
        state = self.state(session)
        return state.ends if state else self._clock.now()

    async def save(self, session: str, codes: Sequence[str], summary: str) -> None:
        """Save the wrap-up and close the session. Raises `NotPossible` if a required code is missing or unknown."""
        if self._policy.wrapup_required and not codes:
            raise NotPossible("code_required")
        if unknown := set(codes) - self._known:
            raise NotPossible("unknown_code", min(unknown))
        if codes:
            self._log.say(session, e.WrapUpSaved(codes=tuple(codes), summary=summary.strip()))
        self._log.say(session, e.SessionClosed(reason="wrapped_up"))
        self._outbox.save_draft(session, FIELD, "")
        self._publisher.publish(WrapUpChanged(session))
