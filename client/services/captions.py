"""Captions of a call: which legs are recognised, when, and who could hear what was said."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from client.domain import event as e
from client.domain.call import Call, CallState, Telling
from client.domain.derived_id import derived_id
from client.domain.event import parse_timestamp, timestamp
from client.domain.recognition import FinalText, PartialText, RecognitionReady, TextGap, spoken_language
from client.domain.signal import PartialCaption, Signal
from client.domain.timeline import CaptionLine
from client.domain.words import Party
from client.ports.clock import Clock
from client.ports.speech import Speech
from client.ports.telephony import Telephony, TelephonyError
from client.services.call_book import CITIZENS, RELAYS, CallBook, CallRecord, Part
from client.services.call_views import CallFinished, CallHearing, CallStarted
from client.services.caption_hearers import CaptionHearers, is_agents
from client.services.errors import NotPossible
from client.services.log import EventLog
from client.services.notices import HealthChanged, Severity, Trouble, TroubleTold
from client.services.policy import Policy
from client.services.publisher import Publisher
from client.services.sessions import SessionBook
from client.services.signals import SignalSender


class CaptionState(StrEnum):
    """What the window's head says of captions."""

    ON = "on"
    OFF = "off"
    ROUGH = "rough"
    AWAY = "away"
    MISSING = "missing"


class CaptionService:
    """Attaches the legs of calls to recognition and writes what comes back. Attributes: `state`."""

    def __init__(
        self,
        speech: Speech,
        telephony: Telephony,
        book: CallBook,
        log: EventLog,
        sessions: SessionBook,
        signals: SignalSender,
        clock: Clock,
        publisher: Publisher,
        policy: Policy,
    ) -> None:
        self.state = CaptionState.AWAY if policy.captions else CaptionState.OFF
        self._speech = speech
        self._telephony = telephony
        self._book = book
        self._log = log
        self._sessions = sessions
        self._signals = signals
        self._clock = clock
        self._publisher = publisher
        self._policy = policy
        self._lost = False
        self._attached: set[str] = set()
        self._gates: dict[str, bool] = {}
        self._hearers = CaptionHearers(book, sessions, clock)
        self._utterance_heard_by: dict[str, tuple[Party, ...]] = {}
        self._ended: dict[str, tuple[str, str]] = {}

    def start(self) -> None:
        """Listen to recognition and to calls."""
        if not self._policy.captions:
            return
        self._speech.listen(self.take)
        self._publisher.subscribe(CallStarted, lambda notice: self._set_gates(notice.call))
        self._publisher.subscribe(CallHearing, lambda notice: self._take_hearing(notice.call))
        self._publisher.subscribe(CallFinished, self._forget)

    # ── what the agent asks ──────────────────────────────────────────────────────────────────────

    def correct(self, session: str, line_id: str, text: str) -> None:
        """Replace a final caption's text by the agent's reading."""
        line = self._sessions.timeline(session).find(line_id)
        if not isinstance(line, CaptionLine) or not line.final:
            raise NotPossible("not_final")
        if not text.strip():
            raise NotPossible("empty_text")
        if text.strip() != line.text:
            self._log.say(session, e.CaptionCorrected(caption=line.event, text=text.strip()))

    async def set_language(self, session: str, language: str) -> None:
        """Recognise a call in another language from the next utterance on: one language is spoken on a call."""
        told = self._book.of_session(session)
        for leg in told.legs if told else ():
            await self._speech.set_language(leg, self._spoken(language))

    def _spoken(self, language: str) -> str:
        """What is spoken where this language was chosen: with a signed one, the centre's own."""
        return spoken_language(language) or spoken_language(self._policy.language)

    # ── legs ─────────────────────────────────────────────────────────────────────────────────────

    def _wanted_legs(self, told: Call, record: CallRecord) -> tuple[str, ...]:
        """A consultation is private, and an office is captioned once it has agreed: nobody's words are kept before."""
        if record.part in CITIZENS:
            return told.legs
        theirs = tuple(leg for leg in told.legs if not is_agents(leg))
        if record.part is Part.RELAY:
            return () if not record.agreed else theirs if self._with_browser(told) else told.legs
        if record.part is Part.RELAY_VOICE:  # a counselor who does not hear reads this colleague from the start
            return theirs
        return theirs if told.conference else ()

    def _with_browser(self, told: Call) -> bool:
        """A citizen's sound is mixed in: the agent's voice is captioned there."""
        browsers = [call for call in self._book.told if self._book.records[call].part is Part.WEB]
        mixed = (call in told.conference or told.call in self._book.told[call].conference for call in browsers)
        return any(mixed)

    @property
    def _hears(self) -> bool:
        return self.state in (CaptionState.ON, CaptionState.ROUGH)

    def _take_hearing(self, told: Call) -> None:
        """Who hears whom changed in a call, and with it for all who are mixed with it."""
        for call in (told.call, *told.conference):
            if call in self._book.told:
                self._set_gates(self._book.told[call])

    def _set_gates(self, told: Call) -> None:
        """A caption follows the ear: what nobody else can hear is not recognised, and who heard it is kept."""
        record = self._book.records.get(told.call)
        if record is None or told.state not in (CallState.ACTIVE, CallState.HELD) or not self._hears:
            return
        wanted = self._wanted_legs(told, record)
        for leg in [leg for leg in told.legs if leg in wanted or leg in self._attached]:
            if leg not in self._attached:
                self._attached.add(leg)
                self._begin(record, leg, told.call)
                self._log.in_background(self._attach(told, record, leg))
            open_ = leg in wanted and self._hearers.hear(told, leg)  # a conference that is over leaves a private talk
            cut = open_ and self._hearers.note(told, record, leg)
            if self._gates.get(leg, True) != open_:
                self._gates[leg] = open_
                self._log.in_background(self._speech.gate(leg, open_=open_))
            elif cut:
                self._log.in_background(self._cut(leg))

    def _begin(self, record: CallRecord, leg: str, call: str) -> None:
        """What was said beside the citizen before it was to be read is not read later either."""
        if record.part not in CITIZENS and leg not in record.heard_ms:
            record.heard_ms[leg] = self._hearers.elapsed_ms(record, leg)
            self._book.keep(call, record)

    async def _cut(self, leg: str) -> None:
        """End the running utterance here: others hear what follows."""
        await self._speech.gate(leg, open_=False)
        await self._speech.gate(leg, open_=self._gates.get(leg, True))

    async def _attach(self, told: Call, record: CallRecord, leg: str) -> None:
        session = self._sessions.get(record.session)
        language = self._spoken("" if record.part in RELAYS else session.language)  # one language is spoken on a call
        from_sample = record.heard_ms.get(leg, 0) * 16
        try:
            source = await self._telephony.subscribe()
        except TelephonyError:
            self._attached.discard(leg)
            raise
        await self._speech.attach(
            leg,
            source,
            language=language,
            wide_band=told.wide_band or is_agents(leg),
            from_sample=from_sample,
        )
        if not self._gates.get(leg, True):
            await self._speech.gate(leg, open_=False)

    def _forget(self, notice: CallFinished) -> None:
        """The last words of a call come after its end: their place is kept until the leg is detached."""
        for leg, began in notice.began.items():
            self._ended[leg] = (notice.session, began)
            self._gates.pop(leg, None)
            if leg in self._attached:
                self._attached.discard(leg)
                self._log.in_background(self._speech.detach(leg))

    # ── what recognition tells ───────────────────────────────────────────────────────────────────

    def take(self, telling: Telling) -> None:
        """Take a fact of recognition."""
        if isinstance(telling, PartialText):
            self._partial(telling)
        elif isinstance(telling, FinalText):
            self._final(telling)
        elif isinstance(telling, TextGap):
            self._gap(telling)
        elif isinstance(telling, RecognitionReady):
            self._ready(telling)

    def _ready(self, telling: RecognitionReady) -> None:
        """Legs that were attached stay so: the port brings them back by itself. Those of meanwhile are attached now."""
        before = self.state
        heard = self._hears
        if telling.engines:
            self.state = CaptionState.ROUGH if telling.rough else CaptionState.ON
        else:
            self.state = CaptionState.MISSING if telling.broken else CaptionState.AWAY
        if self._hears:
            self._back(telling)
        elif self.state is CaptionState.MISSING and before is not CaptionState.MISSING:
            self._gone(Trouble.CAPTIONS_MISSING, telling.detail)
        elif heard:
            self._gone(Trouble.CAPTIONS_AWAY, telling.detail)
        if before is not self.state:
            self._publisher.publish(HealthChanged())

    def _gone(self, trouble: Trouble, detail: str) -> None:
        self._lost = True
        self._publisher.publish(TroubleTold(trouble, Severity.CAREFUL, detail))

    def _back(self, telling: RecognitionReady) -> None:
        if self._lost:
            self._lost = False
            self._publisher.publish(TroubleTold(Trouble.CAPTIONS_BACK))
        if self.state is CaptionState.ROUGH:
            self._publisher.publish(TroubleTold(Trouble.CAPTIONS_ROUGH, Severity.CAREFUL, telling.detail))
        for told in list(self._book.told.values()):
            self._set_gates(told)

    def _partial(self, text: PartialText) -> None:
        place = self._place(text.leg)
        if place is None or not self._gates.get(text.leg, True):
            return
        session, began = place
        heard_by = self._utterance_heard_by.setdefault(text.utterance, self._hearers.since(text.leg, text.start_ms))
        body = PartialCaption(
            leg=text.leg,
            party=self._hearers.party(text.leg),
            utterance=text.utterance,
            stable=text.stable,
            provisional=text.provisional,
            start_ms=text.start_ms,
            language=text.language,
            rough=text.rough,
            heard_by=heard_by,
        )
        moment = parse_timestamp(began) + timedelta(milliseconds=text.start_ms)
        self._sessions.timeline(session).partial(timestamp(moment), body)
        self._signals.send(Signal(session=session, key=f"caption:{text.leg}", body=body))

    def _final(self, text: FinalText) -> None:
        place = self._place(text.leg)
        if place is None:
            return
        session, began = place
        self._remember_end(text.leg, text.end_ms)
        heard_by = self._utterance_heard_by.pop(text.utterance, None)
        if heard_by is None:
            heard_by = self._hearers.since(text.leg, text.start_ms)
        if not text.text:
            self._partial(
                PartialText(
                    leg=text.leg,
                    utterance=text.utterance,
                    stable="",
                    provisional="",
                    start_ms=text.start_ms,
                    language=text.language,
                    engine=text.engine,
                )
            )
            return
        moment = parse_timestamp(began) + timedelta(milliseconds=text.start_ms)
        body = e.Caption(
            utterance=text.utterance,
            party=self._hearers.party(text.leg),
            text=text.text,
            words=tuple(
                e.Word(text=word.text, start_ms=word.start_ms, end_ms=word.end_ms, confidence=word.confidence)
                for word in text.words
            ),
            language=text.language,
            engine=text.engine,
            start_ms=text.start_ms,
            end_ms=text.end_ms,
            rough=text.rough,
            heard_by=heard_by,
        )
        id_ = derived_id(moment, text.utterance)
        self._log.say(session, body, at=moment, leg=text.leg, media_ms=text.start_ms, id_=id_)

    def _gap(self, gap: TextGap) -> None:
        place = self._place(gap.leg)
        if place is not None:
            body = e.CaptionGap(start_ms=gap.start_ms, end_ms=gap.end_ms, reason=gap.reason)
            self._log.say(place[0], body, leg=gap.leg, media_ms=gap.start_ms)
            self._remember_end(gap.leg, gap.end_ms)

    def _remember_end(self, leg: str, end_ms: int) -> None:
        found = self._book.of_leg(leg)
        if found is not None:
            found[1].heard_ms[leg] = end_ms
            self._book.keep(*found)

    def _place(self, leg: str) -> tuple[str, str] | None:
        """(session, RFC 3339 of the leg's first sample); also for a leg whose call has just ended."""
        found = self._book.of_leg(leg)
        if found is None:
            return self._ended.get(leg)
        record = found[1]
        return record.session, record.began.get(leg) or timestamp(self._clock.now())
