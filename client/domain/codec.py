"""Frozen dataclasses to and from JSON values, strictly.

One decoder serves the session log, the hub's wire messages and the engine protocol, so that a bad
input is refused in one way: `BadInput` names the field and says what is wrong with it.

What a type needs is worked out once and kept as a function: a hub decodes a thousand captions a second.
"""

from __future__ import annotations

import dataclasses
import math
import types
import typing
from collections.abc import Callable, Mapping
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union

T = TypeVar("T")
Decoder = Callable[[Any, int], Any]
"""(value, depth) → the decoded value; raises `BadInput` with a path from the value on."""

MAX_DEPTH = 16


class BadInput(ValueError):
    """A value that does not have the shape it must have.

    Attributes: `path` — the field, dotted from the top (`body.words.3.text`); `why` — what is wrong.
    """

    def __init__(self, path: str, why: str) -> None:
        super().__init__(f"{path or 'value'}: {why}")
        self.path = path
        self.why = why


def encode(value: Any) -> Any:
    """A JSON-ready value: dataclasses become objects (fields that are None are left out), tuples lists."""
    return _encoder(typing.cast(Any, type(value)))(value)


def decode(kind: type[T], value: Any, path: str = "") -> T:
    """`value` (parsed JSON) as an instance of `kind`; raises `BadInput` where it does not fit.

    Unknown fields are refused: a misspelt field must not be lost without a word.
    """
    try:
        return typing.cast(T, _decoder(typing.cast(Any, kind))(value, 0))
    except BadInput as error:
        raise BadInput(_join(path, error.path), error.why) from error


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path and name else path or name


# ── encoding ─────────────────────────────────────────────────────────────────────────────────────


@cache
def _encoder(kind: type) -> Callable[[Any], Any]:
    if dataclasses.is_dataclass(kind):
        return _dataclass_encoder(tuple(field.name for field in dataclasses.fields(kind)))
    if issubclass(kind, Enum):
        return lambda value: value.value
    if issubclass(kind, Mapping):
        return lambda value: {str(key): encode(item) for key, item in value.items()}
    if issubclass(kind, tuple | list | frozenset):
        return lambda value: [encode(item) for item in value]
    return lambda value: value


def _dataclass_encoder(names: tuple[str, ...]) -> Callable[[Any], Any]:
    def encode_fields(value: Any) -> Any:
        return {
            name: item if type(item) in _PLAIN else encode(item)
            for name in names
            if (item := getattr(value, name)) is not None
        }

    return encode_fields


_PLAIN = frozenset({str, int, float, bool})


# ── decoding ─────────────────────────────────────────────────────────────────────────────────────


@cache
def _decoder(kind: Any) -> Decoder:
    if kind is Any or kind is object:
        return lambda value, _depth: value
    origin = typing.get_origin(kind)
    if origin in (Union, types.UnionType):
        return _union_decoder(kind)
    if origin in (tuple, list, frozenset):
        return _sequence_decoder(kind, origin)
    if origin in (dict, Mapping):
        return _mapping_decoder(kind)
    if dataclasses.is_dataclass(kind):
        return _dataclass_decoder(kind)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return _enum_decoder(kind)
    return _SCALARS.get(kind) or _plain_decoder(kind)


def _union_decoder(kind: Any) -> Decoder:
    options = typing.get_args(kind)
    decoders = [_decoder(option) for option in options if option is not type(None)]
    optional = type(None) in options

    def decode_union(value: Any, depth: int) -> Any:
        if value is None and optional:
            return None
        problem = BadInput("", "does not fit")
        for decoder in decoders:
            try:
                return decoder(value, depth)
            except BadInput as error:
                problem = error
        raise problem

    return decode_union


def _sequence_decoder(kind: Any, origin: Any) -> Decoder:
    decoder = _decoder((typing.get_args(kind) or (Any,))[0])

    def decode_sequence(value: Any, depth: int) -> Any:
        if not isinstance(value, list | tuple):
            raise BadInput("", "must be a list")
        _check_depth(depth)
        items = []
        for n, item in enumerate(value):
            try:
                items.append(decoder(item, depth + 1))
            except BadInput as error:
                raise BadInput(_join(str(n), error.path), error.why) from error
        return origin(items)

    return decode_sequence


def _mapping_decoder(kind: Any) -> Decoder:
    decoder = _decoder((typing.get_args(kind) or (str, Any))[1])

    def decode_mapping(value: Any, depth: int) -> Any:
        if not isinstance(value, Mapping):
            raise BadInput("", "must be an object")
        _check_depth(depth)
        found = {}
        for key, item in value.items():
            try:
                found[str(key)] = decoder(item, depth + 1)
            except BadInput as error:
                raise BadInput(_join(str(key), error.path), error.why) from error
        return found

    return decode_mapping


def _dataclass_decoder(kind: Any) -> Decoder:
    fields = dataclasses.fields(kind)
    known = frozenset(field.name for field in fields)
    plan: list[tuple[str, Decoder, bool]] = []  # made at the first use: a class may hold itself

    def decode_dataclass(value: Any, depth: int) -> Any:
        if isinstance(value, kind):
            return value
        if type(value) is not dict and not isinstance(value, Mapping):
            raise BadInput("", "must be an object")
        _check_depth(depth)
        if not known.issuperset(value):
            raise BadInput(min(map(str, set(value) - known)), "unknown field")
        if not plan:
            plan.extend(_plan(kind, fields))
        return kind(**_arguments(plan, value, depth + 1))

    return decode_dataclass


def _plan(kind: Any, fields: tuple[dataclasses.Field[Any], ...]) -> list[tuple[str, Decoder, bool]]:
    """(name, decoder, whether it is required) of every field."""
    hints = typing.get_type_hints(kind)
    missing = dataclasses.MISSING
    return [
        (field.name, _decoder(hints[field.name]), field.default is missing and field.default_factory is missing)
        for field in fields
    ]


def _arguments(plan: list[tuple[str, Decoder, bool]], value: Mapping[str, Any], depth: int) -> dict[str, Any]:
    arguments = {}
    for name, decoder, required in plan:
        if name in value:
            try:
                arguments[name] = decoder(value[name], depth)
            except BadInput as error:
                raise BadInput(_join(name, error.path), error.why) from error
        elif required:
            raise BadInput(name, "is missing")
    return arguments


def _check_depth(depth: int) -> None:
    if depth > MAX_DEPTH:
        raise BadInput("", "nested too deeply")


def _enum_decoder(kind: type[Enum]) -> Decoder:
    members = {member.value: member for member in kind}
    allowed = ", ".join(str(value) for value in members)

    def decode_enum(value: Any, _depth: int) -> Enum:
        if isinstance(value, kind):
            return value
        if not isinstance(value, str | int) or value not in members:
            raise BadInput("", f"must be one of {allowed}")
        return members[value]

    return decode_enum


def _text(value: Any, _depth: int) -> str:
    if not isinstance(value, str):
        raise BadInput("", "must be text")
    if "\x00" in value or (not value.isascii() and _has_surrogates(value)):
        raise BadInput("", "holds characters that are not text")
    return value


def _has_surrogates(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return True
    return False


def _whole(value: Any, _depth: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise BadInput("", "must be a whole number")
    if abs(value) >= 2**63:
        raise BadInput("", "is too large")
    return value


def _number(value: Any, _depth: int) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadInput("", "must be a number")
    try:
        number = float(value)
    except OverflowError:
        raise BadInput("", "is too large") from None
    if not math.isfinite(number):
        raise BadInput("", "must be a finite number")
    return number


def _truth(value: Any, _depth: int) -> bool:
    if not isinstance(value, bool):
        raise BadInput("", "must be true or false")
    return value


_SCALARS: dict[Any, Decoder] = {str: _text, int: _whole, float: _number, bool: _truth}


def _plain_decoder(kind: Any) -> Decoder:
    def decode_plain(value: Any, _depth: int) -> Any:
        if not isinstance(value, kind):
            raise BadInput("", f"must be {kind.__name__}")
        return value

    return decode_plain
