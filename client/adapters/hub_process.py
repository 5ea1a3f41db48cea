"""The embedded hub as the desk sees it: adopted or started, and brought back on the same ports when it dies."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from client import platform
from client.domain.codec import BadInput, decode
from client.ports.hub import HubAway

log = logging.getLogger(__name__)

START_S = 15.0
POLL_S = 0.05
WATCH_S = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class HubEndpoint:
    """What an embedded hub writes into its endpoint file: its two faces and the agent's credential."""

    desk_url: str
    citizen_url: str
    token: str
    pid: int


class HubProcess:
    """Keeps one embedded hub running. `on_endpoint` is told where it is, each time it was found or started."""

    def __init__(
        self,
        directory: Path,
        on_endpoint: Callable[[HubEndpoint], None],
        environment: dict[str, str] | None = None,
    ) -> None:
        self.endpoint: HubEndpoint | None = None
        self._file = directory / "hub.json"
        self._ports = directory / "hub.ports"
        self._log = directory / "hub.log"
        self._on_endpoint = on_endpoint
        self._environment = environment or {}
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Find or start the hub, then watch over it. Raises `HubAway` if it cannot be started."""
        self._found(self._running() or await self._start())
        self._task = asyncio.ensure_future(self._watch())

    async def close(self) -> None:
        """Let go: the hub ends by itself when no desk has been there for 30 s."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(WATCH_S)
            if self.endpoint is not None and platform.process_alive(self.endpoint.pid):
                continue
            try:
                self._found(self._running() or await self._start())
            except HubAway as error:
                log.warning("%s", error)

    def _found(self, endpoint: HubEndpoint) -> None:
        self.endpoint = endpoint
        ports = [urlsplit(url).port or 0 for url in (endpoint.desk_url, endpoint.citizen_url)]
        with contextlib.suppress(OSError):  # a full disk: the hub then comes back on other ports
            platform.write_private(self._ports, json.dumps(ports).encode())
        self._on_endpoint(endpoint)

    def _running(self) -> HubEndpoint | None:
        try:
            endpoint = decode(HubEndpoint, json.loads(self._file.read_bytes()))
        except (OSError, ValueError):  # absent, torn, or of another version
            return None
        return endpoint if platform.process_alive(endpoint.pid) else None

    async def _start(self) -> HubEndpoint:
        self._file.unlink(missing_ok=True)
        command = [*platform.ieum_command(), "hub", "--embedded", "--endpoint", str(self._file), *self._same_ports()]
        process = platform.start_detached(command, self._log, self._environment)
        for _ in range(int(START_S / POLL_S)):
            await asyncio.sleep(POLL_S)
            endpoint = self._running()
            if endpoint is not None:
                return endpoint
            if process.poll() is not None:
                self._ports.unlink(missing_ok=True)  # perhaps another program has taken a port
                raise HubAway(f"the hub ended at once with exit code {process.returncode}; see {self._log}")
        raise HubAway(f"the hub did not start within {START_S:.0f} s; see {self._log}")

    def _same_ports(self) -> list[str]:
        """A citizen's page must find the hub again where it was."""
        try:
            desk, citizen = decode(tuple[int, ...], json.loads(self._ports.read_bytes()))
        except (OSError, ValueError, BadInput):
            return []
        return ["--port", str(desk), "--citizen-port", str(citizen)]
