"""The test's end of a driven desk (tests/doubles/driven_desk.py)."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from tests.peers.desk import as_toml
from tests.peers.process import Peer
from tests.waiting import until

ROOT = Path(__file__).resolve().parents[2]
READY = ["phone_ready", "hub_connected"]


class DrivenDesk:
    """`settings` by key; a second desk on the same directory is the same agent's desk started again.

    `disk_mb` — its data, and that of all it starts, lies on a disk of its own of this size, which a test can fill.
    """

    def __init__(self, directory: Path, settings: dict | None = None, name: str = "desk", disk_mb: int = 0) -> None:
        self.directory = directory
        directory.mkdir(parents=True, exist_ok=True)
        file = directory / "ieum.toml"
        file.write_text(as_toml({"phone.bind": "127.0.0.1", **(settings or {})}))
        self._env = {
            **os.environ,
            "IEUM_USER_SETTINGS": str(file),
            "IEUM_MACHINE_SETTINGS": str(directory / "none.toml"),
            "IEUM_DATA": str(directory / "data"),
            "QT_QPA_PLATFORM": "offscreen",
            "PYTHONPATH": str(ROOT),
        }
        self._data = directory / "data"
        self._disk_mb = disk_mb
        self._name = name
        self._starts = 0
        self._asked = 0
        self.peer: Peer
        self.start()

    def start(self) -> None:
        self._starts += 1
        self._asked = 0
        log = self.directory / f"{self._name}{self._starts}.log"
        command = [*self._own_disk(), sys.executable, "-m", "tests.doubles.driven_desk"]
        self.peer = Peer(command, log, cwd=ROOT, env=self._env)

    def _own_disk(self) -> list[str]:
        """A mount that only this process and its children see, which needs no rights on the machine."""
        if not self._disk_mb:
            return []
        self._data.mkdir(exist_ok=True)
        mount = f'mount -t tmpfs -o size={self._disk_mb}m none "$0" && exec "$@"'
        return ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", mount, str(self._data)]

    @property
    def _filler(self) -> Path:
        return Path(f"/proc/{self.peer.process.pid}/root{self._data}/filler")

    def fill_disk(self) -> None:
        """Not one byte more fits."""
        with self._filler.open("wb", buffering=0) as filler, contextlib.suppress(OSError):
            for size in (65_536, 4_096, 1):
                with contextlib.suppress(OSError):
                    while filler.write(bytes(size)):
                        pass

    def free_disk(self) -> None:
        """There is room again."""
        self._filler.unlink()

    async def do(self, what: str, /, **order: Any) -> Any:
        """Give an order, return its answer; an order that fails fails the test."""
        answer = await self._ask(what, **order)
        assert "done" in answer, answer
        return answer["answer"]

    async def refused(self, what: str, /, **order: Any) -> str:
        """Give an order that the desk refuses; why."""
        answer = await self._ask(what, **order)
        assert "failed" in answer, answer
        return answer["why"]

    async def _ask(self, what: str, /, **order: Any) -> Any:
        self.peer.send(json.dumps({"do": what, **order}))
        self._asked += 1
        return await until(self._answer, 30, f"{what}: {self.peer.text()[-1500:]}")

    def _answer(self) -> dict | None:
        answers = [line for line in self.peer.text().splitlines() if line.startswith(('{"done"', '{"failed"'))]
        if len(answers) < self._asked:
            return None
        try:
            return json.loads(answers[self._asked - 1])
        except json.JSONDecodeError:  # the line is just being written
            return None

    async def until_state(self, condition, seconds: float = 30, what: str = "") -> dict:
        """The first state for which `condition(state)` is true."""
        return await self._until("state", condition, seconds, what)

    async def until_lines(self, session: str, condition, seconds: float = 60, what: str = "") -> list[dict]:
        """The first timeline for which `condition(lines)` is true."""
        return await self._until("lines", condition, seconds, what, session=session)

    async def _until(self, order: str, condition, seconds: float, what: str, **more: Any) -> Any:
        ends = time.monotonic() + seconds
        while True:
            value = await self.do(order, **more)
            if condition(value):
                return value
            assert time.monotonic() < ends, f"{what} did not happen: {value} {self.peer.text()[-1500:]}"

    async def ready(self, *more: str) -> dict:
        wanted = {*READY, *more}
        return await self.until_state(lambda state: wanted <= set(state["health"]), 60, f"ready {wanted}")

    def close(self) -> None:
        """The end of its orders is the desk's end, and that of its engines."""
        self.peer.process.stdin.close()
        self.peer.kill(politely=True)
