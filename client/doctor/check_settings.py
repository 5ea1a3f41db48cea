"""Where the settings are, and what IT overrules. Bad values have been refused before."""

from __future__ import annotations

from collections.abc import Iterator

from client import platform, settings
from client.doctor.finding import Finding, Machine, ok, warn
from client.domain.codec import BadInput


def check(_machine: Machine) -> Iterator[Finding]:
    """Both files, and the user's values that a lock makes void."""
    for id_, file in (
        ("settings.machine", platform.machine_settings_file()),
        ("settings.user", platform.user_settings_file()),
    ):
        yield ok(id_, f"{file}{'' if file.exists() else ' (not there: defaults hold)'}")
    try:
        overruled = settings.overruled()
    except BadInput:  # told already, by the command
        return
    for key in overruled:
        yield warn(f"settings.{key}", f"{key} in the user's file is ignored: IT locked it", "remove it from the file")
