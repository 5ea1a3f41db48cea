"""A desk's phone on a real engine process, with everything it told."""

from __future__ import annotations

import json
from pathlib import Path

from client.adapters.voice import VoiceTelephony
from client.domain.call import Call, CallState, Level
from tests.waiting import until


class DeskPhone:
    """`settings` are those of the engine by key, as in a settings file."""

    def __init__(self, directory: Path, settings: dict | None = None) -> None:
        self.directory = directory
        directory.mkdir(parents=True, exist_ok=True)
        file = directory / "ieum.toml"
        file.write_text(as_toml({"phone.bind": "127.0.0.1", **(settings or {})}))
        environment = {
            "IEUM_USER_SETTINGS": str(file),
            "IEUM_MACHINE_SETTINGS": str(directory / "none.toml"),
            "IEUM_DATA": str(directory / "data"),
        }
        self.told: list = []
        self.states: list = []
        self.phone = VoiceTelephony(directory / "run", on_state=self.states.append, environment=environment)
        self.phone.listen(self.told.append)

    async def start(self) -> DeskPhone:
        self.phone.start()
        await until(self.registered, 15, "registration")
        return self

    def registered(self) -> bool:
        told = [t for t in self.told if t.name == "registration"]
        return bool(told) and told[-1].registered

    @property
    def address(self) -> str:
        return (self.directory / "run" / "voice.sip").read_text()

    @property
    def endpoint(self) -> Path:
        return self.directory / "run" / "voice.json"

    @property
    def engine_log(self) -> str:
        return (self.directory / "run" / "voice.log").read_text()

    def calls(self) -> dict[str, Call]:
        """The newest telling of each call."""
        return {t.call: t for t in self.told if isinstance(t, Call)}

    async def until_call(self, seconds: float = 10, **facts: object) -> Call:
        """The newest call of which all these hold."""
        return await until(lambda: self._matching(facts), seconds, f"{facts} in {list(self.calls().values())}")

    def _matching(self, facts: dict) -> Call | None:
        for call in reversed(list(self.calls().values())):
            if all(getattr(call, name) == value for name, value in facts.items()):
                return call
        return None

    async def until_told(self, name: str, seconds: float = 10, **facts: object):
        """The first telling of this kind with these facts."""

        def found():
            there = [t for t in self.told if t.name == name]
            return [t for t in there if all(getattr(t, key) == value for key, value in facts.items())]

        return (await until(found, seconds, f"{name} {facts} in {[t for t in self.told if not isinstance(t, Level)]}"))[
            0
        ]

    async def answered(self, **facts: object) -> Call:
        """Answer the call that rings."""
        offered = await self.until_call(state=CallState.OFFERED, **facts)
        await self.phone.answer(offered.call)
        return await self.until_call(call=offered.call, state=CallState.ACTIVE)

    async def close(self) -> None:
        await self.phone.close(end_engine=True)


def as_toml(values: dict) -> str:
    """Settings by dotted key as a settings file (JSON's text, numbers, lists and booleans are TOML's)."""
    tables: dict[str, list[str]] = {}
    for key, value in values.items():
        table, _, name = key.partition(".")
        tables.setdefault(table, []).append(f"{name} = {_toml(value)}")
    return "\n".join(f"[{table}]\n" + "\n".join(lines) for table, lines in tables.items()) + "\n"


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_toml(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False)
