"""The desk's half of an engine: adopts a running one or starts it, asks, listens, and brings it back when it dies."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import logging
from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any

from client import engine_protocol as protocol
from client import platform
from client.domain.call import Telling
from client.domain.codec import BadInput, decode, encode

log = logging.getLogger(__name__)

START_S = 15.0  # an engine with its models is up well within this
POLL_S = 0.05
RETRY_S = 0.5


class LinkState(StrEnum):
    """Whether the engine answers."""

    AWAY = "away"
    ADOPTED = "adopted"
    STARTED = "started"
    CONNECTED = "connected"
    CLOSED = "closed"


class EngineAway(Exception):
    """The engine does not answer now; it is being brought back."""


class EngineRefused(Exception):
    """The engine cannot do what was asked; the text says why."""


class EngineLink:
    """One engine. `on_telling` gets what it says, `on_state` whether it is there; both on the loop's thread.

    `ADOPTED` means an engine that was running before, with its calls; `STARTED` a fresh one that knows nothing.
    """

    def __init__(
        self,
        name: str,
        directory: Path,
        on_telling: Callable[[Telling], None],
        on_state: Callable[[LinkState], None],
        environment: dict[str, str] | None = None,
        command: Sequence[str] = (),
    ) -> None:
        self.name = name
        self.state = LinkState.AWAY
        self.pid = 0
        self._file = directory / f"{name}.json"
        self._log = directory / f"{name}.log"
        self._on_telling = on_telling
        self._on_state = on_state
        self._environment = environment or {}
        self._command = tuple(command) or (*platform.ieum_command(), "engine", name)
        self._numbers = itertools.count(1)
        self._asked: dict[int, asyncio.Future[Any]] = {}
        self._writer: asyncio.StreamWriter | None = None
        self._task: asyncio.Task[None] | None = None
        self._heard = 0

    def start(self) -> None:
        """Begin to keep the engine connected."""
        self._task = asyncio.ensure_future(self._keep())

    async def request(self, op: str, **args: object) -> Any:
        """Ask the engine; raises `EngineAway` or `EngineRefused`."""
        if self._writer is None:
            raise EngineAway(self.name)
        number = next(self._numbers)
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._asked[number] = answer
        self._send({"id": number, "op": op, "args": encode(args)})
        try:
            return await answer
        finally:
            self._asked.pop(number, None)

    async def close(self, *, end_engine: bool) -> None:
        """Let go of the engine; `end_engine` asks it to end politely, otherwise it lives on for 30 s."""
        if end_engine and self._writer is not None:
            with contextlib.suppress(EngineAway, EngineRefused, TimeoutError):
                await asyncio.wait_for(self.request("quit"), 2)
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        self._set_state(LinkState.CLOSED)

    async def _keep(self) -> None:
        while True:
            try:
                adopted = await self._connect_running()
                reader = adopted or await self._start_fresh()
                self._set_state(LinkState.ADOPTED if adopted else LinkState.STARTED)
                await self._listen(reader)
            except (OSError, EngineAway, asyncio.IncompleteReadError, protocol.ProtocolError) as error:
                log.warning("engine %s: %s", self.name, error or type(error).__name__)
                await asyncio.sleep(RETRY_S if self.state is LinkState.AWAY else 0)
            finally:
                self._lost()

    @property
    def left_running(self) -> bool:
        """True while an engine lives that a desk, this one or one before it, has started."""
        return self._living() is not None

    async def _connect_running(self) -> asyncio.StreamReader | None:
        endpoint = self._living()
        if endpoint is None:
            return None
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", endpoint.port)
        except OSError:
            return None
        self._writer, self.pid = writer, endpoint.pid
        self._send(encode(protocol.Hello(token=endpoint.token)))
        return reader

    async def _start_fresh(self) -> asyncio.StreamReader:
        self._file.unlink(missing_ok=True)
        self._heard = 0
        command = [*self._command, "--endpoint", str(self._file)]
        process = platform.start_detached(command, self._log, self._environment)
        for _ in range(int(START_S / POLL_S)):
            await asyncio.sleep(POLL_S)
            reader = await self._connect_running()
            if reader is not None:
                return reader
            if process.poll() is not None:
                raise EngineAway(f"ended at once with exit code {process.returncode}; see {self._log}")
        raise EngineAway(f"did not start within {START_S:.0f} s; see {self._log}")

    def _endpoint(self) -> protocol.Endpoint | None:
        try:
            return decode(protocol.Endpoint, json.loads(self._file.read_bytes()))
        except (OSError, ValueError):  # BadInput is a ValueError: a torn file is no endpoint
            return None

    def _living(self) -> protocol.Endpoint | None:
        endpoint = self._endpoint()
        return endpoint if endpoint is not None and platform.process_alive(endpoint.pid) else None

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        while True:
            length, kind = protocol.unpack_head(await reader.readexactly(protocol.HEAD_BYTES))
            payload = await reader.readexactly(length)
            if kind == protocol.JSON_KIND:
                self._take(json.loads(payload))

    def _take(self, message: dict[str, Any]) -> None:
        if "re" in message:
            answer = self._asked.get(message["re"])
            if answer is not None and not answer.done():
                if "error" in message:
                    answer.set_exception(EngineRefused(message["error"]))
                else:
                    answer.set_result(message["ok"])
            return
        number = message.get("n", 0)
        try:
            telling = decode(protocol.TELLINGS[message["ev"]], message.get("body"))
        except (KeyError, BadInput) as error:
            log.warning("engine %s said what is not understood: %s", self.name, error)
            return
        if not number or number > self._heard:
            self._on_telling(telling)
        if number:
            self._heard = max(self._heard, number)
            self._send({"ack": number})

    def _send(self, message: dict[str, Any]) -> None:
        if self._writer is not None:
            self._writer.write(protocol.pack(protocol.JSON_KIND, json.dumps(message, ensure_ascii=False).encode()))

    def _lost(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        for answer in self._asked.values():
            if not answer.done():
                answer.set_exception(EngineAway(self.name))
        if self.state is not LinkState.AWAY:
            self._set_state(LinkState.AWAY)

    def _set_state(self, state: LinkState) -> None:
        self.state = state
        self._on_state(state)
