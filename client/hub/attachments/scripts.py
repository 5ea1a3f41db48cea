"""Hancom's word processor writes an empty script into documents of its own accord; only one that does something is refused."""

from __future__ import annotations

import re

from client.hub.attachments.clean import refused

MAX_SCRIPT = 100_000  # bytes
COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)|//[^\r\n\u2028\u2029]*", re.DOTALL)
IDLE = re.compile(r'(var\w+=\w+(\.\w+)*(\.ItemFromName\("\w+"\))?;)*(function\w+\(\w*\)\{\})*')


def require_idle(script: str) -> None:
    """Raise `BadInput` unless the script only names things and has empty functions, as Hancom writes it.

    `@` is refused too: Microsoft's JScript runs what stands in a comment behind @cc_on.
    """
    if len(script) > MAX_SCRIPT or "@" in script or IDLE.fullmatch(_bare(script)) is None:
        raise refused("is a document with a script in it; save it without")


def _bare(script: str) -> str:
    return re.sub(r"[\s\0\ufeff]+", "", COMMENT.sub(" ", script))
