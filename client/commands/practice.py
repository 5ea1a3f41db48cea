"""`ieum practice phone`: a practice citizen calls the desk over real SIP and prints what happens as JSON lines."""

from __future__ import annotations

import argparse
import asyncio
import importlib.util
import json
import os
import sys
import threading
import time
import wave
from pathlib import Path

import numpy as np

from client import platform
from client.domain.codec import BadInput
from client.engine_protocol import SAMPLE_RATE
from client.engines.voice.practice_phone import LOOPBACK, PracticePhone, PracticePlan
from client.engines.voice.sip_stack import SipRefused
from client.engines.voice.wav import Samples, read_wav, to_samples
from client.engines.voice.wav_source import WavSource

HELP = "a practice citizen calls in"
PAUSE_S = 1.2  # between the samples of speech
TONE_HZ, TONE_S = 440, 3
NO_DESK = 3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    kinds = parser.add_subparsers(dest="kind", required=True, metavar="KIND")
    phone = kinds.add_parser("phone", help="a telephone call", description=__doc__)
    phone.add_argument("--wav", type=Path, help="what the citizen says (default: English sample speech)")
    phone.add_argument("--header", action="append", default=[], metavar="K=V", help="a SIP header of the INVITE")
    phone.add_argument("--to", default="", help="number or SIP URI (default: the desk running on this machine)")
    phone.add_argument("--from", dest="caller", default="01012345678", help="the citizen's number, or user@domain")
    phone.add_argument("--proxy", default="", metavar="HOST:PORT", help="SIP proxy of the centre")
    phone.add_argument("--endpoint", type=Path, help="the voice engine's endpoint file, to find the desk by")
    phone.add_argument("--transport", choices=("udp", "tcp", "tls"), default="udp")
    phone.add_argument("--srtp", choices=("off", "optional", "required"), default="off")
    phone.add_argument("--ca", default="", help="PEM file with the authorities that TLS trusts")
    phone.add_argument("--codec", action="append", default=[], choices=("G722", "PCMA", "PCMU"), help="only these")
    phone.add_argument("--tones", default="", metavar="1,2", help="keys pressed a second apart after the answer")
    phone.add_argument("--seconds", type=float, default=0.0, help="hang up so long after the answer (0: never)")
    phone.add_argument("--at-end", choices=("stay", "loop", "hangup"), default="stay", help="at the end of the WAV")
    phone.add_argument("--wait", type=float, default=0.0, help="seconds to wait for a desk that is still starting")
    phone.add_argument("--record", type=Path, help="WAV file for what the citizen heard")
    phone.add_argument("--trace", type=Path, help="file for the SIP messages of the call")
    phone.add_argument("--answer", action="store_true", help="do not call: print an address, take one call to it")
    phone.add_argument("--ring", action="store_true", help="with --answer: ring until the order `answer` comes")
    phone.add_argument(
        "--interactive", action="store_true", help="take orders, one a line: answer, hangup, hold, tones 5 …"
    )


def run(arguments: argparse.Namespace) -> int:
    """0 the call was answered and ended, 1 it was not, 2 a wrong argument, 3 no desk runs here."""
    samples, language = _voice(arguments.wav)
    headers = {**language, **dict(_header(text) for text in arguments.header)}
    to = "" if arguments.answer else arguments.to or _running_desk(arguments.endpoint, arguments.wait)
    if not to and not arguments.answer:
        print("ieum: no desk without a SIP account runs here; name one with --to or --endpoint", file=sys.stderr)
        return NO_DESK
    uri = to if ":" in to or not to else f"sip:{to}@{arguments.proxy.partition(':')[0] or LOOPBACK}"
    home = uri.partition("@")[2].partition(";")[0] if arguments.proxy else LOOPBACK
    plan = PracticePlan(
        to=uri,
        caller=arguments.caller if "@" in arguments.caller else f"{arguments.caller}@{home}",
        proxy=f"sip:{arguments.proxy}" if arguments.proxy else "",
        transport=arguments.transport,
        srtp=arguments.srtp,
        ca_file=arguments.ca,
        headers=headers,
        codecs=tuple(arguments.codec),
        tones=tuple(tone for tone in arguments.tones.split(",") if tone),
        seconds=arguments.seconds,
        hang_up_at_end=arguments.at_end == "hangup",
        picks_up=not arguments.ring,
        trace=os.fspath(arguments.trace) if arguments.trace else "",
    )
    voice = WavSource(samples, loop=arguments.at_end == "loop")
    with asyncio.Runner(loop_factory=platform.new_event_loop) as runner:
        return runner.run(_call(plan, voice, arguments))


async def _call(plan: PracticePlan, voice: WavSource, arguments: argparse.Namespace) -> int:
    phone = PracticePhone(plan, voice, _say, record=arguments.record is not None)
    loop = asyncio.get_running_loop()
    platform.on_terminate(loop, lambda: phone.do("hangup"))
    if arguments.interactive:
        threading.Thread(target=_orders, args=(loop, phone), daemon=True).start()
    try:
        await phone.call()
    except SipRefused as error:
        _say("failed", why=str(error))
        return 1
    if arguments.record:
        _write_wav(arguments.record, phone.heard)
    return 0 if phone.answered else 1


def _orders(loop: asyncio.AbstractEventLoop, phone: PracticePhone) -> None:
    for line in sys.stdin:
        what, _, text = line.strip().partition(" ")
        if what:
            loop.call_soon_threadsafe(phone.do, what, text)


def _say(event: str, **facts: object) -> None:
    print(json.dumps({"event": event, **facts}, ensure_ascii=False), flush=True)


def _header(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name or any(ord(c) < ord(" ") for c in text):
        raise BadInput("--header", f"{text!r} is not K=V")
    return name, value


def _running_desk(endpoint: Path | None, wait_s: float) -> str:
    """The address that a voice engine without accounts has written beside its endpoint file."""
    file = (endpoint or platform.data_dir() / "run" / "voice.json").with_suffix(".sip")
    deadline = time.monotonic() + wait_s
    while not file.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    return file.read_text() if file.exists() else ""


def _voice(wav: Path | None) -> tuple[Samples, dict[str, str]]:
    """What the citizen says, and the header that names its language where it is known."""
    if wav is not None:
        return read_wav(wav), {}
    found = importlib.util.find_spec("pytest_audioeval")
    for place in (found.submodule_search_locations or ()) if found else ():
        files = sorted(Path(place, "samples", "audio", "en").glob("*.wav"))
        if files:
            pause = np.zeros(int(PAUSE_S * SAMPLE_RATE), np.int16)
            return np.concatenate([part for file in files for part in (pause, read_wav(file))]), {
                "Accept-Language": "en"
            }
    _say("no speech here", instead="a tone", help="give a recording with --wav")
    times = np.arange(TONE_S * SAMPLE_RATE) / SAMPLE_RATE
    return to_samples(0.3 * np.sin(2 * np.pi * TONE_HZ * times)), {}


def _write_wav(file: Path, frames: list[bytes]) -> None:
    with wave.open(os.fspath(file), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(SAMPLE_RATE)
        out.writeframes(b"".join(frames))
