"""A hub that stands alone, as its own process: agents are added, it can be frozen and thawed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from client import platform
from tests.peers.driven import ROOT
from tests.peers.process import Peer
from tests.waiting import until


class SharedHub:
    """`url` is the desks' face, `citizen_url` the citizens'."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._env = {
            **os.environ,
            "IEUM_USER_SETTINGS": str(directory / "none.toml"),
            "IEUM_MACHINE_SETTINGS": str(directory / "none.toml"),
        }
        self._command = [sys.executable, "-m", "client", "hub", "--data", str(directory / "hub")]
        self.url = self.citizen_url = ""
        self.peer: Peer | None = None

    def add(self, name: str, number: str) -> str:
        """A new agent's token; before the hub is started."""
        wish = ["--add-principal", name, "--role", "agent", "--number", number]
        done = subprocess.run(
            [*self._command, *wish], env=self._env, cwd=ROOT, capture_output=True, text=True, check=True
        )
        return done.stdout.split()[-1]

    async def start(self) -> SharedHub:
        endpoint = self._directory / "hub.json"
        log = self._directory / "hub.log"
        peer = self.peer = Peer([*self._command, "--endpoint", str(endpoint)], log, cwd=ROOT, env=self._env)
        await until(endpoint.exists, 20, f"the hub: {peer.text()}")
        told = json.loads(endpoint.read_text())
        self.url, self.citizen_url = told["desk_url"], told["citizen_url"]
        return self

    def freeze(self) -> None:
        """To whoever is connected this is a dead network: connections stand, nothing comes."""
        self.peer.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.peer.process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        if self.peer is not None:
            self.thaw()
            self.peer.kill(politely=True)
            assert platform.process_alive(self.peer.process.pid) is False
