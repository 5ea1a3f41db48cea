"""Portals, chatbots, complaint apps and KakaoTalk on the real hub, by their real doors, beside strict doubles."""

from __future__ import annotations

import base64
import importlib
import io
import json
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from client.domain import event as e
from client.domain.codec import BadInput
from client.domain.gateway_account import KakaoAccount, WebhookAccount
from client.domain.session_log import LogRefused
from client.domain.words import Channel, Party
from client.hub.gateways.chatbot import Chatbot
from client.hub.gateways.complaint import Complaint
from client.hub.gateways.gateway import CannotTell, Outgoing, Rejected, Unanswered
from client.hub.gateways.kakao import Kakao
from client.hub.gateways.signatures import signed_headers
from client.hub.gateways.webhook import Webhook
from tests.doubles.gateway_rig import HeardInbox, Rig
from tests.doubles.kakao_dealer import CLIENT, SENDER, DealerDouble
from tests.doubles.kakao_dealer import SECRET as DEALER_SECRET
from tests.doubles.portal import SECRET, PortalDouble
from tests.doubles.provider import Reply
from tests.hub.saying import claim, log_of, problem_of, say
from tests.running_hub import running
from tests.waiting import until

DOCUMENTED = {
    "webhook": ("portal", "messages"),
    "chatbot": ("bot", "handover"),
    "complaint": ("app", "complaints"),
}


@pytest.fixture
async def portal():
    async with PortalDouble() as double:
        yield double


@pytest.fixture
async def dealer():
    async with DealerDouble() as double:
        yield double


@asynccontextmanager
async def hub_of(directory, portal, dealer):
    address = f"{portal.base_url}/callback"
    accounts = {
        name: WebhookAccount(name=name, secret=SECRET, callback_url=address, offices_url=address)
        for name in ("portal", "bot", "app")
    }
    kakao = KakaoAccount(
        base_url=dealer.base_url,
        sender_key=SENDER,
        client_id=CLIENT,
        secret=DEALER_SECRET,
        webhook_secret=SECRET,
        end_with_bot=True,
    )
    made = [
        Webhook(accounts["portal"]),
        Chatbot(accounts["bot"]),
        Complaint(accounts["app"], directory),
        Kakao(kakao),
    ]
    async with running(directory / "hub", gateways=made) as served:
        yield served


@pytest.fixture
async def served(tmp_path, portal, dealer):
    async with hub_of(tmp_path, portal, dealer) as made:
        yield made


async def post(served, gateway: str, path: str, data, *, secret: str = SECRET, headers=None):
    body = data if isinstance(data, bytes) else json.dumps(data).encode()
    address = f"/v1/gateways/{gateway}/{path}"
    signed = headers or signed_headers(secret, "POST", address, body, now=datetime.now(UTC))
    return await served.page().post(address, content=body, headers={"Content-Type": "application/json", **signed})


async def session_of(served) -> str:
    return (await until(lambda: [facts.id for facts in served.hub.rooms.waiting()]))[0]


def photo() -> str:
    out = io.BytesIO()
    Image.new("RGB", (20, 20)).save(out, "JPEG")
    return base64.b64encode(out.getvalue()).decode()


async def test_a_portal_writes_and_is_answered_at_its_callback(served, portal):
    desk = await served.desk()
    message = {
        "id": "1",
        "thread": "case-1",
        "text": "공원 의자가 부서졌어요",
        "number": "01012345678",
        "name": "홍길동",
    }
    assert (await post(served, "portal", "messages", message)).status_code == 200
    session = await session_of(served)
    await claim(desk, session)
    (event,) = await say(desk, session, e.MessageSent(party=Party.AGENT, text="접수했습니다", via=Channel.PORTAL))
    await until(lambda: event["id"] in portal.taken)
    assert (portal.taken[event["id"]]["thread"], portal.taken[event["id"]]["text"]) == ("case-1", "접수했습니다")
    await post(served, "portal", "receipts", {"id": event["id"], "state": "delivered"})
    states = [ev["body"]["state"] for ev in await log_of(desk, session) if ev["type"] == "message.delivery"]
    assert states == ["accepted", "delivered"]


@pytest.mark.parametrize("gateway", ["portal", "bot", "app", "kakao"])
async def test_what_is_unsigned_replayed_or_forged_is_refused(served, gateway):
    path = {"kakao": "message"}.get(gateway, "messages")
    data = {"id": "1", "thread": "t", "text": "글", "serial_number": "1", "user_key": "t", "content": "글"}
    data = {k: v for k, v in data.items() if (k in ("id", "thread", "text")) != (gateway == "kakao")}
    assert (await post(served, gateway, path, data, headers={"x": "y"})).status_code == 401
    assert problem_of(await post(served, gateway, path, data, secret="another"))[:2] == (401, "bad-signature")
    body = json.dumps(data).encode()
    signed = signed_headers(SECRET, "POST", f"/v1/gateways/{gateway}/{path}", body, now=datetime.now(UTC))
    assert (await post(served, gateway, path, body, headers=signed)).status_code == 200
    assert problem_of(await post(served, gateway, path, body, headers=signed))[:2] == (409, "replayed")
    assert (
        await post(served, gateway, path, data)
    ).status_code == 200  # signed anew it is a repetition: once in the log
    desk = await served.desk()
    assert len([ev for ev in await log_of(desk, await session_of(served)) if ev["type"] == "message.sent"]) == 1


async def test_a_bots_conversation_comes_along_and_its_citizen_goes_back(served, portal):
    desk = await served.desk()
    at = "2026-11-26T09:00:00+09:00"
    told = {
        "id": "h-1",
        "thread": "user-77",
        "bot": "서울톡",
        "reason": "상담사 요청",
        "history": [
            {"who": "bot", "text": "무엇을 도와드릴까요?", "at": at},
            {"who": "citizen", "text": "상담사", "at": at},
        ],
    }
    assert (await post(served, "bot", "handover", told)).status_code == 200
    session = await session_of(served)
    events = await log_of(desk, session)
    assert [ev["body"].get("party", ev["type"]) for ev in events[1:]] == ["bot", "citizen", "bot.handed_over"]
    await claim(desk, session)
    await desk.post(f"/v1/sessions/{session}/close")
    await until(lambda: any(one.get("to") == "bot" for one in portal.told))


async def test_a_complaint_finds_its_office_and_its_citizen_hears_of_it(served, portal):
    desk = await served.desk()
    complaint = {
        "id": "c-1",
        "category": "도로",
        "district": "은평구",
        "place": "진관동 92",
        "latitude": 37.64,
        "longitude": 126.92,
        "contact": {"name": "홍길동", "number": "01012345678"},
        "text": "포트홀이 있습니다",
        "photos": [{"name": "1.jpg", "media_type": "image/jpeg", "data": photo()}],
    }
    assert (await post(served, "app", "complaints", complaint)).status_code == 200
    session = await session_of(served)
    events = {ev["type"]: ev["body"] for ev in await log_of(desk, session)}
    assert (events["complaint.routed"]["office"], events["complaint.routed"]["why"]) == (
        "은평구청 도로과",
        "분류 ‘도로’",
    )
    assert events["message.sent"]["attachments"][0]["media_type"] == "image/jpeg"
    await until(lambda: any(one.get("office") == "은평구청 도로과" for one in portal.told))
    await claim(desk, session)
    status, routed = await say(
        desk,
        session,
        e.ComplaintStatus(status="working", note="오늘 보수합니다"),
        e.ComplaintRouted(office="서울시 도로관리과"),
    )
    await until(lambda: status["id"] in portal.taken)
    assert (portal.taken[status["id"]]["status"], portal.taken[status["id"]]["text"]) == ("working", "오늘 보수합니다")
    await until(lambda: any(one.get("reference") == routed["id"] for one in portal.told))


async def test_the_centres_own_rules_take_the_place_of_ours(tmp_path, portal, dealer):
    (tmp_path / "complaint_rules.toml").write_text("[[rules]]\ncategory='*'\noffice='한 곳'", encoding="utf-8")
    async with hub_of(tmp_path, portal, dealer) as served:
        await post(served, "app", "complaints", {"id": "c", "category": "도로", "text": "글"})
        desk = await served.desk()
        events = {ev["type"]: ev["body"] for ev in await log_of(desk, await session_of(served))}
        assert events["complaint.routed"]["office"] == "한 곳"


async def test_kakaotalk_both_ways_with_buttons_and_its_end(served, dealer):
    desk = await served.desk()
    place = {"reference": {"extra": "누리집"}, "last_reference": {"extra": "현수막"}}
    await post(served, "kakao", "reference", {"user_key": "u", "session_id": "s", **place})
    await post(
        served,
        "kakao",
        "message",
        {
            "user_key": "u",
            "session_id": "s",
            "serial_number": "1",
            "type": "TX",
            "content": "안녕",
            "time": 1_764_000_000_000,
        },
    )
    session = await session_of(served)
    opened, note, message = await log_of(desk, session)
    assert [ev["type"] for ev in (opened, note, message)] == ["session.opened", "note.written", "message.sent"]
    assert note["body"]["text"] == "유입 경로: 누리집 · 현수막"
    await claim(desk, session)
    button = e.LinkButton(label="신청", url="https://example.org")
    body = e.MessageSent(party=Party.AGENT, text="여기서 신청하세요", via=Channel.KAKAO, buttons=(button,))
    (event,) = await say(desk, session, body)
    await until(lambda: event["id"] in dealer.taken)
    assert dealer.taken[event["id"]]["message_type"] == "LI"
    long = e.MessageSent(party=Party.AGENT, text="가" * 1_001, via=Channel.KAKAO)
    (refused,) = await say(desk, session, long)

    async def failed() -> str:
        events = await log_of(desk, session)
        told = [
            ev["body"] for ev in events if ev["type"] == "message.delivery" and ev["body"]["message"] == refused["id"]
        ]
        return told[-1]["reason"] if told else ""

    while not (reason := await failed()):
        pass
    assert "1000 characters" in reason
    await desk.post(f"/v1/sessions/{session}/close")
    await until(lambda: dealer.ended)
    assert dealer.ended[0] == {"user_key": "u", "sender_key": SENDER, "end_with_bot": True}


@pytest.mark.parametrize(
    ("path", "data", "reason"), [("expired_session", {}, "expired"), ("message", {"type": "BLOCK"}, "blocked")]
)
async def test_a_thread_that_is_over_is_told(served, path, data, reason):
    desk = await served.desk()
    await post(served, "kakao", "message", {"user_key": "u", "serial_number": "1", "content": "글"})
    session = await session_of(served)
    assert (await post(served, "kakao", path, {"user_key": "u", "session_id": "s", **data})).status_code == 200
    assert [ev["body"]["reason"] for ev in await log_of(desk, session) if ev["type"] == "thread.ended"] == [reason]


@pytest.mark.parametrize(
    ("gateway", "path", "data", "field"),
    [
        ("portal", "messages", {"id": "", "thread": "t", "text": "글"}, "id"),
        ("portal", "messages", {"id": "1", "thread": "t"}, "text"),
        ("portal", "messages", {"id": "1", "thread": "t", "text": "글", "at": "gestern"}, "at"),
        ("portal", "receipts", {"id": "1", "state": "queued"}, "state"),
        ("portal", "ended", {"thread": "t", "reason": "x"}, "reason"),
        ("portal", "ended", {"thread": "t" * 201}, "thread"),
        ("portal", "typing", {"thread": "", "on": True}, "thread"),
        ("portal", "messages", {"id": "1", "thread": "t", "text": "글", "name": "가" * 101}, "name"),
        ("portal", "messages", {"id": "1", "thread": "t", "text": "글", "at": "1970-01-01T00:00:00+00:00"}, "at"),
        (
            "bot",
            "handover",
            {"id": "1", "thread": "t", "history": [{"who": "agent", "text": "x", "at": ""}]},
            "history.0.who",
        ),
        ("app", "complaints", {"id": "1", "category": "", "text": "글"}, "category"),
        ("app", "complaints", {"id": "1", "category": "도로", "text": "글", "latitude": 900.0}, "latitude"),
        ("kakao", "message", {"user_key": "u", "serial_number": "1", "content": ""}, "content"),
        ("kakao", "message", [], "body"),
        ("kakao", "message", {"user_key": "u", "serial_number": "1", "content": "\ud800"}, "content"),
        (
            "kakao",
            "message",
            {"user_key": "u", "serial_number": "1", "content": "글", "time": "0001-01-01T00:00:00Z"},
            "time",
        ),
        ("kakao", "reference", {"user_key": "u", "session_id": "s", "reference": {"extra": "\ud800"}}, "extra"),
    ],
)
async def test_bad_input_is_refused_by_its_place(served, gateway, path, data, field):
    assert problem_of(await post(served, gateway, path, data)) == (422, "bad-input", field)


@pytest.mark.parametrize("module", DOCUMENTED)
async def test_the_documents_example_is_taken(served, module):
    """The JSON in each gateway's own description, as it stands there."""
    text = importlib.import_module(f"client.hub.gateways.{module}").__doc__
    name, path = DOCUMENTED[module]
    start = text.index("{", text.index(f"/{path}"))
    example, _ = json.JSONDecoder().raw_decode(
        " ".join(text[start:].split()).replace('"data": "base64"', f'"data": "{photo()}"')
    )
    assert (await post(served, name, path, example)).status_code == 200


BASES = {
    "portal": (
        "messages",
        "id",
        {"thread": "t", "text": "글"},
        ["subject", "name", "number", "language", "at", "files"],
    ),
    "bot": ("handover", "id", {"thread": "t", "text": "글"}, ["bot", "reason", "name", "number", "at", "history"]),
    "app": (
        "complaints",
        "id",
        {"category": "도로", "text": "글"},
        ["district", "place", "latitude", "contact", "photos"],
    ),
    "kakao": ("message", "serial_number", {"user_key": "u", "content": "글"}, ["time", "type", "attachment"]),
}
HOSTILE = [
    "\ud800",
    "a\x00b",
    10**400,
    -1,
    True,
    None,
    [],
    {},
    [None],
    "x" * 250,
    "0001-01-01T00:00:00+23:59",
    "9999-12-31T23:59:59-23:59",
]


@pytest.mark.parametrize("gateway", BASES)
async def test_no_field_of_a_webhook_makes_the_hub_stumble(served, gateway):
    path, id_, base, more = BASES[gateway]
    answers = []
    for field in (id_, *base, *more):
        for n, value in enumerate(HOSTILE):
            told = {id_: f"{field}-{n}", **base, field: value}
            answers.append((field, value, (await post(served, gateway, path, told)).status_code))
    assert [answer for answer in answers if answer[2] not in (200, 422)] == []


async def test_fields_that_nobody_named_are_ignored(served):
    file = {"name": "1.jpg", "media_type": "image/jpeg", "data": photo(), "exif": {}}
    told = {"id": "1", "thread": "t", "text": "글", "files": [file], "channel": {"new": 1}}
    assert (await post(served, "portal", "messages", told)).status_code == 200
    desk = await served.desk()
    said = [ev for ev in await log_of(desk, await session_of(served)) if ev["type"] == "message.sent"]
    assert [(ev["body"]["text"], len(ev["body"]["attachments"])) for ev in said] == [("글", 1)]


async def test_a_lookup_believes_only_what_says_so(portal, monkeypatch):
    account = WebhookAccount(name="portal", secret=SECRET, callback_url=f"{portal.base_url}/callback")
    gateway = Webhook(account)
    sent = Outgoing(message="m-1", address="t", text="글")
    assert await gateway.look_up(sent) is None
    await gateway.send(sent)
    assert (await gateway.look_up(sent)) is not None
    for reply, problem in (
        (Reply(404, {"detail": "Not Found"}), CannotTell),
        (Reply(405, {}), CannotTell),
        (Reply(200, {}), Unanswered),
        (Reply(200, {"taken": "yes"}), Unanswered),
    ):
        monkeypatch.setattr(portal, "answer", lambda _asked, reply=reply: reply)
        with pytest.raises(problem):
            await gateway.look_up(sent)
    await gateway.stop()


@pytest.mark.parametrize("kind", [Webhook, Chatbot])
async def test_where_no_callback_is_set_the_agent_is_told_so(kind):
    gateway = kind(WebhookAccount(name="portal", secret=SECRET))
    with pytest.raises(Rejected, match="no address is set"):
        await gateway.send(Outgoing(message="m-1", address="t", text="글"))
    await gateway.stop()


@pytest.mark.parametrize("data", [b"\xff\xfe", b"[[rules]]\ncategory='*'\ndistrict='x'\noffice='y'"])
def test_rules_that_cannot_be_used_name_their_file(tmp_path, data):
    (tmp_path / "complaint_rules.toml").write_bytes(data)
    with pytest.raises(BadInput) as refused:
        Complaint(WebhookAccount(name="app", secret=SECRET), tmp_path)
    assert "complaint_rules.toml" in refused.value.path


FUZZ = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
FIELDS = [
    "id",
    "thread",
    "text",
    "history",
    "who",
    "at",
    "files",
    "photos",
    "contact",
    "category",
    "latitude",
    "user_key",
    "serial_number",
    "content",
    "type",
    "reference",
    "session_id",
    "state",
    "on",
    "reason",
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=8),
    max_leaves=20,
)


@pytest.mark.parametrize("kind", [Webhook, Chatbot, Complaint, Kakao])
@FUZZ
@given(
    bodies=st.lists(st.binary(max_size=60) | JSON.map(lambda data: json.dumps(data).encode()), min_size=12, max_size=12)
)
async def test_no_webhook_makes_a_gateway_stumble(tmp_path_factory, kind, bodies):
    """Signed as it should be and hostile inside: 1,800 bodies of each gateway."""
    name = kind.__name__.lower()
    if kind is Kakao:
        account = KakaoAccount(
            name=name, base_url="http://127.0.0.1:9", sender_key="s", client_id="c", webhook_secret=SECRET
        )
        gateway = Kakao(account)
    else:
        account = WebhookAccount(name=name, secret=SECRET)
        gateway = Complaint(account, tmp_path_factory.getbasetemp()) if kind is Complaint else kind(account)
    await gateway.start(HeardInbox())
    rig = Rig.__new__(Rig)
    rig.name = name
    paths = (
        "messages",
        "message",
        "handover",
        "complaints",
        "receipts",
        "typing",
        "ended",
        "reference",
        "expired_session",
    )
    for n, body in enumerate(bodies):
        try:
            await gateway.receive(rig.webhook(paths[n % len(paths)], body))
        except (LogRefused, BadInput):
            continue
    await gateway.stop()
