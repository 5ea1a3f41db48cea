"""What the OpenAPI document says of a path, asked while serving: its methods, and the parameters it knows."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from fastapi import FastAPI, Request

from client.domain.codec import BadInput


@cache
def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{[^}]+\}", "[^/]+", template))


def operations(app: FastAPI, path: str) -> dict[str, dict[str, Any]]:
    """Method (lower case) → operation of the paths that this one fits; literal paths before those with a variable."""
    paths: dict[str, dict[str, dict[str, Any]]] = app.openapi()["paths"]
    if path in paths:
        return paths[path]
    return {
        method: op
        for template, ops in paths.items()
        if _pattern(template).fullmatch(path)
        for method, op in ops.items()
    }


async def refuse_unknown_parameters(request: Request) -> None:
    """A misspelt parameter must not be lost without a word."""
    if not request.query_params:
        return
    operation = operations(request.app, request.url.path).get(request.method.lower(), {})
    known = {said["name"] for said in operation.get("parameters", ()) if said["in"] == "query"}
    if unknown := set(request.query_params) - known:
        raise BadInput(min(unknown), "unknown parameter")
