"""`ieum hub`: the server half, alone or embedded in one desk."""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
import sys
from dataclasses import replace
from pathlib import Path

from client import platform, settings
from client.domain.words import Role
from client.hub.database import StoreBroken
from client.hub.embedded import remove_endpoint, until_unneeded, write_endpoint
from client.hub.first_start import ensure_administrator, the_agent
from client.hub.server import HubServer
from client.settings import Settings

HELP = "the server half, alone"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument("--embedded", action="store_true", help="serve one desk, and end when it is gone for 30 s")
    parser.add_argument("--endpoint", type=Path, metavar="FILE", help="write addresses and the agent's token here")
    parser.add_argument("--port", type=int, help="port of the desks' interface")
    parser.add_argument("--citizen-port", type=int, help="port of the citizens' interface")
    parser.add_argument(
        "--data", type=Path, metavar="DIR", help="where the store is; default: under the data directory"
    )
    parser.add_argument("--add-principal", metavar="NAME", help="give out one credential, print its token, and end")
    parser.add_argument("--role", choices=[str(role) for role in Role], default=str(Role.AGENT), help="its role")
    parser.add_argument("--number", default="", help="where its phone rings: a number or SIP URI")


def run(arguments: argparse.Namespace) -> int:
    """Serve until told to stop. Exit codes: 0 ended politely, 1 the store cannot be used, 2 a setting is wrong."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    wanted = settings.load()
    given = {"hub_port": arguments.port, "citizen_port": arguments.citizen_port}
    wanted = replace(wanted, **{name: port for name, port in given.items() if port is not None})
    directory = arguments.data or _data(wanted) / "hub"
    try:
        if arguments.add_principal:
            return asyncio.run(_add(wanted, directory, arguments))
        return asyncio.run(_serve(wanted, directory, arguments))
    except StoreBroken as error:
        print(f"ieum hub: {error}", file=sys.stderr)
        return 1


def _data(wanted: Settings) -> Path:
    return Path(wanted.data_dir) if wanted.data_dir else platform.data_dir()


async def _add(wanted: Settings, directory: Path, arguments: argparse.Namespace) -> int:
    server = HubServer(replace(wanted, hub_port=0, citizen_port=0), directory)
    _, token = await server.hub.principals.add(arguments.add_principal, Role(arguments.role), arguments.number)
    print(token)
    await server.hub.close()
    return 0


async def _serve(wanted: Settings, directory: Path, arguments: argparse.Namespace) -> int:
    stop = asyncio.Event()
    _stop_on_signals(asyncio.get_running_loop(), stop)
    server = HubServer(wanted, directory)
    await server.start()
    administrator = await ensure_administrator(server.hub)
    await _announce(server, arguments, administrator)
    waits: list[asyncio.Task[object]] = [asyncio.create_task(stop.wait())]
    if arguments.embedded:
        waits.append(asyncio.create_task(until_unneeded(server.hub)))
    await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    for wait in waits:
        wait.cancel()
    if arguments.endpoint:
        remove_endpoint(arguments.endpoint)
    await server.stop()
    return 0


async def _announce(server: HubServer, arguments: argparse.Namespace, administrator: Path | None) -> None:
    print(f"desks:    {server.desk_url}", flush=True)
    print(f"citizens: {server.public_url}", flush=True)
    if administrator:
        print(f"the administrator's token is in {administrator}", flush=True)
    if arguments.endpoint:
        token = (await the_agent(server.hub))[1] if arguments.embedded else ""  # alone, every agent keeps their own
        write_endpoint(arguments.endpoint, desk_url=server.desk_url, citizen_url=server.public_url, token=token)


def _stop_on_signals(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))
