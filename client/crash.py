"""One funnel for what nobody caught: a report in the data directory, without the citizen's data.

The desk's dialog and the engines hang on `on_crash`; the report is written here, so that every process has it. Kept of
an exception: its type, the stack with our own source lines, and its message with everything hidden that could be
about a person. Values of variables are never kept.
"""

from __future__ import annotations

import asyncio
import faulthandler
import platform as machine
import re
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

from client import __version__, platform

KEEP = 20  # reports of one process name
HIDDEN = "…"
_PRIVATE = re.compile(
    r"""
    '[^'\n]*' | "[^"\n]*" | “[^”\n]*”          # quoted: names, words, keys
    | \S+@\S+                                  # addresses, SIP URIs
    | [^\x00-\x7f]+                            # our own messages are English: Korean is somebody's words
    | (?=[\w/+=-]*\d)[\w/+=-]{12,}             # tokens and identifiers
    | \d[\d\s().-]{2,}\d | \d{3,}              # numbers
    """,
    re.VERBOSE,
)


def scrub(text: str) -> str:
    """A message without what could be about a person."""
    return _PRIVATE.sub(HIDDEN, text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Crash:
    """`where` — thread or loop; `kind` — the exception's type; `text` — the whole report; `file` — None if not written."""

    where: str
    kind: str
    text: str
    file: Path | None


class Funnel:
    """Catches what the main thread, other threads, asyncio and the C level let fall, for one process.

    `name` is the process (`desk`, `voice`, …); `on_crash` is called after the report is written, on the thread it
    happened on.
    """

    def __init__(self, name: str, data_dir: Path, on_crash: Callable[[Crash], None] | None = None) -> None:
        self.directory = data_dir / "crashes"
        self._name = name
        self._on_crash = on_crash
        self._native: TextIO | None = None
        self._before: tuple[Any, Any] | None = None

    def install(self) -> None:
        """Take over the hooks of this process."""
        self._before = (sys.excepthook, threading.excepthook)
        sys.excepthook = self._on_main
        threading.excepthook = self._on_thread
        platform.private_dir(self.directory)
        self._native = (self.directory / f"{self._name}-native.txt").open("a", encoding="utf-8")
        faulthandler.enable(self._native, all_threads=True)

    def remove(self) -> None:
        """Give the hooks back."""
        if self._before:
            sys.excepthook, threading.excepthook = self._before
        if self._native:
            faulthandler.disable()
            self._native.close()

    def watch(self, loop: asyncio.AbstractEventLoop) -> None:
        """Catch what tasks and callbacks of `loop` let fall."""
        loop.set_exception_handler(self._on_loop)

    def take(self, error: BaseException, where: str) -> Crash:
        """Write a report; a disk that is full is no reason to lose the dialog."""
        text = self._report(error, where)
        now = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
        file: Path | None = self.directory / f"{self._name}-{now}.txt"
        try:
            platform.write_private(self.directory / f"{self._name}-{now}.txt", text.encode())
            self._forget_old()
        except OSError:
            file = None
        sys.stderr.write(text)
        crash = Crash(where=where, kind=type(error).__name__, text=text, file=file)
        if self._on_crash:
            self._on_crash(crash)
        return crash

    def _on_main(self, kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            return
        self.take(error, "main")

    def _on_thread(self, arguments: threading.ExceptHookArgs) -> None:
        if arguments.exc_value and not isinstance(arguments.exc_value, SystemExit):
            self.take(arguments.exc_value, f"thread {arguments.thread.name if arguments.thread else '?'}")

    def _on_loop(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception") or RuntimeError(context.get("message", "unknown"))
        self.take(error, "loop")

    def _report(self, error: BaseException, where: str) -> str:
        head = (
            f"Ieum {__version__}, {self._name}, {where}\n"
            f"{datetime.now(UTC).isoformat(timespec='seconds')}\n"
            f"Python {machine.python_version()}, {machine.system()} {machine.release()}, {machine.machine()}\n\n"
        )
        return head + "\n".join(_chain(error)) + "\n"

    def _forget_old(self) -> None:
        reports = sorted(self.directory.glob(f"{self._name}-2*.txt"))
        for old in reports[:-KEEP]:
            old.unlink(missing_ok=True)


def _chain(error: BaseException) -> list[str]:
    """Causes first, as Python tells them, each with its stack and scrubbed message."""
    lines: list[str] = []
    earlier = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if earlier is not None:
        lines += [*_chain(earlier), "", "which led to", ""]
    for frame in traceback.extract_tb(error.__traceback__):
        lines.append(f"  {_short(frame.filename)}:{frame.lineno} in {frame.name}")
        if frame.line:
            lines.append(f"    {frame.line}")
    lines.append(f"{type(error).__module__}.{type(error).__qualname__}: {scrub(str(error))}")
    if isinstance(error, BaseExceptionGroup):
        for part in error.exceptions:
            lines += ["", "part of it", "", *_chain(part)]
    return lines


def _short(filename: str) -> str:
    """The file inside its package: where Python is installed may hold a person's name."""
    parts = Path(filename).parts
    for root in ("site-packages", "client", "ui", "tests"):
        if root in parts:
            at = len(parts) - 1 - parts[::-1].index(root)
            return "/".join(parts[at + (root == "site-packages") :])
    return parts[-1] if parts else filename
