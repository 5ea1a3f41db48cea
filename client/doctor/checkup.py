"""All checks in the order in which one would look."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from typing import Any

from client import platform
from client.doctor import (
    check_camera,
    check_disk,
    check_encryption,
    check_fonts,
    check_hub,
    check_input,
    check_keys,
    check_libraries,
    check_models,
    check_ports,
    check_registration,
    check_settings,
    check_sound,
)
from client.doctor.finding import Check, Finding, Machine, fail

CHECKS: tuple[Check, ...] = (
    check_settings.check,
    check_libraries.check,
    check_fonts.check,
    check_input.check,
    check_disk.check,
    check_keys.check,
    check_models.check,
    check_sound.check,
    check_camera.check,
    check_encryption.check,
    check_registration.check,
    check_ports.check,
    check_hub.check,
)
PROBE_S = 20


def look(machine: Machine, checks: tuple[Check, ...] = CHECKS) -> Iterator[Finding]:
    """Every finding. A check that fails itself is a finding too, and the next ones go on."""
    for check in checks:
        try:
            yield from check(machine)
        except Exception as error:  # noqa: BLE001 — the doctor must tell of a broken machine, not break with it
            name = check.__module__.rpartition("check_")[2]
            yield fail(name, f"this check itself failed: {type(error).__name__}", "send IT this line")


def run_probe(name: str) -> dict[str, Any]:
    """What a probe told, run by `ieum doctor --probe NAME` in a child process."""
    command = [*platform.ieum_command(), "doctor", "--probe", name]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PROBE_S, check=False)
    except subprocess.TimeoutExpired:
        return {"died": f"no answer within {PROBE_S} s"}
    try:
        told = json.loads(done.stdout.splitlines()[-1])
    except (IndexError, ValueError):
        return {"died": f"exit {done.returncode}: {_last_line(done.stderr)}"}
    return told if isinstance(told, dict) else {"died": "it told nonsense"}


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["it said nothing"])[-1][:200]
