"""Where one utterance ends and the next begins: late cuts, because every cut costs recognition its context.

A pause has to be long to cut a short utterance; the longer it runs, the shorter a pause will do. Times are seconds from
the leg's first sample.
"""

from __future__ import annotations

from dataclasses import dataclass

LONG_PAUSE_S = 0.7
SHORT_PAUSE_S = 0.25
PATIENT_S = 9.0  # until here only a long pause cuts
URGENT_S = 14.0  # from here a short one does
LONGEST_S = 18.0  # beyond, the quietest moment of the last seconds is taken
SENTENCE_PAUSE_S = 0.45  # after a word that ends a sentence
PADDING_S = 0.4
ONSET_FRAMES = 2  # speech frames in a row that open an utterance


def needed_pause(spoken_s: float) -> float:
    """Seconds of pause that end an utterance which has lasted `spoken_s`."""
    if spoken_s <= PATIENT_S:
        return LONG_PAUSE_S
    if spoken_s >= URGENT_S:
        return SHORT_PAUSE_S
    share = (spoken_s - PATIENT_S) / (URGENT_S - PATIENT_S)
    return LONG_PAUSE_S + share * (SHORT_PAUSE_S - LONG_PAUSE_S)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of audio that is one utterance.

    `spoken_end_s` — the last speech in it; `voice_s` — seconds of speech; `sure` — a detector heard speech.
    """

    start_s: float
    end_s: float
    spoken_end_s: float
    voice_s: float
    sure: bool = True


class UtteranceCutter:
    """Takes speech or silence, frame by frame, and says where utterances are.

    Attributes: `open_s` — start of the running utterance, None between utterances; `spoken_s` — its last speech so far;
    `voice_s` — seconds of speech in it; `sure` — a detector (not the level alone) heard speech in it;
    `sentence_over` — set by whoever knows the words: the sentence is complete, so a shorter pause will do.
    """

    def __init__(self, frame_s: float, start_s: float = 0.0) -> None:
        self._frame_s = frame_s
        self._now_s = start_s
        self._free_s = start_s
        self._run = 0
        self._first_s = start_s
        self.open_s: float | None = None
        self.spoken_s = start_s
        self.sure = False
        self.voice_s = 0.0
        self.sentence_over = False

    @property
    def pause_s(self) -> float:
        """Seconds since the last speech."""
        return self._now_s - self.spoken_s

    def frame(self, speech: bool, sure: bool) -> Span | None:
        """One more frame; the utterance that it ended, if any."""
        self._now_s += self._frame_s
        self._run = self._run + 1 if speech else 0
        if self.open_s is None:
            if self._run >= ONSET_FRAMES:
                self._first_s = self._now_s - self._run * self._frame_s
                self.open_s = max(self._free_s, self._first_s - PADDING_S)
                self.spoken_s = self._now_s
                self.sure = sure
                self.voice_s = self._run * self._frame_s
            return None
        if speech:
            self.voice_s += self._frame_s
            self.spoken_s = self._now_s
            self.sure = self.sure or sure
            self.sentence_over = False
        needed = needed_pause(self.spoken_s - self._first_s)
        if self.pause_s >= (min(needed, SENTENCE_PAUSE_S) if self.sentence_over else needed):
            return self.close(min(self.spoken_s + PADDING_S, self._now_s))
        return None

    def too_long(self) -> bool:
        """True if the running utterance has to be cut without a pause."""
        return self.open_s is not None and self._now_s - self._first_s >= LONGEST_S

    def close(self, at_s: float, *, goes_on: bool = False) -> Span | None:
        """End the running utterance at `at_s`; with `goes_on` the next one begins there at once."""
        if self.open_s is None:
            return None
        span = Span(self.open_s, at_s, min(self.spoken_s, at_s), self.voice_s, self.sure)
        self._free_s = at_s
        self._run = 0
        self.open_s = at_s if goes_on else None
        self._first_s = at_s
        self.voice_s = 0.0
        self.sentence_over = False
        return span

    def skip_to(self, at_s: float) -> None:
        """Nothing before `at_s` is to be heard any more (after a closed gate or a gap)."""
        self._now_s = max(self._now_s, at_s)
        self._free_s = max(self._free_s, at_s)
        self._run = 0
