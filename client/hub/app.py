"""The hub's two faces. They listen apart: a route of one does not exist on the other."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig
from starlette.types import ASGIApp

from client.hub import (
    chat_routes,
    citizen_routes,
    desk_routes,
    gateway_routes,
    oversight_routes,
    video_routes,
    videomail_routes,
    written_routes,
)
from client.hub.core import Hub
from client.hub.openapi import document
from client.hub.problems import handle_problems
from client.hub.shield import CSP_NOTHING, CSP_PAGE, Shield
from client.hub.static_files import PageFiles
from client.resources import resource_path

WEBHOOK_BYTES = 30_000_000  # a complaint with its photographs in base64
BEARER = {"credential": {"type": "http", "scheme": "bearer"}}
SILENT: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False, "auto_configure": False}
"""Not even where the environment asks for it: nothing about a citizen leaves this machine by a side door."""
COOKIE = {"entered": {"type": "apiKey", "in": "cookie", "name": citizen_routes.COOKIE}}


def desk_app(hub: Hub, public_url: str) -> FastAPI:
    """The desks' face. `public_url` begins the citizens' addresses."""
    app = _app(hub, "Ieum hub: the desks' face")
    app.state.public_url = public_url
    app.include_router(desk_routes.routes)
    app.include_router(oversight_routes.routes)
    app.include_router(written_routes.routes)
    document(app, app.title, BEARER, citizen=False)
    return app


def citizen_app(hub: Hub, origins: Iterable[str], *, secure: bool) -> FastAPI:
    """The citizens' face. `origins` are those of its own pages; `secure` when they are reached by HTTPS."""
    app = _app(hub, "Ieum hub: the citizens' face")
    app.state.origins = frozenset(origins)
    app.state.secure = secure
    app.include_router(chat_routes.doors)
    app.include_router(video_routes.doors)
    app.include_router(video_routes.routes)
    app.include_router(videomail_routes.routes)
    app.include_router(videomail_routes.api)
    app.include_router(chat_routes.routes)
    app.include_router(chat_routes.api)
    app.include_router(citizen_routes.api)
    app.include_router(citizen_routes.routes)
    app.include_router(gateway_routes.routes)
    app.mount("/c/static", PageFiles(directory=resource_path("citizen")))
    document(app, app.title, COOKIE, citizen=True)
    return app


def _app(hub: Hub, title: str) -> FastAPI:
    app = FastAPI(title=title, docs_url=None, redoc_url=None, redirect_slashes=False, telemetry=SILENT)
    app.state.hub = hub
    handle_problems(app)
    return app


def guarded_desk(app: FastAPI) -> ASGIApp:
    """The desks' face as it is served."""
    return Shield(app, csp=CSP_NOTHING, large={r"/v1/sessions/[^/]+/attachments": attachment_bytes(app)})


def guarded_citizen(app: FastAPI, public_url: str, own: str) -> ASGIApp:
    """The citizens' face as it is served: under `public_url` and, for a look from this machine, its `own` address."""
    hosts = {urlsplit(url).netloc for url in (public_url, own)}
    large = {r"/c/api/attachments": attachment_bytes(app), r"/v1/gateways/.+": WEBHOOK_BYTES}
    return Shield(app, csp=CSP_PAGE, hosts=hosts, secure=app.state.secure, large=large)


def attachment_bytes(app: FastAPI) -> int:
    """Of one file, as the settings allow."""
    hub: Hub = app.state.hub
    return hub.settings.attachment_mb * 1_000_000
