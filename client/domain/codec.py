"""Frozen dataclasses to and from JSON values, strictly.

One decoder serves the session log, the hub's wire messages and the engine protocol, so that a bad
input is refused in one way: `BadInput` names the field and says what is wrong with it.
"""

from __future__ import annotations

import dataclasses
import math
import types
import typing
from collections.abc import Mapping
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union

T = TypeVar("T")

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
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: encode(item)
            for field in dataclasses.fields(value)
            if (item := getattr(value, field.name)) is not None
        }
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(key): encode(item) for key, item in value.items()}
    if isinstance(value, tuple | list | frozenset):
        return [encode(item) for item in value]
    return value


def decode(kind: type[T], value: Any, path: str = "") -> T:
    """`value` (parsed JSON) as an instance of `kind`; raises `BadInput` where it does not fit.

    Unknown fields are refused: a misspelt field must not be lost without a word.
    """
    return typing.cast(T, _decode(kind, value, path, 0))


@cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _decode(kind: Any, value: Any, path: str, depth: int) -> Any:
    if depth > MAX_DEPTH:
        raise BadInput(path, "nested too deeply")
    if kind is Any or kind is object:
        return value
    origin = typing.get_origin(kind)
    if origin in (Union, types.UnionType):
        return _decode_union(kind, value, path, depth)
    if origin in (tuple, list, frozenset):
        return _decode_sequence(kind, origin, value, path, depth)
    if origin in (dict, Mapping):
        return _decode_mapping(kind, value, path, depth)
    if dataclasses.is_dataclass(kind):
        return _decode_dataclass(kind, value, path, depth)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return _decode_enum(kind, value, path)
    return _decode_scalar(kind, value, path)


def _decode_union(kind: Any, value: Any, path: str, depth: int) -> Any:
    options = typing.get_args(kind)
    if value is None and type(None) in options:
        return None
    problem = BadInput(path, "does not fit")
    for option in options:
        if option is type(None):
            continue
        try:
            return _decode(option, value, path, depth)
        except BadInput as error:
            problem = error
    raise problem


def _decode_sequence(kind: Any, origin: Any, value: Any, path: str, depth: int) -> Any:
    if not isinstance(value, list | tuple):
        raise BadInput(path, "must be a list")
    (item_kind, *_) = typing.get_args(kind) or (Any,)
    return origin(_decode(item_kind, item, f"{path}.{n}", depth + 1) for n, item in enumerate(value))


def _decode_mapping(kind: Any, value: Any, path: str, depth: int) -> Any:
    if not isinstance(value, Mapping):
        raise BadInput(path, "must be an object")
    _, item_kind = typing.get_args(kind) or (str, Any)
    return {str(key): _decode(item_kind, item, f"{path}.{key}", depth + 1) for key, item in value.items()}


def _decode_dataclass(kind: Any, value: Any, path: str, depth: int) -> Any:
    if isinstance(value, kind):
        return value
    if not isinstance(value, Mapping):
        raise BadInput(path, "must be an object")
    hints = _hints(kind)
    fields = {field.name: field for field in dataclasses.fields(kind)}
    if unknown := set(value) - set(fields):
        raise BadInput(_join(path, min(map(str, unknown))), "unknown field")
    arguments = {}
    for name, field in fields.items():
        if name in value:
            arguments[name] = _decode(hints[name], value[name], _join(path, name), depth + 1)
        elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            raise BadInput(_join(path, name), "is missing")
    try:
        return kind(**arguments)
    except BadInput as error:
        raise BadInput(_join(path, error.path), error.why) from error


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path and name else path or name


def _decode_enum(kind: type[Enum], value: Any, path: str) -> Enum:
    try:
        return kind(value)
    except ValueError:
        allowed = ", ".join(str(member.value) for member in kind)
        raise BadInput(path, f"must be one of {allowed}") from None


def _decode_scalar(kind: Any, value: Any, path: str) -> Any:
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if kind is int and isinstance(value, bool):
        raise BadInput(path, "must be a whole number")
    if not isinstance(value, kind):
        names = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}
        raise BadInput(path, f"must be {names.get(kind, kind.__name__)}")
    if kind is float and not math.isfinite(value):
        raise BadInput(path, "must be a finite number")
    if kind is int and abs(value) >= 2**63:
        raise BadInput(path, "is too large")
    if kind is str and ("\x00" in value or any("\ud800" <= c <= "\udfff" for c in value)):
        raise BadInput(path, "holds characters that are not text")
    return value
