"""Both faces in one asyncio process: listening sockets, uvicorn, upkeep, and an end that does not wait for open streams."""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from client import platform
from client.domain.codec import BadInput
from client.hub.app import citizen_app, desk_app, guarded_citizen, guarded_desk
from client.hub.clock import Now, system_now
from client.hub.core import Hub
from client.hub.gateways.gateway import Gateways
from client.hub.gateways.registry import gateways_of
from client.hub.inbox import Inbox
from client.hub.log_store import LogStore
from client.hub.places import Places
from client.hub.retention import forget_unwanted_captions, keep_up
from client.settings import Settings

logger = logging.getLogger(__name__)

GRACE_S = 2  # for answers under way when the hub ends
DEAD_S = 20  # without a sign of a citizen's phone while something is on its way to it
KEEP_ALIVE_S = 75  # longer than a desk lets a connection idle
ALL_ADDRESSES = ("", "0.0.0.0", "::")  # noqa: S104 — recognised, not bound


class _Face(uvicorn.Server):
    """One listener. Signals of the process are not its business."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                ssl_certfile=settings.tls_certificate or None,
                ssl_keyfile=settings.tls_key or None,
                lifespan="off",
                ws="none",
                http="h11",
                loop="none",
                log_config=None,
                access_log=False,  # addresses hold tokens
                server_header=False,
                proxy_headers=False,
                timeout_keep_alive=KEEP_ALIVE_S,
                timeout_graceful_shutdown=GRACE_S,
                backlog=1024,
            )
        )
        self.ready = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave them alone."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen, and say so."""
        await super().startup(sockets)
        self.ready.set()


class HubServer:
    """A hub that listens. `directory` holds its store.

    Attributes: `hub`; `desk_url` and `citizen_url` (this machine's view); `public_url` — what citizens are given.
    """

    def __init__(
        self,
        settings: Settings,
        directory: Path,
        *,
        now: Now = system_now,
        log: LogStore | None = None,
        gateways: Gateways | None = None,
    ) -> None:
        if settings.citizen_bind in ALL_ADDRESSES and not settings.public_url:
            raise BadInput("hub.public_url", "must be set when the citizens' interface listens on all addresses")
        _refuse_bad_certificate(settings)
        platform.private_dir(directory)
        self._settings = settings
        self._sockets: list[socket.socket] = []
        try:
            desk = self._listen(settings.hub_bind, settings.hub_port)
            citizen = self._listen(settings.citizen_bind, settings.citizen_port)
            platform.give_up_on_the_dead(citizen, DEAD_S)
            made = gateways_of(settings, directory) if gateways is None else gateways
            self.hub = Hub(settings, directory, now=now, log=log, gateways=made)
        except BaseException:
            self._close_sockets()
            raise
        scheme = "https" if settings.tls_certificate else "http"
        self.desk_url = _url(scheme, desk)
        self.citizen_url = _url(scheme, citizen)
        self.public_url = settings.public_url.rstrip("/") or self.citizen_url
        self._faces: list[_Face] = []
        self._tasks: list[asyncio.Task[None]] = []

    def _listen(self, host: str, port: int) -> socket.socket:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        try:
            listening = socket.create_server((host, port), family=family, backlog=1024)
        except OSError as error:
            raise BadInput("hub.port", f"cannot listen on {host}:{port}: {error.strerror or error}") from error
        # what is accepted inherits it; asyncio sets it only where the socket names its protocol, and ours does not: an
        # answer's second packet would wait 40 ms for the acknowledgement of its first (RFC 1122, 4.2.3.2)
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._sockets.append(listening)
        return listening

    async def start(self) -> None:
        """Serve; returns when both faces answer."""
        self.hub.on_over = lambda session: self.hub.later(forget_unwanted_captions(self.hub, session))
        await self.hub.start()
        inbox = Inbox(self.hub, {name: gateway.channel for name, gateway in self.hub.gateways.items()})
        for gateway in self.hub.gateways.values():
            await gateway.start(inbox)
        await self.hub.deliveries.start()
        Places(self.hub).tell()
        origins = {_origin(self.public_url), self.citizen_url}
        citizen = citizen_app(self.hub, origins, secure=self.public_url.startswith("https:"))
        self._faces = [
            _Face(guarded_desk(desk_app(self.hub, self.public_url)), self._settings),
            _Face(guarded_citizen(citizen, self.public_url, self.citizen_url), self._settings),
        ]
        for face, listening in zip(self._faces, self._sockets, strict=True):
            self._tasks.append(asyncio.create_task(face.serve(sockets=[listening])))
        await asyncio.gather(*(face.ready.wait() for face in self._faces))
        self._tasks.append(asyncio.create_task(keep_up(self.hub)))

    async def stop(self) -> None:
        """End the streams, let answers finish, close the store. Within 3 s."""
        self.hub.desks.end_all()
        self.hub.citizens.end_all()
        for face in self._faces:
            face.should_exit = True
        *faces, upkeep = self._tasks
        upkeep.cancel()
        await asyncio.gather(*faces, upkeep, return_exceptions=True)
        self._close_sockets()
        await self.hub.close()
        await asyncio.gather(*(gateway.stop() for gateway in self.hub.gateways.values()), return_exceptions=True)

    def _close_sockets(self) -> None:
        for listening in self._sockets:
            listening.close()


def _refuse_bad_certificate(settings: Settings) -> None:
    """Say now what is wrong, naming the setting, instead of when the first desk comes."""
    if not settings.tls_certificate:
        if settings.tls_key:
            raise BadInput("hub.tls_key", "needs hub.tls_certificate")
        return
    try:
        trial = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        trial.load_cert_chain(settings.tls_certificate, settings.tls_key or None, password=lambda: "")
    except OSError as error:
        files = " with ".join(file for file in (settings.tls_certificate, settings.tls_key) if file)
        raise BadInput("hub.tls_certificate", f"{files} cannot be used: {error.strerror or error}") from error


def _url(scheme: str, listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    host = "127.0.0.1" if host == "0.0.0.0" else "::1" if host == "::" else host  # noqa: S104 — how to reach it from here
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def _origin(url: str) -> str:
    """Scheme, host and port of an address (RFC 6454)."""
    return "/".join(url.split("/")[:3])
