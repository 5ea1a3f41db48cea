"""A place of its own for a practice, a demo or a benchmark: nobody's data, accounts or hub are touched by it."""

from __future__ import annotations

import dataclasses
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from client import models, platform, settings, settings_files
from client.demo.needs import Missing

VARIABLES = ("IEUM_DATA", "IEUM_USER_SETTINGS", "IEUM_MACHINE_SETTINGS", "IEUM_MODELS")
LOOPBACK = "127.0.0.1"
TOUCHING = ("phone.accounts", "hub.url", "paths.data")  # what would reach the real centre, or its data


@contextmanager
def place_apart(keep: Sequence[str] = (), more: Mapping[str, Any] | None = None) -> Iterator[Path]:
    """A fresh directory in which this process and its children find data and settings; it is gone afterwards.

    Settings begin at their defaults, but for `more` (by key) and for the person's own whose keys begin with one of
    `keep`. Models stay where they are: they are large, and nobody's data. Raises `Missing` where IT's locks do not let
    it be apart.
    """
    _refuse_locked()
    places = {"IEUM_MODELS": str(models.directory(settings.load().models_dir))}
    chosen = {**_values(tuple(keep)), "phone.bind": LOOPBACK, **(more or {})}
    before = {name: os.environ.get(name) for name in VARIABLES}
    with tempfile.TemporaryDirectory(prefix="ieum-", ignore_cleanup_errors=True) as name:
        user = Path(name, "ieum.toml")
        settings_files.write(user, chosen)
        places |= {"IEUM_DATA": name, "IEUM_USER_SETTINGS": str(user), "IEUM_MACHINE_SETTINGS": f"{name}/none.toml"}
        os.environ.update(places)
        try:
            yield Path(name)
        finally:
            _restore(before)


def _restore(before: Mapping[str, str | None]) -> None:
    for variable, value in before.items():
        if value is None:
            os.environ.pop(variable, None)
        else:
            os.environ[variable] = value


def _values(keep: tuple[str, ...]) -> dict[str, Any]:
    """Defaults in the place of what IT has set for this machine, and what the person sees and hears with as it is."""
    machine = settings_files.read(platform.machine_settings_file())
    user = settings_files.read(platform.user_settings_file())
    mine = {**machine.values, **{key: value for key, value in user.values.items() if key not in machine.locked}}
    defaults = {key: _default(field) for key, field in settings.declared() if key in machine.values}
    return {**defaults, **{key: value for key, value in mine.items() if keep and key.startswith(keep)}}


def _default(field: dataclasses.Field[Any]) -> Any:
    return field.default_factory() if field.default_factory is not dataclasses.MISSING else field.default


def _refuse_locked() -> None:
    """What IT has locked stays in force whatever is written here."""
    machine = settings_files.read(platform.machine_settings_file())
    if locked := [key for key in TOUCHING if key in machine.locked and machine.values.get(key)]:
        raise Missing(f"IT has locked {', '.join(locked)}: this would touch the real centre; run it on another machine")
