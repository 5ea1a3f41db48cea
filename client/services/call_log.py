"""What telephony tells of calls, written down as events of their sessions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from client.domain import event as e
from client.domain.call import WEB, Call, CallState, Replaced, Telling, Tone, TransferProgress
from client.domain.caller_name import caller_name
from client.domain.derived_id import derived_id
from client.domain.event import parse_timestamp, timestamp
from client.domain.ids import new_id
from client.domain.masking import mask_number
from client.domain.session import SessionView, Stage
from client.domain.session_key import CONSULTATION, PART_HEADER, session_of_uui, uui_key
from client.domain.words import Channel, Party
from client.ports.clock import Clock
from client.ports.telephony import Telephony
from client.services.call_book import LIVE, MAIN, RELAYS, CallBook, CallRecord, Part
from client.services.call_intents import CallIntents
from client.services.call_views import CallFinished, CallHearing, CallStarted
from client.services.log import EventLog
from client.services.notices import CallsChanged, Severity, Trouble, TroubleTold
from client.services.policy import Policy
from client.services.publisher import Publisher
from client.services.sessions import SessionBook

SAMPLE_RATE = 16_000
HIDDEN_RUN = 4  # digits in a row that may be a card or resident number
TONES_S = 2.0  # digits pressed within this belong together
BUSY, AWAY = 486, 480  # SIP: busy here; temporarily unavailable, so that the queue offers the call to another
SUCCESS_CLASS = 2  # SIP 2xx
FAILED = 400  # SIP codes from here on say that a call did not come about


class CallLog:
    """Takes tellings, keeps the book of calls, says events.

    Attributes: `dialling` — requests to dial under way; `early` — calls told before their dial request returned;
    `numbers` — session → the citizen's whole number, in memory only.
    """

    def __init__(
        self,
        telephony: Telephony,
        book: CallBook,
        intents: CallIntents,
        log: EventLog,
        sessions: SessionBook,
        clock: Clock,
        publisher: Publisher,
        policy: Policy,
        may_be_offered: Callable[[], bool],
    ) -> None:
        self.dialling = 0
        self.early: dict[str, Call] = {}
        self.numbers: dict[str, str] = {}
        self._telephony = telephony
        self._book = book
        self._intents = intents
        self._log = log
        self._sessions = sessions
        self._clock = clock
        self._publisher = publisher
        self._policy = policy
        self._may_be_offered = may_be_offered
        self._tones: dict[str, list[str]] = {}

    def take(self, telling: Telling) -> None:
        """Take a fact of telephony; others than calls' are not ours."""
        if isinstance(telling, Call):
            self.take_call(telling)
        elif isinstance(telling, Tone):
            self._take_tone(telling)
        elif isinstance(telling, TransferProgress):
            self._take_transfer(telling)
        elif isinstance(telling, Replaced):
            self._take_replaced(telling)

    def take_call(self, told: Call) -> None:
        """Take a call as it is now."""
        if told.call not in self._book.records and not self._admit(told):
            return
        old = self._book.take(told)
        record = self._book.records[told.call]
        self._expect(told, record)
        if record.part is Part.CITIZEN:
            self._say_changes(old, told, record)
        elif record.part is Part.WEB:  # its session's own events are the video's to say
            self._join(told, record)
            self._publish_start(old, told)
        elif record.part in RELAYS:  # what it means is the relay's to say
            self._publish_start(old, told)
        elif record.part is Part.CONSULTED:
            self._watch_offer(old, told)
        else:
            self._side_changes(old, told, record)
        if told.state is CallState.ENDED:
            self._finish(told, record)
        elif _sounds(told):
            self._publisher.publish(CallHearing(told))
        self._publisher.publish(CallsChanged())

    def _expect(self, told: Call, record: CallRecord) -> None:
        if record.session in self._sessions:
            return
        stage = Stage.TALKING if told.state in LIVE else Stage.WAITING
        number = "" if record.part in RELAYS else mask_number(told.number)
        view = SessionView(id=record.session, number=number, stage=stage, since=told.since, opened_at=told.since)
        self._sessions.expect(view)
        self._publisher.publish(TroubleTold(Trouble.CALL_ADOPTED, Severity.INFO, number, record.session))

    def _admit(self, told: Call) -> bool:
        """Give a call that nobody knows its session; false where it is not ours to show."""
        if told.state is CallState.ENDED:
            if told.call in self.early:  # refused at once: its end came before the answer to our request
                self.early[told.call] = told
            return False
        if told.account == WEB:
            self._book.keep(told.call, CallRecord(session=told.call.partition(":")[2], part=Part.WEB, answered=True))
            return True
        if told.outbound and self.dialling:
            self.early[told.call] = told
            return False
        if told.state is CallState.OFFERED and not self._may_take(told):
            return False
        header = told.headers.get(self._policy.session_key_header, "")
        session = session_of_uui(header) or new_id()
        keys = tuple(key for key in (f"sip:{told.call}", f"uui:{session.replace('-', '')}", uui_key(header)) if key)
        self.numbers[session] = told.number
        opened = self._opened(told)
        first = derived_id(parse_timestamp(told.since), told.call, "opened")
        self._log.open(session, opened, tuple(dict.fromkeys(keys)), told.number, first)
        asked = told.headers.get(PART_HEADER) == CONSULTATION
        self._book.keep(told.call, CallRecord(session=session, part=Part.CONSULTED if asked else Part.CITIZEN))
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
            name=caller_name(told.display),
            ars=told.headers.get(policy.ars_header, ""),
            queue=told.headers.get(policy.queue_header, ""),
            outbound=told.outbound,
        )

    def _may_take(self, told: Call) -> bool:
        busy = any(call.state is not CallState.ENDED for call in self._book.told.values())
        free = self._may_be_offered() and (not busy or self._policy.second_call)
        if not free:
            self._log.in_background(self._telephony.reject(told.call, BUSY if busy else AWAY))
        return free

    def _say_changes(self, old: Call | None, told: Call, record: CallRecord) -> None:
        session = record.session
        if told.state is CallState.OFFERED and (old is None or old.state is not CallState.OFFERED):
            self._say(told, session, e.CallOffered(), "offered")
        self._watch_offer(old, told)
        if told.state in LIVE and not record.answered:
            self._answered(told, record)
        self._join(told, record)
        self._publish_start(old, told)
        if old is None or told.state not in LIVE:
            return
        if told.on_hold != old.on_hold:
            reason = self._intents.holds.pop(told.call, "hold")
            self._log.say(session, e.CallHeld(reason=reason) if told.on_hold else e.CallResumed())
        if told.muted != old.muted:
            self._log.say(session, e.CallMuted() if told.muted else e.CallUnmuted())
        if old.conference and not told.conference:
            self._log.say(session, e.ConferenceEnded())

    def _watch_offer(self, old: Call | None, told: Call) -> None:
        if told.state is CallState.OFFERED and (old is None or old.state is not CallState.OFFERED):
            self._clock.later(self._policy.offer_s, lambda: self._unanswered(told.call))

    def _answered(self, told: Call, record: CallRecord) -> None:
        record.answered = True
        self._book.keep(told.call, record)
        self._say(told, record.session, e.CallAnswered(), "answered")
        self._join(told, record)
        self._log.own(record.session)

    def _join(self, told: Call, record: CallRecord) -> None:
        """The legs join once the codec is known: the far end's answer is told before its sound."""
        if record.joined or not _sounds(told):
            return
        record.joined = True
        self._book.keep(told.call, record)
        for leg in told.legs:
            joined = e.LegJoined(party=self._party(leg, record), wide_band=told.wide_band)
            self._say(told, record.session, joined, f"joined {leg}", leg)

    def _party(self, leg: str, record: CallRecord) -> Party:
        if leg.endswith("/agent"):
            return Party.AGENT
        operator = record.part is not Part.WEB and self._sessions.get(record.session).relay
        return Party.RELAY_OPERATOR if operator else Party.CITIZEN

    def _publish_start(self, old: Call | None, told: Call) -> None:
        record = self._book.records[told.call]
        if not _sounds(told) or (old is not None and _sounds(old) and old.legs == told.legs):
            return
        now = self._clock.now()
        for leg in told.legs:
            samples = (told.samples or {}).get(leg, 0)
            record.began.setdefault(leg, timestamp(now - timedelta(seconds=samples / SAMPLE_RATE)))
        self._book.keep(told.call, record)
        self._publisher.publish(CallStarted(told))

    def _side_changes(self, old: Call | None, told: Call, record: CallRecord) -> None:
        self._publish_start(old, told)
        if told.conference and (old is None or not old.conference):
            emergency = record.part is Part.EMERGENCY
            self._log.say(record.session, e.ConferenceStarted(with_name=record.label, emergency=emergency))

    def _finish(self, told: Call, record: CallRecord) -> None:
        was_talking = record.answered
        wanted = told.call in self._intents.ending or told.call in self._intents.transfers
        lost = told.by == "failure" and not wanted and (was_talking or told.outbound)
        sent = self._intents.transfers.get(told.call)
        gone = sent is not None and sent.colleague != ""
        if record.part is Part.CITIZEN:
            self._end_events(told, record, lost=lost, gone=gone)
        elif record.part is Part.WEB:
            self._legs_left(told, record)
        elif (
            record.part not in (Part.CONSULTED, *RELAYS)
            and told.by != "agent"
            and not was_talking
            and told.code >= FAILED
        ):
            self._publisher.publish(TroubleTold(Trouble.CALL_FAILED, Severity.CAREFUL, f"{told.code} {told.reason}"))
        self._book.forget(told.call)
        self._tones.pop(told.call, None)
        self._intents.forget(told.call, record.session)
        self._publisher.publish(
            CallFinished(
                told.call,
                record.session,
                record.part,
                was_talking and not gone,
                lost,
                record.began,
                told.by,
                f"{told.code or ''} {told.reason}".strip(),
            )
        )
        self._back_to_citizen(record)
        self._leave_behind(record)

    def _leave_behind(self, record: CallRecord) -> None:
        """The citizen left: one who is still being asked need not answer; who talks with the agent stays on the line."""
        side = self._book.side_call()
        if record.part not in MAIN or side is None or side[1].session != record.session:
            return
        if side[1].part is Part.CONSULTATION and self._book.told[side[0]].state not in LIVE:
            self._intents.ending.add(side[0])
            self._log.in_background(self._telephony.hang_up(side[0]))

    def _back_to_citizen(self, record: CallRecord) -> None:
        citizen = self._book.of_session(record.session)
        if record.part in (*MAIN, *RELAYS) or citizen is None:
            return
        if citizen.call in self._intents.transfers or citizen.call in self._intents.ending:
            return
        if citizen.on_hold:
            self._log.in_background(self._telephony.resume(citizen.call))

    def _end_events(self, told: Call, record: CallRecord, *, lost: bool, gone: bool) -> None:
        """The end of our part; a call that went to a colleague has not ended for the session."""
        session = record.session
        self._legs_left(told, record)
        if gone:
            return
        if told.call in self._intents.declined:
            self._log.say(session, e.SessionReleased(reason=self._intents.declined[told.call]))
            return
        reason = told.reason or (str(told.code) if told.code else "")
        self._say(told, session, e.CallEnded(by=told.by, reason=reason, lost=lost), "ended")
        if lost:
            self._publisher.publish(TroubleTold(Trouble.CALL_LOST, Severity.BAD, reason, session))

    def _legs_left(self, told: Call, record: CallRecord) -> None:
        for leg in told.legs if record.joined else ():
            self._say(told, record.session, e.LegLeft(party=self._party(leg, record)), f"left {leg}", leg)

    def _unanswered(self, call: str) -> None:
        told = self._book.told.get(call)
        if told is None or told.state is not CallState.OFFERED:
            return
        self._intents.declined[call] = "unanswered"
        self._log.in_background(self._telephony.reject(call, AWAY))
        session = self._book.session_of(call)
        self._publisher.publish(TroubleTold(Trouble.OFFER_MISSED, Severity.CAREFUL, mask_number(told.number), session))

    def _take_tone(self, tone: Tone) -> None:
        session = self._book.session_of(tone.call)
        if not session:
            return
        run = self._tones.setdefault(tone.call, [])
        run.append(tone.digit)
        if len(run) == 1:
            self._clock.later(TONES_S, lambda: self._flush_tones(tone.call, session))

    def _flush_tones(self, call: str, session: str) -> None:
        run = self._tones.pop(call, [])
        if run:
            digits = "".join(run) if len(run) < HIDDEN_RUN else ""
            self._log.say(session, e.TonesReceived(digits=digits, count=len(run)))

    def _take_transfer(self, progress: TransferProgress) -> None:
        if not progress.final or progress.call not in self._intents.transfers:
            return
        sent = self._intents.transfers[progress.call]
        session = self._book.session_of(progress.call)
        if progress.code // 100 == SUCCESS_CLASS:
            self._log.say(session, e.CallTransferred(to=sent.to, attended=sent.attended))
            self._publisher.publish(TroubleTold(Trouble.TRANSFER_DONE, Severity.INFO, sent.to, session))
            if sent.colleague:
                self._log.hand_over(session, sent.colleague, sent.note)
            return
        self._intents.transfer_failed(progress.call)
        detail = f"{progress.code} {progress.reason}".strip()
        self._publisher.publish(TroubleTold(Trouble.TRANSFER_FAILED, Severity.BAD, detail, session))

    def _take_replaced(self, replaced: Replaced) -> None:
        record = self._book.records.get(replaced.call)
        if record is not None:
            self._book.keep(replaced.by_call, CallRecord(session=record.session, label=record.label))

    def _say(self, told: Call, session: str, body: e.Body, fact: str, leg: str | None = None) -> None:
        """Say a fact that telephony may tell again after a crash: same fact, same id, one event."""
        moment: datetime = parse_timestamp(told.since) if told.since else self._clock.now()
        id_ = derived_id(moment, told.call, fact)
        self._log.say(session, body, at=moment, leg=leg, id_=id_)


def _sounds(told: Call) -> bool:
    """Talking or held, and what carries its sound is known."""
    return told.state in LIVE and told.codec != ""
