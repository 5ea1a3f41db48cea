"""The services that carry messages outside, in words."""

from __future__ import annotations

from collections.abc import Iterable

from client.services.gateways import GatewayState
from ui.language import tr
from ui.wording import channel_text


def services_text(states: Iterable[GatewayState]) -> tuple[str, str, str]:
    """How the services that carry messages do: (good, careful or bad; the worst of it in words, and how much more; all of it)."""
    told = list(states)
    down = [tr("{name} does not answer", name=service_text(one)) for one in told if one.state == "down"]
    slow = [tr("{name} is slow", name=service_text(one)) for one in told if one.state == "slow"]
    count = sum(one.uncertain for one in told)
    parts = [*down, *([tr("uncertain: {count}", count=count)] if count else []), *slow]
    if not parts:
        return "good", tr("ready"), ""
    more = tr("{count} more", count=len(parts) - 1) if len(parts) > 1 else ""
    return "bad" if down else "careful", " ".join(part for part in (parts[0], more) if part), ", ".join(parts)


def service_text(service: GatewayState) -> str:
    """A service by what it carries; its own name only says which of several."""
    return channel_text(service.channel)
