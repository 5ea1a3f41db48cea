"""Cameras of this machine: their names, and their pictures one after another."""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, cast

import av
import av.device

from client import platform
from client.engines.video.signer import signing

SIGNER = "signer"
NONE, TAKEN, GONE, MUTE = (
    "there is no camera",
    "another program has the camera",
    "the camera is gone",
    "the camera gives no picture",
)


class CameraTrouble(Exception):
    """The camera gives no picture; the message says why, for a person."""


@dataclass(frozen=True, slots=True)
class CameraDevice:
    """`name` for persons and settings, `address` for the system."""

    name: str
    address: str


Open = Callable[[CameraDevice, tuple[int, int]], Iterator[av.VideoFrame]]


def list_cameras() -> tuple[CameraDevice, ...]:
    """What is plugged in now, the system's first in front."""
    try:
        listed = av.device.enumerate_input_devices(platform.CAMERA_FORMAT)
    except (OSError, ValueError):  # FFmpeg's errors are both; a system without such a thing has no camera
        return ()
    found = [
        CameraDevice(device.description or device.name, platform.camera_address(device.name))
        for device in listed
        if platform.gives_pictures(device.name) and (not device.media_types or "video" in device.media_types)
    ]
    return tuple(_told_apart(found))


def _told_apart(found: list[CameraDevice]) -> list[CameraDevice]:
    """Two cameras of one make are numbered."""
    names = [device.name for device in found]
    return [
        device if names.count(device.name) == 1 else CameraDevice(f"{device.name} ({number})", device.address)
        for number, device in enumerate(found, 1)
    ]


def open_camera(device: CameraDevice, size: tuple[int, int]) -> Iterator[av.VideoFrame]:
    """Pictures as they come; blocks between them. Raises `CameraTrouble`."""
    if device.name == SIGNER:
        yield from signing(*size)
        return
    try:
        with _opened(device, size) as container:
            for frame in container.decode(video=0):
                yield cast(av.VideoFrame, frame)
    except (OSError, ValueError) as error:
        raise CameraTrouble(_why(error)) from error
    raise CameraTrouble(GONE)


def _opened(device: CameraDevice, size: tuple[int, int]) -> Any:
    """Asked for our size and 30 pictures a second; a camera that knows neither gives what it has."""
    wished = {"video_size": f"{size[0]}x{size[1]}", "framerate": "30"}
    with contextlib.suppress(ValueError):
        return av.open(device.address, format=platform.CAMERA_FORMAT, options=wished)
    return av.open(device.address, format=platform.CAMERA_FORMAT)


def _why(error: Exception) -> str:
    number = getattr(error, "errno", None)
    if number in (errno.EBUSY, errno.EACCES, errno.EPERM):
        return TAKEN
    return GONE if number in (errno.ENODEV, errno.ENOENT, errno.ENXIO) else MUTE
