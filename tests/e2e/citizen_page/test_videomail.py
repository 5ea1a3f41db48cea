"""A signed video message in a real browser: recorded, looked at, deleted, recorded again, sent over a network that dies."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import av
import pytest
import pytest_asyncio
from playwright.async_api import expect

from client.domain import event as e
from client.domain.words import Channel, Party
from client.hub.limits import RateLimit
from tests.citizen_browser import Gate
from tests.citizen_video import Counselor
from tests.e2e.citizen_page.test_chat_access import judge, measure, tab_to
from tests.peers.mail_watcher import Played
from tests.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="session")

LOOKS = (("light", 320, 700), ("dark", 1280, 800))
PIECES = "**/c/api/videomail/*"


class MailPage:
    """The page in a profile of its own, with leave for the camera."""

    def __init__(self, page, server) -> None:
        self.page = page
        self.server = server

    async def open(self, language: str = "ko", *, camera: bool = True) -> MailPage:
        self.server.hub.chats_begun = RateLimit(burst=1_000, per_second=1)
        if camera:
            await self.page.context.grant_permissions(["camera", "microphone"])
        await self.page.goto(f"{self.server.public_url}/c/sign/mail?lang={language}")
        await self.state("intro")
        return self

    async def state(self, name: str) -> None:
        await expect(self.page.locator(f"body[data-state={name}]")).to_be_attached()
        await expect(self.page.locator("#heading")).to_be_focused()

    async def press(self, name: str) -> None:
        await self.page.get_by_role("button", name=name, exact=True).click()

    async def preview(self) -> None:
        await self.press("카메라 켜기")
        await self.state("preview")

    async def record(self, seconds: float = 1.5) -> None:
        """From the preview to the review."""
        await self.press("녹화 시작")
        await self.state("recording")
        left = self.page.locator(".clock")
        before = await left.inner_text()
        await expect(left).not_to_have_text(before)
        await self.page.wait_for_function(PICTURES_CAME, arg=seconds)
        await self.page.keyboard.press("Space")
        await self.state("review")

    async def review(self) -> None:
        await self.open()
        await self.preview()
        await self.record()

    async def send(self, number: str = "") -> None:
        if number:
            await self.page.get_by_label("영상 상담 주소를 문자로 받을게요").check()
            await self.page.get_by_label("휴대전화 번호").fill(number)
        await self.press("보내기")

    @property
    def kept(self):
        return [note for note in self.server.hub.videomail.all() if not note.gone]


PICTURES_CAME = "(seconds) => document.querySelector('video').currentTime >= seconds"


@pytest.fixture
def settings_of(server):
    """settings_of(name=value, …): the hub lives by these until the test ends."""
    usual = server.hub.settings

    def change(**more) -> None:
        server.hub.settings = dataclasses.replace(usual, **more)

    yield change
    server.hub.settings = usual


@pytest_asyncio.fixture(loop_scope="session")
async def mail(citizen, server):
    for note in list(server.hub.videomail.all()):
        server.hub.videomail.drop(note.id)
    return MailPage(await citizen.page(language="ko-KP"), server)


def pictures(file: Path) -> int:
    with av.open(str(file)) as film:
        return sum(1 for _ in film.decode(video=0))


async def test_recorded_deleted_recorded_again_cut_off_closed_sent_whole_and_played(mail, server, citizen, tmp_path):
    citizen.offline_allowed = True
    page = mail.page
    await mail.review()
    assert mail.kept == []
    await mail.press("지우기")
    await mail.state("intro")
    await mail.preview()
    await mail.record()
    await mail.press("다시 녹화")
    await mail.state("preview")
    await mail.record(2.5)
    first_only = {"left": 1}

    async def dies(route) -> None:
        if route.request.method == "PATCH" and not first_only["left"]:
            await route.abort()
            return
        first_only["left"] -= route.request.method == "PATCH"
        await route.continue_()

    gate = await Gate.close(page, PIECES, dies)
    await mail.send("010-1234-5678")
    await mail.state("sending")
    await expect(page.locator(".line")).to_contain_text("인터넷 연결이 끊어졌습니다")
    await until(lambda: len(mail.kept) == 1)
    (note,) = mail.kept
    part = await until(lambda: server.hub.videomail.size(note.id))
    gate.open()
    await page.reload()  # closed in the middle: the same message goes on
    await mail.state("done")
    (note,) = mail.kept
    assert (note.done, part < note.size) == (True, True)
    assert await server.hub.log.number(note.session) == "01012345678"
    _kept, file = await server.hub.attachments.read(note.session, note.id)
    assert pictures(file) >= 10  # a machine at work records fewer
    assert note.seconds >= 2
    played = Played(tmp_path)
    await played.player.play(file)
    await played.watch()
    assert len(played.shown) >= 0.8 * pictures(file)
    assert played.now.duration_ms == pytest.approx(note.seconds * 1000, abs=500)
    await played.player.stop()


async def test_the_limit_stops_it_by_itself(mail, settings_of):
    settings_of(videomail_seconds=10)
    await mail.open()
    await mail.preview()
    await mail.press("녹화 시작")
    await mail.state("recording")
    await expect(mail.page.locator("body[data-state=review]")).to_be_attached(timeout=20_000)
    await expect(mail.page.locator("#view")).to_contain_text("길이 10초")


async def test_a_recording_waits_in_the_browser_until_it_is_decided(mail):
    await mail.review()
    await mail.page.reload()
    await mail.state("review")
    await mail.press("지우기")
    await mail.page.reload()
    await mail.state("intro")


async def test_a_page_that_is_closed_while_it_records_loses_at_most_its_last_second(mail, server):
    await mail.open()
    await mail.preview()
    await mail.press("녹화 시작")
    await mail.state("recording")
    await mail.page.wait_for_function(PICTURES_CAME, arg=3.5)
    await mail.page.reload()
    await mail.state("review")
    await expect(mail.page.locator("#view")).to_contain_text("녹화하던 중에 페이지가 닫혔습니다")
    await mail.send()
    await mail.state("done")
    (note,) = mail.kept
    _kept, file = await server.hub.attachments.read(note.session, note.id)
    assert note.seconds >= 2
    assert pictures(file) >= 10
    await mail.page.goto(f"{server.public_url}/c/sign/mail")
    await mail.state("standing")  # nothing of it waits any more


async def test_its_citizen_comes_back_reads_the_answer_and_takes_it_back(mail, server):
    await mail.review()
    await mail.send()
    await mail.state("done")
    address = await mail.page.locator(".address a").get_attribute("href")
    async with Counselor.at(server) as counselor:
        (note,) = mail.kept
        counselor.session = note.session
        assert (await counselor.http.post(f"/v1/sessions/{note.session}/claim")).status_code == 200
        await counselor.say(e.MessageSent(party=Party.AGENT, text="내일 수어로 연락드리겠습니다."))
        await mail.page.context.clear_cookies()
        await mail.page.goto("about:blank")
        await mail.page.goto(address)
        await mail.state("standing")
        await expect(mail.page.locator("#heading")).to_have_text("상담사가 보고 있습니다")
        await expect(mail.page.locator(".answer")).to_have_text("내일 수어로 연락드리겠습니다.")
        await counselor.say(e.CallAnswered())
        await mail.press("새로 고침")
        await expect(mail.page.get_by_role("button", name="영상 상담 들어가기")).to_be_visible()
        await mail.press("보낸 영상 지우기")
        await mail.press("네, 지웁니다")
        await mail.state("gone")
        assert mail.kept == []
        assert await server.hub.attachments.of(note.session) == []


async def test_who_is_called_back_by_video_comes_into_the_room(mail, server):
    await mail.review()
    await mail.send()
    await mail.state("done")
    async with Counselor.at(server) as counselor:
        (note,) = mail.kept
        counselor.session = note.session
        await counselor.http.post(f"/v1/sessions/{note.session}/claim")
        await counselor.say(e.CallAnswered())
        await mail.press("지금 상태 보기")
        await mail.press("영상 상담 들어가기")
        await mail.page.wait_for_url("**/c/video/room?media=own")


async def test_keys_alone_from_the_beginning_to_the_end(mail, server):
    page = await mail.open()
    for name, state in (("카메라 켜기", "preview"), ("녹화 시작", "recording"), ("", "review"), ("보내기", "done")):
        if name:
            await tab_to(page.page, name)
        if name == "":
            await page.page.wait_for_function(PICTURES_CAME, arg=1.0)
        await page.page.keyboard.press("Enter" if name else "Space")
        await mail.state(state)
    assert [note.done for note in mail.kept] == [True]
    assert len(server.hub.rooms.open_of(Channel.SIGN_VIDEO)) >= 1


# ── every state ──────────────────────────────────────────────────────────────────────────────────


async def intro(mail):
    await mail.open()


async def no_camera(mail):
    await mail.open(camera=False)
    await mail.press("카메라 켜기")
    await mail.state("no-camera")
    await expect(mail.page.locator("a[href^='/c/chat']")).to_be_visible()


async def preview(mail):
    await mail.open()
    await mail.preview()


async def recording(mail):
    await preview(mail)
    await mail.press("녹화 시작")
    await mail.state("recording")


async def review(mail):
    await mail.review()
    await mail.send("12")
    await expect(mail.page.locator("#number-wrong")).to_contain_text("010-1234-5678")


async def sending_without_the_internet(mail):
    await mail.review()
    await Gate.close(mail.page, PIECES, lambda route: route.abort())
    await mail.send()
    await expect(mail.page.locator(".line")).to_be_visible()


async def failed(mail):
    await mail.review()
    answer = {
        "status": 422,
        "content_type": "application/problem+json",
        "body": '{"code": "bad-input", "field": "file"}',
    }
    await Gate.close(mail.page, f"{PIECES}/finish", lambda route: route.fulfill(**answer))
    await mail.send()
    await mail.state("failed")


async def done(mail):
    await mail.review()
    await mail.send()
    await mail.state("done")


async def standing_and_asked_twice(mail):
    await done(mail)
    await mail.press("지금 상태 보기")
    await mail.state("standing")
    await mail.press("보낸 영상 지우기")
    await expect(mail.page.get_by_role("button", name="아니요")).to_be_focused()


async def gone(mail):
    await standing_and_asked_twice(mail)
    await mail.press("네, 지웁니다")
    await mail.state("gone")


STATES = [
    intro,
    no_camera,
    preview,
    recording,
    review,
    sending_without_the_internet,
    failed,
    done,
    standing_and_asked_twice,
    gone,
]


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
async def test_a_state_of_the_page(mail, citizen, state):
    citizen.offline_allowed = True
    await state(mail)
    for scheme, width, height in LOOKS:
        # without motion: a colour on its way to another has a contrast that nobody reads by
        await mail.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        await mail.page.set_viewport_size({"width": width, "height": height})
        await judge(mail.page, (scheme, width))


async def test_the_largest_text_at_320_px_and_english(citizen, server):
    page = await citizen.page(language="en-GB", viewport={"width": 320, "height": 640})
    await page.add_init_script("localStorage.setItem('ieum:view', JSON.stringify({ size: 200 }))")
    mail = await MailPage(page, server).open("en")
    await expect(page.locator("html")).to_have_attribute("lang", "en")
    await measure(page, "intro")
    await mail.press("Turn on the camera")
    await mail.state("preview")
    await measure(page, "preview")
