"""Every error as `application/problem+json` (RFC 9457), the framework's own ones too."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from client.domain.codec import BadInput, encode
from client.domain.session_log import LogRefused
from client.hub.database import StoreFull
from client.hub.parameters import operations
from client.wire import PROBLEM, Problem

logger = logging.getLogger(__name__)


class Refused(LogRefused):
    """A refusal of the HTTP face, with headers (`WWW-Authenticate`, `Retry-After`, `Allow`)."""

    def __init__(self, status: int, code: str, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status, code, detail)
        self.headers = headers


def answer(problem: Problem, headers: Mapping[str, str] | None = None) -> Response:
    """A problem as a response."""
    return JSONResponse(encode(problem), problem.status, headers=dict(headers or {}), media_type=PROBLEM)


def problem(status: int, code: str, detail: str = "", field: str = "") -> Problem:
    """A problem whose title is the status's own phrase."""
    return Problem(title=HTTPStatus(status).phrase, status=status, detail=detail, code=code, field=field)


async def _refused(_request: Request, error: Exception) -> Response:
    assert isinstance(error, LogRefused)
    headers = error.headers if isinstance(error, Refused) else None
    return answer(problem(error.status, error.code, error.detail, error.field), headers)


async def _bad_input(_request: Request, error: Exception) -> Response:
    assert isinstance(error, BadInput)
    return answer(problem(422, "bad-input", error.why, error.path))


async def _bad_parameter(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    return answer(problem(422, "bad-input", str(first["msg"]), ".".join(map(str, first["loc"][1:]))))


async def _store_full(_request: Request, error: Exception) -> Response:
    logger.error("the store does not take more: %s", error)
    return answer(problem(507, "store-full", "the hub's disk is full; nothing of this request was stored"))


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = {404: "not-found", 405: "method-not-allowed"}.get(error.status_code, "refused")
    headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = _allowed(request) or headers.get("Allow", "")
    return answer(problem(error.status_code, code, str(error.detail)), headers)


def _allowed(request: Request) -> str:
    """All methods of this path (RFC 9110, 10.2.1); the framework names those of the first route alone."""
    return ", ".join(sorted(method.upper() for method in operations(request.app, request.url.path)))


async def _unexpected(_request: Request, error: Exception) -> Response:
    logger.error("unexpected", exc_info=error)
    return answer(problem(500, "unexpected", "the hub made a mistake; it has been noted"))


def handle_problems(app: FastAPI) -> None:
    """Let every error of `app` become a problem."""
    app.add_exception_handler(LogRefused, _refused)
    app.add_exception_handler(BadInput, _bad_input)
    app.add_exception_handler(RequestValidationError, _bad_parameter)
    app.add_exception_handler(StoreFull, _store_full)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unexpected)
