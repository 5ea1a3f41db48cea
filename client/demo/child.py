"""A child process that says what it does in JSON lines."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import threading
from collections.abc import Callable
from typing import Any


class TalkingChild:
    """One child. `heard` gets each line on the loop's thread. Attributes: `said` — all lines so far; `code` — its exit code."""

    def __init__(self, command: list[str], heard: Callable[[dict[str, Any]], None]) -> None:
        self.said: list[dict[str, Any]] = []
        self.code: int | None = None
        self._heard = heard
        self._loop = asyncio.get_running_loop()
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUTF8": "1"}
        )
        threading.Thread(target=self._read, daemon=True).start()

    @property
    def pid(self) -> int:
        """Of its process."""
        return self._process.pid

    def events(self) -> list[str]:
        """The names of what it said."""
        return [str(line.get("event")) for line in self.said]

    def say(self, text: str) -> None:
        """Write to its standard input."""
        assert self._process.stdin is not None
        self._process.stdin.write(text)
        self._process.stdin.flush()

    def finish(self) -> None:
        """Close its input: it ends by itself."""
        if self._process.stdin and not self._process.stdin.closed:
            self._process.stdin.close()

    def end(self) -> None:
        """End it now, if it has not ended."""
        self.finish()
        if self._process.poll() is None:
            self._process.terminate()

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                self._loop.call_soon_threadsafe(self._take, line)
        code = self._process.wait()
        self._loop.call_soon_threadsafe(self._ended, code)

    def _take(self, line: str) -> None:
        try:
            said = json.loads(line)
        except ValueError:
            said = {"event": "printed", "text": line.rstrip()}
        self.said.append(said)
        self._heard(said)

    def _ended(self, code: int) -> None:
        self.code = code
