"""The name a telephone shows for its caller, where it is one."""

from __future__ import annotations

import re

from client.domain.masking import mask_number

_NUMBER = re.compile(r"\+?\d(?:[\s()./-]*\d){6,}")  # seven digits and more, however they are set apart


def caller_name(display: str) -> str:
    """A display name without numbers: "" if it is a number and no name, masked where a name has one in it."""
    name = _NUMBER.sub(lambda found: mask_number(found[0]), display).strip()
    return name if any(char.isalpha() for char in name) else ""
