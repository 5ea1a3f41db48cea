"""The desk's sound: which device is microphone, ears and bell, what is said about them, and what happens when one goes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path

import numpy as np

from client.domain.call import Devices, Level, Telling
from client.engine_protocol import FRAME_SAMPLES
from client.engines.voice.drift import DriftBuffer
from client.engines.voice.frame_bytes import ZERO
from client.engines.voice.meter import Meter
from client.engines.voice.requests import Configure
from client.engines.voice.sound_card import CardDevices, SoundCard, SoundFault, Stream
from client.engines.voice.tones import Player, ring_period, soft_note
from client.engines.voice.watch import SilenceWatch
from client.engines.voice.wav import read_wav
from client.engines.voice.wav_source import WavSource
from client.settings import Settings

log = logging.getLogger(__name__)

LOOK_S = 0.1  # a level at most ten times a second
RESCAN_S = 3.0  # until the first look for a device that is missing; each that finds nothing doubles it
MOST_RESCAN_S = 12.0  # a look stops all sound for a moment
SMALLEST_STEP = 0.01  # of a level, to be told


class SoundDesk:
    """`microphone` and `ears` run on the SIP clock's thread, the devices' blocks on theirs, the rest on the loop."""

    def __init__(self, card: SoundCard, settings: Settings, tell: Callable[[Telling], None]) -> None:
        self._card = card
        self._tell = tell
        self._wanted = {"microphone": settings.microphone, "speaker": settings.speaker, "ring": settings.ring_device}
        self._volume = settings.ring_volume
        self._wav = _wav_source(settings.microphone_wav)
        self._from_card, self._to_card = DriftBuffer(), DriftBuffer()
        self._streams: dict[str, Stream] = {}
        self._in_use = dict.fromkeys(self._wanted, "")
        self._problems: dict[str, str] = {}
        self._told: Devices | None = None
        self._soft: Player | None = None
        self._said, self._heard = Meter(), Meter()
        self._level = (0.0, 0.0)
        self._mute_watch = SilenceWatch("microphone")
        self._in_call: Callable[[], bool] = lambda: False
        self._timer: asyncio.TimerHandle | None = None
        self._rescan_at, self._pause_s = 0.0, RESCAN_S

    # ── on the clock ─────────────────────────────────────────────────────────────────────────────

    def microphone(self) -> bytes:
        """The next 20 ms that the agent says."""
        if self._wav is not None:
            frame = self._wav.frame()
        elif "microphone" in self._streams:
            frame = self._from_card.read(FRAME_SAMPLES).tobytes()
        else:
            return ZERO
        self._said.add(frame)
        return frame

    def ears(self, frame: bytes) -> None:
        """20 ms of what the agent hears; the soft note is mixed in here, behind the far ends' backs."""
        self._heard.add(frame)
        if "speaker" not in self._streams:
            return
        samples = np.frombuffer(frame, np.int16)
        if self._soft is not None:
            loud = samples.astype(np.int32) + self._soft.give(len(samples))
            samples = np.clip(loud, -32_768, 32_767).astype(np.int16)
        self._to_card.write(samples)

    # ── on the loop ──────────────────────────────────────────────────────────────────────────────

    def start(self, in_call: Callable[[], bool] = lambda: False) -> None:
        """Open what is wanted and watch it; `in_call` says whether a microphone ought to be heard."""
        self._in_call = in_call
        self._open_all()
        self._tell_devices()
        self._look()

    def stop(self) -> None:
        """Let go of every device."""
        if self._timer is not None:
            self._timer.cancel()
        self._close_all()

    def call_begins(self) -> None:
        """The first of the running calls was answered: a WAV in the microphone's place begins here."""
        if self._wav is not None:
            self._wav.rewind()
        self._mute_watch = SilenceWatch("microphone")

    def ring(self, *, on: bool, soft: bool = False) -> None:
        """Ring at the ring device until `on` is false; `soft` is one note in the agent's ear."""
        if soft and on:
            self._soft = Player(soft_note(), again=False)
            return
        self._close("ring")
        if on:
            self._open_output("ring", Player(ring_period(self._volume), again=True).give)
        self._tell_devices()

    def configure(self, wanted: Configure) -> None:
        """Take other devices; what is None stays. Raises `BadInput` for a WAV that cannot be played."""
        if wanted.wav is not None:
            self._wav = _wav_source(wanted.wav)
        if wanted.ring_volume is not None:
            self._volume = wanted.ring_volume
        names = {"microphone": wanted.microphone, "speaker": wanted.speaker, "ring": wanted.ring_device}
        changed = {role: name for role, name in names.items() if name is not None and name != self._wanted[role]}
        self._wanted.update(changed)
        if changed or wanted.wav is not None:
            self._open_all()
            self._tell_devices()

    def trouble(self, text: str) -> None:
        """Say a problem that is nobody's device."""
        self._problems["engine"] = text
        self._tell_devices()

    def devices(self) -> Devices:
        """As they are now."""
        there = self._card.devices()
        return Devices(
            inputs=there.inputs,
            outputs=there.outputs,
            microphone="WAV" if self._wav is not None else self._in_use["microphone"],
            speaker=self._in_use["speaker"],
            ring=self._in_use["ring"] or self._choice("ring", there),
            problem="; ".join(self._problems.values()),
            default_output=there.default_output,
        )

    # ── devices ──────────────────────────────────────────────────────────────────────────────────

    def _open_all(self) -> None:
        self._close_all()
        for role in self._wanted:
            self._problems.pop(role, None)
        there = self._card.devices()
        if self._wav is None:
            self._open("microphone", there, lambda name: self._card.open_input(name, self._from_card.write))
        self._open("speaker", there, lambda name: self._card.open_output(name, self._to_card.read))

    def _open_output(self, role: str, give: Callable[[int], np.ndarray[tuple[int], np.dtype[np.int16]]]) -> None:
        self._open(role, self._card.devices(), lambda name: self._card.open_output(name, give))

    def _open(self, role: str, there: CardDevices, opener: Callable[[str], Stream]) -> None:
        self._problems.pop(role, None)
        name = self._choice(role, there)
        wanted = self._wanted[role]
        if not name:
            self._problems[role] = f"there is no {role} device"
            return
        if wanted and name != wanted:
            self._problems[role] = f"{role}: {wanted} is not there, {name} is used"
        try:
            self._streams[role] = opener(name)
            self._in_use[role] = name
        except SoundFault as error:
            self._problems[role] = f"{role}: {error}"

    def _choice(self, role: str, there: CardDevices) -> str:
        known, default = (
            (there.inputs, there.default_input) if role == "microphone" else (there.outputs, there.default_output)
        )
        wanted = self._wanted[role] or (self._wanted["speaker"] if role == "ring" else "")
        return wanted if wanted in known else default or next(iter(known), "")

    def _close(self, role: str) -> None:
        if stream := self._streams.pop(role, None):
            stream.close()
        self._in_use[role] = ""

    def _close_all(self) -> None:
        for role in list(self._streams):
            self._close(role)
        self._from_card.clear()
        self._to_card.clear()

    # ── watching ─────────────────────────────────────────────────────────────────────────────────

    def _look(self) -> None:
        loop = asyncio.get_running_loop()
        self.look(loop.time())
        self._timer = loop.call_later(LOOK_S, self._look)

    def look(self, now: float) -> None:
        """Tell levels, silence, and devices that went or came."""
        said, sounded = self._said.take()
        heard, _ = self._heard.take()
        self._tell_level(said, heard)
        watched = self._in_call() or "microphone" in self._streams
        silence = self._mute_watch.look(arrived=sounded, now=now) if watched else self._mute_watch.rest()
        if silence is not None:
            self._tell(silence)
        lost = [role for role, stream in self._streams.items() if not stream.alive]
        if lost or (self._missing() and now >= self._rescan_at):
            before = self._told
            self._find_again(lost)
            found = lost or self._told != before
            self._pause_s = RESCAN_S if found else min(2 * self._pause_s, MOST_RESCAN_S)
            self._rescan_at = now + self._pause_s

    def _missing(self) -> bool:
        """A device is missing, and looking for it is worth the moment without sound: never of a bell; of a call only if
        nothing at all stands in for the device."""
        if "ring" in self._streams:
            return False
        missing = [role for role in self._wanted if role in self._problems]
        return any(role not in self._streams and role != "ring" for role in missing) or (
            bool(missing) and not self._in_call()
        )

    def _find_again(self, lost: list[str]) -> None:
        ringing = "ring" in self._streams
        names = [self._in_use[role] for role in lost]
        self._close_all()
        self._card.rescan()
        self._open_all()
        for role, name in zip(lost, names, strict=True):
            self._problems.setdefault(role, f"{role}: {name} is gone, {self._in_use[role] or 'nothing'} is used")
            log.warning("%s: a device is gone", role)
        if ringing:
            self.ring(on=True)
        self._tell_devices()

    def _tell_level(self, said: float, heard: float) -> None:
        before = self._level
        if max(abs(said - before[0]), abs(heard - before[1])) >= SMALLEST_STEP:
            self._level = (said, heard)
            self._tell(Level(microphone=said, far_end=heard))

    def _tell_devices(self) -> None:
        devices = self.devices()
        if devices != self._told:
            self._told = devices
            self._tell(devices)


def _wav_source(file: str) -> WavSource | None:
    return WavSource(read_wav(Path(file))) if file else None
