"""`ieum engine voice`: the voice engine as a process."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

from client import platform
from client.engines.server import EngineServer, serve_until
from client.engines.voice.engine import VoiceEngine, address_file
from client.engines.voice.relay import Relay
from client.engines.voice.sip_stack import SipRefused
from client.engines.voice.sound_card import open_card
from client.engines.voice.sound_desk import SoundDesk
from client.settings import Settings

log = logging.getLogger(__name__)


async def run(endpoint_file: Path, settings: Settings) -> int:
    """Serve one desk until it is gone or the system says stop; the exit code."""
    outlet = Relay()
    sound = SoundDesk(open_card(), settings, outlet.tell)
    engine = VoiceEngine(settings, outlet, sound)
    server = outlet.server = EngineServer(endpoint_file, engine)
    try:
        engine.start()
    except SipRefused as error:
        log.error("the phone cannot start: %s", error)  # noqa: TRY400 — said for a person
        await engine.stop()
        return 1
    stop = asyncio.Event()
    platform.on_terminate(asyncio.get_running_loop(), stop.set)
    address = address_file(endpoint_file)
    try:
        if engine.address:
            platform.write_private(address, engine.address.encode())
        await serve_until(server, stop)
    finally:
        address.unlink(missing_ok=True)
        await engine.stop()  # a second time, if all went well: it must have been done whatever happened
    return 0
