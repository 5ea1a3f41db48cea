"""The agent's calls: how they stand, and what the agent may ask."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from client.domain import event as e
from client.domain.call import Call, CallState
from client.domain.ids import new_id
from client.domain.masking import mask_number
from client.domain.session_key import CONSULTATION, PART_HEADER, user_to_user
from client.domain.words import Channel
from client.ports.clock import Clock
from client.ports.telephony import Telephony, TelephonyError
from client.services.call_book import LIVE, CallBook, CallRecord, Part
from client.services.call_intents import CallIntents, Transfer
from client.services.call_log import AWAY, CallLog
from client.services.call_parties import Parties, parties_of
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
        """The session in whose call the agent talks, or talked last if all are held."""
        return self.book.running()

    def call(self, session: str) -> CallView | None:
        """The session's call, ringing ones aside; what was beside it once the citizen has gone."""
        parties = parties_of(self.book, session)
        return parties.view() if parties else None

    @property
    def hang_up_means(self) -> tuple[str, ...]:
        """The Call-IDs that a hang-up of the running call would end."""
        parties = parties_of(self.book, self.running or "")
        return tuple(call.call for call in parties.hang_up_means) if parties else ()

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
        parties = parties_of(self.book, self.running or "")
        return parties.listener_key if parties else "nobody"

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
        """End the running (or the named session's) call; a conference ends whole, a consultation before the citizen."""
        wanted = self._parties(session).hang_up_means
        self._intents.ending |= {told.call for told in wanted}
        await asyncio.gather(*(self._ask(self._telephony.hang_up(told.call)) for told in wanted))

    async def toggle_hold(self, session: str = "") -> None:
        """Hold or resume the citizen, or who is left when the citizen has gone."""
        told = _in_state(self._parties(session).first, *LIVE)
        if told.on_hold:
            await self._ask(self._telephony.resume(told.call))
        else:
            self._intents.holds[told.call] = "hold"
            await self._ask(self._telephony.hold(told.call))

    async def toggle_mute(self, session: str = "") -> None:
        """Close or open the microphone for everybody in the running call, one who is being called included."""
        parties = self._parties(session)
        _in_state(parties.first, *LIVE)
        on = not parties.muted
        wanted = [told for told in parties.calls if told.muted != on]
        await asyncio.gather(*(self._ask(self._telephony.mute(told.call, on)) for told in wanted))

    async def send_tones(self, digits: str) -> None:
        """Send DTMF to whom the agent talks with; only their number is kept in the log."""
        if not digits or set(digits) - TONES:
            raise NotPossible("bad_tones")
        parties = self._parties()
        told = parties.tones_mean
        if told is None:
            raise NotPossible("no_call")
        await self._ask(self._telephony.send_tones(told.call, digits))
        self._log.say(parties.session, e.TonesSent(count=len(digits)))

    async def transfer(self, to: str, note: str = "", colleague: str = "") -> None:
        """Blind transfer of the running call to a number; the session goes along to the colleague who is there."""
        told = self._need(self.running or "", *LIVE)
        session = self.book.session_of(told.call)
        colleague = await self._offer_session(session, to, colleague)
        self._note(session, note)
        self._intents.transfers[told.call] = Transfer(to=to, attended=False, colleague=colleague, note=note)
        headers = {self._policy.session_key_header: user_to_user(session)}
        await self._send_on(told.call, self._telephony.transfer(told.call, to, headers))

    async def _send_on(self, call: str, request: Awaitable[None]) -> None:
        try:
            await self._ask(request)
        except NotPossible:
            self._intents.transfer_failed(call)
            raise

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
        if self.book.side_call():
            raise NotPossible("already_consulting")
        told = self._need(self.running or "", *LIVE)
        session = self.book.session_of(told.call)
        if not told.on_hold:
            self._intents.holds[told.call] = "consultation"
            await self._ask(self._telephony.hold(told.call))
        await self._offer_session(session, to, "")
        await self._side_call(told, to, CallRecord(session=session, part=Part.CONSULTATION, label=label or to))
        if self.book.of_session(session) is None:  # the citizen left meanwhile
            await self.cancel_consultation()

    async def emergency(self, number: str) -> None:
        """Call an emergency number and join it with the citizen, who stays on the line; who was asked before has to go."""
        if number not in self._policy.emergency:
            raise NotPossible("not_an_emergency_number", number)
        side = self.book.side_call()
        if side and side[1].part is Part.EMERGENCY:
            raise NotPossible("already_consulting")
        told = self._need(self.running or "", *LIVE)
        if side:
            with contextlib.suppress(NotPossible):  # it ended by itself meanwhile
                await self.cancel_consultation()
            await self._ask(self._telephony.resume(told.call))
        session = self.book.session_of(told.call)
        await self._side_call(told, number, CallRecord(session=session, part=Part.EMERGENCY, label=number))

    async def _side_call(self, citizen: Call, to: str, record: CallRecord) -> None:
        """Call someone beside the citizen; a closed microphone stays closed for everybody."""
        headers = {self._policy.session_key_header: user_to_user(record.session)}
        if record.part is Part.CONSULTATION:
            headers[PART_HEADER] = CONSULTATION
        join = citizen.call if record.part is Part.EMERGENCY else ""
        call = await self._dial(to, headers, record, join)
        if citizen.muted:
            await self._ask(self._telephony.mute(call, True))

    async def call_beside(self, to: str, record: CallRecord, join: str = "") -> str:
        """Call an office or a colleague for a relay; the Call-ID. A colleague's desk learns the session, an office nothing."""
        headers: dict[str, str] = {}
        if record.part is Part.RELAY_VOICE:
            await self._offer_session(record.session, to, "")
            headers = {self._policy.session_key_header: user_to_user(record.session), PART_HEADER: CONSULTATION}
        return await self._dial(to, headers, record, join)

    async def complete_transfer(self, note: str = "", colleague: str = "") -> None:
        """Connect the citizen with the one consulted and leave."""
        told, side, label = self._consulted()
        session = self.book.session_of(told.call)
        colleague = await self._offer_session(session, side.number, colleague)
        self._note(session, note)
        sent = Transfer(to=label, attended=True, colleague=colleague, note=note, with_call=side.call)
        self._intents.transfers[told.call] = sent
        self._intents.ending |= {told.call, side.call}
        await self._send_on(told.call, self._telephony.transfer_attended(told.call, side.call))

    async def cancel_consultation(self) -> None:
        """End the consultation and go back to the citizen."""
        side = self.book.side_call()
        if side is None:
            raise NotPossible("no_consultation")
        self._intents.ending.add(side[0])
        await self._ask(self._telephony.hang_up(side[0]))

    async def join_consultation(self) -> None:
        """Three-way: citizen, agent and the one consulted hear each other."""
        told, side, _ = self._consulted()
        await self._ask(self._telephony.conference([told.call, side.call]))

    def _consulted(self) -> tuple[Call, Call, str]:
        """(the citizen's call, that of the one asked, their name); both talk."""
        parties = self._parties()
        main, side = parties.main, parties.side
        if main is None or side is None or main.state not in LIVE or side.state not in LIVE:
            raise NotPossible("no_consultation")
        return main, side, parties.label

    async def end_conference(self) -> None:
        """The third party leaves; the citizen stays."""
        await self.cancel_consultation()

    async def dial(self, number: str) -> str:
        """Call a citizen; the new session's id."""
        session = new_id()
        masked = mask_number(number)
        opened = e.SessionOpened(channel=Channel.PHONE, language=self._policy.language, number=masked, outbound=True)
        self._log.open(session, opened, (f"uui:{session.replace('-', '')}",), number)
        if number in self._policy.relay_numbers:
            self._log.say(session, e.RelayMarked(by="number"))
        headers = {self._policy.session_key_header: user_to_user(session)}
        await self._dial(number, headers, CallRecord(session=session))
        return session

    async def call_back(self, session: str) -> None:
        """Call the citizen of a session again, in the same session; the look at the number is logged."""
        number = self._calls.numbers.get(session) or await self._sessions.unmask(session, "call back")
        headers = {self._policy.session_key_header: user_to_user(session)}
        await self._dial(number, headers, CallRecord(session=session))

    async def _dial(self, to: str, headers: dict[str, str], record: CallRecord, join: str = "") -> str:
        self._calls.dialling += 1
        try:
            call = await self._telephony.dial(to, headers, join=join)
        except TelephonyError as error:
            raise NotPossible("call_failed", str(error)) from error
        finally:
            self._calls.dialling -= 1
        self.book.keep(call, record)
        early = self._calls.early.pop(call, None)
        if early is not None:
            self._calls.take_call(early)
        return call

    def mark_relay(self, session: str, on: bool) -> None:
        """Say that an operator speaks for the citizen (107), or not."""
        self._log.say(session, e.RelayMarked(by="hand", on=on))

    def _parties(self, session: str = "") -> Parties:
        parties = parties_of(self.book, session or self.running or "")
        if parties is None:
            raise NotPossible("no_call")
        return parties

    def _need(self, session: str, *states: CallState) -> Call:
        told = self.book.of_session(session)
        if told is None:
            raise NotPossible("no_call")
        return _in_state(told, *states)

    async def _ask(self, request: Awaitable[None]) -> None:
        try:
            await request
        except TelephonyError as error:
            raise NotPossible("phone", str(error)) from error


def _in_state(told: Call, *states: CallState) -> Call:
    if told.state not in states:
        raise NotPossible("no_call")
    return told
