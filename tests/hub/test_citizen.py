"""The citizens' face: the link, what the page gets to see, what it may say, and what nobody else can do with it."""

from __future__ import annotations

import re
import socket
import sys
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from urllib.parse import urlsplit

import httpx
import pytest

from client.domain import event as e
from client.domain.event import event_to_json, new_event
from client.domain.ids import new_id
from client.domain.screen import Field, Item, Screen, ScreenKind
from client.domain.signal import Guide, PartialCaption, Typing, signal_to_json
from client.domain.signal import Signal as ASignal
from client.domain.words import Party, Role
from client.hub import citizen
from client.hub.database import StoreFull
from client.hub.limits import RateLimit
from client.hub.pages import consent_version
from client.hub.server import DEAD_S
from tests.hub.held_time import HeldTime
from tests.hub.saying import claim, event_json, listening, log_of, open_session, problem_of, say
from tests.running_hub import RunningHub, running
from tests.waiting import until

FORM = Screen(kind=ScreenKind.FORM, title="방문 주소", fields=(Field(id="name", label="이름", required=True),))
CHOICE = Screen(kind=ScreenKind.CHOICE, title="어느 쪽", items=(Item(id="a", text="가"), Item(id="b", text="나")))
VERSION = f"{consent_version()}/90d"
BOTH = (Party.CITIZEN, Party.AGENT)


class Page:
    """A citizen's browser on one session."""

    def __init__(self, served: RunningHub, desk: httpx.AsyncClient, session: str, address: str) -> None:
        self.served = served
        self.desk = desk
        self.session = session
        self.path = urlsplit(address).path
        self.http = served.page()

    async def enter(self, language: str = "ko") -> httpx.Response:
        return await self.http.post(f"{self.path}/enter", json={"language": language})

    async def state(self) -> dict:
        answer = await self.http.get("/c/api/state")
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def post(self, *bodies: e.Body, **more) -> httpx.Response:
        events = []
        for body in bodies:
            event = event_to_json(new_event(self.session, body, at=datetime.now(UTC)))
            events.append({name: event[name] for name in ("id", "at", "type", "body")} | more)
        return await self.http.post("/c/api/events", json={"events": events})

    async def signal(self, key: str, kind: str, **body) -> httpx.Response:
        return await self.http.post("/c/api/signals", json={"signals": [{"key": key, "kind": kind, "body": body}]})

    async def push(self, screen: Screen) -> str:
        push = new_id()
        await say(self.desk, self.session, e.ScreenPushed(push=push, screen=screen))
        return push

    async def consent(self, purpose: str, *, given: bool = True) -> httpx.Response:
        return await self.post(e.ConsentAnswered(purpose=purpose, given=given, version=VERSION))


async def a_page(served: RunningHub) -> Page:
    desk = await served.desk()
    session = await open_session(desk)
    await claim(desk, session)
    address = (await desk.post(f"/v1/sessions/{session}/link")).json()["address"]
    return Page(served, desk, session, address)


@pytest.fixture
async def page(served):
    return await a_page(served)


@pytest.fixture
async def inside(page):
    assert (await page.enter()).status_code == 204
    return page


async def types(page: Page) -> list[str]:
    return [event["type"] for event in await log_of(page.desk, page.session)]


# ── the link ─────────────────────────────────────────────────────────────────────────────────────


async def test_looking_at_a_link_changes_nothing(page):
    before = await types(page)
    for _ in range(3):
        answer = await page.http.get(page.path)
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/html")
        assert "set-cookie" not in answer.headers
    assert await types(page) == before
    assert problem_of(await page.http.get("/c/api/state")) == (401, "not-entered", "")


async def test_entering_gives_a_cookie_that_no_script_and_no_other_site_gets(page):
    answer = await page.enter("en")
    assert answer.status_code == 204
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert "Path=/c/" in cookie
    assert page.path.split("/")[-1] not in cookie
    assert (await log_of(page.desk, page.session))[-1]["body"] == {"language": "en"}
    assert (await page.state())["language"] == "en"


async def test_entering_again_by_reload_writes_nothing_more(inside):
    assert (await inside.enter()).status_code == 204
    assert (await types(inside)).count("page.entered") == 1


async def test_the_cookie_is_secure_under_https(tmp_path):
    async with running(tmp_path, public_url="https://ieum.example") as served:
        page = await a_page(served)
        assert page.path.startswith("/c/")
        answer = await page.http.post(
            f"{page.path}/enter", json={}, headers={"Origin": "https://ieum.example", "Host": "ieum.example"}
        )
        assert "Secure" in answer.headers["set-cookie"]
        assert "max-age" in answer.headers["strict-transport-security"]


async def test_a_guessed_token_opens_nothing_and_guessing_is_slowed_down(page):
    page.served.hub.wrong_tokens = RateLimit(burst=3, per_second=0.1, clock=lambda: 0.0)
    answers = [await page.http.get(f"/c/guess{n}") for n in range(5)]
    assert answers[0].status_code == 404
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["retry-after"]) >= 1
    assert problem_of(await page.http.post("/c/guess/enter", json={}))[:2] == (429, "too-many")


async def test_who_is_inside_or_has_the_right_link_does_not_notice_a_guesser(inside):
    inside.served.hub.wrong_tokens = RateLimit(burst=3, per_second=0.1, clock=lambda: 0.0)
    assert [(await inside.http.get(f"/c/guess{n}")).status_code for n in range(4)] == [404, 404, 404, 429]
    assert (await inside.state())["session"] == inside.session
    newcomer = await a_page(inside.served)
    assert (await newcomer.http.get(newcomer.path)).status_code == 200
    assert (await newcomer.enter()).status_code == 204


@pytest.mark.parametrize("origin", ["https://evil.example", "null", ""])
async def test_another_sites_request_is_refused(inside, origin):
    stranger = inside.served.page()
    stranger.cookies = inside.http.cookies
    stranger.headers["origin"] = origin
    if not origin:
        del stranger.headers["origin"]
    for path in (f"{inside.path}/enter", "/c/api/events", "/c/api/signals", "/c/api/leave"):
        assert problem_of(await stranger.post(path, json={}))[:2] == (403, "bad-origin")


async def test_another_host_name_is_not_served(page):
    answer = await page.http.get(page.path, headers={"Host": "rebound.example"})
    assert problem_of(answer)[:2] == (421, "bad-host")


async def test_leaving_ends_the_cookie_and_not_the_link(inside):
    assert (await inside.http.post("/c/api/leave")).status_code == 204
    assert (await inside.http.get("/c/api/state")).status_code == 401
    assert (await inside.enter()).status_code == 204


async def test_a_link_lives_for_the_grace_after_its_session(tmp_path):
    time = HeldTime()
    async with running(tmp_path, now=time, link_grace_s=600) as served:
        page = await a_page(served)
        await page.enter()
        await page.desk.post(f"/v1/sessions/{page.session}/close")
        time.pass_(minutes=9)
        assert (await page.state())["closed"] is True
        assert (await page.post(e.MessageSent(party=Party.CITIZEN, text="고맙습니다"))).status_code == 200
        time.pass_(minutes=2)
        assert problem_of(await page.http.get("/c/api/state"))[:2] == (410, "link-expired")
        assert (await page.http.get(page.path)).status_code == 410
        assert problem_of(await page.enter())[:2] == (410, "link-expired")


async def test_an_open_form_renews_the_link_for_a_day_at_most(tmp_path):
    time = HeldTime()
    async with running(tmp_path, now=time, link_grace_s=600) as served:
        page = await a_page(served)
        await page.enter()
        await page.push(FORM)
        await page.desk.post(f"/v1/sessions/{page.session}/close")
        for _ in range(5):
            time.pass_(minutes=9)
            await page.state()
        time.pass_(hours=24)
        assert (await page.http.get("/c/api/state")).status_code == 410


async def test_links_and_cookies_survive_the_hub(tmp_path):
    async with running(tmp_path) as served:
        page = await a_page(served)
        await page.enter()
        cookies = dict(page.http.cookies)
    async with running(tmp_path) as served:
        again = served.page()
        again.cookies.update(cookies)
        assert (await again.get("/c/api/state")).json()["session"] == page.session
        assert (await again.get(page.path)).status_code == 200


async def test_no_token_and_no_cookie_stands_in_the_store(inside):
    token, cookie = inside.path.split("/")[-1], inside.http.cookies["ieum"]
    directory = inside.served.hub.directory
    data = b"".join(file.read_bytes() for file in directory.iterdir() if file.name.startswith("hub.db"))
    assert inside.session.encode() in data
    for secret in (token, cookie, inside.desk.headers["authorization"].split()[1]):
        assert secret.encode() not in data


# ── what the citizen sees ────────────────────────────────────────────────────────────────────────


async def test_the_page_gets_what_is_the_citizens_and_nothing_else(inside):
    await say(
        inside.desk,
        inside.session,
        e.NoteWritten(text="내부 메모"),
        e.MessageSent(party=Party.AGENT, text="안녕하세요"),
        e.CallHeld(),
        e.WrapUpSaved(codes=("1",)),
    )
    state = await inside.state()
    assert [event["type"] for event in state["events"]] == ["page.entered", "message.sent", "call.held"]
    assert all("actor" not in event for event in state["events"])
    assert (state["call"], state["closed"], state["centre"]) == ("held", False, "서울 120")
    told = re.sub(r"[0-9a-f-]{36}", "", (await inside.http.get("/c/api/state")).text)  # an id may hold any digits
    assert not [part for part in ("01012345678", "010-", "5678") if part in told]


async def test_a_caption_follows_the_ear(inside):
    said = [
        e.Caption(utterance="1", party=Party.AGENT, text="들립니다", heard_by=BOTH),
        e.Caption(utterance="2", party=Party.AGENT, text="음소거 중", heard_by=(Party.AGENT,)),
        e.Caption(utterance="3", party=Party.CITIZEN, text="시민의 말", heard_by=BOTH),
        e.Caption(utterance="4", party=Party.COLLEAGUE, text="상의 중", heard_by=(Party.AGENT,)),
        e.Caption(utterance="5", party=Party.INTERPRETER, text="통역", heard_by=BOTH),
    ]
    captions = await say(inside.desk, inside.session, *said)
    await say(
        inside.desk,
        inside.session,
        e.CaptionCorrected(caption=captions[0]["id"], text="잘 들립니다"),
        e.CaptionCorrected(caption=captions[1]["id"], text="혼잣말"),
    )
    shown = [event["body"]["text"] for event in (await inside.state())["events"] if "text" in event["body"]]
    assert shown == ["들립니다", "통역", "잘 들립니다"]


async def test_the_stream_shows_the_same_as_the_state(inside):
    desk, session = inside.desk, inside.session
    async with listening(inside.http, "/c/api/stream?after=0") as heard:
        assert (await heard.next("session")) == {"closed": False, "call": "none"}
        assert (await heard.next("event"))["type"] == "page.entered"
        await say(desk, session, e.NoteWritten(text="비밀"), e.CallAnswered())
        assert await heard.next("session") == {"closed": False, "call": "active"}
        await say(desk, session, e.Caption(utterance="1", party=Party.AGENT, text="네", heard_by=(Party.AGENT,)))
        await say(desk, session, e.Caption(utterance="2", party=Party.AGENT, text="안녕하세요", heard_by=BOTH))
        event = await heard.next("event")
        assert (event["body"]["text"], "actor" in event) == ("안녕하세요", False)
        assert heard.last_id == str(event["seq"])
        await desk.post(f"/v1/sessions/{session}/close")
        assert (await heard.next("session"))["closed"] is True


async def test_a_stream_that_comes_back_misses_nothing(inside):
    await say(inside.desk, inside.session, *(e.MessageSent(party=Party.AGENT, text=str(n)) for n in range(3)))
    after = (await inside.state())["last_seq"]
    await say(inside.desk, inside.session, *(e.MessageSent(party=Party.AGENT, text=str(n)) for n in range(3, 6)))
    async with listening(inside.http, f"/c/api/stream?after={after}") as heard:
        assert [(await heard.next("event"))["body"]["text"] for _ in range(3)] == ["3", "4", "5"]
        heads = await heard.next("heads")
    assert heads == {"heads": {inside.session: after + 3}}
    headers = {"Last-Event-ID": str(after + 2)}
    async with listening(inside.http, "/c/api/stream?after=0", **headers) as heard:
        assert (await heard.next("event"))["body"]["text"] == "5"


async def test_running_captions_and_the_agents_hand_reach_the_page(inside):
    async def send(key, body):
        signal = signal_to_json(ASignal(session=inside.session, key=key, body=body))
        answer = await inside.desk.post(f"/v1/sessions/{inside.session}/signals", json={"signals": [signal]})
        assert answer.status_code == 204

    def partial(party, text, heard_by=BOTH):
        return PartialCaption(leg=party, party=party, utterance="u", stable=text, provisional="", heard_by=heard_by)

    async with listening(inside.http, "/c/api/stream") as heard:
        await heard.next("heads")
        await send("caption:citizen", partial(Party.CITIZEN, "시민"))
        await send("caption:agent", partial(Party.AGENT, "음소거", (Party.AGENT,)))
        await send("caption:agent", partial(Party.AGENT, "안녕"))
        assert (await heard.next("signal"))["body"]["stable"] == "안녕"
        await send("guide", Guide(push=new_id(), focus="name"))
        assert (await heard.next("signal"))["kind"] == "guide"
        await send("typing:agent", Typing(party=Party.AGENT, on=True))
        assert (await heard.next("signal"))["kind"] == "typing"
    kept = {signal["key"] for signal in (await inside.state())["signals"]}
    assert kept == {"caption:agent", "guide", "typing:agent"}


async def test_a_final_ends_its_running_caption(inside):
    body = PartialCaption(leg="agent", party=Party.AGENT, utterance="u", stable="안녕", provisional="하")
    signal = signal_to_json(ASignal(session=inside.session, key="caption:agent", body=body))
    await inside.desk.post(f"/v1/sessions/{inside.session}/signals", json={"signals": [signal]})
    assert len((await inside.state())["signals"]) == 1
    await say(inside.desk, inside.session, e.Caption(utterance="u", party=Party.AGENT, text="안녕하세요"))
    assert (await inside.state())["signals"] == []


async def test_an_erased_event_is_told_to_the_page(inside):
    said = await say(inside.desk, inside.session, e.MessageSent(party=Party.AGENT, text="지울 것"))
    supervisor = await inside.served.desk("팀장", Role.SUPERVISOR)
    async with listening(inside.http, "/c/api/stream") as heard:
        await heard.next("heads")
        reason = {"reason": "요청", "events": [said[0]["id"]]}
        await supervisor.post(f"/v1/sessions/{inside.session}/erase", json=reason)
        assert (await heard.next("event"))["body"]["events"] == [said[0]["id"]]
    assert "지울 것" not in str(await inside.state())


async def test_the_agent_is_told_when_the_page_comes_and_goes(inside):
    async with listening(inside.desk, "/v1/stream") as agent:
        async with listening(inside.http, "/c/api/stream") as heard:
            await heard.next("heads")
            assert (await agent.next("signal"))["body"] == {"state": "open"}
            await inside.signal("page", "page", state="hidden")
            assert (await agent.next("signal"))["body"] == {"state": "hidden"}
        assert (await agent.next("signal"))["body"] == {"state": "gone"}


# ── what the citizen may say ─────────────────────────────────────────────────────────────────────


async def test_a_message_is_the_citizens_whatever_the_page_claims(inside):
    answer = await inside.post(e.MessageSent(party=Party.AGENT, text="안녕하세요"), audience="agents", leg="call/agent")
    assert answer.status_code == 200
    event = (await log_of(inside.desk, inside.session))[-1]
    assert (event["body"]["party"], event["audience"], event.get("leg")) == ("citizen", "citizen", None)
    assert event["actor"].startswith("citizen:")


async def test_a_repeated_post_is_one_event(inside):
    event = event_json(inside.session, e.MessageSent(party=Party.CITIZEN, text="여보세요"))
    first = (await inside.http.post("/c/api/events", json={"events": [event]})).json()["stored"][0]
    again = (await inside.http.post("/c/api/events", json={"events": [event]})).json()["stored"][0]
    assert (first["duplicate"], again["duplicate"], first["seq"] == again["seq"]) == (False, True, True)
    event["body"]["text"] = "다른 말"
    assert problem_of(await inside.http.post("/c/api/events", json={"events": [event]}))[:2] == (409, "id-reused")


@pytest.mark.parametrize(
    "body",
    [e.NoteWritten(text="x"), e.SessionClosed(), e.PageEntered(), e.ScreenPushed(push="x", screen=CHOICE)],
    ids=lambda body: body.type,
)
async def test_what_is_not_the_citizens_to_say_is_refused(inside, body):
    assert problem_of(await inside.post(body)) == (422, "bad-input", "events.0.type")


async def test_another_session_cannot_be_named(inside):
    event = event_json(new_id(), e.MessageSent(party=Party.CITIZEN, text="여보세요"))
    answer = await inside.http.post("/c/api/events", json={"events": [event]})
    assert problem_of(answer) == (422, "bad-input", "events.0.session")


async def test_a_screen_is_delivered_opened_and_answered_once(inside):
    push = await inside.push(CHOICE)
    for body in (e.ScreenDelivered(push=push), e.ScreenOpened(push=push)):
        first, second = await inside.post(body), await inside.post(body)
        assert [a.json()["stored"][0]["duplicate"] for a in (first, second)] == [False, True]
    state = (await inside.state())["screen"]
    assert (state["push"], state["delivered"], state["opened"], state["answers"]) == (push, True, True, None)
    wrong = await inside.post(e.ScreenAnswered(push=push, answers={"choice": "z"}))
    assert problem_of(wrong) == (422, "bad-input", "events.0.body.answers.choice")
    assert (await inside.post(e.ScreenAnswered(push=push, answers={"choice": "a"}))).status_code == 200
    again = await inside.post(e.ScreenAnswered(push=push, answers={"choice": "b"}))
    assert problem_of(again)[:2] == (409, "already-answered")
    assert (await inside.state())["screen"]["answers"] == {"choice": "a"}
    assert (await types(inside))[-4:] == ["screen.pushed", "screen.delivered", "screen.opened", "screen.answered"]


async def test_a_screen_that_was_not_pushed_or_is_withdrawn_takes_no_answer(inside):
    unknown = await inside.post(e.ScreenAnswered(push=new_id(), answers={}))
    assert problem_of(unknown)[:2] == (404, "unknown-push")
    first, push = await inside.push(CHOICE), await inside.push(CHOICE)
    assert (await inside.post(e.ScreenWithdrawn(push=push, party=Party.AGENT))).status_code == 200
    assert (await log_of(inside.desk, inside.session))[-1]["body"]["party"] == "citizen"
    answer = await inside.post(e.ScreenAnswered(push=push, answers={"choice": "a"}))
    assert problem_of(answer)[:2] == (409, "withdrawn")
    assert (await inside.state())["screen"]["push"] == first


async def test_a_forms_answers_need_their_own_consent(inside):
    push = await inside.push(FORM)
    filled = e.ScreenAnswered(push=push, answers={"name": "홍길동"})
    assert problem_of(await inside.post(filled))[:2] == (403, "no-consent")
    await inside.consent("share_screen")
    assert problem_of(await inside.post(filled))[:2] == (403, "no-consent")
    await inside.consent(f"form:{push}", given=False)
    assert problem_of(await inside.post(filled))[:2] == (403, "no-consent")
    consent = e.ConsentAnswered(purpose=f"form:{push}", given=True, version=VERSION)
    assert (await inside.post(consent, filled)).status_code == 200
    unknown = await inside.consent(f"form:{new_id()}")
    assert problem_of(unknown)[:2] == (404, "unknown-push")


@pytest.mark.parametrize(
    "version", ["", "1", "2026-11-1", "2026-11-1/", "2026-11-1/0d", "../consent/90d", "2020-1-1/90d"]
)
async def test_consent_to_a_wording_that_never_was_is_none(inside, version):
    answer = await inside.post(e.ConsentAnswered(purpose="share_screen", given=True, version=version))
    assert problem_of(answer) == (422, "bad-input", "events.0.body.version")
    assert (await inside.state())["consents"] == {}


async def test_a_required_field_is_named(inside):
    push = await inside.push(FORM)
    await inside.consent(f"form:{push}")
    answer = await inside.post(e.ScreenAnswered(push=push, answers={"name": " "}))
    assert problem_of(answer) == (422, "bad-input", "events.0.body.answers.name")


async def test_nothing_is_mirrored_before_consent_or_after_its_end(inside):
    push = await inside.push(FORM)
    filled = {"push": push, "values": {"name": "홍"}, "focus": "name", "scroll": 0.0}
    assert problem_of(await inside.signal("mirror", "mirror", **filled))[:2] == (403, "no-consent")
    async with listening(inside.desk, "/v1/stream") as agent:
        await inside.consent("share_screen")
        assert (await inside.signal("mirror", "mirror", **filled)).status_code == 204
        assert (await agent.next("signal"))["body"]["values"] == {"name": "홍"}
        await inside.consent("share_screen", given=False)
        assert problem_of(await inside.signal("mirror", "mirror", **filled))[:2] == (403, "no-consent")
    assert not any(s.key == "mirror" for s in inside.served.hub.signals.of(inside.session))


async def test_who_sees_the_mirror_is_logged_once_each_time_it_begins(inside):
    push = await inside.push(CHOICE)
    me = (await inside.desk.get("/v1/me")).json()["principal"]

    async def looks() -> list[str]:
        return [x.principal for x in await inside.served.hub.access.entries(0) if x.action == "mirror"]

    async with listening(inside.desk, "/v1/stream") as agent:
        for expected in ([me], [me, me]):
            await inside.consent("share_screen")
            for focus in ("a", "b"):
                await inside.signal("mirror", "mirror", push=push, values={}, focus=focus)
                await agent.next("signal")
            await inside.consent("share_screen", given=False)
            assert await looks() == expected


async def test_the_agents_words_cannot_be_forged_from_the_page(inside):
    caption = {"leg": "l", "party": "agent", "utterance": "u", "stable": "x", "provisional": ""}
    assert problem_of(await inside.signal("caption:l", "caption", **caption))[0] == 422
    assert problem_of(await inside.signal("page", "page", state="gone"))[0] == 422
    async with listening(inside.desk, "/v1/stream") as agent:
        await inside.signal("typing:agent", "typing", party="agent", on=True)
        said = await agent.next("signal")
    assert (said["key"], said["body"]["party"]) == ("typing:citizen", "citizen")


async def test_too_many_posts_are_slowed_down_and_nothing_is_lost(inside):
    clock = [0.0]
    inside.served.hub.citizen_posts = RateLimit(burst=5, per_second=0.5, clock=lambda: clock[0])
    answers = [await inside.post(e.MessageSent(party=Party.CITIZEN, text=str(n))) for n in range(8)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429] * 3
    assert answers[-1].headers["retry-after"] == "2"
    clock[0] += 2
    assert (await inside.post(e.MessageSent(party=Party.CITIZEN, text="다시"))).status_code == 200
    assert (await types(inside)).count("message.sent") == 6


async def test_captions_whose_keeping_was_refused_go_when_the_session_closes(inside):
    said = [e.Caption(utterance=str(n), party=Party.AGENT, text="말") for n in range(2)]
    await say(inside.desk, inside.session, *said, e.NoteWritten(text="메모"))
    await inside.consent("keep_captions", given=False)
    await inside.desk.post(f"/v1/sessions/{inside.session}/close")
    await until(lambda: inside.served.hub.rooms.get(inside.session).last_seq == 10)
    found = await types(inside)
    assert (found.count("log.emptied"), found.count("caption.said"), found.count("note.written")) == (2, 0, 1)


async def test_static_files_are_kept_by_their_hash(page):
    plain = await page.http.get("/c/static/consent.json")
    assert plain.headers["cache-control"] == "no-cache"
    again = await page.http.get("/c/static/consent.json", headers={"If-None-Match": plain.headers["etag"]})
    assert again.status_code == 304
    kept = await page.http.get("/c/static/consent.json?v=abc")
    assert "immutable" in kept.headers["cache-control"]
    for path in ("/c/static/../../pyproject.toml", "/c/static/%2e%2e/%2e%2e/pyproject.toml", "/c/static/"):
        assert (await page.http.get(path)).status_code == 404


# ── one link, one browser ────────────────────────────────────────────────────────────────────────


def another_browser(page: Page) -> Page:
    return Page(page.served, page.desk, page.session, page.path)


@asynccontextmanager
async def looking(page: Page):
    """The page with its stream open."""
    async with listening(page.http, "/c/api/stream") as heard:
        await heard.next("heads")
        yield heard


async def test_another_browser_is_refused_while_the_first_is_there_and_the_agent_is_told_once(inside):
    second = another_browser(inside)
    async with looking(inside):
        for _ in range(3):
            assert problem_of(await second.enter())[:2] == (409, "link-in-use")
        assert (await second.http.get("/c/api/state")).status_code == 401
        assert (await inside.state())["session"] == inside.session
    assert (await types(inside)).count("page.refused") == 1
    assert "page.refused" not in [event["type"] for event in (await inside.state())["events"]]


async def test_the_agent_hears_of_a_refusal_again_after_a_minute(tmp_path):
    time = HeldTime()
    async with running(tmp_path, now=time) as served:
        page = await a_page(served)
        await page.enter()
        async with looking(page):
            for _ in range(2):
                assert (await another_browser(page).enter()).status_code == 409
                time.pass_(seconds=61)
        assert (await types(page)).count("page.refused") == 2


async def test_who_has_gone_makes_room_and_comes_back_as_any_other(tmp_path):
    time = HeldTime()
    async with running(tmp_path, now=time) as served:
        page = await a_page(served)
        await page.enter()
        second = another_browser(page)
        async with looking(page):
            time.pass_(minutes=5)
            assert (await second.enter()).status_code == 409
        await until(lambda: not served.hub.citizens.open)
        time.pass_(seconds=19)
        assert (await second.enter()).status_code == 409
        time.pass_(seconds=2)
        assert (await second.enter()).status_code == 204
        assert problem_of(await page.http.get("/c/api/state"))[:2] == (401, "not-entered")
        async with looking(second):
            assert problem_of(await page.enter())[:2] == (409, "link-in-use")


async def test_a_reload_and_a_second_tab_of_the_same_browser_always_enter(inside):
    async with looking(inside):
        assert (await inside.enter()).status_code == 204
        async with looking(inside):
            assert (await inside.enter()).status_code == 204
    assert (await types(inside)).count("page.entered") == 1


async def test_a_browser_that_never_saw_its_cookie_may_ask_again(page):
    """Entering counts from the stream on: the answer to the first try may have been lost."""
    assert (await page.enter()).status_code == 204
    assert (await another_browser(page).enter()).status_code == 204
    assert (await page.http.get("/c/api/state")).status_code == 401


async def test_who_was_inside_when_the_hub_died_has_time_to_come_back(tmp_path):
    time = HeldTime()
    async with running(tmp_path, now=time) as served:
        page = await a_page(served)
        await page.enter()
        cookies = dict(page.http.cookies)
    async with running(tmp_path, now=time) as served:
        stranger, first = served.page(), served.page()
        first.cookies.update(cookies)
        assert (await stranger.post(f"{page.path}/enter", json={})).status_code == 409
        assert (await first.get("/c/api/state")).status_code == 200
        time.pass_(seconds=21)
        assert (await stranger.post(f"{page.path}/enter", json={})).status_code == 204


async def test_entering_another_link_ends_the_browsers_first_page(inside):
    other = await a_page(inside.served)
    async with looking(inside) as heard:
        other.http = inside.http
        assert (await other.enter()).status_code == 204
        await heard.until_end()
        assert (await other.state())["session"] == other.session
        first_again = await inside.enter()
    assert first_again.status_code == 204
    assert (await inside.state())["session"] == inside.session


async def test_leaving_ends_the_other_tabs_streams(inside):
    async with looking(inside) as heard:
        await inside.http.post("/c/api/leave")
        await heard.until_end()


async def test_a_new_address_ends_the_old_one_and_all_who_came_by_it(inside):
    async with looking(inside) as heard:
        renewed = await inside.desk.post(f"/v1/sessions/{inside.session}/link/renew")
        assert renewed.status_code == 200
        await heard.until_end()
    assert (await inside.http.get("/c/api/state")).status_code == 401
    assert problem_of(await inside.enter())[:2] == (404, "unknown-link")
    second = Page(inside.served, inside.desk, inside.session, renewed.json()["address"])
    assert (await second.enter()).status_code == 204
    assert (await second.state())["session"] == inside.session
    again = await inside.desk.post(f"/v1/sessions/{inside.session}/link")
    assert again.json()["address"] == renewed.json()["address"]


async def test_a_stranger_cannot_end_an_address(inside):
    stranger = await inside.served.desk("다른 상담사")
    answer = await stranger.post(f"/v1/sessions/{inside.session}/link/renew")
    assert problem_of(answer)[:2] == (403, "not-yours")
    assert (await inside.state())["session"] == inside.session


async def test_a_link_that_could_not_be_stored_is_none(page, monkeypatch):
    """Else it would be given out and open nothing once the hub has restarted."""
    links = page.served.hub.links
    await links.end(page.session)
    written = page.served.hub.database.write

    async def full(*_args: object) -> None:
        raise StoreFull("full")

    monkeypatch.setattr(page.served.hub.database, "write", full)
    refused = await page.desk.post(f"/v1/sessions/{page.session}/link")
    assert problem_of(refused)[:2] == (507, "store-full")
    monkeypatch.setattr(page.served.hub.database, "write", written)
    address = (await page.desk.post(f"/v1/sessions/{page.session}/link")).json()["address"]
    assert (await types(page))[-1] == "link.issued"
    found = await page.served.hub.database.read(lambda c: c.execute("SELECT count(*) FROM link").fetchone()[0])
    assert (found, "/c/" in address) == (1, True)


async def test_a_page_that_stays_away_leaves_no_mirror(inside, monkeypatch):
    monkeypatch.setattr(citizen, "MIRROR_S", 0.05)
    push = await inside.push(FORM)
    await inside.consent("share_screen")
    async with listening(inside.desk, "/v1/stream") as agent:
        async with looking(inside):
            await inside.signal("mirror", "mirror", push=push, values={"name": "홍"}, focus="name")
            await agent.next("signal", lambda s: s["kind"] == "mirror" and s["body"]["values"] == {"name": "홍"})
        await agent.next("signal", lambda s: s["body"] == {"state": "gone"})
        dropped = await agent.next("signal", lambda s: s["kind"] == "mirror")
        assert (dropped["body"]["push"], dropped["body"]["values"]) == (push, {})
    assert not any(s.key == "mirror" for s in inside.served.hub.signals.of(inside.session))


async def test_a_page_that_came_back_in_time_keeps_its_mirror(inside):
    hub = inside.served.hub
    behind = citizen.CitizenPage(hub, hub.links.by_token(inside.path.split("/")[-1]))

    def kept() -> bool:
        return any(s.key == "mirror" for s in hub.signals.of(inside.session))

    push = await inside.push(FORM)
    await inside.consent("share_screen")
    async with looking(inside):
        await inside.signal("mirror", "mirror", push=push, values={"name": "홍"}, focus="name")
        behind._drop_mirror()
        assert kept()
    await until(lambda: not hub.citizens.open)
    behind._drop_mirror()
    assert not kept()


@pytest.mark.skipif(sys.platform != "linux", reason="the option is Linux's own")
async def test_a_phone_that_vanished_without_a_goodbye_is_given_up_soon(inside):
    """Nothing is acknowledged any more: without this the kernel would try for a quarter of an hour."""
    face = inside.served.server._faces[1]
    async with looking(inside):
        held = [c.transport.get_extra_info("socket") for c in face.server_state.connections]
        waits = {sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) for sock in held}
    assert waits == {DEAD_S * 1000}
