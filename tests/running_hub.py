"""The real hub in this process, on free ports, with a client for whoever a test needs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from client.adapters.hub_http import HttpHub
from client.domain.words import Role
from client.hub.clock import system_now
from client.hub.gateways.gateway import Gateways
from client.hub.log_store import LogStore
from client.hub.server import HubServer
from client.settings import Settings


class RunningHub:
    """A served hub and the connections made to it."""

    def __init__(self, server: HubServer) -> None:
        self.server = server
        self.hub = server.hub
        self._clients: list[httpx.AsyncClient] = []
        self._hubs: list[HttpHub] = []

    async def token(self, name: str = "김이음", role: Role = Role.AGENT) -> str:
        _, token = await self.hub.principals.add(name, role)
        return token

    async def client(self, name: str = "김이음", role: Role = Role.AGENT) -> HttpHub:
        """A new principal, as the desk's adapter."""
        made = HttpHub(self.server.desk_url, await self.token(name, role))
        self._hubs.append(made)
        return made

    async def desk(self, name: str = "김이음", role: Role = Role.AGENT) -> httpx.AsyncClient:
        """A new principal, as plain HTTP."""
        return self.http(self.server.desk_url, Authorization=f"Bearer {await self.token(name, role)}")

    def page(self, origin: str | None = None) -> httpx.AsyncClient:
        """A citizen's browser, as plain HTTP."""
        return self.http(self.server.citizen_url, Origin=origin or self.server.citizen_url)

    def http(self, url: str, **headers: str) -> httpx.AsyncClient:
        made = httpx.AsyncClient(base_url=url, headers=headers, trust_env=False, timeout=20)
        self._clients.append(made)
        return made

    async def disconnect(self) -> None:
        for client in self._clients:
            await client.aclose()
        for hub in self._hubs:
            await hub.disconnect()


@asynccontextmanager
async def running(
    directory: Path,
    *,
    now: Any = system_now,
    log: LogStore | None = None,
    gateways: Gateways | None = None,
    **settings: Any,
) -> AsyncIterator[RunningHub]:
    server = HubServer(Settings(**settings), directory, now=now, log=log, gateways=gateways)
    await server.start()
    made = RunningHub(server)
    try:
        yield made
    finally:
        await made.disconnect()
        await server.stop()
