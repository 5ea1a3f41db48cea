"""Whether the fixed ports that settings name can be taken."""

from __future__ import annotations

import socket
from collections.abc import Iterator

from client.doctor.finding import Finding, Machine, ok, warn


def check(machine: Machine) -> Iterator[Finding]:
    """Each fixed port; 0 needs no look."""
    settings = machine.settings
    for key, port, address, kind in (
        ("phone.port", settings.sip_port, settings.sip_bind, socket.SOCK_DGRAM),
        ("hub.port", settings.hub_port, settings.hub_bind, socket.SOCK_STREAM),
        ("hub.citizen_port", settings.citizen_port, settings.citizen_bind, socket.SOCK_STREAM),
    ):
        if port:
            yield _try(f"ports.{key}", key, port, address or "0.0.0.0", kind)  # noqa: S104 — as the setting means it
    if not any((settings.sip_port, settings.hub_port, settings.citizen_port)):
        yield ok("ports", "all ports are picked at start")


def _try(id_: str, key: str, port: int, address: str, kind: socket.SocketKind) -> Finding:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, kind) as trial:
        try:
            trial.bind((address, port))
        except OSError as error:
            return warn(
                id_,
                f"{key}: {address} port {port} cannot be taken: {error.strerror}",
                "is a desk already running? Else choose another port, or an address of this machine",
            )
    return ok(id_, f"{key}: {address} port {port} is free")
