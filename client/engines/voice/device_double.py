"""Sound devices without hardware, whose clocks a test or a practice run moves: late, fast, deaf, unplugged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from client.engine_protocol import FRAME_SAMPLES
from client.engines.voice.sound_card import CardDevices, Give, SoundFault, Stream, Take
from client.engines.voice.wav import Samples


@dataclass
class DoubleStream:
    """An open device of the double."""

    name: str
    take: Take | None = None
    give: Give | None = None
    plugged: bool = True
    closed: bool = False

    @property
    def alive(self) -> bool:
        """It was neither closed nor unplugged."""
        return self.plugged and not self.closed

    def close(self) -> None:
        """Let go."""
        self.closed = True


@dataclass
class DeviceDouble:
    """A card whose every block of sound is made by `run`.

    Attributes: `inputs`, `outputs` — what is plugged in, the first being the default; `says` — the microphone's next
    samples for a count; `played` — what each output was given; `rescans` — how often somebody looked.
    """

    inputs: list[str] = field(default_factory=lambda: ["Headset"])
    outputs: list[str] = field(default_factory=lambda: ["Headset"])
    says: Callable[[int], Samples] = lambda count: np.full(count, 1_000, np.int16)
    played: dict[str, list[Samples]] = field(default_factory=dict)
    rescans: int = 0
    streams: list[DoubleStream] = field(default_factory=list)
    _seen: CardDevices | None = None

    def devices(self) -> CardDevices:
        """As at the last look."""
        if self._seen is None:
            self.rescan()
        assert self._seen is not None
        return self._seen

    def rescan(self) -> None:
        """Look again."""
        self.rescans += 1
        self._seen = CardDevices(
            inputs=tuple(self.inputs),
            outputs=tuple(self.outputs),
            default_input=next(iter(self.inputs), ""),
            default_output=next(iter(self.outputs), ""),
        )

    def open_input(self, name: str, take: Take) -> Stream:
        """Open a microphone."""
        return self._open(name, self.inputs, DoubleStream(name=name, take=take))

    def open_output(self, name: str, give: Give) -> Stream:
        """Open a speaker."""
        return self._open(name, self.outputs, DoubleStream(name=name, give=give))

    def unplug(self, name: str) -> None:
        """Pull a device out: its streams die, its name is gone at the next look."""
        self.inputs = [other for other in self.inputs if other != name]
        self.outputs = [other for other in self.outputs if other != name]
        for stream in self.streams:
            stream.plugged = stream.plugged and stream.name != name

    def plug(self, name: str) -> None:
        """Put a device in; it becomes the default."""
        self.inputs.insert(0, name)
        self.outputs.insert(0, name)

    def run(self, count: int = FRAME_SAMPLES) -> None:
        """Let every living device take or give `count` samples."""
        for stream in list(self.streams):
            if not stream.alive:
                continue
            if stream.take is not None:
                stream.take(self.says(count))
            if stream.give is not None:
                self.played.setdefault(stream.name, []).append(stream.give(count))

    def _open(self, name: str, there: list[str], stream: DoubleStream) -> Stream:
        if name not in there:
            raise SoundFault(f"{name} is not there")
        self.streams.append(stream)
        return stream
