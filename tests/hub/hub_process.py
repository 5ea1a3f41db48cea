"""`ieum hub` as its own process, which a test can kill."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from client.adapters.hub_http import HttpHub
from tests.waiting import until


class HubUnderTest:
    """One run of the command. `endpoint` is what it wrote."""

    def __init__(self, directory: Path, *arguments: str, settings: str = "") -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.directory = directory
        self.endpoint_file = directory / "endpoint.json"
        self.endpoint_file.unlink(missing_ok=True)
        settings_file = directory / "machine.toml"
        settings_file.write_text(settings, encoding="utf-8")
        self.environment = {
            **os.environ,
            "IEUM_DATA": str(directory / "data"),
            "IEUM_MACHINE_SETTINGS": str(settings_file),
            "IEUM_USER_SETTINGS": str(directory / "none.toml"),
        }
        self.log = directory / "hub.log"
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "client", "hub", "--endpoint", str(self.endpoint_file), *arguments],
                env=self.environment,
                stdout=log,
                stderr=log,
            )

    async def ready(self) -> HubUnderTest:
        await until(lambda: self.endpoint_file.exists() or self.process.poll() is not None, 30, "the hub's start")
        assert self.process.poll() is None, self.log.read_text()
        self.endpoint = json.loads(self.endpoint_file.read_bytes())
        return self

    def client(self) -> HttpHub:
        return HttpHub(self.endpoint["desk_url"], self.endpoint["token"])

    def kill(self) -> None:
        """`kill -9`."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    async def ended(self, seconds: float = 10.0) -> int:
        return await asyncio.wait_for(asyncio.to_thread(self.process.wait), seconds)


@asynccontextmanager
async def hub_process(directory: Path, *arguments: str, settings: str = "") -> AsyncIterator[HubUnderTest]:
    hub = HubUnderTest(directory, *arguments, settings=settings)
    try:
        yield await hub.ready()
    finally:
        if hub.process.poll() is None:
            hub.process.terminate()
            await hub.ended()
