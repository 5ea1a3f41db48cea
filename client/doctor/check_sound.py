"""Sound devices, asked of PortAudio in a child process."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from client.doctor.finding import Finding, Machine, fail, ok, warn

_TODO_DIED = "if it names ALSA or an abort: install libasound2-data; else send IT this line"
NULL_DEVICES = "calls run on null devices: nobody hears the agent"


def check(machine: Machine) -> Iterator[Finding]:
    """Whether there is a microphone that delivers, a speaker, and the devices that settings name."""
    found = machine.probe("sound")
    if why := found.get("problem"):  # PortAudio's own word
        yield fail("sound", f"sound does not work: {why}", "install libportaudio2 and libasound2-data, then try again")
        return
    if why := found.get("died"):
        yield fail("sound", f"the look at sound ended early: {why}", _TODO_DIED)
        return
    yield from _microphone(machine, found)
    if found["outputs"]:
        yield ok("sound.outputs", f"speakers: {', '.join(found['outputs'])}")
    else:
        yield warn("sound.outputs", f"no speaker: {NULL_DEVICES}", "plug in a headset")
    settings = machine.settings
    for key, name, kind in (
        ("sound.microphone", settings.microphone, "inputs"),
        ("sound.speaker", settings.speaker, "outputs"),
        ("sound.ring_device", settings.ring_device, "outputs"),
    ):
        if name and not any(name in device for device in found[kind]):
            yield warn(key, f"{key} names “{name}”, which is not here", "plug it in or choose another")


def _microphone(machine: Machine, found: dict[str, Any]) -> Iterator[Finding]:
    if machine.settings.microphone_wav:
        yield ok("sound.inputs", "a WAV file stands in for the microphone")
    elif not found["inputs"]:
        yield warn("sound.inputs", f"no microphone: {NULL_DEVICES}", "plug in a headset")
    elif why := found.get("microphone_problem"):
        yield fail("sound.inputs", f"the microphone does not open: {why}", "close what uses it, or choose another")
    elif not found["peak"]:
        yield warn("sound.inputs", f"“{found['microphone']}” delivers digital silence", "is it muted or not allowed?")
    else:
        yield ok("sound.inputs", f"“{found['microphone']}” delivers sound")
