"""A practice citizen as its own process, spoken to line by line."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tests.peers.process import Peer
from tests.waiting import until


class Citizen:
    def __init__(self, directory: Path, *options: str, to: str = "", name: str = "citizen") -> None:
        command = [sys.executable, "-m", "client", "practice", "phone", "--interactive", *options]
        if to:
            command += ["--to", to]
        self.peer = Peer(command, directory / f"{name}.log")

    @property
    def events(self) -> list[dict]:
        found = []
        for line in self.peer.text().splitlines():
            if line.startswith("{"):
                try:
                    found.append(json.loads(line))
                except json.JSONDecodeError:  # the line is just being written
                    break
        return found

    def all(self, event: str, **facts: object) -> list[dict]:
        wanted = {"event": event, **facts}
        return [e for e in self.events if wanted.items() <= e.items()]

    async def until(self, event: str, seconds: float = 10, times: int = 1, **facts: object) -> dict:
        def found() -> list[dict]:
            there = self.all(event, **facts)
            return there[-1:] if len(there) >= times else []

        return (await until(found, seconds, f"{event} {facts} in {self.peer.text()[-800:]}"))[0]

    async def talks(self, order: str) -> None:
        """Do this once the call stands."""
        await self.until("sound")
        self.do(order)

    def do(self, order: str) -> None:
        self.peer.send(order)
