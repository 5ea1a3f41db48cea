"""Whisper over a stretch of audio, with short padding.

The 30 s window is the library's habit, not the model's need: the mel frames are padded to the audio's length and a
little more, which makes a pass over 5 s of audio three to five times cheaper with the same accuracy. Text that is
stable already is forced as the beginning of the answer, so that only new words cost decoding.
"""

from __future__ import annotations

import logging
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from client.domain.agreement import plain, spoken_letters
from client.domain.repetition import loop_start, run_start, without_run
from client.engine_protocol import SAMPLE_RATE
from client.engines.speech.hearing import HeardWord, Hearing

log = logging.getLogger(__name__)

Samples = npt.NDArray[np.float32]

FRAMES_PER_S = 100  # mel frames
TOKENS_PER_S = 11  # nobody speaks faster: a bound on what a loop can cost
MIN_NEW_TOKENS = 16
MAX_TOKENS = 220  # half of the decoder's context; the other half is the vocabulary's
MAX_VOCABULARY = 200  # tokens
LETTERS_PER_S = 6.0  # syllables of quick speech: what is denser and repeats itself was not said
UNPARTED = frozenset({"zh", "ja", "th", "lo", "my", "yue"})  # scripts without gaps: the tokenizer's words are letters
PUNCTUATION = ".,!?;:·…'\"、。？！，"


@dataclass(frozen=True, slots=True)
class Stretch:
    """Audio to hear (16 kHz mono, -1 to 1) after the forced `prefix`; with word times if `align`."""

    audio: Samples
    language: str
    prefix: tuple[HeardWord, ...] = ()
    beam: int = 1
    align: bool = False


class Whisper:
    """One loaded model, for one thread."""

    def __init__(self, directory: Path, *, pad_s: float = 1.0) -> None:
        from faster_whisper import WhisperModel

        self._model: Any = WhisperModel(str(directory), device="cpu", compute_type="int8", cpu_threads=1)
        self._pad_s = pad_s
        self._tokenizers: dict[str, Any] = {}
        self._vocabulary: tuple[str, ...] = ()
        self._names: tuple[int, ...] = ()

    @property
    def vocabulary(self) -> tuple[str, ...]:
        """Names that it should know; the first ones count if not all find room, which is logged."""
        return self._vocabulary

    @vocabulary.setter
    def vocabulary(self, names: tuple[str, ...]) -> None:
        self._vocabulary = names
        self._names, used = spelt_names(names, self._tokenizer("en").encode)
        if used < len(names):
            log.warning("captions.vocabulary is too long: only the first %d of %d names are used", used, len(names))

    @property
    def languages(self) -> tuple[str, ...]:
        """Languages it knows, by their ISO 639-1 code."""
        return tuple(self._model.supported_languages)

    def hear(self, stretches: Sequence[Stretch]) -> list[Hearing]:
        """Every stretch in one pass: decoding is bound by memory, so a second leg's words cost hardly more than one's."""
        features = [self._features(stretch.audio) for stretch in stretches]
        encoded = self._encode(features)
        tokenizers = [self._tokenizer(stretch.language) for stretch in stretches]
        forced = [_open_tokens(stretch.prefix) for stretch in stretches]
        answers = self._model.model.generate(
            encoded,
            [self._start(*each) for each in zip(tokenizers, forced, strict=True)],
            beam_size=max(stretch.beam for stretch in stretches),
            max_length=2 * max(map(_allowed, stretches, forced)),  # the library takes half of it for what is said
            return_scores=True,
            return_no_speech_prob=True,
            suppress_tokens=self._suppressed(),
        )
        hearings = []
        for stretch, tokenizer, prefix, answer in zip(stretches, tokenizers, forced, answers, strict=True):
            said = [token for token in answer.sequences_ids[0][len(prefix) :] if token < tokenizer.eot]
            hearings.append(_hearing(tokenizer, said, answer, stretch))
        return self._align(stretches, encoded, hearings)

    def tokens(self, text: str, language: str) -> list[int]:
        """The tokens that spell `text`."""
        return [int(token) for token in self._tokenizer(language).encode(text)]

    def _start(self, tokenizer: Any, forced: Sequence[int]) -> list[int]:
        """The tokens before what is to be said. The vocabulary stands where the model expects what was said before."""
        before = [tokenizer.sot_prev, *self._names] if self._names else []
        return [*before, *tokenizer.sot_sequence, tokenizer.no_timestamps, *forced]

    def _features(self, audio: Samples) -> Samples:
        padded = np.pad(audio, (0, int(self._pad_s * SAMPLE_RATE)))
        features: Samples = self._model.feature_extractor(padded, padding=0)
        return features

    def _tokenizer(self, language: str) -> Any:
        from faster_whisper.tokenizer import Tokenizer

        if language not in self._tokenizers:
            self._tokenizers[language] = Tokenizer(
                self._model.hf_tokenizer, multilingual=True, task="transcribe", language=language
            )
        return self._tokenizers[language]

    def _suppressed(self) -> list[int]:
        from faster_whisper.transcribe import get_suppressed_tokens

        return list(get_suppressed_tokens(self._tokenizer("en"), [-1]))

    def _encode(self, features: Sequence[Samples]) -> Any:
        import ctranslate2

        longest = max(each.shape[1] for each in features)
        padded = [
            np.pad(each, ((0, 0), (0, longest - each.shape[1])), constant_values=float(each.min())) for each in features
        ]
        return self._model.model.encode(ctranslate2.StorageView.from_array(np.ascontiguousarray(np.stack(padded))))

    def _align(self, stretches: Sequence[Stretch], encoded: Any, hearings: list[Hearing]) -> list[Hearing]:
        """Times for the hearings that want them."""
        import ctranslate2

        done = []
        for at, (stretch, hearing) in enumerate(zip(stretches, hearings, strict=True)):
            words = [*stretch.prefix, *hearing.words]
            if stretch.align and words:
                alone = len(stretches) == 1
                own = encoded if alone else ctranslate2.StorageView.from_array(np.array(encoded)[at : at + 1].copy())
                timed = self._timed(self._tokenizer(stretch.language), own, len(stretch.audio), words)
                cut = len(stretch.prefix)
                done.append(replace(hearing, prefix=tuple(timed[:cut]), words=tuple(timed[cut:])))
            else:
                done.append(hearing)
        return done

    def _timed(self, tokenizer: Any, encoded: Any, samples: int, words: Sequence[HeardWord]) -> list[HeardWord]:
        frames = samples * FRAMES_PER_S // SAMPLE_RATE
        spelt = [token for word in words for token in word.tokens]
        found = self._model.model.align(encoded, tokenizer.sot_sequence, [spelt], frames, median_filter_width=7)[0]
        times = _token_times(found.alignments, len(spelt))
        timed, at = [], 0
        for word in words:
            until = at + len(word.tokens)
            sure = float(np.mean(found.text_token_probs[at:until]))
            end = min(max(times[until], times[at]), times[at] + _longest_s(word))
            timed.append(replace(word, start_s=times[at], end_s=end, confidence=sure))
            at = until
        return timed


def spelt_names(names: Sequence[str], encode: Callable[[str], list[int]]) -> tuple[tuple[int, ...], int]:
    """(tokens of the names, how many names they spell): as many whole names as find room."""
    for used in range(len(names), 0, -1):
        tokens = encode(" " + ", ".join(names[:used]))
        if len(tokens) <= MAX_VOCABULARY:
            return tuple(tokens), used
    return (), 0


def _longest_s(word: HeardWord) -> float:
    """Seconds a word can last: the alignment stretches the last one over all that was not heard."""
    return 0.3 + 0.25 * len(word.text.strip())


def _allowed(stretch: Stretch, forced: Sequence[int]) -> int:
    """How many tokens a stretch may hold."""
    expected = int(len(stretch.audio) / SAMPLE_RATE * TOKENS_PER_S)
    return min(MAX_TOKENS, max(expected, len(forced) + MIN_NEW_TOKENS))


def _hearing(tokenizer: Any, tokens: list[int], answer: Any, stretch: Stretch) -> Hearing:
    lead, lead_tokens, words = _words(tokenizer, tokens)
    kept, looped = _without_loops(tokenizer, words, stretch)
    return Hearing(
        words=tuple(kept),
        lead=lead,
        lead_tokens=lead_tokens,
        log_prob=float(answer.scores[0]),
        no_speech=float(answer.no_speech_prob),
        looped=looped,
    )


def _without_loops(tokenizer: Any, words: list[HeardWord], stretch: Stretch) -> tuple[list[HeardWord], bool]:
    """The words before a runaway repetition, and whether there is one."""
    known = len(stretch.prefix)
    texts = [word.text for word in (*stretch.prefix, *words)]
    if stretch.language in UNPARTED:
        cut = _run_word([plain(text) for text in texts], known)
        return words[: None if cut is None else max(0, cut - known)], cut is not None
    hurried = spoken_letters("".join(texts)) > LETTERS_PER_S * len(stretch.audio) / SAMPLE_RATE
    cut = loop_start(texts, hurried=hurried, known=known)
    kept = [_said_once(tokenizer, word) for word in words[: None if cut is None else max(0, cut - known)]]
    stutters = bool(kept) and kept[-1].text != words[len(kept) - 1].text  # and may go on: nothing of it is settled
    return kept, cut is not None or stutters


def _run_word(texts: Sequence[str], known: int) -> int | None:
    """The word at which a text without gaps begins only to repeat itself."""
    ends = list(accumulate(map(len, texts)))
    start = run_start("".join(texts), known=ends[known - 1] if known else 0)
    return None if start is None else bisect_right(ends, start)


def _said_once(tokenizer: Any, word: HeardWord) -> HeardWord:
    short = without_run(word.text)
    return word if short == word.text else replace(word, text=short, tokens=tuple(tokenizer.encode(short)))


def _open_tokens(prefix: Sequence[HeardWord]) -> list[int]:
    """Tokens of the prefix; the last word's punctuation is left for the model to decide."""
    if not prefix:
        return []
    head = [token for word in prefix[:-1] for token in (*word.tokens, *word.tail_tokens)]
    return [*head, *prefix[-1].tokens]


def _token_times(alignments: Sequence[tuple[int, int]], count: int) -> list[float]:
    """Start of every token, in seconds, and the end of the last one."""
    times = [0.0] * (count + 1)
    seen = -1
    for token, frame in alignments:
        if token > seen and token <= count:
            for skipped in range(seen + 1, token + 1):
                times[skipped] = frame / (FRAMES_PER_S / 2)
            seen = token
    for rest in range(seen + 1, count + 1):
        times[rest] = alignments[-1][1] / (FRAMES_PER_S / 2) if alignments else 0.0
    return times


def _words(tokenizer: Any, tokens: list[int]) -> tuple[str, tuple[int, ...], list[HeardWord]]:
    """(punctuation before the first word, its tokens, words with their punctuation); half characters are dropped."""
    lead, lead_tokens, words = "", list[int](), list[HeardWord]()
    for text, spelt in zip(*tokenizer.split_to_word_tokens(tokens), strict=True):
        if "\ufffd" in text:
            break
        if text.strip(" " + PUNCTUATION) == "":
            if words:
                last = words[-1]
                words[-1] = replace(last, tail=last.tail + text, tail_tokens=(*last.tail_tokens, *spelt))
            else:
                lead, lead_tokens = lead + text, [*lead_tokens, *spelt]
        else:
            words.append(HeardWord(text=text, tokens=tuple(spelt)))
    return lead, tuple(lead_tokens), words
