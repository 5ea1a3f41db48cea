"""What the OpenAPI documents promise, held against the running faces by schemathesis."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass
from threading import Thread
from urllib.parse import quote

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import CHECKS
from schemathesis.core.parameters import ParameterLocation

from client.domain import event as e
from client.domain.words import Role
from client.hub.app import citizen_app, desk_app
from client.hub.openapi import UUID7
from tests.hub.saying import claim, open_session, problem_of, say
from tests.running_hub import running

EXAMPLES = 8  # of each operation

# An id that is well formed but names nothing, an answer that fits no screen: what the schema cannot know is refused
# with 404, 409 or 422 all the same, so "whatever fits the schema is taken" is not claimed.
OPEN = (
    "/c/{token}",
    "/c/chat",
    "/c/chat/room",
    "/c/chat/begin",
    "/c/chat/button.js",
    "/c/sign",
    "/c/call",
    "/c/video/begin",
    "/c/video/room",
)  # a person's address may have more in it
ENDING = (
    "/c/api/leave",
    "/c/api/end",
    "/c/chat/begin",
    "/c/video/begin",
)  # these end the page that the other tests use
EXCLUDED = ["positive_data_acceptance"]


@dataclass
class Faces:
    desk_url: str
    citizen_url: str
    token: str
    session: str
    cookie: str


@pytest.fixture(scope="module")
def faces(tmp_path_factory) -> Iterator[Faces]:
    """One hub for all cases, on a loop of its own."""
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever)
    thread.start()
    made: Faces | None = None
    done = asyncio.Event()
    ready = asyncio.Event()

    async def serve() -> None:
        nonlocal made
        async with running(tmp_path_factory.mktemp("hub")) as served:
            desk = await served.desk("팀장", Role.SUPERVISOR)
            session = await open_session(desk)
            await claim(desk, session)
            await say(desk, session, e.NoteWritten(text="메모"))
            apart = await open_session(desk)  # what the desk's cases do, such as a new link, must not end the page
            address = (await desk.post(f"/v1/sessions/{apart}/link")).json()["address"]
            page = served.page()
            await page.post(address.removeprefix(served.server.citizen_url) + "/enter", json={})
            made = Faces(
                desk_url=served.server.desk_url,
                citizen_url=served.server.citizen_url,
                token=desk.headers["authorization"],
                session=session,
                cookie=page.cookies["ieum"],
            )
            ready.set()
            await done.wait()

    serving = asyncio.run_coroutine_threadsafe(serve(), loop)
    asyncio.run_coroutine_threadsafe(ready.wait(), loop).result(30)
    assert made is not None
    yield made
    loop.call_soon_threadsafe(done.set)
    serving.result(30)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def schema_of(app, *, batches: bool) -> schemathesis.BaseSchema:
    """The document is made without a hub: it depends on the routes alone.

    A batch has an alternative for each type of event; trying every one's every boundary takes minutes.
    """
    wanted = {"generation": {"allow-x00": False}, "phases": {"coverage": {"enabled": not batches}}}
    schema = schemathesis.openapi.from_dict(app.openapi(), config=schemathesis.Config.from_dict(wanted))
    return schema.include(path_regex=BATCHES) if batches else schema.exclude(path_regex=f"{BATCHES}|/stream$")


BATCHES = "/events$|/signals$"
desk, desk_batches = (schema_of(desk_app(None, ""), batches=batches) for batches in (False, True))
citizen, citizen_batches = (
    schema_of(citizen_app(None, (), secure=False), batches=batches) for batches in (False, True)
)
bounded = settings(
    max_examples=EXAMPLES,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@desk.parametrize()
@bounded
def test_the_desks_face_keeps_its_promises(case, faces):
    check_desk(case, faces)


@desk_batches.parametrize()
@bounded
def test_the_desks_batches_keep_their_promises(case, faces):
    check_desk(case, faces)


@citizen.parametrize()
@bounded
def test_the_citizens_face_keeps_its_promises(case, faces):
    check_citizen(case, faces)


@citizen_batches.parametrize()
@bounded
def test_the_citizens_batches_keep_their_promises(case, faces):
    check_citizen(case, faces)


words = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=40)
not_ids = words.filter(lambda text: re.fullmatch(UUID7, text) is None)
not_numbers = words.filter(lambda text: re.fullmatch(r"\s*\+?[0-9_]+(\.0*)?\s*", text) is None)
beyond = st.integers(max_value=-1) | st.integers(min_value=2**53 + 1)
strange_names = words.filter(lambda text: text not in ("session", "after", ""))


@bounded
@given(st.fixed_dictionaries({"session": not_ids}) | st.dictionaries(strange_names, words, min_size=1, max_size=3))
def test_the_desks_stream_refuses_bad_parameters(faces, parameters):
    """A stream that opens never ends, so schemathesis cannot ask for one: what must not open is asked for here."""
    with httpx.Client(base_url=faces.desk_url, headers={"Authorization": faces.token}, trust_env=False) as client:
        refused(client.get("/v1/stream", params=parameters, timeout=5))


@bounded
@given(
    st.fixed_dictionaries({"after": not_numbers | beyond.map(str)})
    | st.dictionaries(strange_names, words, min_size=1, max_size=3)
)
def test_the_citizens_stream_refuses_bad_parameters(faces, parameters):
    with httpx.Client(base_url=faces.citizen_url, cookies={"ieum": faces.cookie}, trust_env=False) as client:
        refused(client.get("/c/api/stream", params=parameters, timeout=5))


@bounded
@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=40).map(str.strip))
def test_any_last_event_id_opens_the_citizens_stream(faces, last):
    """It is the browser's own header: what is in it is no reason to leave the page without its stream."""
    headers = {"Last-Event-ID": last}
    with (
        httpx.Client(base_url=faces.citizen_url, cookies={"ieum": faces.cookie}, trust_env=False) as client,
        client.stream("GET", "/c/api/stream", headers=headers, timeout=5) as answer,
    ):
        assert answer.status_code == 200
        assert next(answer.iter_lines()) == "event: hello"


@bounded
@given(words.filter(bool))
def test_no_stream_opens_without_a_credential(faces, text):
    with httpx.Client(trust_env=False) as client:
        desk = {"Authorization": f"Bearer {quote(text)}"}
        assert problem_of(client.get(f"{faces.desk_url}/v1/stream", headers=desk, timeout=5))[0] == 401
        page = {"Cookie": f"ieum={quote(text)}"}
        assert problem_of(client.get(f"{faces.citizen_url}/c/api/stream", headers=page, timeout=5))[0] == 401


def refused(answer: httpx.Response) -> None:
    assert problem_of(answer)[:2] == (422, "bad-input"), answer.text


def check_desk(case, faces) -> None:
    if "session" in (case.path_parameters or {}) and is_positive(case, ParameterLocation.PATH):
        case.path_parameters["session"] = faces.session
    headers = {"Authorization": faces.token} if is_positive(case, ParameterLocation.HEADER) else {}
    case.call_and_validate(base_url=faces.desk_url, headers=headers, excluded_checks=checks(EXCLUDED))


def check_citizen(case, faces) -> None:
    origin = "https://elsewhere.example" if case.path in ENDING else faces.citizen_url
    entered = {"ieum": faces.cookie} if is_positive(case, ParameterLocation.COOKIE) else {}
    # The door opens to any text and any parameters: links come back from messengers with their own. That a cookie is
    # needed is tested by hand: schemathesis asks again without our address.
    excluded = [*EXCLUDED, "ignored_auth", *(["negative_data_rejection"] if case.path in OPEN else [])]
    case.call_and_validate(
        base_url=faces.citizen_url, headers={"Origin": origin}, cookies=entered, excluded_checks=checks(excluded)
    )


def checks(names: list[str]) -> list:
    return [CHECKS.get_one(name) for name in names]


def is_positive(case, part: ParameterLocation) -> bool:
    """True unless this part of the case is meant to be wrong."""
    component = case.meta.components.get(part)
    return component is None or component.mode.is_positive


def test_every_route_is_described(faces):
    for url, routes in (
        (faces.desk_url, {"/v1/health", "/v1/me", "/v1/sessions/{session}/events", "/v1/stream", "/v1/access-log"}),
        (faces.citizen_url, {"/c/{token}", "/c/{token}/enter", "/c/api/state", "/c/api/events", "/c/api/stream"}),
    ):
        document = httpx.get(f"{url}/openapi.json", trust_env=False).json()
        assert routes <= set(document["paths"])
        for path, operations in document["paths"].items():
            page = path == "/c/{token}" or path.startswith(("/c/chat", "/c/video"))
            for operation in operations.values():
                for status, said in operation["responses"].items():
                    if status >= "400":
                        assert next(iter(said["content"])) in (["text/html"] if page else []) + [
                            "application/problem+json"
                        ]
