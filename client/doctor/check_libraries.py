"""System libraries that the wheels expect and do not bring, with the Debian package of each."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from client import __version__, platform
from client.doctor.finding import Finding, Machine, fail, ok

PACKAGES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libportaudio.so.2": "libportaudio2",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libX11-xcb.so.1": "libx11-xcb1",
}


def check(_machine: Machine) -> Iterator[Finding]:
    """What runs here, and each library that is missing."""
    yield ok("python", f"Ieum {__version__} on Python {sys.version.split()[0]}")
    missing = [name for name in PACKAGES if not platform.library_present(name)]
    for name in missing:
        package = PACKAGES[name]
        yield fail(f"libraries.{package}", f"{name} is missing", f"apt-get install {package}")
    if not missing:
        yield ok("libraries", "all system libraries are there")
