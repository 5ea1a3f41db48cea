"""One running utterance of a leg: what is stable in it, what is still open, and which audio has to be heard again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from client.domain.agreement import agreed_words
from client.domain.recognition import SpokenWord
from client.engine_protocol import SAMPLE_RATE
from client.engines.speech.hearing import HeardWord, Hearing, text_of

NEEDED = 2  # hearings in a row that have to agree
EDGE_WORDS = 1  # the newest word is never stable while its speaker goes on
TRIM_S = 6.0  # a longer window is cut to its newest part …
KEEP_S = 3.5  # … of about this length, at the start of a stable word
ALIGN_FROM_S = 5.0
STUCK_S = 1.2  # of speech after the last word: it is heard without what stands before
MILLISECOND = SAMPLE_RATE // 1000


@dataclass(slots=True)
class Utterance:
    """Attributes: `start` — its first sample; `stable` — words that no longer change, with the sample each begins and
    ends at once known; `open_words` — the newest hearing after them; `heard_to` — the sample up to which that was;
    `window_start`, `window_words` — from which sample, and from which stable word on, audio is heard again.
    """

    id: str
    start: int
    language: str
    stable: list[HeardWord] = field(default_factory=list)
    open_lead: str = ""
    open_words: tuple[HeardWord, ...] = ()
    heard_to: int = 0
    window_start: int = 0
    window_words: int = 0
    hearings: list[tuple[HeardWord, ...]] = field(default_factory=list)
    log_prob: float = 0.0
    no_speech: float = 0.0

    def __post_init__(self) -> None:
        self.window_start = self.start
        self.heard_to = self.start

    @property
    def prefix(self) -> tuple[HeardWord, ...]:
        """Stable words that the window's audio holds."""
        return tuple(self.stable[self.window_words :])

    @property
    def stable_text(self) -> str:
        """Without the punctuation that may still follow."""
        if not self.stable:
            return ""
        return (text_of(self.stable[:-1]) + self.stable[-1].text).lstrip()

    @property
    def provisional_text(self) -> str:
        """What follows the stable text now."""
        text = self.open_lead + text_of(self.open_words)
        return text if self.stable else text.lstrip()

    @property
    def words(self) -> list[HeardWord]:
        """Everything heard so far."""
        if not self.stable:
            return list(self.open_words)
        last = replace(self.stable[-1], tail=self.open_lead)
        return [*self.stable[:-1], last, *self.open_words]

    def take(self, hearing: Hearing, window_start: int, heard_to: int, *, paused: bool) -> None:
        """The newest hearing, of audio from `window_start` to `heard_to`."""
        self._note_times(hearing, window_start)
        self.log_prob, self.no_speech = hearing.log_prob, hearing.no_speech
        words = tuple(_at(word, window_start) for word in hearing.words)
        self.open_lead, self.open_words, self.heard_to = hearing.lead, words, heard_to
        if hearing.looped:
            self.hearings.clear()
            return
        self.hearings = [*self.hearings[-NEEDED:], words]
        texts = [[word.text for word in words] for words in self.hearings]
        count = agreed_words(texts, NEEDED, 0 if paused else EDGE_WORDS)
        if count:
            self._commit(count, hearing)
        self._trim(window_start, heard_to)

    def _commit(self, count: int, hearing: Hearing) -> None:
        if self.stable:
            self.stable[-1] = replace(self.stable[-1], tail=hearing.lead, tail_tokens=hearing.lead_tokens)
        new = list(self.open_words[:count])
        self.open_lead = new[-1].tail
        new[-1] = replace(new[-1], tail="", tail_tokens=())
        self.stable += new
        self.open_words = self.open_words[count:]
        self.hearings = [words[count:] for words in self.hearings]

    def _note_times(self, hearing: Hearing, window_start: int) -> None:
        for at, word in enumerate(hearing.prefix, self.window_words):
            timed = _at(word, window_start)
            self.stable[at] = replace(
                self.stable[at], start_s=timed.start_s, end_s=timed.end_s, confidence=timed.confidence
            )

    def _trim(self, window_start: int, heard_to: int) -> None:
        if heard_to - window_start < TRIM_S * SAMPLE_RATE:
            return
        oldest_s = (heard_to - KEEP_S * SAMPLE_RATE) / SAMPLE_RATE
        for at in range(len(self.stable) - 1, self.window_words, -1):
            begins = self.stable[at].start_s
            if begins is not None and begins <= oldest_s:
                self.window_words = at
                self.window_start = max(window_start, int((begins - 0.06) * SAMPLE_RATE))
                return

    def wants_times(self, end: int) -> bool:
        """True if the next hearing should be aligned: to shorten its window, or to know where an early end was."""
        return end - self.window_start > ALIGN_FROM_S * SAMPLE_RATE or (bool(self.stable) and not self.open_words)

    def unheard(self, spoken: int) -> bool:
        """True if speech stands after the last word, `STUCK_S` of it: the model ended too early."""
        words = self.open_words or self.stable
        end = words[-1].end_s if words else None
        return end is not None and spoken - end * SAMPLE_RATE > STUCK_S * SAMPLE_RATE

    def drop_beginning(self) -> bool:
        """Hear only what follows the stable text; False if its end is unknown or that was tried."""
        end = self.stable[-1].end_s if self.stable else None
        if end is None or self.window_words == len(self.stable):
            return False
        self.window_words = len(self.stable)
        self.window_start = max(self.window_start, int(end * SAMPLE_RATE))
        self.hearings.clear()
        return True

    def settle(self) -> bool:
        """Take all words as they are and hear only what follows; False if that was tried."""
        if self.stable:
            self.stable[-1] = replace(self.stable[-1], tail=self.open_lead)
        self.stable += self.open_words
        self.open_words, self.open_lead = (), ""
        return self.drop_beginning()

    def hear_afresh(self) -> None:
        """Nothing heard so far counts: it went beyond what may be heard."""
        self.stable.clear()
        self.open_words, self.open_lead = (), ""
        self.hearings.clear()
        self.window_start, self.window_words, self.heard_to = self.start, 0, self.start


def _at(word: HeardWord, window_start: int) -> HeardWord:
    """The word with times from the leg's first sample."""
    if word.start_s is None or word.end_s is None:
        return word
    offset = window_start / SAMPLE_RATE
    return replace(word, start_s=word.start_s + offset, end_s=word.end_s + offset)


def spoken_words(words: Sequence[HeardWord], start: int, end: int) -> tuple[SpokenWord, ...]:
    """Words with times in milliseconds inside samples `start` to `end`; a time that is unknown is put between its neighbours'."""
    low, high = start // MILLISECOND, end // MILLISECOND
    found, before = [], low
    for word in words:
        begins = before if word.start_s is None else min(max(before, round(word.start_s * 1000)), high)
        ends = begins if word.end_s is None else min(max(begins, round(word.end_s * 1000)), high)
        text = (word.text + word.tail).strip()
        found.append(SpokenWord(text=text, start_ms=begins, end_ms=ends, confidence=round(word.confidence, 3)))
        before = ends
    return tuple(found)
