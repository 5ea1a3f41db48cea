"""The session's key on its way through SIP: User-to-User (RFC 7433), the session id in hexadecimal."""

from __future__ import annotations

import re
import uuid

from client.domain.ids import is_id

PART_HEADER = "X-Ieum-Part"
CONSULTATION = "consultation"
"""Value of the header on a call by which one desk asks another: it is not the citizen's."""

_HEX = re.compile(r"\s*([0-9a-fA-F]{2,254})\s*(?:;.*)?")


def user_to_user(session: str) -> str:
    """The header's value for a session: `01a2…;encoding=hex`."""
    return f"{session.replace('-', '')};encoding=hex"


def uui_key(header: str) -> str | None:
    """The external key of a User-to-User value, `uui:<hex>`; None where it is not one (RFC 7433, 4.1)."""
    match = _HEX.fullmatch(header)
    return f"uui:{match[1].lower()}" if match else None


def session_of_uui(header: str) -> str | None:
    """The session id that another desk put into User-to-User; None if it holds something else."""
    key = uui_key(header)
    if key is None or len(key) != len("uui:") + 32:
        return None
    session = str(uuid.UUID(hex=key.removeprefix("uui:")))
    return session if is_id(session) else None
