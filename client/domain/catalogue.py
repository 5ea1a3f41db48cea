"""The centre's own data, read from the text of its files: screens that an agent may push, and wrap-up codes.

A screen's file is TOML: `name`, `kind`, optionally `reviewed` (the day on which the centre checked its content), then one table a
language (BCP 47) with the rest of `Screen`. Items and fields have the same ids, in the same order, in every language:
an answer must mean the same whichever was shown.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from client.domain.codec import BadInput, decode
from client.domain.codes import Code, walk
from client.domain.screen import Screen

FALLBACK = ("en", "ko")
_SHARED = ("name", "kind", "reviewed")


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All screens by name, each in all its languages. Call it with a language to get what an agent may push."""

    screens: Mapping[str, Mapping[str, Screen]]

    def __call__(self, language: str) -> tuple[Screen, ...]:
        """Every screen in `language`, or in the nearest one that it has, in the order of the files."""
        return tuple(_nearest(versions, language) for versions in self.screens.values())

    def screen(self, name: str, language: str) -> Screen:
        """One screen by its name; raises `KeyError`."""
        return _nearest(self.screens[name], language)


def read_catalogue(files: Iterable[tuple[str, str]]) -> Catalogue:
    """The catalogue of (file name, TOML text) pairs; raises `BadInput` naming the file and the field."""
    screens: dict[str, Mapping[str, Screen]] = {}
    for file, text in files:
        versions = _read_screen(file, text)
        name = next(iter(versions.values())).name
        if name in screens:
            raise BadInput(f"{file}: name", f"{name} is taken by another screen")
        screens[name] = versions
    return Catalogue(screens)


def read_codes(file: str, text: str) -> tuple[Code, ...]:
    """The tree of wrap-up codes in a TOML text with a list `codes`; raises `BadInput`."""
    codes = decode(tuple[Code, ...], _toml(file, text).get("codes"), f"{file}: codes")
    ids = [code.id for code, _ in walk(codes)]
    if twice := {code for code in ids if ids.count(code) > 1}:
        raise BadInput(f"{file}: codes", f"{min(twice)} stands twice")
    return codes


def _read_screen(file: str, text: str) -> dict[str, Screen]:
    tables = _toml(file, text)
    shared = {key: tables.pop(key) for key in _SHARED if key in tables}
    if not shared.get("name"):
        raise BadInput(f"{file}: name", "is missing")
    if not tables:
        raise BadInput(file, "must hold at least one language")
    versions = {}
    for language, table in tables.items():
        if not isinstance(table, Mapping):
            raise BadInput(f"{file}: {language}", "must be a table of one language")
        versions[language] = decode(Screen, {**shared, "language": language, **table}, f"{file}: {language}")
    _same_ids(file, versions)
    return versions


def _same_ids(file: str, versions: Mapping[str, Screen]) -> None:
    (first, pattern), *others = ((language, _ids(screen)) for language, screen in versions.items())
    for language, ids in others:
        if ids != pattern:
            raise BadInput(f"{file}: {language}", f"must have the same ids in the same order as {first}")


def _ids(screen: Screen) -> list[str]:
    return [item.id for item in screen.items] + [f"{field.id} {field.kind} {field.required}" for field in screen.fields]


def _nearest(versions: Mapping[str, Screen], language: str) -> Screen:
    for wish in (language, language.partition("-")[0], *FALLBACK):
        if wish in versions:
            return versions[wish]
    return next(iter(versions.values()))


def _toml(file: str, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadInput(file, f"is not TOML: {error}") from error
