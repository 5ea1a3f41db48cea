"""Whether video can work here, and which cameras give pictures: run as a child by `ieum doctor`.

A camera's driver may hang or bring its process down, so it is only asked from here.
"""

from __future__ import annotations

from typing import Any


def probe(camera: str = "") -> dict[str, Any]:
    """`cameras` by name; `problem` — why there is no video at all; `chosen` — `camera` or the first, with what it gives:
    `width` and `height`, or `camera_problem`."""
    try:
        import aiortc
        import av

        from client.engines.video import adjustments, camera_device
    except (ImportError, OSError) as error:  # a library of theirs is missing
        return {"problem": str(error), "cameras": []}
    try:
        adjustments.check_version(aiortc.__version__)
        for codec in ("libvpx", "libx264", "libopus"):
            av.CodecContext.create(codec, "w")
    except (ValueError, adjustments.WrongVersion) as error:
        return {"problem": str(error), "cameras": []}
    found = camera_device.list_cameras()
    told: dict[str, Any] = {"problem": "", "cameras": [device.name for device in found]}
    wanted = [device for device in found if device.name == camera or not camera]
    if camera == camera_device.SIGNER:
        wanted = [camera_device.CameraDevice(camera, "")]
    return {**told, **(_look(wanted[0]) if wanted else {})}


def _look(device: Any) -> dict[str, Any]:
    from client.engines.video.camera_device import CameraTrouble, open_camera

    frames = open_camera(device, (640, 480))
    try:
        frame = next(frames)
    except CameraTrouble as trouble:
        return {"chosen": device.name, "camera_problem": str(trouble)}
    finally:
        frames.close()  # type: ignore[attr-defined]
    return {"chosen": device.name, "width": frame.width, "height": frame.height}
