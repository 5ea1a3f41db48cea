"""Captions of a whole recording, by the same pipeline without a clock: an utterance is heard in long stretches."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from client.domain.call import Telling
from client.domain.recognition import FinalText
from client.engine_protocol import SAMPLE_RATE
from client.engines.speech.leg import Leg
from client.engines.speech.recognisers import Recognisers
from client.engines.speech.reference import Sound
from client.engines.speech.rough_leg import RoughLeg

CHUNK = SAMPLE_RATE  # samples fed at a time
STEP_S = 4.0  # nobody waits: fewer hearings of more audio are better ones


def finals(sound: Sound, recognisers: Recognisers, *, language: str) -> Iterator[FinalText]:
    """Final texts of 16 kHz mono sound, in order, as they are recognised."""
    pcm = np.clip(np.round(sound * 32768), -32768, 32767).astype("<i2").tobytes()
    if recognisers.whisper is not None:
        told = _by_whisper(pcm, recognisers, language)
    elif recognisers.vosk is not None:
        rough = RoughLeg("file", recognisers.vosk, language=language)
        told = iter([*rough.feed(0, pcm), *rough.end()])
    else:
        return
    yield from (fact for fact in told if isinstance(fact, FinalText) and fact.text)


def _by_whisper(pcm: bytes, recognisers: Recognisers, language: str) -> Iterator[Telling]:
    leg = Leg("file", language=language, wide_band=False, live=False)
    leg.step_s = STEP_S
    for at in range(0, len(pcm), 2 * CHUNK):
        yield from leg.feed(at // 2, pcm[at : at + 2 * CHUNK])
        yield from _heard(leg, recognisers)
    yield from leg.end()
    yield from _heard(leg, recognisers)


def _heard(leg: Leg, recognisers: Recognisers) -> Iterator[Telling]:
    while (job := leg.next_job()) is not None:
        yield from leg.done(job, recognisers.hear([job.stretch])[0])
