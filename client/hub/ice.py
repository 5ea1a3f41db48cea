"""STUN and TURN for who may use them now: a TURN credential is good for some hours and for nobody's secret.

TURN REST credentials as coturn's `use-auth-secret` takes them: the user name is when it ends and a name, the password
base64(HMAC-SHA1(secret, user name)).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime

from client.domain.video import IceServer
from client.settings import Settings


def ice_servers(settings: Settings, name: str, now: datetime) -> tuple[IceServer, ...]:
    """What the settings name; nothing else is ever asked. `name` — who uses it, without a citizen's data in it."""
    servers = [IceServer(urls=settings.stun)] if settings.stun else []
    if settings.turn:
        user = f"{int(now.timestamp()) + settings.turn_minutes * 60}:{name}"
        digest = hmac.new(settings.turn_secret.encode(), user.encode(), hashlib.sha1).digest()
        servers.append(
            IceServer(urls=settings.turn, username=user, credential=base64.b64encode(digest).decode("ascii"))
        )
    return tuple(servers)
