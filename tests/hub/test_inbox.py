"""What citizens write through outside services, into the hub and out again: once, to the right session, in sight."""

from __future__ import annotations

import asyncio
import io
from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image

from client.domain import event as e
from client.domain.attachment import Attachment
from client.domain.words import Channel, Party, Role
from client.hub import delivery_table, threads
from client.hub.gateways.gateway import File, Inbound, Line
from client.hub.gateways.training import Training
from tests.hub.saying import claim, log_of, open_session, problem_of, say
from tests.running_hub import RunningHub, running
from tests.waiting import until

NUMBER = "01012345678"


@pytest.fixture
def sms() -> Training:
    return Training("sms")


@pytest.fixture
async def served(tmp_path, sms):
    async with running(tmp_path / "hub", gateways=[sms, Training("kakao", Channel.KAKAO)]) as made:
        yield made


def text_of(events: list) -> list[str]:
    return [event["body"]["text"] for event in events if event["type"] == "message.sent"]


def written(id_: str, text: str = "길이 막혔어요", **more) -> Inbound:
    return Inbound(id=id_, address=NUMBER, number=NUMBER, text=text, **more)


async def reply(desk, session: str, text: str, via: Channel = Channel.SMS) -> str:
    (event,) = await say(desk, session, e.MessageSent(party=Party.AGENT, text=text, via=via))
    return event["id"]


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(out, "JPEG")
    return out.getvalue()


async def test_a_citizens_message_opens_a_session_that_waits(served: RunningHub, sms):
    desk = await served.desk()
    session = await sms.write(written("1", "도로가 파였어요"))
    opened, message = await log_of(desk, session)
    assert (opened["body"]["channel"], opened["body"]["number"]) == ("sms", "010-****-5678")
    assert (
        message["body"] | {"text": "도로가 파였어요", "via": "sms", "party": "citizen", "language": "ko"}
        == message["body"]
    )
    assert (await desk.get(f"/v1/sessions/{session}")).json().get("owner") is None


async def test_the_next_one_goes_into_the_same_session_and_a_repeated_one_nowhere(served, sms):
    desk = await served.desk()
    first = await sms.write(written("1", "하나"))
    assert {await sms.write(written("2", "둘")), await sms.write(written("2", "둘"))} == {first}
    assert text_of(await log_of(desk, first)) == ["하나", "둘"]


async def test_twenty_repetitions_at_once_are_one(served, sms):
    desk = await served.desk()
    sessions = set(await asyncio.gather(*(sms.write(written("same", "한 번")) for _ in range(20))))
    assert len(sessions) == 1
    assert text_of(await log_of(desk, sessions.pop())) == ["한 번"]


async def test_after_the_end_a_new_session_begins_and_the_old_one_is_history(served, sms):
    desk = await served.desk()
    old = await sms.write(written("1"))
    await claim(desk, old)
    await say(desk, old, e.WrapUpSaved(codes=("교통",), summary="신호등 고장"))
    await desk.post(f"/v1/sessions/{old}/close")
    new = await sms.write(written("2"))
    assert new != old
    (past,) = (await desk.get(f"/v1/sessions/{new}/history")).json()["sessions"]
    assert (past["id"], past["codes"], past["summary"]) == (old, ["교통"], "신호등 고장")


async def test_a_call_from_the_same_number_is_history_too(served, sms):
    desk = await served.desk()
    call = await open_session(desk, number="+82 10-1234-5678")
    session = await sms.write(written("1"))
    assert [past["id"] for past in (await desk.get(f"/v1/sessions/{session}/history")).json()["sessions"]] == [call]


async def test_where_a_setting_asks_it_history_waits_for_the_agents_word(tmp_path, sms):
    async with running(tmp_path / "hub", gateways=[sms], confirm_citizen=True) as served:
        desk = await served.desk()
        session = await sms.write(written("1"))
        await claim(desk, session)
        answer = await desk.get(f"/v1/sessions/{session}/history")
        assert (answer.status_code, answer.json()["code"]) == (403, "not-confirmed")
        await say(desk, session, e.CitizenConfirmed(how="이름을 여쭈었음"))
        assert (await desk.get(f"/v1/sessions/{session}/history")).status_code == 200


async def test_a_reply_goes_out_and_its_way_is_in_the_log(served, sms):
    desk = await served.desk()
    session = await sms.write(written("1"))
    await claim(desk, session)
    message = await reply(desk, session, "곧 출동합니다")
    await until(lambda: message in sms.taken)
    assert (sms.taken[message].address, sms.taken[message].text) == (NUMBER, "곧 출동합니다")
    states = [ev["body"]["state"] for ev in await log_of(desk, session) if ev["type"] == "message.delivery"]
    assert states == ["delivered"]


async def test_a_number_in_the_agents_words_is_sent_whole_and_kept_masked(served, sms):
    desk = await served.desk()
    session = await sms.write(written("1"))
    await claim(desk, session)
    message = await reply(desk, session, "카드 4111-1111-1111-1111로 환불")
    await until(lambda: message in sms.taken)
    assert sms.taken[message].text == "카드 4111-1111-1111-1111로 환불"
    assert "4111-1111" not in text_of(await log_of(desk, session))[-1]


async def test_an_sms_from_a_call_goes_to_its_number_and_the_answer_comes_back_there(served, sms):
    desk = await served.desk()
    session = await open_session(desk, number=NUMBER)
    await claim(desk, session)
    message = await reply(desk, session, "안내 문자입니다")
    await until(lambda: message in sms.taken)
    assert await sms.write(written("1", "고맙습니다")) == session


@pytest.mark.parametrize("number", ["", "anonymous"])
async def test_without_a_number_or_thread_nothing_is_stored(served, number):
    desk = await served.desk()
    session = await open_session(desk, number=number)
    await claim(desk, session)
    body = e.event_to_json(
        e.new_event(session, e.MessageSent(party=Party.AGENT, text="글", via=Channel.SMS), at=datetime.now(UTC))
    )
    answer = await desk.post(f"/v1/sessions/{session}/events", json={"events": [body]})
    assert problem_of(answer)[:2] == (422, "no-address")
    assert text_of(await log_of(desk, session)) == []


async def test_pictures_are_kept_and_what_is_refused_is_said_to_the_agent(served, sms):
    desk = await served.desk()
    files = (
        File(name="현장.jpg", media_type="image/jpeg", data=picture()),
        File(name="나쁜.svg", media_type="image/svg+xml", data=b"<svg onload='alert(1)'/>"),
    )
    session = await sms.write(written("1", "사진 보냅니다", files=files))
    events = await log_of(desk, session)
    (attachment,) = events[1]["body"]["attachments"]
    assert (attachment["name"], attachment["media_type"], attachment["width"]) == ("현장.jpg", "image/jpeg", 40)
    assert "나쁜.svg" in events[2]["body"]["text"]
    got = await desk.get(f"/v1/sessions/{session}/attachments/{attachment['id']}")
    assert got.headers["content-type"] == "image/jpeg"
    assert Image.open(io.BytesIO(got.content)).size == (40, 30)
    other = await sms.write(Inbound(id="2", address="01099998888", text="다른 시민"))
    stolen = await desk.get(f"/v1/sessions/{other}/attachments/{attachment['id']}")
    assert stolen.status_code == 404


async def test_an_agents_attachment_goes_out_with_the_message(served, sms):
    desk = await served.desk()
    session = await sms.write(written("1"))
    await claim(desk, session)
    id_ = e.new_event(session, e.NoteWritten(text="x"), at=datetime.now(UTC)).id
    kept = await desk.post(
        f"/v1/sessions/{session}/attachments",
        params={"id": id_, "name": "지도.jpg"},
        content=picture(),
        headers={"Content-Type": "image/jpeg"},
    )
    assert kept.status_code == 201, kept.text
    body = e.MessageSent(
        party=Party.AGENT,
        text="",
        via=Channel.SMS,
        attachments=(Attachment(id=id_, name="거짓.exe", media_type="text/html", size=1),),
    )
    (event,) = await say(desk, session, body)
    await until(lambda: event["id"] in sms.taken)
    (file,) = sms.taken[event["id"]].files
    assert (file.name, file.media_type) == ("지도.jpg", "image/jpeg")
    stored = [ev for ev in await log_of(desk, session) if ev["id"] == event["id"]]
    assert stored[0]["body"]["attachments"][0]["name"] == "지도.jpg"


async def test_a_long_message_loses_nothing(served, sms):
    desk = await served.desk()
    text = "가나다라마바사 " * 2_500
    session = await sms.write(written("1", text))
    assert "".join(text_of(await log_of(desk, session))) == text


async def test_a_bots_conversation_stands_above_the_hand_over(served):
    desk = await served.desk()
    kakao = served.hub.gateways["kakao"]
    at = datetime.now(UTC)
    history = (
        Line(party=Party.BOT, text="무엇을 도와드릴까요?", at=at - timedelta(minutes=2)),
        Line(party=Party.CITIZEN, text="상담사 연결", at=at - timedelta(minutes=1)),
    )
    facts = (e.BotHandedOver(bot="서울톡", reason="요청", lines=2),)
    session = await kakao.write(
        Inbound(id="1", address="user-1", text="상담사 연결", at=at, history=history, facts=facts)
    )
    events = await log_of(desk, session)
    assert [ev["body"].get("party", ev["type"]) for ev in events[1:]] == [
        "bot",
        "citizen",
        "citizen",
        "bot.handed_over",
    ]
    assert events[1]["at"] < events[2]["at"] < events[3]["at"]


async def test_a_merged_session_goes_on_in_the_other(served, sms):
    desk = await served.desk()
    kakao = served.hub.gateways["kakao"]
    source = await sms.write(written("1", "문자로"))
    target = await kakao.write(Inbound(id="1", address="user-1", text="카톡으로"))
    for session in (source, target):
        await claim(desk, session)
    for _ in range(2):  # asked again it is the same
        answer = await desk.post(f"/v1/sessions/{source}/merge", json={"target": target})
        assert (answer.status_code, answer.json()["id"]) == (200, target)
    assert await sms.write(written("2", "이어서")) == target
    assert (await desk.get(f"/v1/sessions/{source}")).json()["closed"]
    for session in (source, target):
        assert [ev["type"] for ev in await log_of(desk, session)].count("session.merged") == 1
    assert (await reply(desk, target, "문자로 답", Channel.SMS)) is not None
    await until(lambda: [o.text for o in sms.taken.values()] == ["문자로 답"])


async def test_only_who_has_both_can_merge_them(served, sms):
    mine, other = await served.desk("김이음"), await served.desk("이다른")
    source = await sms.write(written("1"))
    target = await served.hub.gateways["kakao"].write(Inbound(id="1", address="user-1", text="글"))
    await claim(mine, source)
    await claim(other, target)
    answer = await mine.post(f"/v1/sessions/{source}/merge", json={"target": target})
    assert problem_of(answer)[:2] == (409, "not-owner")
    assert not (await mine.get(f"/v1/sessions/{source}")).json()["closed"]


async def test_the_citizens_end_of_a_thread_is_told_and_nothing_more_can_be_written(served):
    desk = await served.desk()
    kakao = served.hub.gateways["kakao"]
    session = await kakao.write(Inbound(id="1", address="user-1", text="글"))
    await claim(desk, session)
    inbox = kakao._there()
    for _ in range(2):
        await inbox.ended("kakao", "user-1", "blocked")
    assert [ev["body"] for ev in await log_of(desk, session) if ev["type"] == "thread.ended"] == [{"reason": "blocked"}]
    body = e.event_to_json(
        e.new_event(session, e.MessageSent(party=Party.AGENT, text="글", via=Channel.KAKAO), at=datetime.now(UTC))
    )
    answer = await desk.post(f"/v1/sessions/{session}/events", json={"events": [body]})
    assert problem_of(answer)[:2] == (409, "thread-ended")


async def test_closing_a_session_ends_its_thread_at_the_provider(served):
    desk = await served.desk()
    kakao = served.hub.gateways["kakao"]
    session = await kakao.write(Inbound(id="1", address="user-1", text="글"))
    await claim(desk, session)
    await desk.post(f"/v1/sessions/{session}/close")
    await until(lambda: kakao.ended_threads == ["user-1"])


async def test_the_longest_waiting_comes_first_and_capacity_holds_under_a_race(tmp_path, sms):
    async with running(tmp_path / "hub", gateways=[sms], capacity=3) as served:
        desk = await served.desk()
        sessions = [await sms.write(Inbound(id=str(n), address=f"0101111000{n}", text="글")) for n in range(6)]
        first = await desk.post("/v1/next", json={})
        assert first.json()["id"] == sessions[0]
        answers = await asyncio.gather(*(desk.post("/v1/next", json={}) for _ in range(5)))
        assert sorted(answer.status_code for answer in answers) == [200, 200, 409, 409, 409]
        assert {a.json()["code"] for a in answers if a.status_code == 409} == {"full"}
        refused = await desk.post(f"/v1/sessions/{sessions[5]}/claim")
        assert problem_of(refused)[:2] == (409, "full")


async def test_next_may_be_asked_for_channels_and_answers_nothing_when_none_waits(served, sms):
    desk = await served.desk()
    await sms.write(written("1"))
    assert (await desk.post("/v1/next", json={"channels": ["kakao"]})).status_code == 204
    assert (await desk.post("/v1/next", json={"channels": ["sms"], "languages": ["ko"]})).status_code == 200
    assert (await desk.post("/v1/next", json={})).status_code == 204


async def test_an_agent_sees_which_services_work(served):
    desk = await served.desk()
    found = {one["name"]: one for one in (await desk.get("/v1/gateways")).json()["gateways"]}
    assert (found["sms"]["channel"], found["sms"]["state"], found["sms"]["senders"]) == ("sms", "good", ["120"])


async def test_erasure_takes_the_thread_the_queue_and_the_files(served, sms, tmp_path):
    overseer = await served.desk("감독", Role.SUPERVISOR)
    session = await sms.write(written("1", files=(File(name="a.jpg", media_type="image/jpeg", data=picture()),)))
    await claim(overseer, session)
    message = await reply(overseer, session, "답")
    await until(lambda: message in sms.taken)
    await until(lambda: len(list((tmp_path / "hub" / "attachments").iterdir())) == 1)
    assert (await overseer.post(f"/v1/sessions/{session}/erase", json={"reason": "본인 요청"})).status_code == 200
    await until(lambda: not list((tmp_path / "hub" / "attachments").iterdir()), 5, "the file is gone")
    database = served.hub.database
    assert await database.read(lambda c: threads.of_session(c, session)) == []
    row = await database.read(lambda c: delivery_table.get(c, message))
    assert row is not None
    assert (row.address, dict(row.content)) == ("", {})


async def test_an_unsigned_or_unknown_webhook_is_refused(served):
    page = served.page()
    assert problem_of(await page.post("/v1/gateways/nobody/message", content=b"{}"))[:2] == (404, "unknown-gateway")
    assert (await page.post("/v1/gateways/sms/message", content=b"{}")).status_code == 404
    desk = await served.desk()
    assert (await desk.post("/v1/gateways/sms/message", content=b"{}")).status_code == 404  # not on this face
