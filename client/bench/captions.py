"""Captions: how right, how early, how stable, at what cost; both legs at once, through the desk into its timeline.

The passages of a directory (FLAC or WAV with a `.txt` beside each) are joined into one stream, which is fed at its own
pace to two legs of a call, the second 5 s behind. The whole core of a desk takes part, with its sealed outbox and its
hub; only the voice engine's place is taken. A text counts when it stands in the timeline that the window shows. The end
of each word comes from whole-file recognition of the wide band by unmodified faster-whisper.

Both legs are citizens' legs, so that `--band phone` is recognised as a telephone's: an agent's microphone never is.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from client import models, platform, settings
from client.bench.caption_score import Delays, ReferenceWord, error_rate, score
from client.bench.figures import percentile
from client.bench.phone_band import phone_band
from client.bench.shown_captions import Leg, ShownCaptions
from client.bench.waiting import BenchFailed, until
from client.composition import Core
from client.demo.needs import need_models
from client.domain.call import Call, CallState, Telling
from client.domain.codec import BadInput
from client.domain.event import timestamp
from client.engine_protocol import FRAME_SAMPLES, SAMPLE_RATE
from client.engines.server import EngineServer
from client.engines.speech.recognisers import VOSK
from client.engines.speech.reference import WholeFile, decode_sound, vosk_text

Sound = npt.NDArray[np.float32]

GAP_S = 1.0  # between passages
SECOND_LEG_S = 5.0
AFTER_S = 4.0  # of silence, so that the last final comes
LANGUAGE = "ko"
LAST_WORDS_S = 15.0
ALONE_S = 3_600.0
CALL = "bench"
LEGS = (f"{CALL}/citizen", f"{CALL}/second")
NO_VOSK = f"the model {VOSK} is not installed: run `ieum models install`"


@dataclass(frozen=True)
class Passage:
    """A recording and its words."""

    name: str
    sound: Sound
    text: str


class Publisher:
    """The voice engine's place: publishes PCM; whatever else a desk asks is met by doing nothing."""

    async def request(self, op: str, args: dict[str, Any]) -> object:  # noqa: ARG002
        """Rings nothing, changes no device."""
        return None

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
    need_models()
    passages = load(arguments.directory, arguments.passages)
    wide_band = arguments.band == "wide"
    heard = [p.sound if wide_band else phone_band(p.sound) for p in passages]
    directory = models.directory()
    whole = WholeFile(directory)
    reference, offset = list[ReferenceWord](), 0.0
    for passage in passages:
        for text, start_s, end_s in whole.words(passage.sound, LANGUAGE):
            reference.append(ReferenceWord(text, (offset + start_s) * 1000, (offset + end_s) * 1000))
        offset += len(passage.sound) / SAMPLE_RATE + GAP_S
    texts = [passage.text for passage in passages]
    cers: dict[str, float | int | str | None] = {
        "whole_file_cer": error_rate(zip(texts, (whole.text(sound, LANGUAGE) for sound in heard), strict=True)),
        **_vosk_cer(directory, texts, heard),
    }
    whole.close()
    stream = np.concatenate([piece for sound in heard for piece in (sound, _silence(GAP_S))] + [_silence(AFTER_S)])
    legs, core_share = asyncio.run(_live(stream, wide_band=wide_band))
    if not all(leg.utterances for leg in legs):
        raise BenchFailed("a leg's words never came to the timeline")
    return _summary(texts, reference, legs, core_share, cers)


def _vosk_cer(directory: Path, texts: list[str], heard: list[Sound]) -> dict[str, float | int | str | None]:
    if models.find(models.catalogue()[VOSK], directory) is None:
        return {"vosk_cer": None, "vosk_note": NO_VOSK}
    return {"vosk_cer": error_rate(zip(texts, (vosk_text(directory, sound) for sound in heard), strict=True))}


def load(directory: Path, count: int = 0) -> list[Passage]:
    """The passages of a directory, by name; raises `BadInput` if there are none."""
    files = sorted(f for f in directory.glob("*") if f.suffix in (".flac", ".wav") and f.with_suffix(".txt").exists())
    if not files:
        raise BadInput(str(directory), "holds no sound file (.flac, .wav) with a .txt beside it")
    chosen = files[:count] if count else files
    return [Passage(f.stem, decode_sound(f), f.with_suffix(".txt").read_text(encoding="utf-8").strip()) for f in chosen]


def _silence(seconds: float) -> Sound:
    return np.zeros(int(seconds * SAMPLE_RATE), np.float32)


async def _live(stream: Sound, *, wide_band: bool) -> tuple[list[Leg], float]:
    """Both legs at their own pace; what was shown, and the share of a core that recognition took."""
    pcm = np.clip(np.round(stream * 32768), -32768, 32767).astype("<i2").tobytes()
    endpoint = platform.data_dir() / "run" / "voice.json"
    platform.private_dir(endpoint.parent)
    voice = EngineServer(endpoint, Publisher(), keep_s=ALONE_S)
    serving = asyncio.ensure_future(voice.serve())
    await until(endpoint.exists, "the sound is published")
    core = Core(settings.load())
    core.start()
    try:
        shown = await _call(core, voice, wide_band=wide_band)
        before, started = _cpu_s(core.speech.pid), time.monotonic()
        await asyncio.gather(
            _play(voice, shown, LEGS[0], pcm, 0.0),
            _play(voice, shown, LEGS[1], pcm, SECOND_LEG_S),
        )
        share = (_cpu_s(core.speech.pid) - before) / (time.monotonic() - started)
        voice.tell(_told(CallState.ENDED, wide_band=wide_band))
        await _last_words(shown)
    finally:
        await core.close()
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
    return list(shown.legs.values()), share


async def _call(core: Core, voice: EngineServer, *, wide_band: bool) -> ShownCaptions:
    """A running call on a desk that is ready, its timeline watched."""
    desk = core.desk
    await until(
        lambda: desk.health.phone.state == desk.health.hub.state == desk.health.captions.state == "good",
        "the desk is ready",
    )
    voice.tell(_told(CallState.ACTIVE, wide_band=wide_band))
    await until(lambda: desk.calls.running is not None, "the call runs")
    shown = ShownCaptions()
    shown.watch(desk.sessions.timeline(desk.calls.running or ""))
    core.speech.listen(shown.take)
    return shown


def _told(state: CallState, *, wide_band: bool) -> Call:
    return Call(
        call=CALL,
        account=CALL,
        state=state,
        outbound=False,
        remote="sip:bench",
        number="",
        display="",
        headers={},
        legs=LEGS,
        wide_band=wide_band,
        codec="G722" if wide_band else "PCMA",
        hears_agent=state is CallState.ACTIVE,
        by="citizen" if state is CallState.ENDED else "",
        since=timestamp(datetime.now(UTC)),
        samples=dict.fromkeys(LEGS, 0),
    )


async def _last_words(shown: ShownCaptions) -> None:
    """Until every utterance has its final. One that does not come is counted, not waited for."""
    end = time.monotonic() + LAST_WORDS_S
    while not all(leg.complete for leg in shown.legs.values()) and time.monotonic() < end:  # noqa: ASYNC110 — bounded
        await asyncio.sleep(0.02)


def _cpu_s(pid: int) -> float:
    import psutil

    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


async def _play(voice: EngineServer, shown: ShownCaptions, name: str, pcm: bytes, wait_s: float) -> None:
    await asyncio.sleep(wait_s)
    leg = shown.begin(name)
    size = 2 * FRAME_SAMPLES
    for number, at in enumerate(range(0, len(pcm), size)):
        await asyncio.sleep(max(0.0, leg.began + (number + 1) * FRAME_SAMPLES / SAMPLE_RATE - time.monotonic()))
        voice.publish_pcm(name, number * FRAME_SAMPLES, pcm[at : at + size])
    voice.end_leg(name)


def _summary(
    texts: list[str],
    reference: list[ReferenceWord],
    legs: list[Leg],
    core_share: float,
    cers: dict[str, float | int | str | None],
) -> tuple[dict[str, float | int | str | None], dict[str, list[float]]]:
    delays = [score(reference, list(leg.utterances.values())) for leg in legs]
    said = " ".join(texts)
    first, stable, final = (
        [sample for each in delays for sample in getattr(each, kind)] for kind in ("first_ms", "stable_ms", "final_ms")
    )
    summary: dict[str, float | int | str | None] = {
        "cer": error_rate([(said, leg.text) for leg in legs]),
        **cers,
        "first_text_ms_p50": percentile(first, 0.5),
        "first_text_ms_p95": percentile(first, 0.95),
        "matched_share": len(first) / max(1, _all(delays, "words")),
        "stable_ms_p50": percentile(stable, 0.5),
        "stable_ms_p95": percentile(stable, 0.95),
        "stable_before_final_share": _all(delays, "stable_before_final") / max(1, _all(delays, "final_letters")),
        "final_ms_p95": percentile(final, 0.95),
        "changed_share": _all(delays, "changed") / max(1, _all(delays, "stable_letters")),
        "core_share": core_share,
        "finals_missing": _all(delays, "finals_missing"),
        "utterances": sum(len(leg.utterances) for leg in legs),
        "cpu_count": os.cpu_count(),
    }
    return summary, {"first_text_ms": first, "stable_ms": stable, "final_ms": final}


def _all(delays: list[Delays], name: str) -> int:
    return sum(getattr(each, name) for each in delays)
