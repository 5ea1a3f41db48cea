"""Captions: how right, how early, how stable, at what cost; both legs at once through the real engine.

The passages of a directory (FLAC or WAV with a `.txt` beside each) are joined into one stream, which is fed at its own
pace to two legs, the second 5 s behind. A text counts when it arrives on the desk's side of the engine. The end of each
word comes from whole-file recognition of the wide band by unmodified faster-whisper.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from client import models, settings
from client.adapters.speech import SpeechEngine
from client.bench.caption_score import (
    Delays,
    ReferenceWord,
    Shown,
    ShownUtterance,
    error_rate,
    percentile,
    score,
)
from client.bench.phone_band import phone_band
from client.domain.call import Telling
from client.domain.codec import BadInput
from client.domain.recognition import FinalText, PartialText, RecognitionReady
from client.engine_protocol import FRAME_SAMPLES, SAMPLE_RATE
from client.engines.server import EngineServer
from client.engines.speech.reference import WholeFile, decode_sound, vosk_text

Sound = npt.NDArray[np.float32]

GAP_S = 1.0  # between passages
SECOND_LEG_S = 5.0
AFTER_S = 4.0  # of silence, so that the last final comes
LANGUAGE = "ko"
READY_S = 60.0
ALONE_S = 3_600.0


@dataclass(frozen=True)
class Passage:
    """A recording and its words."""

    name: str
    sound: Sound
    text: str


@dataclass
class Leg:
    """What was shown of one leg, by utterance; `began` is the wall's time of its first sample."""

    began: float
    utterances: dict[str, ShownUtterance] = field(default_factory=dict)
    finals: list[FinalText] = field(default_factory=list)

    def take(self, fact: PartialText | FinalText) -> None:
        """A text arrived now."""
        now = (time.monotonic() - self.began) * 1000
        line = self.utterances.setdefault(fact.utterance, ShownUtterance(fact.start_ms))
        if isinstance(fact, PartialText):
            line.states.append(Shown(now, fact.stable, fact.provisional))
            line.end_ms = now
        else:
            line.final, line.final_at_ms, line.end_ms = fact.text, now, fact.end_ms
            self.finals.append(fact)


class Publisher:
    """The voice engine's place: publishes PCM, nothing else."""

    async def request(self, op: str, args: dict[str, Any]) -> object:
        """Nothing is asked of it."""
        raise NotImplementedError(op, args)

    def snapshot(self) -> tuple[Telling, ...]:
        """Nothing to tell."""
        return ()

    async def stop(self) -> None:
        """Nothing to end."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the benchmark takes."""
    parser.add_argument("directory", type=Path, help="passages: sound files with their text beside them")
    parser.add_argument("--band", choices=("wide", "phone"), default="wide", help="phone: 300-3400 Hz, G.711 at 8 kHz")
    parser.add_argument("--passages", type=int, default=0, help="only the first so many")


def run(arguments: argparse.Namespace) -> tuple[dict[str, float | int | str | None], dict[str, list[float]]]:
    """Measure."""
    passages = load(arguments.directory, arguments.passages)
    wide_band = arguments.band == "wide"
    heard = [p.sound if wide_band else phone_band(p.sound) for p in passages]
    directory = models.directory(settings.load().models_dir)
    whole = WholeFile(directory)
    reference, offset = list[ReferenceWord](), 0.0
    for passage in passages:
        for text, start_s, end_s in whole.words(passage.sound, LANGUAGE):
            reference.append(ReferenceWord(text, (offset + start_s) * 1000, (offset + end_s) * 1000))
        offset += len(passage.sound) / SAMPLE_RATE + GAP_S
    texts = [passage.text for passage in passages]
    whole_cer = error_rate(zip(texts, (whole.text(sound, LANGUAGE) for sound in heard), strict=True))
    vosk_cer = error_rate(zip(texts, (vosk_text(directory, sound) for sound in heard), strict=True))
    whole.close()
    stream = np.concatenate([piece for sound in heard for piece in (sound, _silence(GAP_S))] + [_silence(AFTER_S)])
    legs, core_share = asyncio.run(_live(stream, directory, wide_band=wide_band))
    return _summary(texts, reference, legs, core_share, whole_cer, vosk_cer)


def load(directory: Path, count: int = 0) -> list[Passage]:
    """The passages of a directory, by name; raises `BadInput` if there are none."""
    files = sorted(f for f in directory.glob("*") if f.suffix in (".flac", ".wav") and f.with_suffix(".txt").exists())
    if not files:
        raise BadInput(str(directory), "holds no sound file (.flac, .wav) with a .txt beside it")
    chosen = files[:count] if count else files
    return [Passage(f.stem, decode_sound(f), f.with_suffix(".txt").read_text(encoding="utf-8").strip()) for f in chosen]


def _silence(seconds: float) -> Sound:
    return np.zeros(int(seconds * SAMPLE_RATE), np.float32)


async def _live(stream: Sound, directory: Path, *, wide_band: bool) -> tuple[list[Leg], float]:
    """Both legs at their own pace; what was shown, and the share of a core that the engine took."""
    pcm = np.clip(np.round(stream * 32768), -32768, 32767).astype("<i2").tobytes()
    with tempfile.TemporaryDirectory(prefix="ieum-bench-") as scratch:
        publisher = EngineServer(Path(scratch) / "pcm.json", Publisher(), keep_s=ALONE_S)  # no desk will come
        serving = asyncio.ensure_future(publisher.serve())
        speech = SpeechEngine(
            Path(scratch), _no_source, environment={"IEUM_MODELS": str(directory), "IEUM_DATA": scratch}
        )
        ready = asyncio.Event()
        legs: dict[str, Leg] = {}

        def told(telling: Telling) -> None:
            if isinstance(telling, RecognitionReady):
                ready.set()
            elif isinstance(telling, PartialText | FinalText):
                legs[telling.leg].take(telling)

        speech.listen(told)
        speech.start()
        try:
            await asyncio.wait_for(ready.wait(), READY_S)
            before, started = _cpu_s(speech.pid), time.monotonic()
            await asyncio.gather(
                _play(publisher, speech, legs, "bench/citizen", pcm, 0.0, wide_band=wide_band),
                _play(publisher, speech, legs, "bench/agent", pcm, SECOND_LEG_S, wide_band=wide_band),
            )
            share = (_cpu_s(speech.pid) - before) / (time.monotonic() - started)
        finally:
            await speech.close(end_engine=True)
            serving.cancel()
            await asyncio.gather(serving, return_exceptions=True)
    return list(legs.values()), share


def _cpu_s(pid: int) -> float:
    import psutil

    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


async def _play(
    publisher: EngineServer,
    speech: SpeechEngine,
    legs: dict[str, Leg],
    name: str,
    pcm: bytes,
    wait_s: float,
    *,
    wide_band: bool,
) -> None:
    await asyncio.sleep(wait_s)
    legs[name] = leg = Leg(time.monotonic())
    await speech.attach(name, (publisher.port, publisher.grant()), language=LANGUAGE, wide_band=wide_band)
    size = 2 * FRAME_SAMPLES
    for number, at in enumerate(range(0, len(pcm), size)):
        await asyncio.sleep(max(0.0, leg.began + (number + 1) * FRAME_SAMPLES / SAMPLE_RATE - time.monotonic()))
        publisher.publish_pcm(name, number * FRAME_SAMPLES, pcm[at : at + size])
    publisher.end_leg(name)
    await speech.detach(name)


async def _no_source() -> tuple[int, str]:
    raise ConnectionError("the benchmark's engine died")


def _summary(
    texts: list[str],
    reference: list[ReferenceWord],
    legs: list[Leg],
    core_share: float,
    whole_cer: float,
    vosk_cer: float,
) -> tuple[dict[str, float | int | str | None], dict[str, list[float]]]:
    delays = [score(reference, list(leg.utterances.values())) for leg in legs]
    said = " ".join(texts)
    cer = error_rate([(said, " ".join(final.text for final in leg.finals)) for leg in legs])
    first, stable, final = (
        [sample for each in delays for sample in getattr(each, kind)] for kind in ("first_ms", "stable_ms", "final_ms")
    )
    summary: dict[str, float | int | str | None] = {
        "cer": cer,
        "whole_file_cer": whole_cer,
        "vosk_cer": vosk_cer,
        "first_text_ms_p50": percentile(first, 0.5),
        "first_text_ms_p95": percentile(first, 0.95),
        "matched_share": len(first) / max(1, _all(delays, "words")),
        "stable_ms_p50": percentile(stable, 0.5),
        "stable_ms_p95": percentile(stable, 0.95),
        "stable_before_final_share": _all(delays, "stable_before_final") / max(1, _all(delays, "final_letters")),
        "final_ms_p95": percentile(final, 0.95),
        "changed_share": _all(delays, "changed") / max(1, _all(delays, "stable_letters")),
        "core_share": core_share,
        "utterances": sum(len(leg.finals) for leg in legs),
        "cpu_count": os.cpu_count(),
    }
    return summary, {"first_text_ms": first, "stable_ms": stable, "final_ms": final}


def _all(delays: list[Delays], name: str) -> int:
    return sum(getattr(each, name) for each in delays)
