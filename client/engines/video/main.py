"""`ieum engine video`: the video engine as a process."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

from client import platform
from client.engines.server import EngineServer, serve_until
from client.engines.video import adjustments
from client.engines.video.engine import VideoEngine
from client.engines.voice.relay import Relay
from client.settings import Settings

log = logging.getLogger(__name__)


async def run(endpoint_file: Path, settings: Settings) -> int:
    """Serve one desk until it is gone or the system says stop; the exit code."""
    for vendor in ("aioice", "aiortc"):
        logging.getLogger(vendor).setLevel(logging.WARNING)  # else each address of a citizen's machine is written down
    try:
        adjustments.apply()
    except adjustments.WrongVersion as error:
        log.error("there is no video: %s", error)  # noqa: TRY400 — said for a person
        return 1
    outlet = Relay()
    engine = VideoEngine(settings, outlet, endpoint_file.parent)
    server = outlet.server = EngineServer(endpoint_file, engine)
    stop = asyncio.Event()
    platform.on_terminate(asyncio.get_running_loop(), stop.set)
    await engine.start()
    await serve_until(server, stop)
    return 0
