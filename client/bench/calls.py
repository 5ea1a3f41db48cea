"""Answering a call: from the desk's service to 200 on the wire through a proxy, and the CPU of a call; beside baresip."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from client import platform, settings
from client.bench.figures import rounded
from client.bench.sip_caller import SipCaller
from client.bench.sip_rig import DOMAIN, Baresip, Kamailio, need_programs
from client.bench.waiting import UP_S, until
from client.composition import Core
from client.domain.call import Account, Registration, Telling
from client.domain.codec import encode
from client.engines.pcm_client import read_leg

MS = 1_000
IDLE_S = 5.0
PAUSE_S = 0.1  # between calls: PJSIP gives a call's two sockets back after half a second, and its wheel has 64
USER, PEER = "1001", "2001"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the benchmark takes."""
    parser.add_argument("--calls", type=int, default=40, help="calls answered, each (default 40)")
    parser.add_argument("--seconds", type=float, default=15.0, help="length of the call whose CPU counts (default 15)")
    parser.add_argument("--no-peer", action="store_true", help="leave baresip out")


def run(arguments: argparse.Namespace) -> tuple[dict[str, float | int | str | None], dict[str, list[float]]]:
    """Measure on this machine, on loopback, with programs of its own."""
    need_programs(peer=not arguments.no_peer)
    with (
        tempfile.TemporaryDirectory(prefix="ieum-bench-") as directory,
        asyncio.Runner(loop_factory=platform.new_event_loop) as runner,
    ):
        return runner.run(_measure(Path(directory), arguments))


@dataclass
class Measured:
    """What one telephone did: milliseconds of each answer, percent of a core while idle and in a call."""

    answer_ms: list[float] = field(default_factory=list)
    idle_percent: float = 0.0
    call_percent: float = 0.0

    def summary(self, prefix: str) -> dict[str, float | int | str | None]:
        """Flat, with the telephone's name before each key."""
        return {
            f"{prefix}answer_ms_p50": rounded(self.answer_ms, 0.5),
            f"{prefix}answer_ms_p95": rounded(self.answer_ms, 0.95),
            f"{prefix}cpu_percent_per_call": round(self.call_percent - self.idle_percent, 2),
            f"{prefix}idle_cpu_percent": round(self.idle_percent, 2),
        }


async def _measure(
    directory: Path, arguments: argparse.Namespace
) -> tuple[dict[str, float | int | str | None], dict[str, list[float]]]:
    proxy = Kamailio(directory / "kamailio")
    try:
        ours = await _ours(proxy, arguments)
        summary = ours.summary("") | {"calls": arguments.calls}
        samples = {"answer_ms": ours.answer_ms}
        if not arguments.no_peer:
            theirs = await _theirs(directory, proxy, arguments)
            summary |= theirs.summary("baresip_")
            samples["baresip_answer_ms"] = theirs.answer_ms
    finally:
        proxy.stop()
    return summary, samples


class Phone(Protocol):
    """A telephone that is measured."""

    @property
    def pid(self) -> int:
        """Its process."""

    async def ringing(self) -> None:
        """It knows of the call that rings."""

    async def answer(self) -> None:
        """Answer it."""

    async def listen(self) -> None:
        """Do with the sound what is done in use, until cancelled."""

    async def after_call(self) -> None:
        """Do what is to be done before the next call can come."""


class OurPhone:
    """A desk (services, hub, voice engine) without its window; both legs are read as recognition reads them."""

    def __init__(self, account: Account) -> None:
        self.core = Core(
            settings.save_user(
                {"phone.accounts": [encode(account)], "captions.on": False, "desk.wrapup_required": False}
            )
        )
        self._told: list[Telling] = []
        self.core.telephony.listen(self._told.append)

    @property
    def pid(self) -> int:
        """The engine's process."""
        return self.core.telephony.link.pid

    async def ready(self) -> None:
        """Start and register."""
        self.core.start()
        await until(lambda: any(isinstance(t, Registration) and t.registered for t in self._told), "registration")
        await until(lambda: self.core.desk.log.connected, "the hub is connected")

    async def ringing(self) -> None:
        """The call was told to the desk, which offers it."""
        await until(lambda: bool(self.core.desk.calls.offers), "the call is offered")

    async def answer(self) -> None:
        """Ask the desk's service, as the window does."""
        await self.core.desk.calls.answer()

    async def listen(self) -> None:
        """Subscribe to both legs."""
        calls = self.core.desk.calls
        await until(lambda: calls.running is not None, "the call runs")
        view = calls.call(calls.running or "")
        assert view is not None
        await asyncio.gather(*(self._drain(f"{view.call}/{side}") for side in ("citizen", "agent")))

    async def _drain(self, leg: str) -> None:
        port, token = await self.core.telephony.subscribe()
        async for _ in read_leg(port, token, leg):
            pass

    async def after_call(self) -> None:
        """Wrap up: a desk in wrap-up is offered nothing."""
        desk = self.core.desk
        await until(lambda: not desk.calls.book.told, "the call has ended")
        for session in desk.wrapups.pending():
            await until(lambda s=session: desk.sessions.get(s).owner == desk.sessions.me, "the session is ours")  # type: ignore[misc]  # bound now
            await desk.wrapups.save(session, (), "")
        await desk.log.drained(UP_S)  # no agent is called again while the last call is still being written


async def _ours(proxy: Kamailio, arguments: argparse.Namespace) -> Measured:
    phone = OurPhone(proxy.account(USER))
    try:
        await phone.ready()
        return await _try(proxy, USER, phone, arguments)
    finally:
        await phone.core.close()


async def _theirs(directory: Path, proxy: Kamailio, arguments: argparse.Namespace) -> Measured:
    phone = Baresip(directory / "baresip", proxy, PEER)
    try:
        await phone.ready()
        return await _try(proxy, PEER, phone, arguments)
    finally:
        phone.stop()


async def _try(proxy: Kamailio, user: str, phone: Phone, arguments: argparse.Namespace) -> Measured:
    measured = Measured()
    caller = SipCaller(("127.0.0.1", proxy.port), DOMAIN)
    await caller.open()
    try:
        measured.idle_percent = await _cpu_percent(phone.pid, min(IDLE_S, arguments.seconds))
        for _ in range(arguments.calls):
            measured.answer_ms.append(await _answer(caller, user, phone))
            await caller.hang_up()
            await phone.after_call()
            await asyncio.sleep(PAUSE_S)
        await _answer(caller, user, phone)
        listening = asyncio.ensure_future(phone.listen())
        measured.call_percent = await _cpu_percent(phone.pid, arguments.seconds)
        listening.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await listening
        await caller.hang_up()
    finally:
        caller.close()
    return measured


async def _answer(caller: SipCaller, user: str, phone: Phone) -> float:
    """Milliseconds from asking for the answer to the 200's arrival at the caller."""
    await caller.ring(user)
    await phone.ringing()
    asked = time.perf_counter()
    await phone.answer()
    await caller.answered()
    return (caller.answered_at - asked) * MS


async def _cpu_percent(pid: int, seconds: float) -> float:
    """Percent of one core that a process takes."""
    import psutil

    process = psutil.Process(pid)
    before, began = process.cpu_times(), time.monotonic()
    await asyncio.sleep(seconds)
    after = process.cpu_times()
    spent = after.user + after.system - before.user - before.system
    return float(100 * spent / (time.monotonic() - began))
