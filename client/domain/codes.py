"""The centre's tree of wrap-up codes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """One code: `id` as statistics know it (`3-1`), `label` in the centre's language, `en` in English."""

    id: str
    label: str
    en: str = ""
    children: tuple[Code, ...] = ()


def walk(codes: Sequence[Code], path: tuple[str, ...] = ()) -> Iterator[tuple[Code, tuple[str, ...]]]:
    """Every code with the labels above it, depth first."""
    for code in codes:
        yield code, path
        yield from walk(code.children, (*path, code.label))


def for_ars(codes: Sequence[Code], ars: str) -> Code | None:
    """The code that the citizen's way through the ARS suggests: the longest id that `ars` (`3-1-2`) begins with."""
    found = [code for code, _ in walk(codes) if ars == code.id or ars.startswith(f"{code.id}-")]
    return max(found, key=lambda code: len(code.id), default=None)
