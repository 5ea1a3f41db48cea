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
from client.domain.codec import BadInput
from client.domain.session_log import LogRefused
from client.domain.words import Role
from client.hub.database import StoreBroken
from client.hub.embedded import remove_endpoint, until_unneeded, write_endpoint
from client.hub.first_start import ensure_administrator, the_agent
from client.hub.principals import Principals
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
    accounts = parser.add_mutually_exclusive_group()
    accounts.add_argument("--list-principals", action="store_true", help="print who has a credential, and end")
    accounts.add_argument("--add-principal", metavar="NAME", help="give out one credential, print its token, and end")
    accounts.add_argument("--rotate-principal", metavar="ID", help="print a new token in the old one's place, and end")
    accounts.add_argument("--revoke-principal", metavar="ID", help="make this credential open nothing, and end")
    parser.add_argument("--role", choices=[str(role) for role in Role], default=str(Role.AGENT), help="its role")
    parser.add_argument("--number", default="", help="where its phone rings: a number or SIP URI")


def run(arguments: argparse.Namespace) -> int:
    """Serve until told to stop. Exit codes: 0 ended politely, 1 the store cannot be used, 2 an input is wrong."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    wanted = settings.load()
    given = {"hub_port": arguments.port, "citizen_port": arguments.citizen_port}
    wanted = replace(wanted, **{name: port for name, port in given.items() if port is not None})
    if arguments.embedded:  # for one desk on this machine, over loopback: a certificate would be of another name
        wanted = replace(wanted, tls_certificate="", tls_key="")
    directory = arguments.data or _data(wanted) / "hub"
    try:
        if _is_about_accounts(arguments):
            return asyncio.run(_keep_accounts(wanted, directory, arguments))
        return asyncio.run(_serve(wanted, directory, arguments))
    except StoreBroken as error:
        print(f"ieum hub: {error}", file=sys.stderr)
        if _is_about_accounts(arguments):
            print(RUNNING, file=sys.stderr)
        return 1


RUNNING = (
    "A running hub is asked over its desks' interface, with an administrator's token: GET or POST /v1/principals, "
    "POST /v1/principals/ID/rotate, POST /v1/principals/ID/revoke."
)


def _is_about_accounts(arguments: argparse.Namespace) -> bool:
    wishes = (arguments.add_principal, arguments.rotate_principal, arguments.revoke_principal)
    return arguments.list_principals or any(wish is not None for wish in wishes)


def _data(wanted: Settings) -> Path:
    return Path(wanted.data_dir) if wanted.data_dir else platform.data_dir()


async def _keep_accounts(wanted: Settings, directory: Path, arguments: argparse.Namespace) -> int:
    """What the options ask of the credentials, while no hub runs on the store."""
    server = HubServer(replace(wanted, hub_port=0, citizen_port=0), directory)
    try:
        await _change(server.hub.principals, arguments)
    except LogRefused as error:
        raise BadInput(f"principal {arguments.rotate_principal or arguments.revoke_principal}", str(error)) from error
    finally:
        await server.hub.close()
    return 0


async def _change(principals: Principals, arguments: argparse.Namespace) -> None:
    if arguments.list_principals:
        for account in principals.accounts():
            print("\t".join((account.person.id, account.person.role, principals.state(account), account.person.name)))
    elif arguments.rotate_principal is not None:
        print(await principals.reissue(principals.account(arguments.rotate_principal).person))
    elif arguments.revoke_principal is not None:
        await principals.revoke(arguments.revoke_principal)
    else:
        _, token = await principals.add(arguments.add_principal, Role(arguments.role), arguments.number)
        print(token)


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
