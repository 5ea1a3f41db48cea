"""The relay to an office: a phone leg beside a video session, which the citizen reads and, by choice, speaks to.

All that stands is read off the calls and their records, so a desk that was started again goes on with a running relay.
What the session says — its hold, its microphone, the citizen's consent — is brought to the phone one step after another.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from client.domain import event as e
from client.domain.call import Call
from client.domain.relay import RelayState, may_relay
from client.domain.session import SessionView, Stage
from client.domain.words import Party
from client.ports.telephony import Telephony, TelephonyError
from client.services.call_book import LIVE, RELAYS, CallBook, CallRecord, Part
from client.services.call_views import CallFinished, CallHearing, CallStarted
from client.services.calls import TONES, CallService
from client.services.errors import NotPossible
from client.services.log import EventLog
from client.services.notices import CallsChanged, RelayChanged, SessionChanged, Severity, Trouble, TroubleTold
from client.services.policy import Policy
from client.services.publisher import Publisher
from client.services.relay_lines import COLLEAGUE, COUNSELOR, RelayLines, RelayView, relay_lines, relay_view
from client.services.sessions import SessionBook

CONSENT = "relay_voice"  # of the citizen: the office may hear their microphone
OVER = (Stage.WRAP_UP, Stage.CLOSED)


@dataclass(frozen=True, slots=True)
class _End:
    """Why a relay ends: what `RelayEnded` will say once its last call is over. `failed` — the agent did not wish it."""

    by: str
    reason: str = ""
    refused: bool = False
    failed: bool = False


class RelayService:
    """One relay at a time beside the running video session, which `in_video` names. Raises `NotPossible`, like every service."""

    def __init__(
        self,
        telephony: Telephony,
        calls: CallService,
        log: EventLog,
        sessions: SessionBook,
        publisher: Publisher,
        policy: Policy,
        in_video: Callable[[], str | None],
    ) -> None:
        self._telephony = telephony
        self._calls = calls
        self._log = log
        self._sessions = sessions
        self._publisher = publisher
        self._policy = policy
        self._in_video = in_video
        self._ends: dict[str, _End] = {}
        self._starting: set[str] = set()
        self._turn = asyncio.Lock()  # one step at the phone after another

    def follow(self) -> None:
        """Follow calls and sessions."""
        self._publisher.subscribe(CallStarted, lambda notice: self._heard(notice.call))
        self._publisher.subscribe(CallHearing, lambda notice: self._heard(notice.call))
        self._publisher.subscribe(CallFinished, self._finished)
        self._publisher.subscribe(CallsChanged, lambda _: self._told())
        self._publisher.subscribe(SessionChanged, lambda notice: self._follow(notice.session))

    @property
    def _book(self) -> CallBook:
        return self._calls.book

    # ── how it stands ────────────────────────────────────────────────────────────────────────────

    @property
    def running(self) -> str | None:
        """The session that is relayed, or whose office is being called."""
        here = {record.session for record in self._book.records.values() if record.part in RELAYS}
        return next((session for session in here | self._starting if self._is_on(session)), None)

    def _is_on(self, session: str) -> bool:
        return bool(session in self._starting or self._lines(session).ours)

    def view(self, session: str) -> RelayView | None:
        """The session's relay; None where there is none."""
        if session not in self._sessions or not self._is_on(session):
            return None
        return relay_view(self._sessions.get(session), self._lines(session), hears=self._policy.hears)

    def _lines(self, session: str) -> RelayLines:
        return relay_lines(self._book, session)

    # ── what the agent asks ──────────────────────────────────────────────────────────────────────

    async def start(self, session: str, number: str, office: str = "", colleague: str = "") -> None:
        """Call an office for the citizen, or first the hearing colleague (a number) who will speak with it.

        `relay_needs_voice`: a counselor who does not hear is never to be alone with an office's voice.
        """
        view, number, colleague = self._running(session), number.strip(), colleague.strip()
        if self.running is not None:
            raise NotPossible("already_relaying")
        if not number:
            raise NotPossible("relay_no_number")
        if not self._policy.hears and not colleague:
            raise NotPossible("relay_needs_voice")
        label = office.strip() or number
        self._log.say(view.id, e.RelayStarted(office=label, voice=COLLEAGUE if colleague else COUNSELOR))
        self._starting.add(view.id)
        part = Part.RELAY_VOICE if colleague else Part.RELAY
        record = CallRecord(session=view.id, part=part, label=label, next_number=number if colleague else "")
        try:
            await self._call(colleague or number, record)
        except NotPossible as error:
            self._starting.discard(view.id)
            if not self._lines(view.id).ours:
                self._over(view.id, _End("failure", error.detail, failed=True))
            raise
        self._starting.discard(view.id)
        self._told()

    async def agree(self, session: str = "") -> None:
        """The office was told and agreed: its captions begin, the citizen's sound is mixed in, to the agent alone unless
        the citizen allows more."""
        async with self._turn:
            session, _, record = self._office(session)
            if record.agreed or not may_relay(self._lines(session).state, RelayState.JOINED):
                raise NotPossible("relay_not_announced")
            try:
                await self._confide(session, self._lines(session))
                self._agree(session, agreed=True)
                await self._hold(session)
            except TelephonyError as error:
                self._agree(session, agreed=False)
                raise NotPossible("phone", str(error)) from error
        self._log.say(session, e.RelayAgreed())
        if not self._sessions.get(session).relay:
            self._log.say(session, e.RelayMarked(by="counselor"))
        for call in self._lines(session).talking:  # its captions begin
            self._publisher.publish(CallHearing(call))
        self._told()

    def _agree(self, session: str, *, agreed: bool) -> None:
        for call, record in list(self._book.records.items()):
            if record.session == session and record.part in RELAYS:
                record.agreed = agreed
                self._book.keep(call, record)

    async def refuse(self, session: str = "") -> None:
        """The office does not want to be relayed or captioned."""
        await self._hang_up(self._need(session), _End("office", refused=True))

    async def end(self, session: str = "") -> None:
        """The agent ends the relay; the session goes on."""
        await self._hang_up(self._need(session), _End("agent"))

    async def tones(self, digits: str, session: str = "") -> None:
        """Answer an office's menu (DTMF), before its agreement too; only the number of keys is kept in the log."""
        if not digits or set(digits) - TONES:
            raise NotPossible("bad_tones")
        session, office, _ = self._office(session)
        await self._ask(self._telephony.send_tones(office.call, digits))
        self._log.say(session, e.TonesSent(count=len(digits)))

    async def volume(self, party: Party, percent: int, session: str = "") -> None:
        """How loud the office or the citizen is in the agent's ear, 0-200 %."""
        lines = self._lines(self._need(session))
        call = {Party.OFFICE: lines.office, Party.CITIZEN: lines.citizen, Party.COLLEAGUE: lines.helper}.get(party)
        if call is None:
            raise NotPossible("no_call")
        await self._ask(self._telephony.volume(call.call, percent))

    @staticmethod
    async def _ask(request: Awaitable[None]) -> None:
        try:
            await request
        except TelephonyError as error:
            raise NotPossible("phone", str(error)) from error

    def _running(self, session: str) -> SessionView:
        if not session or session != self._in_video():
            raise NotPossible("no_call")
        return self._sessions.get(session)

    def _need(self, session: str) -> str:
        session = session or self.running or ""
        if not self._is_on(session):
            raise NotPossible("no_relay")
        return session

    def _office(self, session: str) -> tuple[str, Call, CallRecord]:
        session = self._need(session)
        found = self._book.relay_call(session, Part.RELAY)
        if found is None:
            raise NotPossible("no_relay")
        return session, *found

    async def _call(self, number: str, record: CallRecord, join: str = "") -> None:
        """Call somebody for the relay. The microphone is closed to them as to the citizen, always where a colleague
        speaks."""
        call = await self._calls.call_beside(number, record, join)
        try:
            if record.session in self._ends:  # it was to end while we called
                await self._telephony.hang_up(call)
            elif self._silent(record.session):
                await self._telephony.mute(call, True)
        except TelephonyError:  # it was over at once: that is told by itself
            return

    def _silent(self, session: str) -> bool:
        lines = self._lines(session)
        return lines.helper is not None or self._sessions.get(session).muted

    async def _hang_up(self, session: str, end: _End) -> None:
        self._ends.setdefault(session, end)
        for call in self._lines(session).ours:
            try:
                await self._telephony.hang_up(call.call)
            except TelephonyError:  # it ended by itself meanwhile
                continue

    # ── what telephony tells ─────────────────────────────────────────────────────────────────────

    def _heard(self, told: Call) -> None:
        record = self._book.records.get(told.call)
        if record is None or not self._is_on(record.session):
            return
        if record.part is Part.RELAY_VOICE and record.next_number and told.state in LIVE:
            number, record.next_number = record.next_number, ""
            self._book.keep(told.call, record)
            self._log.in_background(self._call_office(record, number, told.call))
            return
        if told.state in LIVE and not record.answered:
            record.answered = True
            self._book.keep(told.call, record)
        if record.part in RELAYS or record.part is Part.WEB:
            self._log.in_background(self._settle(record.session))

    async def _call_office(self, helper: CallRecord, number: str, join: str) -> None:
        """The colleague is there: now the office."""
        record = CallRecord(session=helper.session, part=Part.RELAY, label=helper.label)
        try:
            await self._call(number, record, join)
        except NotPossible as error:
            await self._hang_up(helper.session, _End("failure", error.detail, failed=True))

    def _finished(self, notice: CallFinished) -> None:
        session = notice.session
        if notice.part not in RELAYS:
            return
        office = notice.part is Part.RELAY
        by = notice.by if notice.by in ("agent", "failure") else "office" if office else "failure"
        failed = by == "failure" or (by == "office" and not notice.was_talking)
        end = self._ends.setdefault(session, _End(by, notice.reason if by != "agent" else "", failed=failed))
        if self._lines(session).ours:  # nobody is left alone with an office, or with a colleague for one
            self._log.in_background(self._hang_up(session, end))
        else:
            self._over(session, end)

    def _over(self, session: str, end: _End) -> None:
        self._ends.pop(session, None)
        self._log.say(session, e.RelayEnded(by=end.by, refused=end.refused, reason=end.reason))
        if end.failed:
            self._publisher.publish(TroubleTold(Trouble.RELAY_FAILED, Severity.CAREFUL, end.reason, session))
        self._log.in_background(self._back(session))
        self._publisher.publish(RelayChanged(session))

    async def _back(self, session: str) -> None:
        """To the citizen, whose sound waited while we spoke with the office."""
        citizen = self._book.of_session(session)
        if citizen is not None and citizen.on_hold and self._sessions.get(session).stage is Stage.TALKING:
            await self._telephony.resume(citizen.call)

    def _told(self) -> None:
        session = self.running
        if session is not None:
            self._publisher.publish(RelayChanged(session))

    # ── what the session says ────────────────────────────────────────────────────────────────────

    def _follow(self, session: str) -> None:
        if session not in self._sessions or not self._is_on(session):
            return
        view = self._sessions.get(session)
        if view.stage in OVER or view.owner not in (None, self._sessions.me):
            self._log.in_background(self._hang_up(session, _End("agent")))
            return
        self._log.in_background(self._settle(session))
        self._publisher.publish(RelayChanged(session))

    async def _settle(self, session: str) -> None:
        """Bring to the phone what the session says: who is held, who hears the microphone, what the citizen allowed."""
        async with self._turn:
            if session in self._ends or not self._lines(session).talking:
                return
            try:
                await self._confide(session, self._lines(session))
                await self._hold(session)
                await self._mute(session)
            except TelephonyError:  # a call ended at this moment: that is told by itself
                return

    async def _confide(self, session: str, lines: RelayLines) -> None:
        """Before the citizen is mixed in, and with every change of their mind."""
        allowed = self._sessions.get(session).consents.get(CONSENT, False)
        citizen = lines.citizen
        if citizen is not None and citizen.state in LIVE and citizen.confided == allowed:
            await self._telephony.confide(citizen.call, not allowed)

    async def _hold(self, session: str) -> None:
        if self._sessions.get(session).stage is not Stage.HELD:
            await self._mix(session)
            return
        for call in self._lines(session).talking:
            if not call.on_hold:
                await self._telephony.hold(call.call)

    async def _mix(self, session: str) -> None:
        """Let hear each other who is to, if they do not: after an agreement, a hold, or a new sound of the citizen."""
        wanted = self._lines(session).mixed
        told = [self._book.told[call] for call in wanted]
        if all(not call.on_hold and {call.call, *call.conference} == set(wanted) for call in told):
            return
        await (self._telephony.conference(wanted) if len(wanted) > 1 else self._telephony.resume(wanted[0]))

    async def _mute(self, session: str) -> None:
        on = self._silent(session)
        for call in self._lines(session).talking:
            if call.muted != on:
                await self._telephony.mute(call.call, on)
