"""What comes in and goes out: JSON by the one strict decoder, and the refusal of what is too large to be meant."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TypeVar

from fastapi import Request
from starlette.responses import Response

from client.domain.codec import decode, encode
from client.hub.problems import Refused
from client.hub.reader import dumps

T = TypeVar("T")


async def read(request: Request, kind: type[T]) -> T:
    """The request's JSON as `kind`. 415 for another media type, 400 for what is not JSON, 422 for what does not fit."""
    media = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if media != "application/json":
        raise Refused(415, "not-json", "the body must be application/json")
    try:
        data = json.loads(await request.body(), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise Refused(400, "bad-json", "the body is not JSON") from error
    return decode(kind, data)


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def answer(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A value as a JSON response."""
    return Response(dumps(encode(value)), status, media_type="application/json", headers=dict(headers or {}))


def answer_text(data: str, status: int = 200) -> Response:
    """JSON that is text already."""
    return Response(data, status, media_type="application/json")


NOTHING = 204
