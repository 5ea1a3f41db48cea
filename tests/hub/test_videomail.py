"""Signed video messages at the hub: uploaded in pieces, resumed, checked, left, kept for a time, erased."""

from __future__ import annotations

import re
from functools import cache

import httpx
import pytest

from client.domain import event as e
from client.domain.codec import BadInput
from client.domain.ids import new_id
from client.domain.words import Channel, Party
from client.hub import film as films
from client.hub import retention, videomail, videomail_pages, videomail_routes
from client.hub.places import waiting
from client.hub.videomail import Videomails
from client.hub.videomail_shelf import Note
from client.resources import resource_path
from tests.hub.held_time import HeldTime
from tests.hub.hub_process import hub_process
from tests.hub.saying import claim, event_json, log_of, open_session, problem_of
from tests.peers.films import film
from tests.running_hub import RunningHub, running
from tests.waiting import until

KEY = "k" * 32
API = "/c/api/videomail"


@cache
def a_film(seconds: float = 2.0, container: str = "webm") -> bytes:
    return film(seconds, container=container)


class Sender:
    """The page of a citizen who leaves a message."""

    def __init__(self, http: httpx.AsyncClient, data: bytes = b"") -> None:
        self.http = http
        self.id = new_id()
        self.data = data or a_film()
        self.key = KEY

    @property
    def place(self) -> str:
        return f"{API}/{self.id}"

    @property
    def keyed(self) -> dict[str, str]:
        return {"Upload-Key": self.key}

    async def begin(self, media_type: str = "video/webm;codecs=vp8,opus") -> httpx.Response:
        return await self.http.post(API, json={"id": self.id, "key": self.key, "media_type": media_type})

    async def piece(self, offset: int, data: bytes, **headers: str) -> httpx.Response:
        sent = {**self.keyed, "Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
        return await self.http.patch(self.place, content=data, headers={**sent, **headers})

    async def offset(self) -> int:
        return int((await self.http.head(self.place, headers=self.keyed)).headers["upload-offset"])

    async def upload(self, pieces: int = 3) -> None:
        assert (await self.begin()).status_code == 201
        step = -(-len(self.data) // pieces)
        for at in range(0, len(self.data), step):
            done = await self.piece(at, self.data[at : at + step])
            assert done.status_code == 204, done.text
        assert await self.offset() == len(self.data)

    async def finish(self, **more: object) -> httpx.Response:
        said = {"bytes": len(self.data), "seconds": 2.0, "language": "ko", **more}
        return await self.http.post(f"{self.place}/finish", json=said, headers=self.keyed)

    async def send(self, **more: object) -> dict:
        await self.upload()
        done = await self.finish(**more)
        assert done.status_code == 200, done.text
        return done.json()

    async def state(self) -> dict:
        return (await self.http.get(self.place, headers=self.keyed)).json()

    async def discard(self) -> httpx.Response:
        return await self.http.delete(self.place, headers=self.keyed)


@pytest.fixture
def sender(served):
    return Sender(served.page())


def refusal(answer: httpx.Response) -> tuple[int, str]:
    return problem_of(answer)[:2]


def mails(served: RunningHub) -> list[Note]:
    return list(served.hub.videomail.all())


def session_of(served: RunningHub, sender: Sender) -> str:
    return next(note.session for note in mails(served) if note.id == sender.id)


# ── left ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("container", ["webm", "mp4"])
async def test_a_message_waits_for_a_counselor_who_gets_its_very_bytes(served, container):
    sender, desk = Sender(served.page(), a_film(container=container)), await served.desk()
    state = await sender.send(number="010-1234-5678", name="김\u202e수어")
    assert (state["state"], state["offset"], state["messages"]) == ("waiting", len(sender.data), [])
    session = session_of(served, sender)
    await claim(desk, session)
    opened, entered, left, *_ = await log_of(desk, session)
    said = {key: opened["body"][key] for key in ("channel", "language", "queue", "name")}
    assert said == {"channel": "sign_video", "language": "kvk", "queue": "videomail", "name": "김 수어"}
    assert "1234" not in opened["body"]["number"]
    assert entered["type"] == "page.entered"
    attachment = left["body"]["attachment"]
    assert (left["type"], attachment["media_type"]) == ("videomail.left", f"video/{container}")
    assert left["body"]["seconds"] == pytest.approx(2.0, abs=0.2)
    kept = await desk.get(f"/v1/sessions/{session}/attachments/{attachment['id']}")
    assert kept.content == sender.data


async def test_who_left_a_message_takes_nobodys_place_in_the_queue(served, sender):
    await sender.send()
    assert len(served.hub.rooms.open_of(Channel.SIGN_VIDEO)) == 1
    assert waiting(served.hub, Channel.SIGN_VIDEO) == []


async def test_the_page_that_comes_back_sees_how_it_stands_and_the_answer(served, sender):
    desk = await served.desk()
    assert (await sender.send())["state"] == "waiting"
    session = session_of(served, sender)
    await claim(desk, session)
    assert (await sender.state())["state"] == "taken"
    said = event_json(session, e.MessageSent(party=Party.AGENT, text="내일 10시에 수어로 연락드리겠습니다."))
    await desk.post(f"/v1/sessions/{session}/events", json={"events": [said]})
    assert (await sender.state())["messages"] == ["내일 10시에 수어로 연락드리겠습니다."]


async def test_a_counselor_who_calls_back_is_met_in_the_room(served, sender):
    desk = await served.desk()
    await sender.send()
    session = session_of(served, sender)
    await claim(desk, session)
    await desk.post(f"/v1/sessions/{session}/events", json={"events": [event_json(session, e.CallAnswered())]})
    assert (await sender.state())["video"]
    assert (await sender.http.post(f"{sender.place}/enter", headers=sender.keyed)).status_code == 204
    assert (await sender.http.get("/c/api/state")).json()["session"] == session
    assert (await sender.http.get("/c/video/room")).status_code == 200


async def test_the_counselors_link_leads_into_the_room_and_a_telephone_calls_does_not(served, sender):
    desk = await served.desk()
    await sender.send()
    session = session_of(served, sender)
    await claim(desk, session)
    calls = {session: 'data-room="/c/video/room"', await open_session(desk): 'data-room=""'}
    for one, room in calls.items():
        link = (await desk.post(f"/v1/sessions/{one}/link")).json()["address"]
        assert room in (await served.page().get("/c/" + link.rpartition("/")[2])).text


@pytest.mark.parametrize("language", ["ko", "en"])
async def test_the_page_says_how_long_for_whom_and_may_use_the_camera(served, language):
    page = await served.page().get(f"/c/sign/mail?lang={language}")
    assert (page.status_code, f'<html lang="{language}"' in page.text) == (200, True)
    assert 'data-seconds="180" data-bytes="100000000" data-days="30"' in page.text
    assert "camera=(self)" in page.headers["permissions-policy"]
    assert "media-src blob:" in page.headers["content-security-policy"]
    assert "unsafe" not in page.headers["content-security-policy"]


def test_both_languages_say_the_same_things_and_nothing_too_much():
    words = videomail_pages.texts()
    assert words["ko"].keys() == words["en"].keys()
    assert all(
        {*re.findall(r"{\w+}", words["ko"][key])} == {*re.findall(r"{\w+}", words["en"][key])} for key in words["ko"]
    )
    scripts = "".join(file.read_text() for file in (resource_path("citizen") / "video/mail").glob("*.js"))
    made = re.findall(r"`(sending|state)\.\$", scripts)
    unused = {key for key in words["ko"] if f'"{key}"' not in scripts and key.split(".")[0] not in made}
    assert unused <= {"title", "script"}


async def test_sent_twice_it_is_one_message(served, sender):
    first = await sender.send()
    again = await sender.finish()
    assert (again.status_code, again.json()) == (200, first)
    assert len(served.hub.rooms.open_of(Channel.SIGN_VIDEO)) == 1


# ── pieces ───────────────────────────────────────────────────────────────────────────────────────


async def test_a_piece_that_comes_again_is_the_same_and_a_wrong_place_is_told(served, sender):
    await sender.begin()
    data = sender.data
    assert (await sender.piece(0, data[:1000])).headers["upload-offset"] == "1000"
    again = await sender.piece(0, data[:1000])
    assert (again.status_code, again.headers["upload-offset"]) == (204, "1000")
    for offset, piece in ((2000, data[2000:2100]), (0, b"another" * 10), (900, data[900:1100]), (0, b"")):
        refused = await sender.piece(offset, piece)
        assert (refused.status_code, refused.headers["upload-offset"]) == (409, "1000"), offset
    assert (await sender.begin()).headers["upload-offset"] == "1000"
    assert await sender.offset() == 1000


async def test_it_is_not_sent_before_all_of_it_is_there(served, sender):
    await sender.begin()
    await sender.piece(0, sender.data[:1000])
    refused = await sender.finish()
    assert (refused.status_code, refused.headers["upload-offset"]) == (409, "1000")
    assert served.hub.rooms.open_of(Channel.SIGN_VIDEO) == []


async def test_pieces_and_messages_have_a_size(tmp_path):
    async with running(tmp_path / "hub", videomail_mb=1) as served:
        sender = Sender(served.page(), b"x" * 1_000_000)
        await sender.begin()
        assert (await sender.piece(0, b"x" * 1_000_001)).status_code == 413
        assert (await sender.piece(0, b"x" * 1_000_000)).status_code == 204
        refused = await sender.piece(1_000_000, b"x")
        assert refusal(refused) == (413, "too-large")


async def test_who_has_not_the_key_has_nothing(served, sender):
    await sender.send()
    thief = Sender(served.page())
    thief.id, thief.key = sender.id, "x" * 32
    assert (await thief.discard()).status_code == 404
    assert (await thief.http.get(thief.place, headers=thief.keyed)).status_code == 404
    assert refusal(await thief.piece(0, b"x")) == (404, "unknown-videomail")
    assert refusal(await thief.begin()) == (409, "id-reused")
    assert (await sender.state())["state"] == "waiting"


async def test_the_key_stands_nowhere_on_the_hubs_disk(served, sender):
    await sender.send()
    notes = [file.read_text() for file in served.hub.videomail.place.glob("*.json")]
    assert len(notes) == 1
    assert KEY not in notes[0]


@pytest.mark.parametrize("act", ["begin", "piece", "finish", "discard"])
async def test_only_the_page_itself_may_ask(served, sender, act):
    await sender.begin()
    foreign = Sender(served.page("https://elsewhere.example"))
    foreign.id = sender.id
    args = (0, b"x") if act == "piece" else ()
    assert refusal(await getattr(foreign, act)(*args)) == (403, "bad-origin")


@pytest.mark.parametrize(
    ("said", "field"),
    [({"id": "../../x"}, "id"), ({"key": "short"}, "key"), ({"media_type": "video/x-msvideo"}, "media_type")],
)
async def test_what_does_not_fit_is_named(served, sender, said, field):
    asked = {"id": sender.id, "key": KEY, "media_type": "video/webm", **said}
    refused = await sender.http.post(API, json=asked)
    assert (refused.status_code, refused.json()["field"]) == (422, field)


@pytest.mark.parametrize(
    ("more", "field"),
    [({"number": "12"}, "number"), ({"number": "9" * 30}, "number"), ({"language": "<x>"}, "language")],
)
async def test_what_was_said_with_it_is_checked_and_can_be_said_better(served, sender, more, field):
    await sender.upload()
    refused = await sender.finish(**more)
    assert (refused.status_code, refused.json()["field"]) == (422, field)
    assert (await sender.finish()).status_code == 200


async def test_a_piece_is_no_form(served, sender):
    await sender.begin()
    assert (await sender.piece(0, b"x", **{"Content-Type": "text/plain"})).status_code == 415


async def test_one_origin_cannot_fill_the_disk(served):
    answers = [await Sender(served.page()).begin() for _ in range(25)]
    assert [answer.status_code for answer in answers].count(429) >= 4


async def test_too_many_unfinished_messages_are_told_to_come_later(served, sender, monkeypatch):
    monkeypatch.setattr(videomail, "MOST_UNFINISHED", 1)
    await sender.begin()
    assert refusal(await Sender(served.page()).begin()) == (503, "full")
    assert (await sender.begin()).status_code == 201


async def test_where_none_are_taken_the_page_leads_elsewhere(tmp_path):
    async with running(tmp_path / "hub", videomail=False) as served:
        sender = Sender(served.page())
        assert (await sender.http.get("/c/sign/mail")).headers["location"] == "/c/sign"
        assert refusal(await sender.begin()) == (404, "no-videomail")


# ── what it is ───────────────────────────────────────────────────────────────────────────────────


def without_clusters() -> bytes:
    return a_film()[: a_film().index(b"\x1f\x43\xb6\x75")]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"<html><script>alert(1)</script>" * 10, "no WebM"),
        (b"\x1aE\xdf\xa3" + b"\0" * 100, "WebM"),
        (b"\x1aE\xdf\xa3" + b"\xff" * 100, "damaged"),
        (without_clusters(), "no picture"),
        (film(1.0, picture=False), "no picture"),
        (film(1.0, container="mp4", picture=False), "no picture"),
        (b"\0\0\0\x18ftypisom" + b"\0" * 12 + b"\0\0\0\x02moov" * 50, "damaged"),
        (b"\0\0\0\x18ftypisom" + b"\0" * 12, "no picture"),
    ],
)
async def test_what_is_no_film_is_refused_and_nobody_is_disturbed(served, data, why):
    sender = Sender(served.page(), data)
    await sender.upload(1)
    refused = await sender.finish()
    assert (refused.status_code, refused.json()["field"]) == (422, "file")
    assert why in refused.json()["detail"]
    assert served.hub.rooms.open_of(Channel.SIGN_VIDEO) == []


async def test_a_message_that_is_too_long_is_refused_whatever_it_says(tmp_path):
    async with running(tmp_path / "hub", videomail_seconds=10) as served:
        sender = Sender(served.page(), film(22.0, fps=2))
        await sender.upload(1)
        refused = await sender.finish(seconds=3)
        assert (refused.status_code, refused.json()["field"]) == (422, "seconds")


@pytest.mark.parametrize("container", ["webm", "mp4"])
def test_no_cut_and_no_flipped_byte_does_more_than_refuse(tmp_path, container):
    data, file = a_film(container=container), tmp_path / "film"
    outcomes = set()
    for at in range(0, len(data), max(1, len(data) // 300)):
        for changed in (data[:at], data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :]):
            file.write_bytes(changed)
            try:
                films.look(file)
                outcomes.add("taken")
            except BadInput as error:
                outcomes.add(error.path)
    assert outcomes == {"taken", "file"}


# ── kept and erased ──────────────────────────────────────────────────────────────────────────────


def kept_files(served: RunningHub) -> list[str]:
    return sorted(file.name for file in (served.hub.directory / "attachments").glob("*"))


async def test_taken_back_before_it_was_sent_nothing_is_left(served, sender):
    await sender.upload()
    assert (await sender.discard()).status_code == 204
    assert list(served.hub.videomail.place.iterdir()) == []
    assert (await sender.discard()).status_code == 404


async def test_taken_back_after_it_was_sent_it_is_erased_and_its_session_over(served, sender):
    await sender.send()
    session = session_of(served, sender)
    assert kept_files(served) == [sender.id]
    assert [(await sender.discard()).status_code for _ in range(2)] == [204, 204]
    assert kept_files(served) == []
    assert (await served.hub.facts(session)).closed
    types = [taken.event.type for taken in await served.hub.log.events(session, 0, 100)]
    assert types == ["session.opened", "page.entered", "log.emptied", "log.erased", "session.closed"]
    assert (await sender.state())["state"] == "erased"
    assert await served.hub.attachments.of(session) == []


async def test_it_goes_with_its_day_and_its_bytes_go_too(tmp_path):
    clock = HeldTime()
    async with running(tmp_path / "hub", now=clock, videomail_days=3) as served:
        sender = Sender(served.page())
        await sender.send()
        session = session_of(served, sender)
        clock.pass_(days=2, hours=23)
        await retention.sweep(served.hub)
        assert kept_files(served) == [sender.id]
        clock.pass_(hours=2)
        await retention.sweep(served.hub)
        assert kept_files(served) == []
        assert mails(served) == []
        events = [taken.event for taken in await served.hub.log.events(session, 0, 100)]
        erased = next(event.body for event in events if isinstance(event.body, e.EventsErased))
        assert erased.reason == "retention: video message"
        assert (await served.hub.facts(session)).closed


async def test_what_nobody_sends_goes_after_a_day(tmp_path):
    clock = HeldTime()
    async with running(tmp_path / "hub", now=clock) as served:
        sender = Sender(served.page())
        await sender.upload()
        clock.pass_(hours=23)
        await Videomails(served.hub).upkeep()
        assert await sender.offset() == len(sender.data)
        clock.pass_(hours=2)
        await Videomails(served.hub).upkeep()
        assert list(served.hub.videomail.place.iterdir()) == []


async def test_erased_by_a_supervisor_its_bytes_are_gone_at_once(served, sender):
    await sender.send()
    session = session_of(served, sender)
    note = mails(served)[0]
    say = e.new_event(session, e.EventsErased(events=(note.left,), reason="asked"), at=served.hub.now())
    await served.hub.log.erase(session, [note.left], videomail.intake.one_draft(served.hub, say, "hub"))
    await until(lambda: kept_files(served) == [])
    assert (await sender.state())["state"] == "erased"


# ── a hub that dies ──────────────────────────────────────────────────────────────────────────────


def page_of(hub) -> httpx.AsyncClient:
    url = hub.endpoint["citizen_url"]
    return httpx.AsyncClient(base_url=url, headers={"Origin": url}, trust_env=False, timeout=20)


async def test_a_killed_hub_goes_on_with_the_same_upload(tmp_path):
    data = a_film()
    async with hub_process(tmp_path) as hub, page_of(hub) as http:
        sender = Sender(http, data)
        await sender.begin()
        await sender.piece(0, data[:3000])
        hub.kill()
    async with hub_process(tmp_path) as hub, page_of(hub) as http:
        sender.http = http
        assert await sender.offset() == 3000
        await sender.piece(3000, data[3000:])
        assert (await sender.finish()).json()["state"] == "waiting"


STEPS = ("open", "adopt", "append")


@pytest.mark.parametrize("step", STEPS)
async def test_what_a_hub_died_in_the_middle_of_is_finished_once(tmp_path, monkeypatch, step):
    """The disk stands as it does when the process ends before that step of sending."""
    async with running(tmp_path / "hub") as served:
        sender = Sender(served.page())
        await sender.upload()
        owner = served.hub.attachments if step == "adopt" else served.hub.log

        async def dies(*_args: object, **_more: object) -> None:
            raise OSError("the hub died here")

        monkeypatch.setattr(owner, step, dies)
        assert (await sender.finish(number="01012345678")).status_code == 500
    async with running(tmp_path / "hub") as served:
        sender.http = served.page()
        await retention.sweep(served.hub)
        await retention.sweep(served.hub)
        assert (await sender.finish()).json()["state"] == "waiting"
        session = session_of(served, sender)
        types = [taken.event.type for taken in await served.hub.log.events(session, 0, 100)]
        assert types == ["session.opened", "page.entered", "videomail.left"]
        assert await served.hub.log.number(session) == "01012345678"
        assert kept_files(served) == [sender.id]
        assert waiting(served.hub, Channel.SIGN_VIDEO) == []
        assert "01012345678" not in str(mails(served))


def test_every_address_is_described():
    paths = {route.path for route in (*videomail_routes.api.routes, *videomail_routes.routes.routes)}
    assert {re.sub(r"\{.*?\}", "{}", path) for path in paths} == {
        "/c/sign/mail",
        "/c/api/videomail",
        "/c/api/videomail/{}",
        "/c/api/videomail/{}/finish",
        "/c/api/videomail/{}/enter",
    }
    assert all(path.split("{")[0] in (videomail_routes.__doc__ or "") for path in paths)
