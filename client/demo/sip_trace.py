"""The SIP messages out of PJSIP's log: what went over the wire, and nothing of the library's own talk."""

from __future__ import annotations

import re

_MESSAGE = re.compile(r"^\S+\s+\S+ [!. ]*((?:TX|RX) \d+ bytes .*?:)\n(.*?)^--end msg--$", re.MULTILINE | re.DOTALL)


def only_messages(log: str) -> str:
    """Each message with the line that says its direction, peer and transport."""
    return "\n".join(f"── {head}\n{body.rstrip()}\n" for head, body in _MESSAGE.findall(log))
