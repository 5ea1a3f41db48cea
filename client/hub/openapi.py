"""What the OpenAPI document says of a route: bodies, answers and problems, read off the very classes that decode them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import FastAPI, Path, Query
from fastapi.openapi.utils import get_openapi
from pydantic import TypeAdapter
from starlette.responses import Response

from client import __version__, wire
from client.domain.attachment import Attachment
from client.domain.event import BODIES, HUB_ONLY, Body
from client.domain.signal import SIGNALS, Mirror, PageState, QueuePlace, SignalBody, VideoOffer
from client.hub.intake import CITIZENS_ONLY
from client.wire import PROBLEM, EventBatch, OpenSession, Problem, SignalBatch

REF = "#/components/schemas/{model}"
UUID7 = "^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"
LARGEST = 2**53  # a whole number that every JSON reader keeps
DECODED = 2**63 - 1  # the largest that the decoder takes

SessionId = Annotated[str, Path(pattern=UUID7, description="A session's id (UUIDv7).")]
STORED_EVENTS: JsonObject = {
    "type": "object",
    "properties": {"events": {"type": "array", "items": {"$ref": REF.format(model="StoredEvent")}}},
    "required": ["events"],
}
After = Annotated[int, Query(ge=0, le=LARGEST, description="Everything later than this number.")]

JsonObject = dict[str, Any]


EMPTY = (HTTPStatus.NO_CONTENT, HTTPStatus.SEE_OTHER)


def described(
    status: int = 200,
    kind: type | None = None,
    *,
    takes: type | None = None,
    media: str = "application/json",
    contents: Mapping[str, JsonObject] | None = None,
    others: Mapping[int, type | None] | None = None,
    also: Iterable[int] = (),
    pages: Iterable[int] = (),
    open_: bool = False,
) -> dict[str, Any]:
    """Arguments of a route: it answers `status` with `kind` in `media`, `others` likewise, `also` are its problems.

    `contents` — media type → schema, where an answer is not one of our classes; `pages` — refusals that are HTML; `open_` — no credential is
    needed.
    """
    said = contents or {media: _schema(kind) if kind else {"type": "string"}}
    responses: JsonObject = {str(status): _response(status, {} if status in EMPTY else said)}
    for other, answered in (others or {}).items():
        responses[str(other)] = _response(other, {"application/json": _schema(answered)} if answered else {})
    for page in pages:
        responses[str(page)] = _response(page, {"text/html": {"type": "string"}})
    for problem in also:
        responses[str(problem)] = _response(problem, {PROBLEM: _schema(Problem)})
    extra: JsonObject = {"responses": responses, "x-open": open_, "x-kinds": [k.__name__ for k in (kind, takes) if k]}
    if takes:
        extra["requestBody"] = {"required": True, "content": {"application/json": {"schema": _schema(takes)}}}
    return {"status_code": status, "response_class": Response, "response_model": None, "openapi_extra": extra}


def _schema(kind: type) -> JsonObject:
    return {"$ref": REF.format(model=kind.__name__)}


def _response(status: int, contents: Mapping[str, JsonObject]) -> JsonObject:
    said: JsonObject = {"description": HTTPStatus(status).phrase}
    if contents:
        said["content"] = {media: {"schema": schema} for media, schema in contents.items()}
    return said


KINDS: dict[str, type] = {**vars(wire), Attachment.__name__: Attachment}
"""Whatever a route takes or answers, by name."""


def document(app: FastAPI, title: str, security: Mapping[str, JsonObject], *, citizen: bool) -> None:
    """Let `app.openapi()` tell the truth about this face. `security` — the one scheme by name."""

    def openapi() -> JsonObject:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app, title, security, citizen=citizen)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way


def _document(app: FastAPI, title: str, security: Mapping[str, JsonObject], *, citizen: bool) -> JsonObject:
    said = get_openapi(title=title, version=__version__, openapi_version="3.1.0", routes=app.routes)
    kinds: set[type] = {Problem}
    for operation in (operation for path in said["paths"].values() for operation in path.values()):
        kinds.update(KINDS[name] for name in operation.pop("x-kinds", ()))
        _drop_the_frameworks_own(operation["responses"])
    schemas = _schemas(kinds)
    _say_events(schemas, citizen=citizen)
    said["components"] = {"schemas": schemas, "securitySchemes": dict(security)}
    said["security"] = [{name: []} for name in security]
    for path in said["paths"].values():
        for operation in path.values():
            if operation.pop("x-open", False):
                operation["security"] = []
    ready: JsonObject = json.loads(json.dumps(said))
    return ready


def _drop_the_frameworks_own(responses: JsonObject) -> None:
    """The framework's 422 stays only where it is one of our problems."""
    content = responses.get("422", {}).get("content", {})
    if "HTTPValidationError" in str(content.get("application/json", "")):
        del content["application/json"]
        if not content:
            del responses["422"]


def _schemas(kinds: Iterable[type]) -> JsonObject:
    schemas: JsonObject = {}
    for kind in sorted(kinds, key=lambda kind: kind.__name__):
        schema = TypeAdapter(kind).json_schema(ref_template=REF)
        schemas.update({name: _strict(inner) for name, inner in schema.pop("$defs", {}).items()})
        schemas[kind.__name__] = _strict(schema)
    return schemas


def _strict(schema: Any) -> Any:
    """As the decoder has it: no unknown fields, whole numbers of 64 bits, finite numbers."""
    if isinstance(schema, list):
        return [_strict(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    done = {name: _strict(value) for name, value in schema.items()}
    if done.get("type") == "object" and "properties" in done:
        done["additionalProperties"] = False
    if done.get("type") == "integer":
        done = {"minimum": -DECODED, "maximum": DECODED, **done}
    return done


def _say_events(schemas: JsonObject, *, citizen: bool) -> None:
    """The batches' objects, one alternative per type that this face takes."""
    bodies = [body for body in BODIES.values() if _takes(body, citizen=citizen)]
    if EventBatch.__name__ in schemas:
        schemas.update(_schemas(bodies))
        schemas["EventToSay"] = {"oneOf": [_event(body, citizen=citizen) for body in bodies]}
        _put(schemas, EventBatch.__name__, "events", "EventToSay")
    if not citizen:
        schemas.update(_schemas(BODIES.values()))
        schemas["StoredEvent"] = {"oneOf": [_stored_event(body) for body in BODIES.values()]}
    if OpenSession.__name__ in schemas:
        schemas[OpenSession.__name__]["properties"]["event"] = _event(BODIES["session.opened"], citizen=False)
        schemas[OpenSession.__name__]["properties"]["id"]["pattern"] = UUID7
    if SignalBatch.__name__ in schemas:
        kinds = [
            kind
            for kind in SIGNALS.values()
            if (kind.from_citizen if citizen else kind not in (Mirror, PageState, QueuePlace, VideoOffer))
        ]
        schemas.update(_schemas(kinds))
        schemas["SignalToSay"] = {"oneOf": [_signal(kind, citizen=citizen) for kind in kinds]}
        _put(schemas, SignalBatch.__name__, "signals", "SignalToSay")


def _takes(body: type[Body], *, citizen: bool) -> bool:
    return body.from_citizen if citizen else body not in (*HUB_ONLY, *CITIZENS_ONLY)


def _put(schemas: JsonObject, batch: str, field: str, item: str) -> None:
    schemas[batch]["properties"][field] = {
        "type": "array",
        "items": {"$ref": REF.format(model=item)},
        "minItems": 1,
        "maxItems": 50,
    }


def _event(body: type[Body], *, citizen: bool) -> JsonObject:
    properties: JsonObject = {
        "id": {"type": "string", "pattern": UUID7},
        "session": {"type": "string", "pattern": UUID7},
        "at": {"type": "string", "format": "date-time"},
        "type": {"const": body.type},
        "body": _schema(body),
        "v": {"type": "integer", "const": 1},
        "leg": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "media_ms": {"anyOf": [{"type": "integer", "minimum": 0, "maximum": DECODED}, {"type": "null"}]},
        "audience": {"enum": ["citizen", "agents", "supervisors"]},
    }
    return _object(properties, ["id", "at", "type", "body", *([] if citizen else ["session"])])


def _stored_event(body: type[Body]) -> JsonObject:
    said = _event(body, citizen=False)
    stamped = {"seq": {"type": "integer", "minimum": 1}, "recorded": {"type": "string"}, "actor": {"type": "string"}}
    return _object({**said["properties"], **stamped}, [*said["required"], *stamped])


def _signal(kind: type[SignalBody], *, citizen: bool) -> JsonObject:
    properties: JsonObject = {
        "session": {"type": "string", "pattern": UUID7},
        "key": {"type": "string", "pattern": f"^{kind.kind}(:.{{0,100}})?$"},
        "kind": {"const": kind.kind},
        "body": _schema(kind),
    }
    return _object(properties, ["key", "kind", "body", *([] if citizen else ["session"])])


def _object(properties: JsonObject, required: Sequence[str]) -> JsonObject:
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}
