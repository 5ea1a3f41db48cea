"""The desks' face, third part: written channels. Paths and bodies stand in `client.wire`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response

from client.domain.attachment import Attachment
from client.hub import desk_written
from client.hub.attachments.serving import download
from client.hub.bodies import answer, read
from client.hub.desk_routes import IN, SESSION, TheDesk
from client.hub.desk_streams import info
from client.hub.openapi import UUID7, SessionId, described
from client.hub.parameters import refuse_unknown_parameters
from client.wire import GatewayList, History, Merge, NextWish, SessionInfo, Settle

routes = APIRouter(prefix="/v1", dependencies=[Depends(refuse_unknown_parameters)])

MAX_NAME = 255  # characters of a file's name
FileId = Annotated[str, Query(alias="id", pattern=UUID7)]
FileName = Annotated[str, Query(min_length=1, max_length=MAX_NAME)]
OneId = Annotated[str, Path(pattern=UUID7)]


@routes.post(
    "/next",
    **described(200, SessionInfo, takes=NextWish, others={204: None}, also=(*IN, 401, 403, 409, 507)),
)
async def claim_next(request: Request, desk: TheDesk) -> Response:
    """Claim the longest waiting written session; 204: nothing waits; 409 `full` at capacity."""
    facts = await desk.claim_next(await read(request, NextWish))
    return Response(status_code=204) if facts is None else answer(info(facts))


@routes.post(
    "/sessions/{session}/merge", **described(200, SessionInfo, takes=Merge, also=(*IN, 401, 403, 404, 409, 507))
)
async def merge(session: SessionId, request: Request, desk: TheDesk) -> Response:
    """This session goes on in `target`."""
    wish = await read(request, Merge)
    return answer(info((await desk_written.merge(desk, session, wish.target)).facts))


@routes.get("/sessions/{session}/history", **described(200, History, also=(*SESSION, 507)))
async def history(session: SessionId, desk: TheDesk) -> Response:
    """Earlier sessions of the same citizen. Logged."""
    return answer(History(sessions=await desk_written.history(desk, session)))


@routes.post(
    "/sessions/{session}/messages/{message}/settle",
    **described(204, takes=Settle, also=(*IN, 401, 403, 404, 409, 507)),
)
async def settle(session: SessionId, message: OneId, request: Request, desk: TheDesk) -> Response:
    """Send a failed or uncertain message again, or leave it."""
    await desk_written.settle(desk, session, message, again=(await read(request, Settle)).again)
    return Response(status_code=204)


@routes.get("/gateways", **described(200, GatewayList, also=(401, 422)))
async def gateways(desk: TheDesk) -> Response:
    """The outside services."""
    return answer(GatewayList(gateways=await desk_written.gateways(desk)))


@routes.post(
    "/sessions/{session}/attachments", **described(201, Attachment, also=(400, 401, 403, 404, 409, 413, 422, 507))
)
async def attach(session: SessionId, request: Request, desk: TheDesk, id_: FileId, name: FileName) -> Response:
    """Keep a file, its bytes as the body, under an id of the asker's; the same again is one."""
    claimed = request.headers.get("content-type", "")
    kept = await desk_written.attach(desk, session, id_, name, claimed, await request.body())
    return answer(kept, 201)


@routes.get(
    "/sessions/{session}/attachments/{attachment}",
    **described(200, media="application/octet-stream", also=(*SESSION, 507)),
)
async def fetch(session: SessionId, attachment: OneId, desk: TheDesk) -> Response:
    """A file's bytes."""
    await desk.watched(session)
    return download(*await desk.hub.attachments.read(session, attachment))
