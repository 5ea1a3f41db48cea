"""Room for the desk's store, and whether it can really be written."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

from client import platform
from client.doctor.finding import Finding, Machine, fail, ok, warn

LOW_MB = 500
NONE_MB = 50


def check(machine: Machine) -> Iterator[Finding]:
    """Free space and a test write, synced, in the data directory."""
    directory = machine.data_dir
    test = directory / "doctor.test"
    try:
        platform.write_private(test, b"test")
        test.unlink()
        free_mb = shutil.disk_usage(directory).free // 1_000_000
    except OSError as error:
        yield fail("disk", f"{directory} cannot be written: {error.strerror}", "make room or correct its rights")
        return
    said = f"{directory} can be written, {free_mb} MB free"
    if free_mb < NONE_MB:
        yield fail("disk", said, "make room: events will be refused aloud when the disk is full")
    elif free_mb < LOW_MB:
        yield warn("disk", said, "make room soon")
    else:
        yield ok("disk", said)
