"""The desks' face over plain HTTP: errors, headers, bad bodies, the two faces apart."""

from __future__ import annotations

import asyncio
import json
import socket
import time

import pytest

from client.domain import event as e
from client.domain.ids import new_id
from client.domain.words import Party, Role
from client.wire import MAX_BODY_BYTES
from tests.hub.saying import claim, event_json, log_of, open_session, problem_of, say
from tests.running_hub import running

DESK_ROUTES = [
    ("GET", "/v1/me"),
    ("GET", "/v1/health"),
    ("GET", "/v1/sessions"),
    ("POST", "/v1/sessions"),
    ("GET", f"/v1/sessions/{new_id()}"),
    ("GET", f"/v1/sessions/{new_id()}/events"),
    ("POST", f"/v1/sessions/{new_id()}/events"),
    ("POST", f"/v1/sessions/{new_id()}/unmask"),
    ("GET", "/v1/stream"),
    ("GET", "/v1/search?q=말씀"),
    ("GET", "/v1/principals"),
    ("GET", "/v1/access-log"),
]
CITIZEN_ROUTES = [
    ("GET", "/c/token"),
    ("POST", "/c/token/enter"),
    ("GET", "/c/api/state"),
    ("GET", "/c/api/stream"),
    ("POST", "/c/api/events"),
    ("POST", "/c/api/signals"),
    ("POST", "/c/api/leave"),
    ("GET", "/c/static/css/page.css"),
]


@pytest.fixture
async def desk(served):
    return await served.desk()


@pytest.fixture
async def session(desk):
    return await open_session(desk)


async def test_no_route_of_a_desk_answers_without_a_credential(served):
    for headers in ({}, {"Authorization": "Bearer nonsense"}, {"Authorization": "Basic eDp5"}):
        client = served.http(served.server.desk_url, **headers)
        for method, path in DESK_ROUTES:
            if path != "/v1/health":
                answer = await client.request(method, path)
                assert problem_of(answer) == (401, "no-credential", ""), path
                assert answer.headers["www-authenticate"] == "Bearer"


async def test_health_needs_no_credential(served):
    answer = await served.http(served.server.desk_url).get("/v1/health")
    assert (answer.status_code, answer.json()["status"]) == (200, "ok")


async def test_a_desks_route_does_not_exist_on_the_citizens_face(served):
    headers = {"Authorization": f"Bearer {await served.token()}"}
    page = served.page()
    for method, path in DESK_ROUTES:
        assert problem_of(await page.request(method, path, headers=headers))[0] == 404, path


async def test_a_citizens_route_does_not_exist_on_the_desks_face(desk):
    for method, path in CITIZEN_ROUTES:
        assert problem_of(await desk.request(method, path))[0] == 404, path


async def test_every_answer_carries_the_headers_that_protect_it(served, desk):
    page = served.page()
    answers = [
        await desk.get("/v1/me"),
        await desk.get("/nowhere"),
        await desk.post("/v1/me"),
        await desk.post("/v1/sessions", content=b"x" * (MAX_BODY_BYTES + 1)),
        await page.get("/c/nonsense"),
        await page.get("/c/api/state"),
        await page.get("/c/static/nowhere.js"),
        await page.get("/openapi.json"),
    ]
    for answer in answers:
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["cache-control"] in ("no-store", "no-cache")
        assert "server" not in answer.headers


async def test_the_frameworks_own_errors_are_problems_too(desk, session):
    assert problem_of(await desk.get("/nowhere"))[:2] == (404, "not-found")
    wrong = await desk.delete("/v1/me")
    assert problem_of(wrong)[:2] == (405, "method-not-allowed")
    assert "GET" in wrong.headers["allow"]
    assert problem_of(await desk.get("/v1/sessions/nonsense")) == (422, "bad-input", "session")
    assert problem_of(await desk.get(f"/v1/sessions/{session}/events?after=-1")) == (422, "bad-input", "after")
    assert problem_of(await desk.get(f"/v1/sessions/{session}/events?limit=9999"))[2] == "limit"


@pytest.mark.parametrize(
    ("content", "media", "expected"),
    [
        (b"{", "application/json", (400, "bad-json", "")),
        (b"\xff\xfe", "application/json", (400, "bad-json", "")),
        (b"[" * 100_000, "application/json", (400, "bad-json", "")),
        (b'{"events": [NaN]}', "application/json", (400, "bad-json", "")),
        (b"{}", "text/plain", (415, "not-json", "")),
        (b"{}", "application/json", (422, "bad-input", "events")),
        (b"[]", "application/json", (422, "bad-input", "")),
        (b'{"events": []}', "application/json", (422, "bad-input", "events")),
        (b'{"events": [1]}', "application/json", (422, "bad-input", "events.0")),
        (b'{"events": [{}], "more": 1}', "application/json", (422, "bad-input", "more")),
        (b'{"events": [{"type": "no.such"}]}', "application/json", (422, "bad-input", "events.0.type")),
    ],
)
async def test_a_bad_body_is_refused_by_its_place(desk, session, content, media, expected):
    answer = await desk.post(f"/v1/sessions/{session}/events", content=content, headers={"Content-Type": media})
    assert problem_of(answer) == expected


@pytest.mark.parametrize("field", ["actor", "seq", "recorded"])
async def test_what_the_hub_stamps_cannot_be_said(desk, session, field):
    event = {**event_json(session, e.NoteWritten(text="메모")), field: 7}
    answer = await desk.post(f"/v1/sessions/{session}/events", json={"events": [event]})
    assert problem_of(answer) == (422, "bad-input", f"events.0.{field}")
    assert len(await log_of(desk, session)) == 1


async def test_the_place_of_a_bad_field_deep_inside_is_named(desk, session):
    word = e.Word(text="네", start_ms=0, end_ms=5)
    event = event_json(session, e.Caption(utterance="u", party=Party.AGENT, text="네", words=(word,)))
    event["body"]["words"][0]["start_ms"] = "zero"
    batch = {"events": [event_json(session, e.NoteWritten(text="메모")), event]}
    answer = await desk.post(f"/v1/sessions/{session}/events", json=batch)
    assert problem_of(answer) == (422, "bad-input", "events.1.body.words.0.start_ms")


async def test_too_large_a_body_is_refused_before_it_is_read(served, desk, session):
    reader, writer = await asyncio.open_connection("127.0.0.1", int(served.server.desk_url.rsplit(":", 1)[1]))
    head = f"POST /v1/sessions/{session}/events HTTP/1.1\r\nHost: x\r\nContent-Length: 10000000\r\n\r\n"
    writer.write(head.encode())
    async with asyncio.timeout(5):
        answer = await reader.read()
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b'"code":"too-large"' in answer
    assert b"connection: close" in answer.lower()
    writer.close()


async def test_a_body_that_does_not_say_how_large_it_is_is_not_read_on(served, desk, session):
    token = desk.headers["authorization"]
    reader, writer = await asyncio.open_connection("127.0.0.1", int(served.server.desk_url.rsplit(":", 1)[1]))
    writer.write(
        f"POST /v1/sessions/{session}/events HTTP/1.1\r\nHost: x\r\nAuthorization: {token}\r\n"
        "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    )
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    for _ in range(MAX_BODY_BYTES // 0x10000 + 2):
        writer.write(chunk)
    async with asyncio.timeout(5):
        head = await reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 413 ")
    writer.close()


async def test_ten_megabytes_do_not_disturb_the_others(served, desk, session):
    async def flood() -> None:
        other = await served.desk("무거운 손")
        for _ in range(3):
            answer = await other.post(f"/v1/sessions/{session}/events", content=b"x" * 10_000_000)
            assert problem_of(answer) == (413, "too-large", "")

    flooding = [asyncio.create_task(flood()) for _ in range(4)]
    slowest = 0.0
    while not all(task.done() for task in flooding):
        begun = time.monotonic()
        await say(desk, session, e.NoteWritten(text="메모"))
        slowest = max(slowest, time.monotonic() - begun)
    await asyncio.gather(*flooding)
    assert slowest < 2.0


async def test_a_batch_has_a_largest_size(desk, session):
    events = [event_json(session, e.NoteWritten(text="메모")) for _ in range(501)]
    answer = await desk.post(f"/v1/sessions/{session}/events", json={"events": events})
    assert problem_of(answer) == (422, "bad-input", "events")


async def test_opening_needs_a_proper_event_and_keys(desk):
    session = new_id()
    good = {"id": session, "keys": [], "event": event_json(session, e.SessionOpened(channel="phone"))}
    cases = {
        "id": {**good, "id": "x"},
        "keys": {**good, "keys": ["k"] * 11},
        "event.session": {**good, "event": event_json(new_id(), e.SessionOpened(channel="phone"))},
        "event.type": {**good, "event": event_json(session, e.NoteWritten(text="메모"))},
        "event.body.channel": {**good, "event": {**good["event"], "body": {"channel": "pigeon"}}},
        "number": {**good, "number": "1" * 201},
    }
    for field, body in cases.items():
        assert problem_of(await desk.post("/v1/sessions", json=body)) == (422, "bad-input", field)


async def test_opened_is_201_and_joined_200(desk):
    session = await open_session(desk, key="sip:1")
    other = new_id()
    body = {"id": other, "keys": ["sip:1"], "event": event_json(other, e.SessionOpened(channel="phone"))}
    answer = await desk.post("/v1/sessions", json=body)
    assert answer.status_code == 200
    assert (answer.json()["id"], answer.json()["joined"]) == (session, True)
    (listed,) = (await desk.get("/v1/sessions")).json()["sessions"]
    assert listed["id"] == session


async def test_an_administrator_gives_out_credentials_and_nobody_else(served, desk):
    wish = {"name": "박다리", "role": "counselor", "number": "2001"}
    assert problem_of(await desk.post("/v1/principals", json=wish))[:2] == (403, "not-permitted")
    administrator = await served.desk("전산", Role.ADMINISTRATOR)
    made = await administrator.post("/v1/principals", json=wish)
    assert made.status_code == 201
    new = served.http(served.server.desk_url, Authorization=f"Bearer {made.json()['token']}")
    me = (await new.get("/v1/me")).json()
    assert (me["name"], me["role"], me["principal"]) == ("박다리", "counselor", made.json()["principal"])
    names = {p["name"]: p for p in (await desk.get("/v1/principals")).json()["principals"]}
    assert names["박다리"]["number"] == "2001"
    assert "전산" not in names
    for bad, field in (({"name": " ", "role": "agent"}, "name"), ({"name": "x", "role": "citizen"}, "role")):
        assert problem_of(await administrator.post("/v1/principals", json=bad)) == (422, "bad-input", field)


async def test_the_access_log_tells_who_when_from_where_whose_data_what_and_why(served, desk, session):
    await claim(desk, session)
    assert problem_of(await desk.get("/v1/access-log"))[0] == 403
    supervisor = await served.desk("팀장", Role.SUPERVISOR)
    await log_of(supervisor, session)
    assert (await supervisor.get("/v1/search", params={"q": "장기요양"})).status_code == 200
    reason = {"reason": "시민의 요청"}
    assert (await desk.post(f"/v1/sessions/{session}/unmask", json=reason)).json() == {"number": "01012345678"}
    assert (await supervisor.post(f"/v1/sessions/{session}/export", json=reason)).status_code == 200
    entries = (await supervisor.get("/v1/access-log")).json()["entries"]
    me = (await desk.get("/v1/me")).json()["principal"]
    boss = (await supervisor.get("/v1/me")).json()["principal"]
    assert [(x["principal"], x["session"], x["action"], x["reason"]) for x in entries] == [
        (boss, session, "open", ""),
        (boss, "", "search", "장***"),
        (me, session, "unmask", "시민의 요청"),
        (boss, session, "export", "시민의 요청"),
        (boss, "", "audit", ""),
    ]
    assert {x["origin"] for x in entries} == {"127.0.0.1"}
    assert all(x["at"].endswith("Z") for x in entries)
    assert [x["action"] for x in (await supervisor.get("/v1/access-log?after=4")).json()["entries"]] == ["audit"] * 2
    assert "장기요양" not in json.dumps(entries, ensure_ascii=False)


async def test_a_look_needs_a_reason(desk, session):
    for act in ("unmask", "export"):
        answer = await desk.post(f"/v1/sessions/{session}/{act}", json={"reason": "  "})
        assert problem_of(answer) == (422, "bad-input", "reason")


async def test_an_export_is_json_text_or_webvtt(desk, session):
    heard, unheard = (Party.CITIZEN, Party.AGENT), (Party.AGENT,)
    await say(desk, session, e.LegJoined(party=Party.AGENT), leg="call/agent")
    captions = await say(
        desk,
        session,
        e.Caption(utterance="1", party=Party.AGENT, text="안녕하세오", start_ms=1000, end_ms=2000, heard_by=heard),
        e.Caption(utterance="2", party=Party.AGENT, text="<b>혼잣말", start_ms=3000, end_ms=4500, heard_by=unheard),
        leg="call/agent",
    )
    await say(desk, session, e.CaptionCorrected(caption=captions[0]["id"], text="안녕하세요"))
    path, reason = f"/v1/sessions/{session}/export", {"reason": "민원인 요청"}
    whole = await desk.post(path, json=reason)
    assert [event["type"] for event in whole.json()][:2] == ["session.opened", "leg.joined"]
    text = await desk.post(path, json=reason, headers={"Accept": "text/plain"})
    assert text.headers["content-type"].startswith("text/plain")
    assert [line.split("] ")[1] for line in text.text.splitlines()] == [
        "상담사: 안녕하세요",
        "상담사(시민에게 들리지 않음): <b>혼잣말",
    ]
    vtt = await desk.post(f"{path}?format=vtt", json=reason)
    assert vtt.headers["content-type"].startswith("text/vtt")
    assert vtt.text == (
        "WEBVTT\n\n00:00:00.000 --> 00:00:01.000\n<v 상담사>안녕하세요\n\n"
        "00:00:02.000 --> 00:00:03.500\n<v 상담사(시민에게 들리지 않음)>&lt;b&gt;혼잣말\n"
    )


async def test_an_export_holds_what_its_reader_may_read(served, desk, session):
    await claim(desk, session)
    supervisors = [e.NoteWritten(text="폭언 기록"), e.MessageSent(party="agent", text="감독자만")]
    await say(desk, session, *supervisors, audience=e.Audience.SUPERVISORS)
    supervisor = await served.desk("팀장", Role.SUPERVISOR)
    for form in ("json", "txt", "vtt"):
        path = f"/v1/sessions/{session}/export?format={form}"
        mine = await desk.post(path, json={"reason": "민원인 요청"})
        assert mine.status_code == 200
        assert "폭언" not in mine.text
        assert "감독자만" not in mine.text
        assert "감독자만" in (await supervisor.post(path, json={"reason": "확인"})).text
    whole = (await desk.post(f"/v1/sessions/{session}/export", json={"reason": "민원인 요청"})).json()
    assert [event["seq"] for event in whole] == [1, 2, 3, 4]


async def test_an_export_is_masked_by_the_rule_of_today(tmp_path):
    """What was kept while a legal basis was set does not leave when there is none any more."""
    number = "900101-1234567"
    async with running(tmp_path / "hub", rrn_legal_basis="전자정부법") as served:
        desk = await served.desk()
        session = await open_session(desk)
        await say(desk, session, e.NoteWritten(text=number), e.MessageSent(party="agent", text=number))
        token = desk.headers["authorization"]
    async with running(tmp_path / "hub") as served:
        desk = served.http(served.server.desk_url, Authorization=token)
        assert number in json.dumps(await log_of(desk, session))
        for form in ("json", "txt", "vtt"):
            exported = await desk.post(f"/v1/sessions/{session}/export?format={form}", json={"reason": "요청"})
            assert "1234567" not in exported.text
            assert "*******" in exported.text


async def test_a_reason_is_masked_like_all_words(served, desk, session):
    supervisor = await served.desk("팀장", Role.SUPERVISOR)
    reason = {"reason": "주민번호 900101-1234567 확인"}
    for act in ("unmask", "export", "erase"):
        assert (await supervisor.post(f"/v1/sessions/{session}/{act}", json=reason)).status_code == 200
    assert "1234567" not in (await supervisor.get("/v1/access-log")).text
    assert (await log_of(desk, session))[-1]["body"]["reason"] == "주민번호 ******-******* 확인"


async def test_search_finds_what_one_may_see(served, desk, session):
    await claim(desk, session)
    await say(desk, session, e.NoteWritten(text="장기요양 신청 방법을 안내함"), e.MessageSent(party="agent", text="네"))
    other = await served.desk("남")
    found = (await desk.get("/v1/search", params={"q": "장기요양"})).json()["hits"]
    assert [(hit["session"], hit["seq"], hit["type"]) for hit in found] == [(session, 3, "note.written")]
    assert "장기요양 신청" in found[0]["excerpt"]
    assert (await other.get("/v1/search", params={"q": "장기요양"})).json() == {"hits": []}
    assert problem_of(await desk.get("/v1/search", params={"q": "네"})) == (422, "bad-input", "q")
    assert (await desk.get("/v1/search", params={"q": "no' OR 1=1 --"})).json() == {"hits": []}


async def test_what_a_citizen_has_erased_is_in_no_file_of_the_running_hub(tmp_path):
    async with running(tmp_path) as served:
        desk = await served.desk()
        colleague = await served.desk("박다리")
        session = await open_session(desk, number="01098765432", key="sip:secret-call-id@pbx")
        await claim(desk, session)
        await say(
            desk,
            session,
            e.NoteWritten(text="메모의비밀"),
            e.WrapUpSaved(codes=("1",), summary="요약의비밀"),
            e.WrapUpSaved(codes=("2",)),
        )
        to = (await colleague.get("/v1/me")).json()["principal"]
        await desk.post(f"/v1/sessions/{session}/transfer", json={"to": to, "note": "쪽지의비밀"})
        secrets = [
            word.encode() for word in ("메모의비밀", "요약의비밀", "쪽지의비밀", "01098765432", "secret-call-id")
        ]

        def found() -> list[bytes]:
            data = b"".join(file.read_bytes() for file in tmp_path.glob("hub.db*"))
            return [secret for secret in secrets if secret in data]

        assert found() == secrets
        supervisor = await served.desk("팀장", Role.SUPERVISOR)
        wish = {"reason": "정보주체의 삭제 요청"}
        assert (await supervisor.post(f"/v1/sessions/{session}/erase", json=wish)).status_code == 200
        assert found() == []
        kept = [event["body"] for event in await log_of(supervisor, session) if event["type"] == "wrapup.saved"]
        assert kept == [{"codes": ["2"], "summary": ""}]


async def test_erasing_is_the_supervisors_and_is_told(served, desk, session):
    said = await say(desk, session, e.NoteWritten(text="지울 것"), e.NoteWritten(text="남을 것"))
    reason = {"reason": "삭제 요청", "events": [said[0]["id"]]}
    assert problem_of(await desk.post(f"/v1/sessions/{session}/erase", json=reason))[0] == 403
    supervisor = await served.desk("팀장", Role.SUPERVISOR)
    assert (await supervisor.post(f"/v1/sessions/{session}/erase", json=reason)).status_code == 200
    types = [event["type"] for event in await log_of(desk, session)]
    assert types == ["session.opened", "log.emptied", "note.written", "log.erased"]
    everything = {"reason": "정보주체의 삭제 요청"}
    assert (await supervisor.post(f"/v1/sessions/{session}/erase", json=everything)).status_code == 200
    assert [event["type"] for event in await log_of(desk, session)] == [
        "log.emptied",
        "log.emptied",
        "log.emptied",
        "log.erased",
        "log.erased",
    ]
    unmasked = await supervisor.post(f"/v1/sessions/{session}/unmask", json={"reason": "확인"})
    assert unmasked.json() == {"number": ""}


async def test_an_answer_does_not_wait_for_an_acknowledgement(served):
    """Nagle's algorithm would hold the second packet of every answer for 40 ms."""
    for listening in served.server._sockets:
        assert listening.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
