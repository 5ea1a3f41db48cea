"""A desk's video on a real engine process, with everything it told."""

from __future__ import annotations

from pathlib import Path

from client.adapters.video import VideoThroughEngine
from client.domain.video import Cameras, TextReceived, VideoCall, VideoQuality
from tests.peers.desk import as_toml
from tests.waiting import until


class DeskVideo:
    """`settings` are those of the engine by key, as in a settings file."""

    def __init__(self, directory: Path, settings: dict | None = None, **environment: str) -> None:
        self.directory = directory
        directory.mkdir(parents=True, exist_ok=True)
        file = directory / "ieum.toml"
        file.write_text(as_toml({"video.camera": "signer", **(settings or {})}))
        self.environment = {
            "IEUM_USER_SETTINGS": str(file),
            "IEUM_MACHINE_SETTINGS": str(directory / "none.toml"),
            "IEUM_DATA": str(directory / "data"),
            **environment,
        }
        self.told: list = []
        self.states: list = []
        self.video = VideoThroughEngine(directory / "run", on_state=self.states.append, environment=self.environment)
        self.video.listen(self.told.append)

    async def start(self) -> DeskVideo:
        self.video.wake()
        await until(lambda: any(t.name == "cameras" for t in self.told), 15, "the engine's cameras")
        return self

    @property
    def engine_log(self) -> str:
        return (self.directory / "run" / "video.log").read_text()

    @property
    def newest_cameras(self) -> Cameras:
        return [t for t in self.told if isinstance(t, Cameras)][-1]

    def newest(self, call: str) -> VideoCall | None:
        told = [t for t in self.told if isinstance(t, VideoCall) and t.call == call]
        return told[-1] if told else None

    def quality(self, call: str) -> list[VideoQuality]:
        return [t for t in self.told if isinstance(t, VideoQuality) and t.call == call]

    def typed(self, call: str) -> str:
        return "".join(t.text for t in self.told if isinstance(t, TextReceived) and t.call == call)

    async def until_call(self, call: str, seconds: float = 10, **facts: object) -> VideoCall:
        def fits() -> VideoCall | None:
            told = self.newest(call)
            return told if told and all(getattr(told, name) == value for name, value in facts.items()) else None

        return await until(fits, seconds, f"{facts}: {self.newest(call)}")

    async def close(self) -> None:
        await self.video.stop(end_engine=True)
