"""A known video and voice file for Chromium's fake devices: what stands in the picture can be told again at the desk."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile

from tests.peers.recorded import RATE, Recorded

WIDTH, HEIGHT, FPS, SECONDS = 640, 480, 30, 2
LEFT, RIGHT = (60, 90, 200), (180, 200, 60)  # (Y, U, V) of the halves: red and light blue, far apart
SIDE = 96  # of the white square that moves along the top, so that every frame differs


def known_video(file: Path) -> Path:
    """Two seconds of I420 in a Y4M file, which Chromium repeats."""
    with file.open("wb") as out:
        out.write(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F{FPS}:1 Ip A1:1 C420jpeg\n".encode())
        for n in range(FPS * SECONDS):
            out.write(b"FRAME\n")
            for plane in _frame(n):
                out.write(plane.tobytes())
    return file


def _frame(n: int) -> list[np.ndarray]:
    planes = []
    for channel, (height, width) in enumerate(((HEIGHT, WIDTH), (HEIGHT // 2, WIDTH // 2), (HEIGHT // 2, WIDTH // 2))):
        plane = np.full((height, width), LEFT[channel], np.uint8)
        plane[:, width // 2 :] = RIGHT[channel]
        planes.append(plane)
    at = (n * (WIDTH - SIDE) // (FPS * SECONDS)) & ~1
    planes[0][:SIDE, at : at + SIDE] = 235
    return planes


def halves(pixels: bytes, width: int, height: int) -> tuple[np.ndarray, np.ndarray]:
    """Mean (blue, green, red) of the lower left and the lower right of a picture as the desk shows it."""
    picture = np.frombuffer(pixels, np.uint8).reshape(height, width, 4)[height // 2 :, :, :3]
    edge = width // 8
    return picture[:, edge : width // 2 - edge].mean((0, 1)), picture[:, width // 2 + edge : -edge].mean((0, 1))


def voice_file(file: Path, speech: Recorded) -> Path:
    """A passage as Chromium's microphone says it, again and again."""
    soundfile.write(file, speech.samples, RATE, subtype="PCM_16")
    return file
