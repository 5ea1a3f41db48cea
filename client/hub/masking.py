"""Resident-registration and card numbers are starred before they are stored, unless a setting names a legal basis.

Written ones are found by ko-pii, spoken ones by form (`client.domain.sensitive_numbers`), also when one number is split over
two consecutive utterances. A star stands for each character, so that word times still fit.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from threading import Lock
from time import monotonic

import ko_pii

from client.domain.event import (
    Body,
    Caption,
    CaptionCorrected,
    Event,
    MessageSent,
    NoteWritten,
    ScreenAnswered,
    SessionOpened,
    SessionTransferred,
    TonesReceived,
    WrapUpSaved,
)
from client.domain.masking import mask_number
from client.domain.sensitive_numbers import card_numbers, resident_numbers
from client.domain.signal import Mirror, PartialCaption, SignalBody
from client.domain.spoken_digits import Run, ends_in_digits, has_digits, runs

FEWEST = 4  # digits in one text that are worth a close look: the rest of a number may stand in the utterance before
WHOLE = 13  # digits of the shortest number that is looked for
TAIL = 18  # digits kept of an utterance that ends in the middle of a number
TAIL_S = 30.0  # seconds in which its rest may be said
MAX_TAILS = 2_000  # legs
MAX_RUN = 64  # digits in a row that are looked at; nobody says more, so a longer run is hidden whole
HIDDEN_TONES = 4  # keys pressed in a row that are hidden: a PIN or more

_TEXTS: dict[type[Body], tuple[str, ...]] = {
    MessageSent: ("text",),
    NoteWritten: ("text",),
    CaptionCorrected: ("text",),
    WrapUpSaved: ("summary",),
    SessionTransferred: ("note",),
    SessionOpened: ("name",),
}

Span = tuple[int, int]
Finder = Callable[[str], Sequence[Span]]


@dataclass(frozen=True, slots=True)
class _Tail:
    digits: str
    at: float


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

    def text(self, text: str) -> str:
        """The text with such numbers starred."""
        return _starred(text, self._spans(text))

    def event(self, event: Event) -> Event:
        """The event as it may be stored; the same object where nothing had to be hidden."""
        body = self._body(event.body, (event.session, event.leg or ""))
        return event if body is event.body else replace(event, body=body)

    def signal(self, body: SignalBody) -> SignalBody:
        """The signal as it may be passed on."""
        if isinstance(body, PartialCaption):
            stable, provisional = self._parts((body.stable, body.provisional), "")
            return replace(body, stable=stable, provisional=provisional)
        if isinstance(body, Mirror):
            return replace(body, values={name: self.text(value) for name, value in body.values.items()})
        return body

    def _body(self, body: Body, leg: tuple[str, str]) -> Body:
        if isinstance(body, Caption):
            return self._caption(body, leg)
        if isinstance(body, ScreenAnswered):
            return replace(body, answers={name: self._answer(value) for name, value in body.answers.items()})
        if isinstance(body, SessionOpened):
            body = replace(body, number=mask_address(body.number))
        if isinstance(body, TonesReceived) and len(body.digits) >= HIDDEN_TONES:
            return replace(body, digits="")
        return self._fields(body)

    def _fields(self, body: Body) -> Body:
        changed = {
            name: masked
            for name in _TEXTS.get(type(body), ())
            if (masked := self.text(text := getattr(body, name))) != text
        }
        return replace(body, **changed) if changed else body

    def _answer(self, value: str | tuple[str, ...]) -> str | tuple[str, ...]:
        return self.text(value) if isinstance(value, str) else tuple(self.text(item) for item in value)

    def _caption(self, body: Caption, leg: tuple[str, str]) -> Caption:
        with self._lock:
            before = self._tail(leg)
            self._remember(leg, body.text, before)
        spans = self._spans(body.text, before)
        if not spans:
            return body
        texts = self._parts([word.text for word in body.words], " ", before)
        words = tuple(replace(word, text=text) for word, text in zip(body.words, texts, strict=True))
        return replace(body, text=_starred(body.text, spans), words=words)

    def _parts(self, parts: Sequence[str], glue: str, before: str = "") -> list[str]:
        whole = _starred(glue.join(parts), self._spans(glue.join(parts), before))
        masked, at = [], 0
        for part in parts:
            masked.append(whole[at : at + len(part)])
            at += len(part) + len(glue)
        return masked

    def _spans(self, text: str, before: str = "") -> list[Span]:
        """Where digits have to be starred. `before` — digits with which the utterance before ended."""
        if not self._finders or not has_digits(text, FEWEST if before else WHOLE):
            return []
        found = [span for run in runs(text) for span in self._of_run(run, before if run.from_start else "")]
        written = ko_pii.detect_all(text, include=self._labels) if has_digits(text, WHOLE) else []
        for hit in written:
            found += [(n, n + 1) for n in range(hit.start, hit.end) if text[n].isdigit()]
        return found

    def _of_run(self, run: Run, before: str) -> list[Span]:
        digits = before + run.digits
        if len(digits) > MAX_RUN:
            return list(run.spans)
        stretches = [stretch for finder in self._finders for stretch in finder(digits)]
        return [run.spans[n - len(before)] for start, end in stretches for n in range(start, end) if n >= len(before)]

    def _tail(self, leg: tuple[str, str]) -> str:
        tail = self._tails.get(leg)
        return tail.digits if tail and self._clock() - tail.at < TAIL_S else ""

    def _remember(self, leg: tuple[str, str], text: str, before: str) -> None:
        self._tails.pop(leg, None)
        last = next(iter(list(runs(text))[-1:]), None) if ends_in_digits(text) else None
        if last is not None and last.to_end:
            digits = (before if last.from_start else "") + last.digits
            self._tails[leg] = _Tail(digits[-TAIL:], self._clock())
        while len(self._tails) > MAX_TAILS:
            self._tails.popitem(last=False)


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
