"""The agent's calls: what telephony tells becomes events, what the agent asks becomes requests."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from client.domain import event as e
from client.domain.call import Call, CallState, Replaced, Telling, Tone, TransferProgress
from client.domain.derived_id import derived_id
from client.domain.event import parse_timestamp, timestamp
from client.domain.ids import new_id
from client.domain.masking import mask_number
from client.domain.session_key import session_of_uui, user_to_user, uui_key
from client.domain.words import Channel, Party
from client.ports.clock import Clock
from client.ports.telephony import Telephony, TelephonyError
from client.services.call_book import CallBook, CallRecord, Part
from client.services.errors import NotPossible
from client.services.log import EventLog
from client.services.notices import CallsChanged, Severity, Trouble, TroubleTold
from client.services.policy import Policy
from client.services.publisher import Publisher
from client.services.sessions import SessionBook

SAMPLE_RATE = 16_000
HIDDEN_RUN = 4  # digits in a row that may be a card or resident number
BUSY, AWAY = 486, 480  # SIP: busy here; temporarily unavailable, so that the queue offers the call to another
SUCCESS_CLASS = 2  # SIP 2xx
FAILED = 400  # SIP codes from here on say that a call did not come about
LIVE = (CallState.ACTIVE, CallState.HELD)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallView:
    """A session's call as the call bar shows it; `conference` and `consultation` are names."""

    session: str
    call: str
    state: CallState
    muted: bool
    on_hold: bool
    held_by_remote: bool
    hears_agent: bool
    wide_band: bool
    srtp: bool
    conference: tuple[str, ...]
    consultation: str
    emergency: bool
    number_masked: str
    since: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferView:
    """A call that rings here."""

    session: str
    number_masked: str
    ars: str
    queue: str
    language: str
    since: str
    silenced: bool = False


@dataclass(frozen=True, slots=True)
class CallStarted:
    """Telephony's sound of a call is there: captions may attach to its legs."""

    call: Call


@dataclass(frozen=True, slots=True)
class CallHearing:
    """Who hears whom in a call changed."""

    call: Call


@dataclass(frozen=True, slots=True)
class CallFinished:
    """A call is over; `was_talking` if it had been answered. `session` goes on without it; `began` as in its record."""

    call: str
    session: str
    part: Part
    was_talking: bool
    lost: bool
    began: dict[str, str]


class CallService:
    """All calls of this desk. Attributes: `book` — which call belongs to which session."""

    def __init__(
        self,
        telephony: Telephony,
        book: CallBook,
        log: EventLog,
        sessions: SessionBook,
        clock: Clock,
        publisher: Publisher,
        policy: Policy,
        may_be_offered: Callable[[], bool],
    ) -> None:
        self.book = book
        self._telephony = telephony
        self._log = log
        self._sessions = sessions
        self._clock = clock
        self._publisher = publisher
        self._policy = policy
        self._may_be_offered = may_be_offered
        self._silenced: set[str] = set()
        self._early: dict[str, Call] = {}
        self._dialling = 0
        self._hold_reason: dict[str, str] = {}
        self._wanted_end: set[str] = set()
        self._tones: dict[str, list[str]] = {}
        self._transfers: dict[str, tuple[str, bool]] = {}
        self._numbers: dict[str, str] = {}
        self._declined: dict[str, str] = {}

    def start(self) -> None:
        """Listen to telephony."""
        self._telephony.listen(self.take)
        self._log.on_rename.append(self.book.rename)

    # ── how it stands ────────────────────────────────────────────────────────────────────────────

    @property
    def running(self) -> str | None:
        """The session whose call is active, or held when none is active."""
        live = [
            (told.state is not CallState.ACTIVE, self.book.session_of(call))
            for call, told in self.book.told.items()
            if told.state in LIVE and self.book.records[call].part is Part.CITIZEN
        ]
        return min(live)[1] if live else None

    def call(self, session: str) -> CallView | None:
        """The session's call, ringing ones aside."""
        told = self.book.of_session(session)
        if told is None or told.state is CallState.OFFERED:
            return None
        side = self.book.side_call()
        joined = bool(told.conference)
        return CallView(
            session=session,
            call=told.call,
            state=told.state,
            muted=told.muted,
            on_hold=told.on_hold,
            held_by_remote=told.held_by_remote,
            hears_agent=told.hears_agent,
            wide_band=told.wide_band,
            srtp=told.srtp,
            conference=(side[1].label,) if side and joined else (),
            consultation=side[1].label if side and not joined else "",
            emergency=bool(side and side[1].part is Part.EMERGENCY),
            number_masked=mask_number(told.number),
            since=told.since,
        )

    @property
    def offers(self) -> tuple[OfferView, ...]:
        """Calls that ring here, oldest first."""
        return tuple(
            self._offer(told)
            for told in sorted(self.book.told.values(), key=lambda call: call.since)
            if told.state is CallState.OFFERED and told.call in self.book.records
        )

    def _offer(self, told: Call) -> OfferView:
        session = self.book.session_of(told.call)
        view = self._sessions.get(session)
        return OfferView(
            session=session,
            number_masked=mask_number(told.number),
            ars=view.ars,
            queue=view.queue,
            language=view.language,
            since=told.since,
            silenced=session in self._silenced,
        )

    @property
    def listener_text_key(self) -> str:
        """Who hears the agent now: citizen, all_three, colleague_only, nobody_muted, nobody_hold or nobody."""
        running = self.running
        view = self.call(running) if running else None
        if view is None:
            return "nobody"
        if view.muted:
            return "nobody_muted"
        if view.conference:
            return "all_three"
        if view.consultation:
            return "colleague_only"
        return "nobody_hold" if view.on_hold or view.held_by_remote else "citizen"

    # ── what the agent asks ──────────────────────────────────────────────────────────────────────

    async def answer(self, session: str = "") -> None:
        """Answer the offer (the oldest if none is named); a running call is held first."""
        offer = session or next((offer.session for offer in self.offers), "")
        told = self.book.of_session(offer)
        if told is None or told.state is not CallState.OFFERED:
            raise NotPossible("no_offer")
        for other in self.book.told.values():
            if other.state is CallState.ACTIVE and not other.on_hold:
                self._hold_reason[other.call] = "other_call"
                await self._ask(self._telephony.hold(other.call))
        await self._ask(self._telephony.answer(told.call))

    async def decline(self, session: str) -> None:
        """Give the offer back at once, so that another agent gets it."""
        told = self._need(session, CallState.OFFERED)
        self._declined[told.call] = "declined"
        await self._ask(self._telephony.reject(told.call, AWAY))

    async def silence(self, session: str) -> None:
        """Stop sound and light here; the offer stays."""
        self._silenced.add(session)
        await self._ask(self._telephony.ring(False))
        self._publisher.publish(CallsChanged())

    async def hang_up(self, session: str = "") -> None:
        """End the running (or the named session's) call; a conference ends for the agent with it."""
        told = self._need(session or self.running or "", *LIVE, CallState.DIALLING, CallState.EARLY)
        self._wanted_end.add(told.call)
        await self._ask(self._telephony.hang_up(told.call))

    async def toggle_hold(self, session: str = "") -> None:
        """Hold or resume."""
        told = self._need(session or self.running or "", *LIVE)
        if told.on_hold:
            await self._ask(self._telephony.resume(told.call))
        else:
            self._hold_reason[told.call] = "hold"
            await self._ask(self._telephony.hold(told.call))

    async def toggle_mute(self, session: str = "") -> None:
        """Close or open the microphone for the running call."""
        told = self._need(session or self.running or "", *LIVE)
        await self._ask(self._telephony.mute(told.call, not told.muted))

    async def send_tones(self, digits: str) -> None:
        """Send DTMF in the running call; only their number is kept in the log."""
        if not digits or set(digits) - set("0123456789*#ABCD"):
            raise NotPossible("bad_tones")
        told = self._need(self.running or "", CallState.ACTIVE)
        await self._ask(self._telephony.send_tones(told.call, digits))
        self._log.say(self.book.session_of(told.call), e.TonesSent(count=len(digits)))

    async def transfer(self, to: str, note: str = "", colleague: str = "") -> None:
        """Blind transfer of the running call to a number; with a colleague's id the session goes along by name."""
        told = self._need(self.running or "", *LIVE)
        session = self.book.session_of(told.call)
        if note:
            self._log.say(session, e.NoteWritten(text=note))
        self._transfers[told.call] = (to, False)
        headers = {self._policy.session_key_header: user_to_user(session)}
        await self._hand_over(session, colleague, note)
        await self._ask(self._telephony.transfer(told.call, to, headers))

    async def _hand_over(self, session: str, colleague: str, note: str) -> None:
        if colleague:
            await self._sessions.transfer(session, colleague, note)

    async def consult(self, to: str, label: str = "") -> None:
        """Hold the citizen and call someone; what is said there is private."""
        await self._side_call(to, label, Part.CONSULTATION)

    async def emergency(self, number: str) -> None:
        """Call an emergency number and join it with the citizen, who stays on the line."""
        if number not in self._policy.emergency:
            raise NotPossible("not_an_emergency_number", number)
        await self._side_call(number, number, Part.EMERGENCY)

    async def _side_call(self, to: str, label: str, part: Part) -> None:
        if self.book.side_call():
            raise NotPossible("already_consulting")
        told = self._need(self.running or "", *LIVE)
        session = self.book.session_of(told.call)
        if not told.on_hold and part is Part.CONSULTATION:
            self._hold_reason[told.call] = "consultation"
            await self._ask(self._telephony.hold(told.call))
        headers = {self._policy.session_key_header: user_to_user(session)}
        await self._dial(to, headers, CallRecord(session=session, part=part, label=label or to))

    async def complete_transfer(self, note: str = "", colleague: str = "") -> None:
        """Connect the citizen with the one consulted and leave."""
        side = self.book.side_call()
        told = self._need(self.running or "", *LIVE)
        if side is None or self.book.told[side[0]].state not in LIVE:
            raise NotPossible("no_consultation")
        self._transfers[told.call] = (side[1].label, True)
        self._wanted_end |= {told.call, side[0]}
        await self._hand_over(self.book.session_of(told.call), colleague, note)
        await self._ask(self._telephony.transfer_attended(told.call, side[0]))

    async def cancel_consultation(self) -> None:
        """End the consultation and go back to the citizen."""
        side = self.book.side_call()
        if side is None:
            raise NotPossible("no_consultation")
        self._wanted_end.add(side[0])
        await self._ask(self._telephony.hang_up(side[0]))

    async def join_consultation(self) -> None:
        """Three-way: citizen, agent and the one consulted hear each other."""
        side = self.book.side_call()
        told = self._need(self.running or "", *LIVE)
        if side is None or self.book.told[side[0]].state not in LIVE:
            raise NotPossible("no_consultation")
        await self._ask(self._telephony.conference([told.call, side[0]]))

    async def end_conference(self) -> None:
        """The third party leaves; the citizen stays."""
        await self.cancel_consultation()

    async def dial(self, number: str) -> str:
        """Call a citizen; the new session's id."""
        session = new_id()
        masked = mask_number(number)
        opened = e.SessionOpened(channel=Channel.PHONE, language=self._policy.language, number=masked, outbound=True)
        self._log.open(session, opened, (f"uui:{session.replace('-', '')}",), number)
        headers = {self._policy.session_key_header: user_to_user(session)}
        await self._dial(number, headers, CallRecord(session=session))
        return session

    async def call_back(self, session: str) -> None:
        """Call the citizen of a session again, in the same session; the look at the number is logged."""
        number = self._numbers.get(session) or await self._sessions.unmask(session, "call back")
        headers = {self._policy.session_key_header: user_to_user(session)}
        await self._dial(number, headers, CallRecord(session=session))

    async def _dial(self, to: str, headers: dict[str, str], record: CallRecord) -> None:
        self._dialling += 1
        try:
            call = await self._telephony.dial(to, headers)
        except TelephonyError as error:
            raise NotPossible("call_failed", str(error)) from error
        finally:
            self._dialling -= 1
        self.book.keep(call, record)
        early = self._early.pop(call, None)
        if early is not None:
            self._take_call(early)

    def mark_relay(self, session: str, on: bool) -> None:
        """Say that an operator speaks for the citizen (107), or not."""
        self._log.say(session, e.RelayMarked(by="hand", on=on))

    def _need(self, session: str, *states: CallState) -> Call:
        told = self.book.of_session(session)
        if told is None or told.state not in states:
            raise NotPossible("no_call")
        return told

    async def _ask(self, request: Awaitable[None]) -> None:
        try:
            await request
        except TelephonyError as error:
            raise NotPossible("phone", str(error)) from error

    # ── what telephony tells ─────────────────────────────────────────────────────────────────────

    def take(self, telling: Telling) -> None:
        """Take a fact of telephony; others than calls' are not ours."""
        if isinstance(telling, Call):
            self._take_call(telling)
        elif isinstance(telling, Tone):
            self._take_tone(telling)
        elif isinstance(telling, TransferProgress):
            self._take_transfer(telling)
        elif isinstance(telling, Replaced):
            self._take_replaced(telling)

    def _take_call(self, told: Call) -> None:
        if told.call not in self.book.records and not self._admit(told):
            return
        old = self.book.told.get(told.call)
        self.book.told[told.call] = told
        record = self.book.records[told.call]
        if record.part is Part.CITIZEN:
            self._say_changes(old, told, record)
        else:
            self._side_changes(old, told, record)
        if told.state is CallState.ENDED:
            self._finish(told, record)
        else:
            self._publisher.publish(CallHearing(told))
        self._publisher.publish(CallsChanged())

    def _admit(self, told: Call) -> bool:
        """Give a call that nobody knows its session; false where it is not ours to show."""
        if told.state is CallState.ENDED:
            return False
        if told.outbound and self._dialling:
            self._early[told.call] = told
            return False
        if told.state is CallState.OFFERED and not self._may_take(told):
            return False
        header = told.headers.get(self._policy.session_key_header, "")
        session = session_of_uui(header) or new_id()
        keys = tuple(key for key in (f"sip:{told.call}", f"uui:{session.replace('-', '')}", uui_key(header)) if key)
        self._numbers[session] = told.number
        opened = self._opened(told)
        first = derived_id(parse_timestamp(told.since), told.call, "opened")
        self._log.open(session, opened, tuple(dict.fromkeys(keys)), told.number, first)
        self.book.keep(told.call, CallRecord(session=session))
        if told.number in self._policy.relay_numbers:
            self._log.say(session, e.RelayMarked(by="number"))
        return True

    def _opened(self, told: Call) -> e.SessionOpened:
        policy = self._policy
        language = told.headers.get(policy.language_header, "").split(",")[0].split(";")[0].strip()
        return e.SessionOpened(
            channel=Channel.PHONE,
            language=language or policy.language,
            number=mask_number(told.number),
            name=told.display,
            ars=told.headers.get(policy.ars_header, ""),
            queue=told.headers.get(policy.queue_header, ""),
            outbound=told.outbound,
        )

    def _may_take(self, told: Call) -> bool:
        busy = self.running is not None or bool(self.offers)
        free = self._may_be_offered() and (not busy or self._policy.second_call)
        if not free:
            self._log.in_background(self._telephony.reject(told.call, BUSY if busy else AWAY))
        return free

    def _say_changes(self, old: Call | None, told: Call, record: CallRecord) -> None:
        session = record.session
        if told.state is CallState.OFFERED and (old is None or old.state is not CallState.OFFERED):
            self._say(told, session, e.CallOffered(), "offered")
            self._clock.later(self._policy.offer_s, lambda: self._unanswered(told.call))
        if told.state in LIVE and not record.answered:
            self._answered(told, record)
        self._publish_start(old, told)
        if old is None or told.state not in LIVE:
            return
        if told.on_hold != old.on_hold:
            reason = self._hold_reason.pop(told.call, "hold")
            self._log.say(session, e.CallHeld(reason=reason) if told.on_hold else e.CallResumed())
        if told.muted != old.muted:
            self._log.say(session, e.CallMuted() if told.muted else e.CallUnmuted())
        if old.conference and not told.conference:
            self._log.say(session, e.ConferenceEnded())

    def _answered(self, told: Call, record: CallRecord) -> None:
        record.answered = True
        self._say(told, record.session, e.CallAnswered(), "answered")
        party = Party.CITIZEN
        if self._sessions.get(record.session).relay:
            party = Party.RELAY_OPERATOR
        for leg in told.legs:
            who = Party.AGENT if leg.endswith("/agent") else party
            self._say(told, record.session, e.LegJoined(party=who, wide_band=told.wide_band), f"joined {leg}", leg)
        self._log.own(record.session)

    def _publish_start(self, old: Call | None, told: Call) -> None:
        record = self.book.records[told.call]
        if told.state not in LIVE or (old is not None and old.state in LIVE and old.legs == told.legs):
            return
        now = self._clock.now()
        for leg in told.legs:
            samples = (told.samples or {}).get(leg, 0)
            record.began.setdefault(leg, timestamp(now - timedelta(seconds=samples / SAMPLE_RATE)))
        self.book.keep(told.call, record)
        self._publisher.publish(CallStarted(told))

    def _side_changes(self, old: Call | None, told: Call, record: CallRecord) -> None:
        self._publish_start(old, told)
        if told.state in LIVE and (old is None or old.state not in LIVE) and record.part is Part.EMERGENCY:
            citizen = self.book.of_session(record.session)
            if citizen is not None:
                self._log.in_background(self._telephony.conference([citizen.call, told.call]))
        if told.conference and (old is None or not old.conference):
            emergency = record.part is Part.EMERGENCY
            self._log.say(record.session, e.ConferenceStarted(with_name=record.label, emergency=emergency))

    def _finish(self, told: Call, record: CallRecord) -> None:
        was_talking = record.answered
        wanted = told.call in self._wanted_end or told.call in self._transfers
        lost = told.by == "failure" and not wanted and (was_talking or told.outbound)
        if record.part is Part.CITIZEN:
            self._end_events(told, record, lost=lost)
        elif told.by != "agent" and not was_talking and told.code >= FAILED:
            self._publisher.publish(TroubleTold(Trouble.CALL_FAILED, Severity.CAREFUL, f"{told.code} {told.reason}"))
        self.book.forget(told.call)
        self._silenced.discard(record.session)
        for kept in (self._hold_reason, self._tones, self._transfers, self._declined):
            kept.pop(told.call, None)
        self._wanted_end.discard(told.call)
        self._publisher.publish(CallFinished(told.call, record.session, record.part, was_talking, lost, record.began))
        self._after_side_call(record)

    def _after_side_call(self, record: CallRecord) -> None:
        citizen = self.book.of_session(record.session)
        if record.part is Part.CITIZEN or citizen is None or citizen.call in self._transfers:
            return
        if citizen.on_hold:
            self._log.in_background(self._telephony.resume(citizen.call))

    def _end_events(self, told: Call, record: CallRecord, *, lost: bool) -> None:
        session = record.session
        for leg in told.legs if record.answered else ():
            party = Party.AGENT if leg.endswith("/agent") else Party.CITIZEN
            self._say(told, session, e.LegLeft(party=party), f"left {leg}", leg)
        if told.call in self._declined:
            self._log.say(session, e.SessionReleased(reason=self._declined[told.call]))
            return
        reason = told.reason or (str(told.code) if told.code else "")
        self._say(told, session, e.CallEnded(by=told.by, reason=reason, lost=lost), "ended")
        if lost:
            self._publisher.publish(TroubleTold(Trouble.CALL_LOST, Severity.BAD, reason, session))

    def _unanswered(self, call: str) -> None:
        told = self.book.told.get(call)
        if told is None or told.state is not CallState.OFFERED:
            return
        self._declined[call] = "unanswered"
        self._log.in_background(self._telephony.reject(call, AWAY))
        session = self.book.session_of(call)
        self._publisher.publish(TroubleTold(Trouble.OFFER_MISSED, Severity.CAREFUL, mask_number(told.number), session))

    def _take_tone(self, tone: Tone) -> None:
        session = self.book.session_of(tone.call)
        if not session:
            return
        run = self._tones.setdefault(tone.call, [])
        run.append(tone.digit)
        if len(run) == 1:
            self._clock.later(2.0, lambda: self._flush_tones(tone.call, session))

    def _flush_tones(self, call: str, session: str) -> None:
        run = self._tones.pop(call, [])
        if run:
            digits = "".join(run) if len(run) < HIDDEN_RUN else ""
            self._log.say(session, e.TonesReceived(digits=digits, count=len(run)))

    def _take_transfer(self, progress: TransferProgress) -> None:
        if not progress.final or progress.call not in self._transfers:
            return
        to, attended = self._transfers[progress.call]
        session = self.book.session_of(progress.call)
        if progress.code // 100 == SUCCESS_CLASS:
            self._log.say(session, e.CallTransferred(to=to, attended=attended))
            self._publisher.publish(TroubleTold(Trouble.TRANSFER_DONE, Severity.INFO, to, session))
            self._log.let_go(session)
            return
        del self._transfers[progress.call]
        detail = f"{progress.code} {progress.reason}".strip()
        self._publisher.publish(TroubleTold(Trouble.TRANSFER_FAILED, Severity.BAD, detail, session))

    def _take_replaced(self, replaced: Replaced) -> None:
        record = self.book.records.get(replaced.call)
        if record is not None:
            self.book.keep(replaced.by_call, replace(record, began={}, heard_ms={}))

    def _say(self, told: Call, session: str, body: e.Body, fact: str, leg: str | None = None) -> None:
        """Say a fact that telephony may tell again after a crash: same fact, same id, one event."""
        moment: datetime = parse_timestamp(told.since) if told.since else self._clock.now()
        id_ = derived_id(moment, told.call, fact)
        self._log.say(session, body, at=moment, leg=leg, id_=id_)
