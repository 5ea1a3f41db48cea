"""The recognition of one leg: audio in, hearings asked for, texts out. It knows no clock and no thread.

Audio comes by `feed`; `next_job` says what has to be heard now, `done` takes what was heard. Time is counted in the
leg's own samples, so the same pipeline runs live, off line, and against a simulated clock.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import IntEnum

from client.domain.call import Telling
from client.domain.recognition import FinalText, PartialText, TextGap
from client.domain.speech_evidence import Evidence, believable
from client.domain.utterance_cut import Span, UtteranceCutter
from client.engine_protocol import SAMPLE_RATE
from client.engines.speech.hearing import Hearing, text_of
from client.engines.speech.leg_audio import LegAudio
from client.engines.speech.utterance import Utterance, spoken_words
from client.engines.speech.voice_activity import FRAME, FRAME_S, Voice, VoiceActivity
from client.engines.speech.whisper import Stretch

STEP_S = 0.4  # new audio between two hearings, when there is time for it
FIRST_S = 1.2  # audio of a new utterance before it is heard for the first time
PAUSE_S = 0.3  # a pause this long is heard at once: the utterance may be over
GAP_S = 0.2  # missing audio that is told; less is filled with silence
TRIES = 2  # of a final
BEAM = 3  # costs a fifth more than one and hears clearly better
MS = SAMPLE_RATE // 1000


class Urgency(IntEnum):
    """What is heard first."""

    FINAL = 0
    PAUSE = 1
    RUNNING = 2


@dataclass(frozen=True, slots=True)
class Job:
    """Something to hear: the stretch from sample `start` to `end`; `spoken` is the last sample known as speech."""

    utterance: Utterance
    urgency: Urgency
    start: int
    end: int
    spoken: int
    stretch: Stretch
    span: Span | None = None


class Leg:
    """One leg. Attributes: `name`, `language` (of the next utterance), `step_s` — the present partial rate.

    `live` is false for a recording: a running utterance is heard seldom, and not at every pause;
    with `newest` the leg begins at the first sample that comes, whichever it is.
    """

    def __init__(
        self,
        name: str,
        *,
        language: str,
        wide_band: bool,
        from_sample: int = 0,
        live: bool = True,
        newest: bool = False,
        voice: Voice | None = None,
    ) -> None:
        self.name = name
        self.language = language
        self.wide_band = wide_band
        self._live = live
        self.step_s = STEP_S
        self.gate_open = True
        self._audio = LegAudio(from_sample)
        self._voice = voice or VoiceActivity()
        self._judged = from_sample
        self._cutter = UtteranceCutter(FRAME_S, from_sample / SAMPLE_RATE)
        self._running: Utterance | None = None
        self._ended: deque[tuple[Utterance, Span]] = deque()
        self._busy = False
        self._pause_heard: int | None = None
        self._shown = ("", "")
        self._shown_id = ""
        self._early_to = from_sample
        self._begun = False
        self._newest = newest

    # ── audio in ─────────────────────────────────────────────────────────────────────────────────

    def feed(self, first_sample: int, pcm: bytes) -> list[Telling]:
        """Audio that begins at `first_sample`; what has been told already is skipped, what is missing is told."""
        told: list[Telling] = []
        if not self._begun:
            self._begin(first_sample)
        missing = first_sample - self._audio.end
        if missing > 0:
            told += self._fill(missing)
        elif missing < 0:
            pcm = pcm[-2 * missing :]
        if not self.gate_open:
            pcm = bytes(len(pcm))
        self._audio.append(pcm)
        return told + self._judge()

    def _begin(self, first_sample: int) -> None:
        """A leg that is heard from the newest sample on begins wherever that is."""
        self._begun = True
        if first_sample > self._audio.end and self._newest:
            self._audio.begin(first_sample)
            self._judged = first_sample
            self._cutter.skip_to(first_sample / SAMPLE_RATE)

    def _fill(self, missing: int) -> list[Telling]:
        start = self._audio.end
        self._audio.silence(missing)
        if missing < GAP_S * SAMPLE_RATE:
            return []
        told = self._end_running(start)
        self._judged = max(self._judged, self._audio.end)
        self._cutter.skip_to(self._judged / SAMPLE_RATE)
        end = self._audio.end
        return [
            *told,
            TextGap(leg=self.name, start_ms=start // MS, end_ms=end // MS, reason="the sound did not arrive"),
        ]

    def _judge(self) -> list[Telling]:
        told: list[Telling] = []
        while self._judged + FRAME <= self._audio.end:
            frame = self._audio.between(self._judged, self._judged + FRAME)
            self._judged += FRAME
            if not self.gate_open:
                self._cutter.skip_to(self._judged / SAMPLE_RATE)
                continue
            span = self._cutter.frame(*self._voice.speaks(frame))
            if span is not None:
                told += self._close(span)
            elif self._cutter.too_long():
                self._cut_hard()
            if self._running is None and self._cutter.open_s is not None:
                self._open(round(self._cutter.open_s * SAMPLE_RATE))
        if self._running is None and not self._ended:
            self._audio.forget_before(self._audio.end - 2 * SAMPLE_RATE)
        return told

    def _open(self, start: int) -> None:
        self._running = Utterance(id=f"{self.name}@{start}", start=start, language=self.language)
        self._pause_heard = None
        self._shown = ("", "")
        self._early_to = start

    def _close(self, span: Span) -> list[Telling]:
        utterance, self._running = self._running, None
        if utterance is None:
            return []
        spoken = round(span.spoken_end_s * SAMPLE_RATE)
        heard = self._pause_heard is not None and self._pause_heard == spoken and not utterance.unheard(spoken)
        if heard and not self._ended and not self._busy:
            return self._final(utterance, span)
        self._ended.append((utterance, span))
        return []

    def _cut_hard(self) -> None:
        """Nobody pauses: cut where the stable text ends, which is where the words are known."""
        running = self._running
        end = running.stable[-1].end_s if running is not None and running.stable else None
        at_s = end if end is not None else self._judged / SAMPLE_RATE
        span = self._cutter.close(min(at_s, self._judged / SAMPLE_RATE), goes_on=True)
        if span is not None:
            self._close(span)

    def _end_running(self, at: int) -> list[Telling]:
        span = self._cutter.close(at / SAMPLE_RATE)
        return [] if span is None else self._close(span)

    @property
    def end_sample(self) -> int:
        """The number of the next sample to come."""
        return self._audio.end

    # ── control ──────────────────────────────────────────────────────────────────────────────────

    def gate(self, *, open_: bool, at_sample: int | None = None) -> list[Telling]:
        """Close or open the gate at `at_sample` (now, if None): nothing said while it is closed is recognised."""
        at = self._audio.end if at_sample is None else min(at_sample, self._audio.end)
        told: list[Telling] = []
        if self.gate_open and not open_:
            if self._running is not None and self._running.heard_to > at:
                self._running.hear_afresh()
                self._pause_heard = None
            told = self._end_running(min(at, self._judged))
            self._audio.erase_from(at)
            self._judged = max(self._judged, at)
        self.gate_open = open_
        return told

    def end(self) -> list[Telling]:
        """No more audio: what runs is finished."""
        return self._end_running(self._audio.end)

    @property
    def idle(self) -> bool:
        """Nothing is left to be heard."""
        return self._running is None and not self._ended and not self._busy

    # ── what has to be heard ─────────────────────────────────────────────────────────────────────

    def urgency(self) -> Urgency | None:
        """What `next_job` would hear, None if nothing."""
        if self._busy:
            return None
        if self._ended:
            return Urgency.FINAL
        running = self._running
        if running is None:
            return None
        spoken = round(self._cutter.spoken_s * SAMPLE_RATE)
        if self._cutter.pause_s >= PAUSE_S and self._live:
            return Urgency.PAUSE if self._pause_heard != spoken else None
        step = self.step_s if running.heard_to > running.start else max(FIRST_S, self.step_s)
        return Urgency.RUNNING if self._audio.end - running.heard_to >= step * SAMPLE_RATE else None

    def waiting_s(self) -> float:
        """Seconds of audio that nobody has heard."""
        running = self._ended[0][0] if self._ended else self._running
        return (self._audio.end - running.heard_to) / SAMPLE_RATE if running else 0.0

    def next_job(self) -> Job | None:
        """What has to be heard now. The leg waits for `done` before it asks again."""
        urgency = self.urgency()
        if urgency is None:
            return None
        self._busy = True
        if urgency is Urgency.FINAL:
            utterance, span = self._ended[0]
            end = round(span.end_s * SAMPLE_RATE)
            return self._job(utterance, urgency, end, round(span.spoken_end_s * SAMPLE_RATE), span)
        assert self._running is not None
        return self._job(self._running, urgency, self._audio.end, round(self._cutter.spoken_s * SAMPLE_RATE), None)

    def _job(self, utterance: Utterance, urgency: Urgency, end: int, spoken: int, span: Span | None) -> Job:
        if urgency is not Urgency.FINAL and utterance.unheard(spoken):
            utterance.hear_rest()
        start = utterance.window_start
        stretch = Stretch(
            audio=self._audio.between(start, end),
            language=utterance.language,
            prefix=utterance.prefix,
            beam=BEAM,
            align=urgency is not Urgency.RUNNING or utterance.wants_times(end),
        )
        return Job(utterance, urgency, start, end, spoken, stretch, span)

    # ── first words, before whisper has any ──────────────────────────────────────────────────────

    def early_audio(self, at_least: int) -> tuple[str, bytes] | None:
        """(utterance, PCM) that a quicker recogniser should hear now, at least so many samples; None if it need not."""
        running = self._running
        if running is None or not self.wide_band or running.stable or running.open_words:
            return None
        if self._audio.end - self._early_to < at_least:
            return None
        start, self._early_to = self._early_to, self._audio.end
        samples = self._audio.between(start, self._early_to)
        return running.id, (samples * 32768).astype("<i2").tobytes()

    def early_text(self, utterance: str, text: str) -> list[Telling]:
        """What the quicker recogniser heard; shown as provisional as long as there is nothing better."""
        running = self._running
        if running is None or running.id != utterance or running.stable or running.open_words:
            return []
        return self._show(running, ("", text), "vosk") if text and ("", text) != self._shown else []

    # ── what was heard ───────────────────────────────────────────────────────────────────────────

    def done(self, job: Job, hearing: Hearing) -> list[Telling]:
        """What a job heard; the texts to tell."""
        self._busy = False
        if job.span is not None:
            job.utterance.take(hearing, job.start, job.end, paused=True)
            if job.utterance.unheard(job.spoken) and job.utterance.hear_rest():
                return []  # the same job again, for what was left out
            self._ended.popleft()
            return self._final(job.utterance, job.span)
        if job.utterance is not self._running:
            return []  # it has ended meanwhile, perhaps before what this heard
        job.utterance.take(hearing, job.start, job.end, paused=job.urgency is Urgency.PAUSE)
        if job.urgency is Urgency.PAUSE:
            self._pause_heard = job.spoken
            if round(self._cutter.spoken_s * SAMPLE_RATE) == job.spoken:
                self._cutter.sentence_over = job.utterance.sentence_over()
        return self._partial(job.utterance)

    def failed(self, job: Job) -> list[Telling]:
        """A job could not be heard. A final is tried once more, then its stretch is told as missing."""
        self._busy = False
        job.utterance.heard_to = max(job.utterance.heard_to, job.end)
        if job.span is None:
            return []
        job.utterance.failures += 1
        if job.utterance.failures < TRIES:
            return []
        self._ended.popleft()
        start, end = job.utterance.heard_ms(), job.end // MS
        gap = TextGap(leg=self.name, start_ms=start, end_ms=end, reason="recognition failed")
        return [*self._final(job.utterance, job.span), gap]

    def _partial(self, utterance: Utterance) -> list[Telling]:
        shown = (utterance.stable_text, utterance.provisional_text)
        if shown == self._shown or utterance is not self._running:
            return []
        if not utterance.stable and not self._was_said(utterance, self._cutter.voice_s, sure=self._cutter.sure):
            return []
        return self._show(utterance, shown, "whisper")

    @staticmethod
    def _was_said(utterance: Utterance, voice_s: float, *, sure: bool) -> bool:
        evidence = Evidence(voice_s=voice_s, sure=sure, log_prob=utterance.log_prob, no_speech=utterance.no_speech)
        return believable(text_of(utterance.words), evidence)

    def _show(self, utterance: Utterance, shown: tuple[str, str], engine: str) -> list[Telling]:
        self._shown = shown
        self._shown_id = utterance.id
        return [
            PartialText(
                leg=self.name,
                utterance=utterance.id,
                stable=shown[0],
                provisional=shown[1],
                start_ms=utterance.start // MS,
                language=utterance.language,
                engine=engine,
            )
        ]

    def _final(self, utterance: Utterance, span: Span) -> list[Telling]:
        end = round(span.end_s * SAMPLE_RATE)
        spoken = round(span.spoken_end_s * SAMPLE_RATE)
        words = utterance.words if self._was_said(utterance, span.voice_s, sure=span.sure) else []
        if not words and utterance.id != self._shown_id:
            return []
        return [
            FinalText(
                leg=self.name,
                utterance=utterance.id,
                text=text_of(words).strip(),
                words=spoken_words(words, utterance.start, end),
                start_ms=utterance.start // MS,
                end_ms=spoken // MS,
                language=utterance.language,
                engine="whisper",
            )
        ]
