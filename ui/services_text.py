"""The services that carry messages outside, in words."""

from __future__ import annotations

from collections.abc import Iterable

from client.services.gateways import GatewayState
from ui.language import tr
from ui.wording import channel_text


def services_text(states: Iterable[GatewayState]) -> tuple[str, str]:
    """(good, careful or bad; in words) how the services that carry messages do: which is down or slow, what is uncertain."""
    told = list(states)
    parts = [
        tr("{name} does not answer", name=service_text(one))
        if one.state == "down"
        else tr("{name} is slow", name=service_text(one))
        for one in sorted(told, key=lambda one: one.state)
        if one.state != "good"
    ]
    uncertain = sum(one.uncertain for one in told)
    if uncertain:
        parts.append(tr("uncertain: {count}", count=uncertain))
    state = "bad" if any(one.state == "down" for one in told) else "careful" if parts else "good"
    return state, ", ".join(parts) or tr("ready")


def service_text(service: GatewayState) -> str:
    """A service by what it carries; its own name only says which of several."""
    return channel_text(service.channel)
