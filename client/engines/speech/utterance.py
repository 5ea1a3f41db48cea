"""One running utterance of a leg: what is stable in it, what is still open, and which audio has to be heard again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from client.domain.agreement import agreed_words, plain
from client.domain.recognition import SpokenWord
from client.engine_protocol import SAMPLE_RATE
from client.engines.speech.hearing import HeardWord, Hearing, text_of

NEEDED = 2  # hearings in a row that have to agree
EDGE_WORDS = 1  # the newest word is never stable while its speaker goes on
TRIM_S = 6.0  # a longer window is cut to its newest part …
KEEP_S = 3.5  # … of about this length, at the start of a stable word
ALIGN_FROM_S = 5.0
STUCK_S = 1.5  # of speech without a new word: it is heard without what stands before
PROGRESS = 2  # letters more than before: the text does not only change, it goes on
BACK_S = 0.0  # of it may have been said before the last word was first heard
UNSURE_S = 3.0  # of audio without an agreement …
UNSURE_WORDS = 3  # … make all but the newest words stable
OVER_S = 0.8  # of audio without a new word
SENTENCE_ENDS = ".?!。？！"
MILLISECOND = SAMPLE_RATE // 1000


@dataclass(slots=True)
class Utterance:
    """Attributes: `start` — its first sample; `stable` — words that no longer change, with the sample each begins and
    ends at once known; `log_prob`, `no_speech` — of the surest hearing; `open_words` — the newest hearing after them; `heard_to` — the sample up to which that was;
    `window_start`, `window_words` — from which sample, and from which stable word on, audio is heard again.
    """

    id: str
    start: int
    language: str
    stable: list[HeardWord] = field(default_factory=list)
    open_lead: str = ""
    open_words: tuple[HeardWord, ...] = ()
    heard_to: int = 0
    said_to: int = 0
    _letters: int = 0
    agreed_to: int = 0
    window_start: int = 0
    window_words: int = 0
    hearings: list[tuple[HeardWord, ...]] = field(default_factory=list)
    failures: int = 0
    log_prob: float = -9.0
    no_speech: float = 1.0

    def __post_init__(self) -> None:
        self.window_start = self.start
        self.heard_to = self.said_to = self.agreed_to = self.start

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
        if hearing.words and hearing.log_prob > self.log_prob:
            self.log_prob, self.no_speech = hearing.log_prob, hearing.no_speech
        words = self._without_echo(tuple(_at(word, window_start) for word in hearing.words))
        length = len(plain(text_of(self.stable) + text_of(words)))
        if length >= self._letters + PROGRESS:
            self._letters, self.said_to = length, heard_to
        self._letters = min(self._letters, length)
        self.open_lead, self.open_words, self.heard_to = hearing.lead, words, heard_to
        if hearing.looped:
            self.hearings.clear()
            return
        self.hearings = [*self.hearings[-NEEDED:], words]
        texts = [[word.text for word in words] for words in self.hearings]
        over = paused or heard_to - self.said_to > OVER_S * SAMPLE_RATE  # nothing new: the last word is no edge
        count = agreed_words(texts, NEEDED, 0 if over else EDGE_WORDS)
        if not count and heard_to - self.agreed_to > UNSURE_S * SAMPLE_RATE:
            count = max(0, len(words) - UNSURE_WORDS)  # hearings will not agree: the newest, having heard most, decides
        if count:
            self.agreed_to = heard_to
            self._commit(count, hearing)
        self._trim(window_start, heard_to)

    def _without_echo(self, words: tuple[HeardWord, ...]) -> tuple[HeardWord, ...]:
        """Where only the rest is heard, its audio begins a little early: the last stable word may be heard again."""
        again = self.stable and words and not self.prefix and plain(self.stable[-1].text).endswith(plain(words[0].text))
        return words[1:] if again else words

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
        """True if the next hearing should be aligned, so that its window can be shortened."""
        return end - self.window_start > ALIGN_FROM_S * SAMPLE_RATE

    def unheard(self, spoken: int) -> bool:
        """True if somebody went on speaking for `STUCK_S` and no new word came: the model ended too early."""
        return min(spoken, self.heard_to) - self.said_to > STUCK_S * SAMPLE_RATE

    def hear_rest(self) -> bool:
        """Take all words as they are and hear only what follows them; False if that was tried just now.

        Where they end is known from when they were first heard: an alignment stretches them over what was left out.
        """
        if self.said_to - BACK_S * SAMPLE_RATE <= self.window_start:
            return False
        if self.stable:
            self.stable[-1] = replace(self.stable[-1], tail=self.open_lead)
        self.stable += self.open_words
        self.open_words, self.open_lead = (), ""
        self.window_words = len(self.stable)
        self.window_start = int(self.said_to - BACK_S * SAMPLE_RATE)
        self.hearings.clear()
        return True

    def sentence_over(self) -> bool:
        """True if the last word ends a sentence."""
        tail = self.open_words[-1].tail if self.open_words else self.open_lead
        return any(mark in tail for mark in SENTENCE_ENDS)

    def heard_ms(self) -> int:
        """Where the words end, in milliseconds."""
        return self.said_to // MILLISECOND

    def hear_afresh(self) -> None:
        """Nothing heard so far counts: it went beyond what may be heard."""
        self.stable.clear()
        self.open_words, self.open_lead = (), ""
        self.hearings.clear()
        self.window_start, self.window_words, self.heard_to = self.start, 0, self.start
        self.said_to, self.agreed_to, self._letters = self.start, self.start, 0


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
