"""Human language in SDP (RFC 8373): which language each medium carries, one way and the other.

`a=hlang-send:kvk` and `a=hlang-recv:kvk ko` stand in a medium's section: language tags (RFC 5646) in order of preference, and
perhaps a `*` at the end: the call is welcome without any of them too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

SIGNED = frozenset({"kvk", "ase", "bfi", "jsl", "csl", "hks", "tss", "vsl", "ils"})  # ISO 639-3 of sign languages
_TAG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_LINE = re.compile(r"a=hlang-(send|recv):(.*)")
MAX_TAGS = 16


@dataclass(frozen=True, slots=True)
class MediumLanguages:
    """`kind` — video, audio, application (real-time text); `send`, `recv` — tags, the preferred first; `any` — `*` stood
    with either."""

    kind: str
    send: tuple[str, ...] = ()
    recv: tuple[str, ...] = ()
    any: bool = False


def parse_hlang(sdp: str) -> tuple[MediumLanguages, ...]:
    """What each medium of an SDP says, in its order; a line that is not well formed says nothing."""
    found: list[MediumLanguages] = []
    for section in re.split(r"^m=", sdp.replace("\r\n", "\n"), flags=re.MULTILINE)[1:]:
        said: dict[str, tuple[str, ...]] = {}
        star = False
        for line in section.splitlines():
            if match := _LINE.fullmatch(line.strip()):
                words = match[2].split()
                star = star or words[-1:] == ["*"]
                said[match[1]] = _tags(words[:-1] if words[-1:] == ["*"] else words)
        kind = section.split(maxsplit=1)[0] if section.split() else ""
        found.append(MediumLanguages(kind, said.get("send", ()), said.get("recv", ()), star))
    return tuple(found)


def _tags(words: list[str]) -> tuple[str, ...]:
    good = all(_TAG.fullmatch(word) for word in words) and len(words) <= MAX_TAGS
    return tuple(words) if good else ()


def fitting(kind: str, languages: tuple[str, ...]) -> tuple[str, ...]:
    """Those of `languages` that a medium can carry: signed ones by video, spoken or written ones by sound and text."""
    return tuple(tag for tag in languages if (_primary(tag) in SIGNED) is (kind == "video"))


def agreed(offered: tuple[str, ...], ours: tuple[str, ...]) -> tuple[str, ...]:
    """The language of an answer: the first of theirs that is ours; where none was offered, ours; one at most (RFC 8373, 5.2)."""
    if not offered:
        return ours[:1]
    known = {_primary(tag) for tag in ours}
    return tuple(tag for tag in offered if _primary(tag) in known)[:1]


def _primary(tag: str) -> str:
    return tag.split("-", 1)[0].lower()


def with_hlang(answer: str, offer: str, languages: tuple[str, ...]) -> str:
    """An answer's SDP with the languages of this end (the preferred first) in each medium that can carry one."""
    offered = parse_hlang(offer)
    head, *sections = re.split(r"(?m)^(?=m=)", answer)
    written = [head]
    for number, section in enumerate(sections):
        kind = section[2:].split(maxsplit=1)[0]
        theirs = offered[number] if number < len(offered) else MediumLanguages(kind)
        ours = fitting(kind, languages)
        lines = _line("send", agreed(theirs.recv, ours)) + _line("recv", agreed(theirs.send, ours))
        written.append(section + ("" if section.endswith("\n") else "\r\n") + lines)
    return "".join(written)


def _line(way: str, tags: tuple[str, ...]) -> str:
    return f"a=hlang-{way}:{' '.join(tags)}\r\n" if tags else ""
