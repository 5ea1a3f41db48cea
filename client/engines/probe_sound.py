"""What sound devices there are and whether the microphone really delivers: run as a child by `ieum doctor`.

PortAudio aborts its whole process on some broken ALSA set-ups, so it is only asked from here.
"""

from __future__ import annotations

from typing import Any

from client.engine_protocol import SAMPLE_RATE

LISTEN_S = 0.3


def probe(microphone: str = "") -> dict[str, Any]:
    """`inputs` and `outputs` by name, `default_input`, `default_output`, and what `microphone` (or the default) gives.

    `problem` says why there is nothing; `frames` were read from the microphone in 0.3 s, `peak` is 0–1.
    """
    try:
        import sounddevice
    except OSError as error:  # PortAudio's library is missing
        return {"problem": str(error)}
    try:
        devices = sounddevice.query_devices()
    except sounddevice.PortAudioError as error:
        return {"problem": str(error)}
    inputs = [each["name"] for each in devices if each["max_input_channels"]]
    outputs = [each["name"] for each in devices if each["max_output_channels"]]
    found: dict[str, Any] = {"inputs": inputs, "outputs": outputs, "problem": ""}
    for kind, index in zip(("default_input", "default_output"), sounddevice.default.device, strict=True):
        found[kind] = devices[index]["name"] if 0 <= index < len(devices) else ""
    if inputs:
        found.update(_listen(microphone or found["default_input"]))
    return found


def _listen(microphone: str) -> dict[str, Any]:
    import numpy as np
    import sounddevice

    try:
        with sounddevice.InputStream(samplerate=SAMPLE_RATE, channels=1, dtype="float32", device=microphone) as stream:
            samples, _ = stream.read(int(SAMPLE_RATE * LISTEN_S))
    except (sounddevice.PortAudioError, ValueError) as error:
        return {"microphone": microphone, "frames": 0, "peak": 0.0, "microphone_problem": str(error)}
    return {"microphone": microphone, "frames": len(samples), "peak": float(np.abs(samples).max())}
