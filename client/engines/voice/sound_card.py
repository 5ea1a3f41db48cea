"""What the engine wants of sound devices: names, an input, an output. Real, absent, or a double."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from client.engines.voice.wav import Samples


class SoundFault(Exception):
    """A device cannot be used; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardDevices:
    """Names of what is plugged in; the defaults are empty where there is none."""

    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    default_input: str = ""
    default_output: str = ""


class Stream(Protocol):
    """An open device."""

    @property
    def alive(self) -> bool:
        """The device still takes or gives sound."""

    def close(self) -> None:
        """Let go of it."""


Take = Callable[[Samples], None]
Give = Callable[[int], Samples]


class SoundCard(Protocol):
    """Samples are 16 kHz mono s16 whatever the device runs at; callbacks come on the device's own thread."""

    def devices(self) -> CardDevices:
        """What was plugged in at the last `rescan`."""

    def rescan(self) -> None:
        """Look again; every open stream must have been closed before."""

    def open_input(self, name: str, take: Take) -> Stream:
        """Hand each block of the microphone to `take`; raises `SoundFault`."""

    def open_output(self, name: str, give: Give) -> Stream:
        """Play what `give(count)` returns; raises `SoundFault`."""


class NoCard:
    """A machine without sound: calls run on, silently."""

    def devices(self) -> CardDevices:
        """Nothing."""
        return CardDevices()

    def rescan(self) -> None:
        """Still nothing."""

    def open_input(self, name: str, take: Take) -> Stream:  # noqa: ARG002 — the Protocol's
        """There is none."""
        raise SoundFault(f"there is no microphone {name}".rstrip())

    def open_output(self, name: str, give: Give) -> Stream:  # noqa: ARG002 — the Protocol's
        """There is none."""
        raise SoundFault(f"there is no speaker {name}".rstrip())


def open_card() -> SoundCard:
    """The machine's sound, or none where the sound library is missing."""
    try:
        from client.engines.voice.portaudio_card import PortAudioCard
    except OSError:  # sounddevice says so when libportaudio is not there
        return NoCard()
    return PortAudioCard()
