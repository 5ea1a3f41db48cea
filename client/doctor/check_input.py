"""Whether the input method takes the key that answers: in Hangul mode the desk would never see it."""

from __future__ import annotations

from collections.abc import Iterator

from client import platform
from client.doctor.finding import Finding, Machine, ok, warn

ANSWER = "F9"  # as long as `desk.shortcuts` says nothing else


def check(machine: Machine) -> Iterator[Finding]:
    """The Hanja keys of the input method against the answer key."""
    answer = machine.settings.shortcuts.get("answer", ANSWER)
    if answer in platform.hanja_keys():
        yield warn(
            "input.hanja",
            f"the Korean input method takes {answer} for Hanja, so it does not always answer a call",
            f"in the settings of ibus-hangul remove {answer} from the Hanja keys, or choose another key to answer",
        )
    else:
        yield ok("input.hanja", f"the input method leaves {answer} to the desk")
