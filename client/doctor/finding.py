"""What a check found, and the machine that it looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from client.ports.key_store import KeyStore
from client.settings import Settings


class State(StrEnum):
    """`warn` — works, but not as it should; `fail` — something will not work."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """`id` is stable for programs, `what` is for people, `todo` says what to do. Neither holds a secret."""

    id: str
    state: State
    what: str
    todo: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What a check may look at.

    `settings` — in force, with secrets; `probe` — runs a probe in a child process and returns what it told, or
    `{"died": why}`: a vendor library that aborts must not take the doctor with it.
    """

    settings: Settings
    data_dir: Path
    key_store: KeyStore
    probe: Callable[[str], dict[str, Any]]


Check = Callable[[Machine], Iterator[Finding]]


def ok(id_: str, what: str) -> Finding:
    """All is well."""
    return Finding(id=id_, state=State.OK, what=what)


def warn(id_: str, what: str, todo: str) -> Finding:
    """Works, but not as it should."""
    return Finding(id=id_, state=State.WARN, what=what, todo=todo)


def fail(id_: str, what: str, todo: str) -> Finding:
    """Does not work."""
    return Finding(id=id_, state=State.FAIL, what=what, todo=todo)
