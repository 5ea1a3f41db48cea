"""The gateways that the settings declare. A provider's library is loaded only where an account asks for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from client.domain.codec import BadInput
from client.hub.gateways.gateway import Gateway
from client.settings import Settings


def gateways_of(settings: Settings, directory: Path) -> list[Gateway]:
    """All of them. `directory` may hold the centre's own rules. Raises `BadInput` where two have the same name."""
    made = list(_made(settings, directory))
    names = [gateway.name for gateway in made]
    if double := {name for name in names if names.count(name) > 1}:
        raise BadInput("gateways", f"two of them are called {min(double)}: each needs a name of its own")
    return made


def _made(settings: Settings, directory: Path) -> Iterator[Gateway]:
    if settings.sens:
        from client.hub.gateways.sens import Sens

        yield from (Sens(account) for account in settings.sens)
    if settings.solapi:
        from client.hub.gateways.solapi import Solapi

        yield from (Solapi(account) for account in settings.solapi)
    if settings.smpp:
        from client.hub.gateways.smpp import Smpp

        yield from (Smpp(account) for account in settings.smpp)
    if settings.kakao:
        from client.hub.gateways.kakao import Kakao

        yield from (Kakao(account) for account in settings.kakao)
    if settings.chatbots:
        from client.hub.gateways.chatbot import Chatbot

        yield from (Chatbot(account) for account in settings.chatbots)
    if settings.complaints:
        from client.hub.gateways.complaint import Complaint

        yield from (Complaint(account, directory) for account in settings.complaints)
    if settings.portals:
        from client.hub.gateways.webhook import Webhook

        yield from (Webhook(account) for account in settings.portals)
