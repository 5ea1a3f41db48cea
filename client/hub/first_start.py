"""The credentials with which a hub begins: one agent for the desk that embeds it, one administrator otherwise."""

from __future__ import annotations

import getpass
from pathlib import Path

from client import platform
from client.domain.access import Person
from client.domain.words import Role
from client.hub.core import Hub


async def the_agent(hub: Hub) -> tuple[Person, str]:
    """The one agent of an embedded hub, and a fresh token: the last starter's is void."""
    agents = [person for person in hub.principals.all() if person.role is Role.AGENT]
    if agents:
        first = min(agents, key=lambda person: person.id)
        return first, await hub.principals.reissue(first)
    return await hub.principals.add(hub.settings.agent_name or _system_user(), Role.AGENT)


async def ensure_administrator(hub: Hub) -> Path | None:
    """At the first start: an administrator whose token stands in the returned file, for its owner only."""
    if any(person.role is Role.ADMINISTRATOR for person in hub.principals.all()):
        return None
    _, token = await hub.principals.add("administrator", Role.ADMINISTRATOR)
    file = hub.directory / "administrator.token"
    platform.write_private(file, f"{token}\n".encode())
    return file


def _system_user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # no such user in a container
        return "agent"
