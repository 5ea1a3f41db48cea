"""A font with Hangul: without one the window is full of boxes."""

from __future__ import annotations

from collections.abc import Iterator

from client import platform
from client.doctor.finding import Finding, Machine, fail, ok, warn


def check(_machine: Machine) -> Iterator[Finding]:
    """Whether the system has one."""
    fonts = platform.korean_fonts()
    if fonts is None:
        yield warn("fonts", "cannot tell whether there is a Hangul font", "apt-get install fontconfig")
    elif fonts:
        yield ok("fonts", f"Hangul fonts: {', '.join(fonts[:3])}")
    else:
        yield fail("fonts", "no font has Hangul", "apt-get install fonts-noto-cjk (or fonts-nanum, smaller)")
