"""What a browser and a desk tell each other to reach each other by WebRTC: who may say what, how large, how long kept."""

from __future__ import annotations

import pytest

from client.domain.signal import MAX_SDP
from tests.hub.saying import claim, listening, problem_of
from tests.hub.test_citizen import Page, a_page


@pytest.fixture
async def inside(served):
    page = await a_page(served)
    assert (await page.enter()).status_code == 204
    return page


async def desk_signals(page: Page, key: str, kind: str, body: dict):
    signal = {"session": page.session, "key": key, "kind": kind, "body": body}
    return await page.desk.post(f"/v1/sessions/{page.session}/signals", json={"signals": [signal]})


async def test_an_offer_and_its_answer_find_each_other(inside):
    await claim(inside.desk, inside.session)
    assert (await desk_signals(inside, "video_wish", "video_wish", {"generation": 0})).status_code == 204
    async with listening(inside.http, "/c/api/stream") as heard:
        assert (await heard.next("signal"))["body"] == {"generation": 0}
        assert (await inside.signal("video_offer", "video_offer", generation=1, sdp="v=0")).status_code == 204
        answer = {"generation": 1, "sdp": "v=0 answer", "refused": ""}
        assert (await desk_signals(inside, "video_answer", "video_answer", answer)).status_code == 204
        assert (await heard.next("signal"))["body"] == answer
    kept = {signal["key"] for signal in (await inside.state())["signals"]}
    assert kept == {"video_wish", "video_answer"}  # the page's own offer is no news to it


@pytest.mark.parametrize(
    ("kind", "body", "field"),
    [
        ("video_offer", {"generation": 0, "sdp": "v=0"}, "generation"),
        ("video_offer", {"generation": 1, "sdp": ""}, "sdp"),
        ("video_offer", {"generation": 1, "sdp": "x" * (MAX_SDP + 1)}, "sdp"),
        ("video_offer", {"generation": "one", "sdp": "v=0"}, "generation"),
        ("media", {"party": "citizen", "link": "perhaps"}, "link"),
        ("media", {"party": "citizen", "camera": "broken"}, "camera"),
        ("live_text", {"party": "citizen", "text": "가" * 8_001}, "text"),
    ],
)
async def test_what_is_no_such_signal_is_refused_with_its_field(inside, kind, body, field):
    answer = await inside.signal(kind, kind, **body)
    assert answer.status_code == 422
    assert problem_of(answer)[2].endswith(field)


@pytest.mark.parametrize("kind", ["video_wish", "video_answer"])
async def test_a_page_cannot_speak_for_the_desk(inside, kind):
    answer = await inside.signal(kind, kind, generation=1)
    assert answer.status_code == 422
    assert problem_of(answer)[2].endswith("kind")


async def test_a_page_is_the_citizen_whatever_it_says(inside):
    assert (await inside.signal("live_text:agent", "live_text", party="agent", text="속임")).status_code == 204
    (kept,) = [s for s in inside.served.hub.signals.of(inside.session) if s.key.startswith("live_text")]
    assert (kept.key, kept.body.party) == ("live_text:citizen", "citizen")


async def test_numbers_typed_live_are_masked_as_in_messages(inside):
    await inside.signal("live_text:citizen", "live_text", party="citizen", text="제 번호 900101-1234567 입니다")
    (kept,) = [s for s in inside.served.hub.signals.of(inside.session) if s.key.startswith("live_text")]
    assert "1234567" not in kept.body.text


async def test_the_page_learns_of_no_server_that_the_settings_do_not_name(inside):
    answer = await inside.http.get("/c/api/ice")
    assert answer.json() == {"servers": []}
