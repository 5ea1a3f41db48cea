"""The test's end of a driven desk (tests/doubles/driven_desk.py)."""

from __future__ import annotations

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
    """`settings` by key; a second desk on the same directory is the same agent's desk started again."""

    def __init__(self, directory: Path, settings: dict | None = None, name: str = "desk") -> None:
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
        self._name = name
        self._starts = 0
        self._asked = 0
        self.peer: Peer
        self.start()

    def start(self) -> None:
        self._starts += 1
        self._asked = 0
        log = self.directory / f"{self._name}{self._starts}.log"
        self.peer = Peer([sys.executable, "-m", "tests.doubles.driven_desk"], log, cwd=ROOT, env=self._env)

    async def do(self, what: str, /, **order: Any) -> Any:
        """Give an order, return its answer; an order that fails fails the test."""
        self.peer.send(json.dumps({"do": what, **order}))
        self._asked += 1
        answer = await until(self._answer, 30, f"{what}: {self.peer.text()[-1500:]}")
        assert "done" in answer, answer
        return answer["answer"]

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
        self.peer.kill(politely=True)
