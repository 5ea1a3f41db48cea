"""`ieum doctor`: look at this machine and say what to do. Exit 0 when nothing fails, 1 when something does."""

from __future__ import annotations

import argparse
import importlib
import json
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from client import __version__, platform, settings
from client.adapters.key_store import FileKeyStore, open_key_store
from client.doctor.checkup import look, run_probe
from client.doctor.finding import Finding, Machine, State, fail
from client.domain.codec import BadInput
from client.setting_rules import token

PROBES = ("sound", "sip", "camera")
MARKS = {State.OK: "  ok ", State.WARN: "WARN ", State.FAIL: "FAIL "}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--json", action="store_true", help="one JSON object for IT's tools")
    parser.add_argument("--keep", metavar="NAME", help="read a secret from stdin into the key store, and end")
    parser.add_argument("--probe", choices=PROBES, help=argparse.SUPPRESS)


def run(arguments: argparse.Namespace) -> int:
    """Look, and tell at once what is found."""
    if arguments.probe:
        return _probe(arguments.probe)
    if arguments.keep:
        return _keep(arguments.keep)
    findings = []
    for finding in _findings():
        findings.append(finding)
        if not arguments.json:
            _print(finding)
    failed = any(finding.state is State.FAIL for finding in findings)
    if arguments.json:
        print(json.dumps({"version": __version__, "ok": not failed, "findings": [asdict(f) for f in findings]}))
    return 1 if failed else 0


def _keep(name: str) -> int:
    """Put a secret where `settings.with_secrets` looks for it."""
    if name != "hub.token" and not re.fullmatch(r"sip:[^@\s]+@\S+|gateway:[a-z0-9-]+", name):
        raise BadInput(name, "must be hub.token, sip:<user>@<domain> or gateway:<name>")
    secret = sys.stdin.readline().strip()
    if not secret:
        raise BadInput(name, "stdin held no secret")
    if name == "hub.token":
        token(name, secret)
    place = _data_place(settings.load())
    try:
        key_store = open_key_store(place)
        key_store.put(name, secret)
    except OSError as error:
        raise BadInput(str(place), f"cannot hold {name}: {error.strerror}") from error
    print(f"{name} is kept: {'in the key store' if key_store.kind == 'system' else 'in a file that only you may read'}")
    return 0


def _data_place(in_force: settings.Settings) -> Path:
    return Path(in_force.data_dir) if in_force.data_dir else platform.data_place()


def _findings() -> Iterator[Finding]:
    """All findings; where a settings file is bad, that one and those that hold by default settings."""
    try:
        in_file = settings.load()
    except BadInput as error:
        yield fail("settings", str(error), "correct this; the rest is looked at with default settings")
        in_file = settings.Settings()
    data_dir = _data_place(in_file)
    try:
        key_store = open_key_store(data_dir)
        full = settings.with_secrets(in_file, key_store.get)
    except BadInput as error:
        yield fail("key_store", str(error), "without its key the desk's store cannot be read")
        return
    except OSError as error:  # `check_disk` says what to do; no secret is known
        key_store, full = FileKeyStore(data_dir / "keys.json", f"{data_dir}: {error.strerror}"), in_file
    yield from look(Machine(settings=full, data_dir=data_dir, key_store=key_store, probe=run_probe))


def _devices(probe: str) -> tuple[str, ...]:
    """The device that settings name for a probe; broken settings have a finding of their own."""
    try:
        here = settings.load()
    except BadInput:
        return ()
    return {"sound": (here.microphone,), "camera": (here.camera,)}.get(probe, ())


def _print(finding: Finding) -> None:
    print(f"{MARKS[finding.state]} {finding.id:<24} {finding.what}", flush=True)
    if finding.todo:
        print(f"{'':30} → {finding.todo}", flush=True)


def _probe(name: str) -> int:
    """The child's side: tell as JSON, then leave without the vendor library's farewell, which may abort."""
    module = importlib.import_module(f"client.engines.probe_{name}")
    told = module.probe(*_devices(name))
    print("\n" + json.dumps(told), flush=True)
    sys.stderr.flush()
    os._exit(0)
