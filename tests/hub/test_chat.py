"""Web chat at the hub: begun once, a place in the queue, ended by either side, files of its own, a transcript."""

from __future__ import annotations

import asyncio
import inspect
import io
import json
import re

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from client.domain import event as e
from client.domain.ids import new_id
from client.domain.signal import QueuePlace
from client.domain.words import Channel, Party, Role
from client.hub import chat_pages, chat_transcript
from client.resources import resource_path
from tests.hub.saying import claim, event_json, log_of, open_session, problem_of, say
from tests.running_hub import RunningHub, running
from tests.waiting import until

ROOT = resource_path("citizen")
TEXTS = json.loads((ROOT / "chat/texts.json").read_text(encoding="utf-8"))


def picture(kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (30, 20), "blue").save(out, kind)
    return out.getvalue()


class Citizen:
    """A browser with its cookie, in a chat."""

    def __init__(self, served: RunningHub) -> None:
        self.hub = served.hub
        self.http = served.page()
        self.session = ""

    async def form(self, language: str = "ko", **more: str) -> httpx.Response:
        return await self.http.post("/c/chat/begin", data={"language": language, **more})

    async def begin(self, language: str = "ko", **more: str) -> str:
        answer = await self.form(language, **more)
        assert (answer.status_code, answer.headers.get("location")) == (303, "/c/chat/room"), answer.text
        self.session = (await self.http.get("/c/api/state")).json()["session"]
        return self.session

    async def write(self, text: str = "", *attachments: dict) -> httpx.Response:
        event = event_json(self.session, e.MessageSent(party=Party.CITIZEN, text=text or "x"))
        event["body"] |= {"text": text, "attachments": list(attachments)}
        return await self.http.post("/c/api/events", json={"events": [event]})

    async def attach(self, data: bytes, name: str, id_: str = "") -> httpx.Response:
        return await self.http.post("/c/api/attachments", params={"id": id_ or new_id(), "name": name}, content=data)

    @property
    def place(self) -> tuple[int, bool] | None:
        """What the page was told of the queue last."""
        held = [s.body for s in self.hub.signals.of(self.session) if isinstance(s.body, QueuePlace)]
        return (held[-1].ahead, held[-1].taken) if held else None


async def begun(served: RunningHub, language: str = "ko") -> Citizen:
    made = Citizen(served)
    await made.begin(language)
    return made


def chats(served: RunningHub) -> int:
    return len(served.hub.rooms.open_of(Channel.CHAT))


# ── beginning ────────────────────────────────────────────────────────────────────────────────────


async def test_a_chat_waits_in_the_queue_in_the_citizens_language(served):
    citizen, desk = Citizen(served), await served.desk()
    session = await citizen.begin("vi", name=" Nguyễn\n Văn\u202e A ")
    opened, entered = await log_of(desk, session)
    told = {key: opened["body"][key] for key in ("channel", "queue", "language", "name")}
    assert told == {"channel": "chat", "queue": "chat", "language": "vi", "name": "Nguyễn Văn A"}
    assert (opened["actor"], entered["body"]) == ("gateway:web-chat", {"language": "vi"})


async def test_its_cookie_outlives_the_browser_and_no_script_reads_it(served):
    answer = await Citizen(served).form()
    cookie = answer.headers["set-cookie"].lower()
    assert {"httponly", "path=/c/", "samesite=lax", "max-age=604800"} <= set(cookie.split("; "))


async def test_the_room_prolongs_the_cookie_and_speaks_as_the_chat_was_begun(served):
    citizen = await begun(served, "mn")
    assert (await citizen.http.get("/c/chat?lang=ko")).headers["location"] == "/c/chat/room"
    room = await citizen.http.get("/c/chat/room", headers={"Accept-Language": "ko"})
    assert '<html lang="mn"' in room.text
    assert "max-age=604800" in room.headers["set-cookie"].lower()


async def test_a_form_sent_twice_is_one_chat(served):
    both = [Citizen(served) for _ in range(2)]
    answers = await asyncio.gather(*(citizen.form(once="a-form") for citizen in both for _ in range(5)))
    assert {answer.status_code for answer in answers} == {303}
    assert chats(served) == 1
    await Citizen(served).begin(once="another")
    await Citizen(served).begin()
    await Citizen(served).begin()
    assert chats(served) == 4


async def test_a_form_sent_again_after_the_end_begins_anew(served):
    citizen = Citizen(served)
    first = await citizen.begin(once="a-form")
    await citizen.http.post("/c/api/end", json={})
    second = await citizen.begin(once="a-form")
    assert second != first
    assert chats(served) == 1


async def test_every_page_has_a_form_of_its_own(served):
    pages = [(await served.page().get("/c/chat")).text for _ in range(2)]
    assert len({re.search(r'name="once" value="([^"]{20,})"', page)[1] for page in pages}) == 2


async def test_too_many_waiting_are_told_what_else_to_do(tmp_path):
    async with running(tmp_path / "hub", chat_limit=2) as served:
        await begun(served), await begun(served)
        refused = await Citizen(served).form("en")
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "300")
        assert TEXTS["en"]["full.lead"] in refused.text
        assert 'name="once"' in refused.text
        assert chats(served) == 2


async def test_one_origin_cannot_flood_the_queue(served):
    answers = [await Citizen(served).form() for _ in range(25)]
    assert [answer.status_code for answer in answers].count(429) >= 4
    assert TEXTS["ko"]["full.heading"] in answers[-1].text
    assert int(answers[-1].headers["retry-after"]) >= 1


async def test_where_there_is_no_chat_it_says_so(tmp_path):
    async with running(tmp_path / "hub", web_chat=False) as served:
        citizen = Citizen(served)
        page = await citizen.http.get("/c/chat?lang=ja")
        assert TEXTS["ja"]["closed.heading"] in page.text
        assert "<form" not in page.text
        assert (await citizen.form()).status_code == 503
        assert chats(served) == 0


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "null"])
async def test_no_other_site_begins_or_ends_a_chat(served, origin):
    citizen = await begun(served)
    for path in ("/c/chat/begin", "/c/api/end", f"/c/api/attachments?id={new_id()}&name=a.txt"):
        answer = await citizen.http.post(path, content=b"{}", headers={"Origin": origin})
        assert problem_of(answer)[:2] == (403, "bad-origin")
    assert chats(served) == 1


async def test_the_room_is_not_for_who_is_on_the_telephone(served):
    desk, browser = await served.desk(), served.page()
    session = await open_session(desk)
    await claim(desk, session)
    address = (await desk.post(f"/v1/sessions/{session}/link")).json()["address"]
    assert (await browser.post(f"{address}/enter", json={"language": "ko"})).status_code == 204
    assert (await browser.get("/c/chat/room")).headers["location"] == "/c/chat"
    assert (await browser.get("/c/chat")).status_code == 200


async def test_the_short_address_leads_there(served):
    assert (await served.page().get("/chat")).headers["location"] == "/c/chat"
    assert (await served.page().get("/chat?lang=vi-VN")).headers["location"] == "/c/chat?lang=vi"


# ── the queue ────────────────────────────────────────────────────────────────────────────────────


async def test_each_knows_how_many_are_before_them(served):
    one, two, three = [await begun(served) for _ in range(3)]
    desk = await served.desk()
    await until(lambda: [c.place for c in (one, two, three)] == [(0, False), (1, False), (2, False)], what="places")
    await claim(desk, one.session)
    await until(lambda: [c.place for c in (one, two, three)] == [(0, True), (0, False), (1, False)], what="taken")
    await two.http.post("/c/api/end", json={})
    await until(lambda: three.place == (0, False), what="one who left")
    assert (await desk.post(f"/v1/sessions/{one.session}/release", json={})).is_success
    await until(lambda: [one.place, three.place] == [(0, False), (1, False)], what="the released one, first again")


async def test_a_rush_is_told_once(served):
    told = []
    citizens = [await begun(served) for _ in range(3)]
    await until(lambda: citizens[-1].place == (2, False), what="places")
    served.hub.citizens.signal, before = told.append, served.hub.citizens.signal
    await asyncio.gather(*(c.http.post("/c/api/end", json={}) for c in citizens[:2]))
    await until(lambda: citizens[-1].place == (0, False), what="the last")
    served.hub.citizens.signal = before
    places = [signal.body.ahead for signal in told if isinstance(signal.body, QueuePlace)]
    assert places == [0]


async def test_the_places_are_told_again_after_a_restart(tmp_path):
    async with running(tmp_path / "hub") as served:
        sessions = [(await begun(served)).session for _ in range(2)]
    async with running(tmp_path / "hub") as served:
        citizen = Citizen(served)
        citizen.session = sessions[1]
        assert citizen.place == (1, False)


# ── the end ──────────────────────────────────────────────────────────────────────────────────────


async def test_who_leaves_the_queue_closes_their_chat(served):
    citizen, desk = await begun(served), await served.desk()
    for _ in range(2):
        assert (await citizen.http.post("/c/api/end", json={})).status_code == 204
    colleague = await served.desk("팀장", Role.SUPERVISOR)
    ends = [ev["body"] for ev in await log_of(colleague, citizen.session) if ev["type"].endswith((".closed", ".ended"))]
    assert ends == [{"reason": "citizen"}]
    assert (await citizen.http.get("/c/api/state")).json()["closed"]
    assert (await desk.post(f"/v1/sessions/{citizen.session}/claim")).status_code in (404, 409)


async def test_an_agents_chat_is_theirs_to_wrap_up(served):
    citizen, desk = await begun(served), await served.desk()
    await claim(desk, citizen.session)
    await asyncio.gather(*(citizen.http.post("/c/api/end", json={}) for _ in range(3)))
    events = await log_of(desk, citizen.session)
    assert [ev["body"] for ev in events if ev["type"] == "thread.ended"] == [{"reason": "ended"}]
    assert served.hub.rooms.get(citizen.session).closed is None
    state = (await citizen.http.get("/c/api/state")).json()
    assert [ev["type"] for ev in state["events"]][-1] == "thread.ended"
    assert (await citizen.http.get("/c/chat")).status_code == 200  # a new one may begin


async def test_a_call_is_not_ended_from_its_page(served):
    desk, browser = await served.desk(), served.page()
    session = await open_session(desk)
    await claim(desk, session)
    address = (await desk.post(f"/v1/sessions/{session}/link")).json()["address"]
    await browser.post(f"{address}/enter", json={"language": "ko"})
    assert problem_of(await browser.post("/c/api/end", json={}))[:2] == (409, "not-a-chat")
    assert served.hub.rooms.get(session).closed is None


@pytest.mark.parametrize("by", ["citizen", "agent"])
async def test_words_after_the_end_are_not_called_sent(served, by):
    citizen, desk = await begun(served), await served.desk()
    await claim(desk, citizen.session)
    assert (await citizen.write("앞서")).status_code == 200
    if by == "citizen":
        await citizen.http.post("/c/api/end", json={})
    else:
        await say(desk, citizen.session, e.SessionClosed(reason="done"))
    assert problem_of(await citizen.write("늦게"))[:2] == (409, "chat-over")


async def test_a_repeated_message_from_before_the_end_is_still_the_same(served):
    citizen = await begun(served)
    event = event_json(citizen.session, e.MessageSent(party=Party.CITIZEN, text="한 번"))
    first = await citizen.http.post("/c/api/events", json={"events": [event]})
    await citizen.http.post("/c/api/end", json={})
    again = await citizen.http.post("/c/api/events", json={"events": [event]})
    assert [answer.json()["stored"][0]["duplicate"] for answer in (first, again)] == [False, True]


# ── files ────────────────────────────────────────────────────────────────────────────────────────


async def test_a_file_is_kept_once_and_said_as_the_hub_knows_it(served):
    citizen, desk = await begun(served), await served.desk()
    id_ = new_id()
    first, again = [await citizen.attach(picture(), "현장.png", id_) for _ in range(2)]
    assert (first.status_code, again.json()) == (201, first.json())
    forged = first.json() | {"name": "x.html", "media_type": "text/html", "size": 1}
    assert (await citizen.write("", forged)).status_code == 200
    await claim(desk, citizen.session)
    sent = [ev for ev in await log_of(desk, citizen.session) if ev["type"] == "message.sent"]
    assert sent[0]["body"]["attachments"] == [first.json()]


async def test_a_file_is_its_sessions_alone(served):
    mine, other = await begun(served), await begun(served)
    kept = (await other.attach(picture(), "a.png")).json()
    assert problem_of(await mine.write("", kept))[0] == 422
    assert problem_of(await mine.http.get(f"/c/api/attachments/{kept['id']}"))[:2] == (404, "unknown-attachment")
    assert problem_of(await served.page().get(f"/c/api/attachments/{kept['id']}"))[0] == 401


async def test_what_a_file_could_do_in_a_browser_it_cannot(served):
    citizen = await begun(served)
    for data, name, kind in ((picture(), "a.png", "inline"), (b"plain words", "b.txt", "attachment")):
        kept = (await citizen.attach(data, name)).json()
        answer = await citizen.http.get(f"/c/api/attachments/{kept['id']}")
        assert answer.headers["content-disposition"].startswith(f"{kind};")
        assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'"
        assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("data", "name", "status"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "a.svg", 422),
        (b"<script>alert(1)</script>", "photo.png", 422),
        (b"", "a.png", 422),
        (b"x" * 1_000_001, "a.txt", 413),
    ],
)
async def test_what_is_refused_is_not_kept(tmp_path, data, name, status):
    async with running(tmp_path / "hub", attachment_mb=1) as served:
        citizen = await begun(served)
        assert problem_of(await citizen.attach(data, name))[0] == status
        assert await served.hub.attachments.of(citizen.session) == []


# ── what a citizen takes along ───────────────────────────────────────────────────────────────────


async def talked(served: RunningHub, language: str = "ko") -> Citizen:
    citizen, desk = await begun(served, language), await served.desk()
    await claim(desk, citizen.session)
    kept = (await citizen.attach(picture(), "현장.png")).json()
    await citizen.write("<b>가로등</b>", kept)
    wrong, _right, _note = await say(
        desk,
        citizen.session,
        e.MessageSent(party=Party.AGENT, text="잘못 쓴 글"),
        e.MessageSent(party=Party.AGENT, text="접수했습니다"),
        e.NoteWritten(text="안쪽 메모"),
    )
    await say(desk, citizen.session, e.MessageWithdrawn(message=wrong["id"]))
    return citizen


async def test_the_transcript_holds_what_the_page_showed_and_nothing_else(served):
    citizen = await talked(served)
    await citizen.http.post("/c/api/end", json={})
    answer = await citizen.http.get("/c/api/transcript", params={"format": "txt"})
    assert answer.headers["content-disposition"] == 'attachment; filename="chat.txt"'
    assert [part in answer.text for part in ("나: <b>가로등</b>", "[현장.png]", "상담사: 접수했습니다")] == [True] * 3
    assert [part in answer.text for part in ("잘못 쓴 글", "안쪽 메모", "김이음")] == [False] * 3


@pytest.mark.parametrize("language", TEXTS)
async def test_the_transcript_speaks_the_citizens_language(served, language):
    citizen = await talked(served, language)
    html = (await citizen.http.get("/c/api/transcript", params={"format": "html"})).text
    assert f'<html lang="{language}">' in html
    assert [TEXTS[language][who] in html for who in ("me", "agent")] == [True, True]
    assert "&lt;b&gt;가로등&lt;/b&gt;" in html
    assert problem_of(await citizen.http.get("/c/api/transcript", params={"format": "pdf"}))[0] == 422


# ── words ────────────────────────────────────────────────────────────────────────────────────────


def test_all_six_languages_say_the_same_things():
    assert tuple(TEXTS) == chat_pages.LANGUAGES
    names = {key: set(re.findall(r"\{\w+\}", text)) for key, text in TEXTS["ko"].items()}
    for words in TEXTS.values():
        assert {key: set(re.findall(r"\{\w+\}", text)) for key, text in words.items()} == names
        assert all(words.values())


def test_no_word_is_without_use():
    code = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "chat").glob("*.js"))
    code += "".join(inspect.getsource(module) for module in (chat_pages, chat_transcript))
    made = {"closed.heading", "closed.lead", "full.heading", "full.lead", "save.txt", "save.html"}
    unused = [key for key in TEXTS["ko"] if f'"{key}"' not in code and key not in made]
    assert unused == []


def test_whom_the_page_does_not_speak_to_is_greeted_in_their_language():
    languages = json.loads((ROOT / "languages.json").read_text(encoding="utf-8"))
    lines = json.loads((ROOT / "chat/lines.json").read_text(encoding="utf-8"))
    assert set(lines) == set(languages) - set(chat_pages.LANGUAGES)
    page = chat_pages.start_page("th", "서울 120", 90, "once")
    assert f'lang="th" dir="auto">{lines["th"]}' in page
    assert '<html lang="en"' in page
    assert 'name="language" value="th"' in page


@given(st.text())
def test_any_wish_finds_a_language(wish):
    found = chat_pages.listed(wish)
    assert chat_pages.nearest(found) in chat_pages.LANGUAGES
    assert chat_pages.listed(found) == found


@given(st.text())
def test_a_centres_name_is_never_markup(centre):
    marked = chat_pages.room_page("ko", f"<i>{centre}", 1, 90)
    assert "<i>" not in marked
