"""Cameras and what video needs, asked in a child process."""

from __future__ import annotations

from collections.abc import Iterator

from client.doctor.finding import Finding, Machine, fail, ok, warn

SIGNER = "signer"


def check(machine: Machine) -> Iterator[Finding]:
    """Whether video can work, and whether a camera gives pictures where this agent signs."""
    settings = machine.settings
    found = machine.probe("camera")
    why = found.get("problem") or found.get("died")
    if why:
        yield fail(
            "video", f"video does not work: {why}", "install the program again; if it stays so, send IT this line"
        )
        return
    yield ok("video", "pictures and sound can be coded")
    if not settings.signs:
        return
    name = settings.camera
    if name and name != SIGNER and name not in found["cameras"]:
        yield warn("video.camera", f"video.camera names “{name}”, which is not here", "plug it in or choose another")
    elif why := found.get("camera_problem"):
        yield fail("video.camera", f"“{found['chosen']}”: {why}", "close what uses it, or choose another")
    elif "chosen" not in found:
        yield warn("video.camera", "no camera: citizens see a card in its place", "plug in a camera")
    else:
        yield ok("video.camera", f"“{found['chosen']}” gives pictures of {found['width']} × {found['height']}")
