"""The files of settings: read with their place in every error, and written without losing a comment.

A settings file is TOML; a key `hub.url` stands as `url` in the table `[hub]`. The machine's file may have a list
`locked = ["hub.url", …]` at its top.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from client import platform
from client.domain.codec import BadInput, encode


@dataclass(frozen=True, slots=True, kw_only=True)
class Values:
    """What one file says: `values` by key, `locked` keys (the machine's file only)."""

    file: Path
    values: dict[str, Any]
    locked: frozenset[str] = frozenset()


def read(file: Path) -> Values:
    """The file's values, undecoded; a file that is not there says nothing. Raises `BadInput` naming the file."""
    tables = _parse(file, _text(file))
    locked = tables.pop("locked", [])
    if not isinstance(locked, list) or not all(isinstance(key, str) for key in locked):
        raise BadInput(f"{file}: locked", "must be a list of settings' keys")
    values: dict[str, Any] = {}
    for table, entries in tables.items():
        if not isinstance(entries, Mapping):
            raise BadInput(f"{file}: {table}", "must be a table")
        values.update({f"{table}.{key}": value for key, value in entries.items()})
    return Values(file=file, values=values, locked=frozenset(locked))


def write(file: Path, changes: Mapping[str, Any]) -> None:
    """Change single keys of a file, whole or not at all; None removes one. Comments and order stay."""
    import tomlkit  # when a setting is changed, not at every start
    from tomlkit.items import Table

    text = _text(file)
    _parse(file, text)
    document = tomlkit.parse(text)
    for key, value in changes.items():
        table, _, name = key.partition(".")
        entries = document.setdefault(table, tomlkit.table())
        if not isinstance(entries, Table):
            entries = document[table] = tomlkit.table()
        if value is None:
            entries.pop(name, None)
        else:
            entries[name] = encode(value)
    platform.write_private(file, tomlkit.dumps(document).encode())


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")  # Notepad's mark at the start is not TOML
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError as error:
        raise BadInput(str(file), "is not UTF-8 text") from error
    except OSError as error:
        raise BadInput(str(file), f"cannot be read: {error.strerror}") from error


def _parse(file: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadInput(str(file), f"is not TOML: {error}") from error
