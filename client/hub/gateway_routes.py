"""The providers' door, on the face that the outside sees: `/v1/gateways/{name}/…`, each signed as its provider signs.

What a provider is answered 200 for is on the disk. 401 `bad-signature`, 409 `replayed`, 404 for an unknown gateway or path,
422 for what cannot be read, 507 when the disk is full (the provider comes again), 429 after too many wrong signatures.
"""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter, Request
from starlette.responses import Response

from client.domain.session_log import LogRefused
from client.hub.auth import hub_of, origin_of
from client.hub.gateways.gateway import WebRequest
from client.hub.openapi import described

routes = APIRouter(prefix="/v1/gateways")

ALSO = (400, 401, 404, 409, 413, 415, 422, 429, 507)


@routes.post("/{name}/{path:path}", **described(200, also=ALSO, open_=True))
async def webhook(name: str, path: str, request: Request) -> Response:
    """Whatever a provider tells: a citizen's words, how far ours came."""
    hub = hub_of(request)
    gateway = hub.gateways.get(name)
    if gateway is None:
        raise LogRefused(404, "unknown-gateway", "no gateway has this name")
    origin = origin_of(request)
    hub.wrong_signatures.check(origin)
    said = WebRequest(
        method=request.method,
        path=path,
        headers={key.lower(): value for key, value in request.headers.items()},
        body=await request.body(),
        query=dict(request.query_params),
    )
    try:
        answer = await gateway.receive(said)
    except LogRefused as refused:
        if refused.status == HTTPStatus.UNAUTHORIZED:
            hub.wrong_signatures.take(origin)
        raise
    return Response(answer.body, answer.status, media_type=answer.media_type)
