"""The agent's calls: how they stand, and what the agent may ask."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from client.domain import event as e
from client.domain.call import Call, CallState
from client.domain.ids import new_id
from client.domain.masking import mask_number
from client.domain.session_key import CONSULTATION, PART_HEADER, user_to_user
from client.domain.words import Channel
from client.ports.clock import Clock
from client.ports.telephony import Telephony, TelephonyError
from client.services.call_book import MAIN, CallBook, CallRecord, Part
from client.services.call_intents import CallIntents, Transfer
from client.services.call_log import AWAY, LIVE, CallLog
from client.services.call_views import CallView, OfferView
from client.services.errors import NotPossible
from client.services.log import EventLog
from client.services.notices import CallsChanged
from client.services.policy import Policy
from client.services.publisher import Publisher
from client.services.sessions import SessionBook

__all__ = ["CallService", "CallView", "OfferView"]

TONES = frozenset("0123456789*#ABCD")


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
        self._publisher = publisher
        self._policy = policy
        self._intents = CallIntents()
        self._calls = CallLog(telephony, book, self._intents, log, sessions, clock, publisher, policy, may_be_offered)

    def start(self) -> None:
        """Listen to telephony."""
        self._telephony.listen(self._calls.take)
        self._log.on_rename.append(self.book.rename)

    # ── how it stands ────────────────────────────────────────────────────────────────────────────

    @property
    def running(self) -> str | None:
        """The session whose call is active, or held when none is active."""
        live = [
            (told.state is not CallState.ACTIVE, self.book.session_of(call))
            for call, told in self.book.told.items()
            if told.state in LIVE and self.book.records[call].part in MAIN
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
            silenced=session in self._intents.silenced,
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
                self._intents.holds[other.call] = "other_call"
                await self._ask(self._telephony.hold(other.call))
        await self._ask(self._telephony.answer(told.call))

    async def decline(self, session: str) -> None:
        """Give the offer back at once, so that another agent gets it."""
        told = self._need(session, CallState.OFFERED)
        self._intents.declined[told.call] = "declined"
        await self._ask(self._telephony.reject(told.call, AWAY))

    async def silence(self, session: str) -> None:
        """Stop sound and light here; the offer stays."""
        self._intents.silenced.add(session)
        await self._ask(self._telephony.ring(False))
        self._publisher.publish(CallsChanged())

    async def hang_up(self, session: str = "") -> None:
        """End the running (or the named session's) call; a conference ends for the agent with it."""
        told = self._need(session or self.running or "", *LIVE, CallState.DIALLING, CallState.EARLY)
        self._intents.ending.add(told.call)
        await self._ask(self._telephony.hang_up(told.call))

    async def toggle_hold(self, session: str = "") -> None:
        """Hold or resume."""
        told = self._need(session or self.running or "", *LIVE)
        if told.on_hold:
            await self._ask(self._telephony.resume(told.call))
        else:
            self._intents.holds[told.call] = "hold"
            await self._ask(self._telephony.hold(told.call))

    async def toggle_mute(self, session: str = "") -> None:
        """Close or open the microphone for the running call."""
        told = self._need(session or self.running or "", *LIVE)
        await self._ask(self._telephony.mute(told.call, not told.muted))

    async def send_tones(self, digits: str) -> None:
        """Send DTMF in the running call; only their number is kept in the log."""
        if not digits or set(digits) - TONES:
            raise NotPossible("bad_tones")
        told = self._need(self.running or "", CallState.ACTIVE)
        await self._ask(self._telephony.send_tones(told.call, digits))
        self._log.say(self.book.session_of(told.call), e.TonesSent(count=len(digits)))

    async def transfer(self, to: str, note: str = "", colleague: str = "") -> None:
        """Blind transfer of the running call to a number; the session goes along to the colleague who is there."""
        told = self._need(self.running or "", *LIVE)
        session = self.book.session_of(told.call)
        colleague = await self._offer_session(session, to, colleague)
        self._note(session, note)
        self._intents.transfers[told.call] = Transfer(to=to, attended=False, colleague=colleague, note=note)
        headers = {self._policy.session_key_header: user_to_user(session)}
        await self._ask(self._telephony.transfer(told.call, to, headers))

    async def _offer_session(self, session: str, to: str, colleague: str) -> str:
        """Let the colleague at `to` see the session before the call arrives there; their id, "" if nobody's."""
        try:
            known = await self._sessions.colleagues() if not colleague else ()
            colleague = colleague or next((one.id for one in known if one.number and one.number == to), "")
            if colleague:
                self._log.say(session, e.SessionOffered(to=colleague))
                await self._log.settled(session)
        except NotPossible as error:
            if error.key != "hub_away":  # the call is worth more than its record, which follows when the hub is back
                raise
        return colleague

    def _note(self, session: str, note: str) -> None:
        if note.strip():
            self._log.say(session, e.NoteWritten(text=note.strip()))

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
            self._intents.holds[told.call] = "consultation"
            await self._ask(self._telephony.hold(told.call))
        headers = {self._policy.session_key_header: user_to_user(session)}
        if part is Part.CONSULTATION:
            await self._offer_session(session, to, "")
            headers[PART_HEADER] = CONSULTATION
        await self._dial(to, headers, CallRecord(session=session, part=part, label=label or to))

    async def complete_transfer(self, note: str = "", colleague: str = "") -> None:
        """Connect the citizen with the one consulted and leave."""
        side = self.book.side_call()
        told = self._need(self.running or "", *LIVE)
        if side is None or self.book.told[side[0]].state not in LIVE:
            raise NotPossible("no_consultation")
        session = self.book.session_of(told.call)
        number = self.book.told[side[0]].number
        colleague = await self._offer_session(session, number, colleague)
        self._note(session, note)
        sent = Transfer(to=side[1].label, attended=True, colleague=colleague, note=note)
        self._intents.transfers[told.call] = sent
        self._intents.ending |= {told.call, side[0]}
        await self._ask(self._telephony.transfer_attended(told.call, side[0]))

    async def cancel_consultation(self) -> None:
        """End the consultation and go back to the citizen."""
        side = self.book.side_call()
        if side is None:
            raise NotPossible("no_consultation")
        self._intents.ending.add(side[0])
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
        number = self._calls.numbers.get(session) or await self._sessions.unmask(session, "call back")
        headers = {self._policy.session_key_header: user_to_user(session)}
        await self._dial(number, headers, CallRecord(session=session))

    async def _dial(self, to: str, headers: dict[str, str], record: CallRecord) -> None:
        self._calls.dialling += 1
        try:
            call = await self._telephony.dial(to, headers)
        except TelephonyError as error:
            raise NotPossible("call_failed", str(error)) from error
        finally:
            self._calls.dialling -= 1
        self.book.keep(call, record)
        early = self._calls.early.pop(call, None)
        if early is not None:
            self._calls.take_call(early)

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
