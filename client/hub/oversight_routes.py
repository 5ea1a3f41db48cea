"""The desks' face, second half: whatever leaves a line in the access log, and the principals themselves."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response

from client.domain.access import Permission
from client.domain.event import parse_timestamp
from client.domain.session_log import LogRefused
from client.hub.bodies import answer, read
from client.hub.desk import Desk
from client.hub.desk_routes import IN, TheDesk, stored
from client.hub.export import export_text
from client.hub.export_rows import rows_of
from client.hub.openapi import REF, UUID7, After, JsonObject, SessionId, described
from client.hub.parameters import refuse_unknown_parameters
from client.hub.principals import Account
from client.hub.search import search
from client.wire import (
    AccessLog,
    Credential,
    NewPrincipal,
    Principal,
    PrincipalList,
    Reason,
    SearchResult,
    StoredBatch,
    Unmasked,
)

ACT = (*IN, 401, 403, 404, 507)
MEDIA = {"json": "application/json", "txt": "text/plain", "html": "text/html", "vtt": "text/vtt"}
EXPORTS: dict[str, JsonObject] = {
    "application/json": {"type": "array", "items": {"$ref": REF.format(model="StoredEvent")}},
    "text/plain": {"type": "string"},
    "text/html": {"type": "string"},
    "text/vtt": {"type": "string"},
}

routes = APIRouter(prefix="/v1", dependencies=[Depends(refuse_unknown_parameters)])


@routes.post("/sessions/{session}/unmask", **described(200, Unmasked, takes=Reason, also=ACT))
async def unmask(session: SessionId, request: Request, desk: TheDesk) -> Response:
    """The citizen's whole number. Logged."""
    return answer(Unmasked(number=await desk.unmask(session, await read(request, Reason))))


@routes.post("/sessions/{session}/erase", **described(200, StoredBatch, takes=Reason, also=ACT))
async def erase(session: SessionId, request: Request, desk: TheDesk) -> Response:
    """Empty the named events, or without names all that holds the citizen's words and name. Logged, and an event."""
    return answer(stored(await desk.erase(session, await read(request, Reason))))


Format = Annotated[Literal["json", "txt", "html", "vtt"] | None, Query(alias="format")]


@routes.post("/sessions/{session}/export", **described(200, takes=Reason, contents=EXPORTS, also=ACT))
async def export(session: SessionId, request: Request, desk: TheDesk, form: Format = None) -> Response:
    """The log as JSON, its words as plain text or WebVTT; by `format` or by `Accept`. Logged."""
    form = form or _accepted(request.headers.get("accept", ""))
    events = await desk.export(session, await read(request, Reason))
    return Response(export_text(events, form), media_type=MEDIA[form])


def _accepted(accept: str) -> Literal["json", "txt", "html", "vtt"]:
    for form in ("vtt", "html"):
        if MEDIA[form] in accept:
            return form
    return "txt" if "text/plain" in accept else "json"


Moment = Annotated[str, Query(max_length=40, description="An RFC 3339 time.")]


@routes.post(
    "/export", **described(200, takes=Reason, contents={"text/csv": {"type": "string"}}, also=(*IN, 401, 403, 507))
)
async def export_rows(request: Request, desk: TheDesk, since: Moment, until: Moment) -> Response:
    """The asker's sessions opened from `since` to `until`, one row each, as CSV. Logged."""
    desk.asker.require(Permission.EXPORT)
    between = parse_timestamp(since, "since"), parse_timestamp(until, "until")
    await desk.log_access("", "export", (await read(request, Reason)).reason)
    return Response(await rows_of(desk, *between), media_type="text/csv")


Words = Annotated[str, Query(min_length=2, max_length=100, description="Words to find.")]


@routes.get("/search", **described(200, SearchResult, also=(401, 403, 422, 507)))
async def find(desk: TheDesk, q: Words) -> Response:
    """Words said and written in sessions that the principal may see, newest first. Logged, a line per session found."""
    desk.asker.require(Permission.SEARCH)
    hits = await search(desk, q)
    await desk.log_found(q, (hit.session for hit in hits))
    return answer(SearchResult(hits=tuple(hits)))


@routes.get("/principals", **described(200, PrincipalList, also=(401, 422)))
async def principals(desk: TheDesk) -> Response:
    """Colleagues to whom a session can go; administrators see everyone."""
    everyone = desk.person.may(Permission.ADMINISTER)
    return answer(
        PrincipalList(
            principals=tuple(
                _principal(desk, account)
                for account in desk.hub.principals.accounts()
                if everyone or (account.person.may(Permission.CLAIM) and not account.revoked)
            )
        )
    )


def _principal(desk: Desk, account: Account) -> Principal:
    person = account.person
    return Principal(
        id=person.id,
        name=person.name,
        role=person.role,
        number=person.number,
        connected=desk.hub.desks.connected(person.id),
        credential=desk.hub.principals.state(account),
    )


@routes.post("/principals", **described(201, Credential, takes=NewPrincipal, also=(*IN, 401, 403, 507)))
async def add_principal(request: Request, desk: TheDesk) -> Response:
    """A new principal; its token is shown this once."""
    desk.asker.require(Permission.ADMINISTER)
    wish = await read(request, NewPrincipal)
    person, token = await desk.hub.principals.add(wish.name, wish.role, wish.number)
    return answer(Credential(principal=person.id, token=token), 201)


PrincipalId = Annotated[str, Path(pattern=UUID7, description="A principal's id (UUIDv7).")]
OF_PRINCIPAL = (401, 403, 404, 422, 507)


@routes.post("/principals/{principal}/rotate", **described(200, Credential, also=OF_PRINCIPAL))
async def rotate(principal: PrincipalId, desk: TheDesk) -> Response:
    """A new token in the old one's place, shown this once; whatever is open under the old one ends. Logged."""
    desk.asker.require(Permission.ADMINISTER)
    person = desk.hub.principals.account(principal).person
    await desk.log_access("", "rotate", principal)
    return answer(Credential(principal=person.id, token=await desk.hub.principals.reissue(person)))


@routes.post("/principals/{principal}/revoke", **described(204, also=(*OF_PRINCIPAL, 409)))
async def revoke(principal: PrincipalId, desk: TheDesk) -> Response:
    """The principal's token opens nothing from now on, and whatever is open under it ends. Logged."""
    desk.asker.require(Permission.ADMINISTER)
    if principal == desk.person.id:
        raise LogRefused(409, "own-credential", "another administrator has to revoke yours")
    desk.hub.principals.account(principal)
    await desk.log_access("", "revoke", principal)
    await desk.hub.principals.revoke(principal)
    return Response(status_code=204)


@routes.get("/access-log", **described(200, AccessLog, also=(401, 403, 422, 507)))
async def access_log(desk: TheDesk, after: After = 0) -> Response:
    """Who looked at whose data, oldest first, from `n` > `after`. Reading it is logged too."""
    desk.asker.require(Permission.AUDIT)
    await desk.log_access("", "audit")
    return answer(AccessLog(entries=tuple(await desk.hub.access.entries(after))))
