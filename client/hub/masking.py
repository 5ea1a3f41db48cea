"""Resident-registration and card numbers are starred before they are stored, unless a setting names a legal basis.

Written ones are found by ko-pii, spoken ones by form (`client.domain.sensitive_numbers`), also when one number is split over
consecutive utterances, messages or fields of a form. A star stands for each character, so that word times still fit.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from threading import Lock
from time import monotonic

import ko_pii

from client.domain.event import (
    Body,
    BotHandedOver,
    CallEnded,
    Caption,
    CaptionCorrected,
    CitizenConfirmed,
    ComplaintFiled,
    ComplaintRouted,
    ComplaintStatus,
    Event,
    EventsErased,
    LegLeft,
    MarkSet,
    MessageDelivery,
    MessageSent,
    NoteWritten,
    RelayEnded,
    RelayStarted,
    ScreenAnswered,
    ScreenPushed,
    SessionClosed,
    SessionOpened,
    SessionReleased,
    SessionTransferred,
    TonesReceived,
    WrapUpSaved,
    parse_timestamp,
)
from client.domain.masking import mask_number
from client.domain.screen import Screen
from client.domain.sensitive_numbers import card_numbers, is_telephone, resident_numbers, split_numbers
from client.domain.signal import LiveText, Mirror, PartialCaption, SignalBody
from client.domain.spoken_digits import Run, ends_in_digits, has_digits, only_digits, runs
from client.settings import Settings

FEWEST = 4  # digits in one text that are worth a close look: the rest of a number may stand in the utterance before
WHOLE = 13  # digits of the shortest number that is looked for
TAIL = 18  # digits kept of an utterance that ends in the middle of a number
TAIL_S = 30.0  # seconds in which its rest may be said
MAX_TAILS = 2_000  # legs and writers
MAX_EDGES = 20_000  # captions beside which digits stand: a correction is read with them
FILLER = 8  # characters of an utterance between two halves of a number: "네", "잠시만요"
DATE = 6  # digits of a birth date, after which a telephone number may follow
MAX_RUN = 64  # digits in a row that are looked at; nobody says more, so a longer run is hidden whole
HIDDEN_TONES = 4  # keys pressed in a row that are hidden: a PIN or more

_TEXTS: dict[type[Body], tuple[str, ...]] = {
    WrapUpSaved: ("summary",),
    SessionTransferred: ("note",),
    SessionOpened: ("name",),
    SessionReleased: ("reason",),
    SessionClosed: ("reason",),
    CallEnded: ("reason",),
    LegLeft: ("reason",),
    EventsErased: ("reason",),
    MessageSent: ("subject",),
    BotHandedOver: ("reason",),
    ComplaintFiled: ("category", "place", "contact"),
    ComplaintRouted: ("office", "why"),
    ComplaintStatus: ("note",),
    MessageDelivery: ("reason",),
    CitizenConfirmed: ("how",),
    MarkSet: ("text",),
    RelayStarted: ("office",),
    RelayEnded: ("reason",),
}

Span = tuple[int, int]
Finder = Callable[[str], Sequence[Span]]


@dataclass(frozen=True, slots=True)
class _Tail:
    """What a stream of words ended with: `digits`, and the `caption` they stand in."""

    digits: str
    at: float
    caption: str = ""


@dataclass(frozen=True, slots=True)
class _Edges:
    """Digits right before and right after one caption."""

    before: str = ""
    after: str = ""


class Masker:
    """`resident`, `card` — whether such numbers are hidden. `clock` in seconds, for the split numbers."""

    def __init__(self, *, resident: bool = True, card: bool = True, clock: Callable[[], float] = monotonic) -> None:
        finders = ((resident, resident_numbers), (card, card_numbers))
        self._finders = [finder for wanted, finder in finders if wanted]
        self._labels = [
            label for wanted, labels in ((resident, ("RRN", "FRN")), (card, ("CARD",))) if wanted for label in labels
        ]
        self._clock = clock
        self._lock = Lock()  # long texts are looked through apart from the loop
        self._tails: OrderedDict[tuple[str, str], _Tail] = OrderedDict()
        self._edges: OrderedDict[str, _Edges] = OrderedDict()

    def text(self, text: str) -> str:
        """The text with such numbers starred."""
        return _starred(text, self._spans(text))

    def event(self, event: Event) -> Event:
        """The event as it may be stored; the same object where nothing had to be hidden."""
        body = self._body(event.body, event)
        return event if body is event.body else replace(event, body=body)

    def signal(self, body: SignalBody) -> SignalBody:
        """The signal as it may be passed on."""
        if isinstance(body, PartialCaption):
            stable, provisional = self._parts((body.stable, body.provisional), "")
            return replace(body, stable=stable, provisional=provisional)
        if isinstance(body, LiveText):
            return replace(body, text=self.text(body.text))
        if isinstance(body, Mirror):
            values = self._values(body.values)
            return replace(body, values={name: text for name, text in values.items() if isinstance(text, str)})
        return body

    def _body(self, body: Body, event: Event) -> Body:
        match body:
            case Caption():
                return self._caption(body, event)
            case CaptionCorrected():
                return self._corrected(body)
            case MessageSent():
                return self._fields(self._written(body, (event.session, f"message:{body.party}")))
            case NoteWritten():
                return self._written(body, (event.session, "note"))
            case ScreenAnswered():
                return replace(body, answers=self._values(body.answers))
            case ScreenPushed():
                return replace(body, screen=self._screen(body.screen))
            case TonesReceived() if len(body.digits) >= HIDDEN_TONES:
                return replace(body, digits="")
            case SessionOpened():
                body = replace(body, number=mask_address(body.number))
        return self._fields(body)

    def _fields(self, body: Body) -> Body:
        changed = {
            name: masked
            for name in _TEXTS.get(type(body), ())
            if (masked := self.text(text := getattr(body, name))) != text
        }
        return replace(body, **changed) if changed else body

    def _screen(self, screen: Screen) -> Screen:
        items = tuple(replace(i, text=self.text(i.text), hint=self.text(i.hint)) for i in screen.items)
        fields = tuple(replace(f, label=self.text(f.label), hint=self.text(f.hint)) for f in screen.fields)
        return replace(
            screen,
            title=self.text(screen.title),
            lead=self.text(screen.lead),
            body=self.text(screen.body),
            button=self.text(screen.button),
            items=items,
            fields=fields,
        )

    def _values(self, values: Mapping[str, str | tuple[str, ...]]) -> dict[str, str | tuple[str, ...]]:
        """The fields of a form; fields that hold nothing but digits are read one after the other too."""
        parts = [only_digits(value) if isinstance(value, str) else "" for value in values.values()]
        hidden = split_numbers(parts, self._finders)
        return {
            name: _all_starred(value) if n in hidden and isinstance(value, str) else self._answer(value)
            for n, (name, value) in enumerate(values.items())
        }

    def _answer(self, value: str | tuple[str, ...]) -> str | tuple[str, ...]:
        return self.text(value) if isinstance(value, str) else tuple(self.text(item) for item in value)

    def _written(self, body: MessageSent | NoteWritten, stream: tuple[str, str]) -> Body:
        with self._lock:
            before = self._tail(stream)
            self._remember(stream, body.text, before)
        spans = self._spans(body.text, before)
        return replace(body, text=_starred(body.text, spans)) if spans else body

    def _caption(self, body: Caption, event: Event) -> Caption:
        leg = (event.session, event.leg or "")
        with self._lock:
            before = self._tail(leg)
            self._note_edges(event.id, leg, body.text, before)
            self._remember(leg, body.text, before, event.id)
        spans = self._spans(body.text, before)
        if not spans:
            return body
        texts = self._parts([word.text for word in body.words], " ", before)
        words = tuple(replace(word, text=text) for word, text in zip(body.words, texts, strict=True))
        return replace(body, text=_starred(body.text, spans), words=words)

    def _corrected(self, body: CaptionCorrected) -> CaptionCorrected:
        """A correction stands where its caption stood: the rest of a number may be said before or after it."""
        with self._lock:
            edges = self._edges.get(body.caption, _Edges())
            leg = next((leg for leg, tail in self._tails.items() if tail.caption == body.caption), None)
            if leg is not None:
                self._remember(leg, body.text, edges.before, body.caption)
        spans = self._spans(body.text, edges.before, edges.after)
        return replace(body, text=_starred(body.text, spans)) if spans else body

    def _note_edges(self, caption: str, leg: tuple[str, str], text: str, before: str) -> None:
        if before:
            self._edges[caption] = _Edges(before=before)
        last = self._tails.get(leg)
        first = next(runs(text), None)
        if last is not None and last.caption not in ("", caption) and first is not None and first.from_start:
            known = self._edges.get(last.caption, _Edges())
            self._edges[last.caption] = replace(known, after=first.digits[:TAIL])
        while len(self._edges) > MAX_EDGES:
            self._edges.popitem(last=False)

    def _parts(self, parts: Sequence[str], glue: str, before: str = "") -> list[str]:
        whole = _starred(glue.join(parts), self._spans(glue.join(parts), before))
        masked, at = [], 0
        for part in parts:
            masked.append(whole[at : at + len(part)])
            at += len(part) + len(glue)
        return masked

    def _spans(self, text: str, before: str = "", after: str = "") -> list[Span]:
        """Where digits have to be starred. `before`, `after` — digits that stand right before and right after."""
        if not self._finders or not has_digits(text, FEWEST if before or after else WHOLE):
            return []
        found = [
            span
            for run in runs(text)
            for span in self._of_run(run, before if run.from_start else "", after if run.to_end else "")
        ]
        written = ko_pii.detect_all(text, include=self._labels) if has_digits(text, WHOLE) else []
        for hit in written:
            found += [(n, n + 1) for n in range(hit.start, hit.end) if text[n].isdigit()]
        return found

    def _of_run(self, run: Run, before: str, after: str) -> list[Span]:
        if len(before) >= DATE and is_telephone(run.digits):
            before = ""  # a birth date, then where one can be called
        digits = before + run.digits + after
        if len(digits) > MAX_RUN:
            return list(run.spans)
        stretches = [stretch for finder in self._finders for stretch in finder(digits)]
        places = {n - len(before) for start, end in stretches for n in range(start, end)}
        return [span for n, span in enumerate(run.spans) if n in places]

    def _tail(self, stream: tuple[str, str]) -> str:
        tail = self._tails.get(stream)
        return tail.digits if tail and self._clock() - tail.at < TAIL_S else ""

    def _remember(self, stream: tuple[str, str], text: str, before: str, caption: str = "") -> None:
        if before and len(text.strip()) <= FILLER and not has_digits(text, 1):
            return  # "네": the number goes on after it
        self._tails.pop(stream, None)
        last = next(iter(list(runs(text))[-1:]), None) if ends_in_digits(text) else None
        digits = ""
        if last is not None and last.to_end:
            digits = (before if last.from_start else "") + last.digits
        if digits or caption:
            self._tails[stream] = _Tail(digits[-TAIL:], self._clock(), caption)
        while len(self._tails) > MAX_TAILS:
            self._tails.popitem(last=False)


def masker_of(settings: Settings, clock: Callable[[], float] = monotonic) -> Masker:
    """The masker that the settings ask for."""
    return Masker(resident=not settings.rrn_legal_basis, card=not settings.card_legal_basis, clock=clock)


def masked_again(events: Sequence[Event], settings: Settings) -> list[Event]:
    """Stored events as they may leave: what a rule of an earlier day let through is hidden now."""
    moment = 0.0
    masker = masker_of(settings, lambda: moment)
    found = []
    for event in events:
        moment = parse_timestamp(event.at).timestamp()
        found.append(masker.event(event))
    return found


def _all_starred(text: str) -> str:
    return _starred(text, [span for run in runs(text) for span in run.spans])


def _starred(text: str, spans: Sequence[Span]) -> str:
    if not spans:
        return text
    characters = list(text)
    for start, end in spans:
        characters[start:end] = "*" * (end - start)
    return "".join(characters)


def mask_address(number: str) -> str:
    """A telephone number or SIP address as it may stand in the log: `010-****-4567`. One that has stars already stays."""
    return number if "*" in number else mask_number(re.sub(r"^(sips?|tel):", "", number).split("@")[0])
