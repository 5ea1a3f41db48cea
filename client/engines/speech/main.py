"""`ieum engine speech`: loads the models and recognises the legs it is told of."""

from __future__ import annotations

from pathlib import Path

from client import models
from client.engines.server import EngineServer, serve_until
from client.engines.speech.engine import SpeechEngine
from client.settings import Settings


async def run(endpoint_file: Path, settings: Settings) -> int:
    """Serve until the desk is gone; the exit code."""
    engine = SpeechEngine(models.directory(settings.models_dir), settings.vocabulary)
    server = EngineServer(endpoint_file, engine)
    engine.tell = server.tell
    engine.start()
    await serve_until(server, engine.broken)
    return 1 if engine.broken.is_set() else 0
