"""KakaoTalk beside a strict double of the dealer's documents: serial numbers, files, codes, and what is fetched from where."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.domain.bodies.written import LinkButton
from client.domain.codec import BadInput
from client.domain.gateway_account import KakaoAccount
from client.domain.ids import new_id
from client.hub.gateways.gateway import CannotTell, File, NotNow, Outgoing, Rejected, Unanswered
from client.hub.gateways.kakao import Kakao, serial_of
from client.hub.gateways.kakao_files import fetched, form, is_own
from tests.doubles.gateway_rig import HeardInbox, KakaoRig
from tests.doubles.kakao_dealer import CLIENT, SECRET, SENDER, DealerDouble
from tests.doubles.provider import Asked, Fault, ProviderDouble, Reply

USER = "MZjEVK4x18_V"
PICTURE = File(name='사진 "1".jpg', media_type="image/jpeg", data=b"\xff\xd8\xff\r\n--x--\r\n" + bytes(range(256)))
PAPER = File(name="신청서.pdf", media_type="application/pdf", data=b"%PDF-1.7\r\n")
BUTTON = LinkButton(label="신청", url="https://example.org/a")


class HostDouble(ProviderDouble):
    """A file host: `/big` is endless, `/moved` leads elsewhere, `/missing` is not there."""

    def answer(self, asked: Asked) -> Reply:
        replies = {
            "/big": Reply(200, "x" * 5_000),
            "/moved": Reply(302, None, {"location": "/talkm/a.jpg"}),
            "/missing": Reply(404, {}),
        }
        return replies.get(asked.path, Reply(200, {"whole": "file"}, {"content-type": "image/JPEG; q=1"}))


@pytest.fixture
async def dealer():
    async with DealerDouble() as double:
        yield double


@pytest.fixture
async def host():
    async with HostDouble() as double:
        yield double


def gateway(base_url: str, **account) -> Kakao:
    settings = {"sender_key": SENDER, "client_id": CLIENT, "secret": SECRET, "webhook_secret": "the relay's secret"}
    return Kakao(KakaoAccount(base_url=base_url, **settings, **account))


@pytest.fixture
async def kakao(dealer):
    made = gateway(dealer.base_url)
    yield made
    await made.stop()


def say(text: str = "네", **changes) -> Outgoing:
    return Outgoing(**{"message": new_id(), "address": USER, "text": text, **changes})


# ── what goes out ────────────────────────────────────────────────────────────────────────────────


async def test_a_reference_is_short_enough_for_the_dealer_and_its_own(kakao, dealer):
    outgoing = say()
    taken = await kakao.send(outgoing)
    assert (taken.provider, taken.delivered) == (outgoing.message, False)
    assert dealer.taken[outgoing.message]["serial_number"] == serial_of(outgoing.message)
    assert len(serial_of(outgoing.message)) == 26


@given(st.integers(min_value=0, max_value=2**48 - 1))
def test_no_two_messages_have_one_serial_number(unix_ms):
    ids = [new_id(unix_ms) for _ in range(3)]
    serials = {serial_of(id_) for id_ in ids}
    assert len(serials) == len(set(ids))
    assert all(serial.isalnum() and len(f"{serial}f") <= 30 for serial in serials)


async def test_what_is_sent_again_is_there_once(kakao, dealer):
    outgoing = say(files=(PICTURE,))
    for attempt in (1, 2):
        await kakao.send(outgoing)
        assert (len(dealer.taken), len(dealer.files)) == (1, 1), attempt


async def test_a_lost_answer_is_not_looked_up_and_sending_again_settles_it(kakao, dealer):
    outgoing = say()
    dealer.faults.append(Fault.DIES)
    with pytest.raises(Unanswered):
        await kakao.send(outgoing)
    with pytest.raises(CannotTell):
        await kakao.look_up(outgoing)
    assert (await kakao.send(outgoing)).provider == outgoing.message
    assert list(dealer.taken) == [outgoing.message]


@pytest.mark.parametrize(
    ("file", "kind", "address"), [(PICTURE, "IM", "image_url"), (PAPER, "FI", "file_url")], ids=["picture", "paper"]
)
async def test_a_file_is_handed_over_first_and_its_words_come_last(kakao, dealer, file, kind, address):
    outgoing = say("여기 있습니다", files=(file,))
    await kakao.send(outgoing)
    ((serial, sent),) = dealer.files.items()
    assert (serial, sent["message_type"]) == (f"{serial_of(outgoing.message)}f", kind)
    assert dealer.uploads[sent[address]] == file.data
    assert dealer.taken[outgoing.message]["message_type"] == "TX"
    paths = [asked.path.rpartition("/")[2] for asked in dealer.asked]
    assert paths == ["upload", "write", "write"]


async def test_a_picture_that_kakaotalk_cannot_show_goes_as_a_file(kakao, dealer):
    await kakao.send(say("", files=(File(name="a.webp", media_type="image/webp", data=b"RIFF"),)))
    assert [sent["message_type"] for sent in dealer.files.values()] == ["FI"]
    assert not dealer.taken


async def test_an_upload_without_an_answer_leaves_the_message_unsent(kakao, dealer):
    dealer.faults_at = ("POST", "/v1/image/upload")
    dealer.faults.append(Fault.GARBAGE)
    with pytest.raises(NotNow, match="could not be handed over"):
        await kakao.send(say(files=(PICTURE,)))
    assert not dealer.files
    assert not dealer.taken


async def test_that_only_the_file_was_sent_is_said(kakao, dealer, monkeypatch):
    write = dealer._write

    def forbids_words(data):
        dealer.over = {USER} if data["message_type"] == "TX" else set()
        return write(data)

    monkeypatch.setattr(dealer, "_write", forbids_words)
    with pytest.raises(Rejected, match="only the file was sent: -502"):
        await kakao.send(say(files=(PICTURE,)))
    assert len(dealer.files) == 1


async def test_buttons_are_links_for_telephone_and_computer(kakao, dealer):
    outgoing = say(buttons=(BUTTON,))
    await kakao.send(outgoing)
    sent = dealer.taken[outgoing.message]
    url = BUTTON.url
    assert sent["message_type"] == "LI"
    assert sent["links"] == [{"name": "신청", "type": "WL", "url_mobile": url, "url_pc": url}]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"text": "가" * 1_001}, "longer than 1000 characters"),
        ({"text": " "}, "is empty"),
        ({"text": "", "buttons": (BUTTON,)}, "is empty"),
        ({"buttons": (BUTTON,) * 6}, "more than 5 buttons"),
        ({"buttons": (LinkButton(label="가" * 29, url="https://example.org"),)}, "more than 28 characters"),
        ({"files": (PICTURE, PICTURE)}, "one file"),
        ({"files": (File(name="x.png", media_type="image/png", data=bytes(5_000_001)),)}, "more than 5 MB"),
    ],
)
async def test_what_cannot_go_is_refused_before_anything_is_asked(kakao, dealer, changes, words):
    with pytest.raises(Rejected, match=words):
        await kakao.send(say(**changes))
    assert dealer.asked == []


async def test_a_thread_that_is_over_or_blocked_is_refused_in_words(kakao, dealer):
    dealer.over.add(USER)
    with pytest.raises(Rejected, match="-502 InvalidSessionException: the citizen's session is over"):
        await kakao.send(say())
    dealer.over, dealer.blocked = set(), {USER}
    with pytest.raises(Rejected, match="-511 BlockedUserMessageException: the citizen is blocked"):
        await kakao.send(say())


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ({"code": -600, "message": "FailedToSendMessageException"}, Unanswered),
        ({"code": "-601"}, Unanswered),
        ({"code": -512, "message": "ContractNotFoundException"}, Rejected),
        ({"code": True}, Unanswered),
        ({"message": "fine"}, Unanswered),
    ],
)
async def test_a_code_is_believed_only_as_far_as_it_goes(kakao, dealer, monkeypatch, data, problem):
    monkeypatch.setattr(dealer, "answer", lambda _asked: Reply(200, data))
    with pytest.raises(problem):
        await kakao.send(say())


@pytest.mark.parametrize("with_bot", [False, True])
async def test_the_end_is_told_and_one_that_was_before_is_no_problem(dealer, with_bot):
    kakao = gateway(dealer.base_url, end_with_bot=with_bot)
    await kakao.end(USER, "closed")
    more = {"end_with_bot": True} if with_bot else {}
    assert dealer.ended == [{"user_key": USER, "sender_key": SENDER, **more}]
    dealer.over.add(USER)
    await kakao.end(USER, "closed")
    assert len(dealer.ended) == 1
    await kakao.stop()


@given(st.text(), st.binary(max_size=200))
def test_a_forms_file_stays_what_it_is(name, data):
    content_type, body = form(
        {"sender_key": "s"}, "file", File(name=name.encode("utf-8", "replace").decode(), media_type="x/y", data=data)
    )
    boundary = content_type.partition("boundary=")[2].encode()
    first, second, end = body.removeprefix(b"--" + boundary).split(b"--" + boundary)
    head, _, held = second.removesuffix(b"\r\n").partition(b"\r\n\r\n")
    assert (held, end, first.count(b"\r\n\r\n")) == (data, b"--\r\n", 1)
    assert head.count(b"\r\n") == 2


# ── what comes in ────────────────────────────────────────────────────────────────────────────────


class Hears:
    """A started gateway whose webhooks are given by `tell`."""

    def __init__(self, base_url: str) -> None:
        self.rig = KakaoRig()
        self.inbox = HeardInbox()
        self.gateway = gateway(base_url)

    async def tell(self, path: str, **data) -> None:
        await self.gateway.start(self.inbox)
        told = {"user_key": USER, "session_id": "12345678", "sender_key": SENDER, **data}
        await self.gateway.receive(self.rig.webhook(path, json.dumps(told).encode()))

    @property
    def last(self):
        return list(self.inbox.messages.values())[-1]


@pytest.fixture
async def hears(host):
    made = Hears(host.base_url)
    yield made
    await made.gateway.stop()


async def test_the_documents_message_is_taken(hears):
    await hears.tell(
        "message",
        time=1_653_985_613_535,
        serial_number=1_689_884_130_894_833_200,
        type="text",
        content="상담문의 드립니다.",
    )
    last = hears.last
    assert (last.id, last.address, last.text) == ("1689884130894833200", USER, "상담문의 드립니다.")
    assert last.at.isoformat() == "2022-05-31T08:26:53.535000+00:00"


async def test_the_documents_reference_names_a_place_once(hears):
    place = {"extra": "메타 정보", "text": "", "appUserId": None}
    await hears.tell("reference", time=1_654_738_690_219, app_user_id=None, reference=place, last_reference=place)
    assert hears.last.facts[0].text == "유입 경로: 메타 정보"
    await hears.tell("reference", session_id="2", reference=None, last_reference=None)
    assert hears.last.facts[0].text == "유입 경로: 카카오톡 채널"


@pytest.mark.parametrize("where", ["content", "attachment"])
async def test_a_picture_on_the_dealers_own_host_is_fetched(hears, host, where):
    url = f"{host.base_url}/talkm/%EC%82%AC%EC%A7%84.jpg"
    told = {"content": url} if where == "content" else {"attachment": {"url": url}}
    await hears.tell("message", serial_number=1, type="photo", **told)
    (file,) = hears.last.files
    assert (file.name, file.media_type, file.data) == ("사진.jpg", "image/jpeg", b'{"whole": "file"}')
    assert hears.last.text == ""
    assert "ht-client-secret" not in host.asked[0].headers


@pytest.mark.parametrize("elsewhere", ["http://127.0.0.1:9/a.jpg", "https://dn-m.talk.kakao.com/a.jpg"])
async def test_a_picture_elsewhere_stays_a_link(hears, host, elsewhere):
    await hears.tell("message", serial_number=1, type="photo", content=elsewhere)
    assert (hears.last.text, hears.last.files) == (f"[사진] {elsewhere}", ())
    assert host.asked == []


async def test_a_text_too_long_for_the_webhook_says_where_the_whole_is(hears):
    url = "http://dn-m.talk.kakao.com/t.txt"
    await hears.tell("message", serial_number=1, type="text", content="처음", attachment={"url": url})
    assert hears.last.text == f"처음\n[전체 글] {url}"


async def test_a_kind_that_nobody_knows_is_not_lost(hears):
    await hears.tell("message", serial_number=1, type="contact")
    assert hears.last.text == "[contact]"
    with pytest.raises(BadInput, match="content"):
        await hears.tell("message", serial_number=2, type="text")


async def test_a_late_word_of_an_earlier_session_does_not_end_the_new_one(hears):
    await hears.tell("message", session_id="1", serial_number=1, content="글")
    await hears.tell("message", session_id="2", serial_number=2, content="또")
    await hears.tell("expired_session", session_id="1")
    assert hears.inbox.ends == []
    await hears.tell("expired_session", session_id="2")
    assert hears.inbox.ends == [(USER, "expired")]


async def test_an_end_is_believed_after_a_restart(hears):
    await hears.tell("expired_session")
    assert hears.inbox.ends == [(USER, "expired")]


@pytest.mark.parametrize("path", ["/big", "/moved", "/missing"])
async def test_what_is_too_large_elsewhere_or_missing_is_not_fetched(host, path):
    assert await fetched(host.base_url + path, host.base_url, most=4_000) is None
    assert [asked.path for asked in host.asked] == [path]


async def test_a_host_that_trickles_is_not_waited_for(host):
    host.faults_at = ("GET", "/slow")
    host.faults.append(Fault.TRICKLES)
    assert await fetched(f"{host.base_url}/slow", host.base_url, within_s=0.2) is None


@pytest.mark.parametrize(
    "url",
    [
        "https://dealer.test.evil.test/a",
        "https://dealer.test@evil.test/a",
        "https://user@dealer.test/a",
        "http://dealer.test/a",
        "https://dealer.test:8443/a",
        "//dealer.test/a",
        "file:///etc/passwd",
        "https://[",
        "",
    ],
)
def test_no_other_place_passes_for_the_dealers_own(url):
    assert not is_own(url, "https://dealer.test/v1")
    assert is_own("https://DEALER.test:443/a", "https://dealer.test/v1")


@given(st.text(max_size=60))
def test_any_text_may_be_asked_whether_it_is_an_own_address(url):
    assert is_own(url, "https://dealer.test") is False
