"""What every hub does for a desk: the real one over HTTP, and the fake."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from client.domain import event as e
from client.domain.event import Event, new_event
from client.domain.ids import new_id
from client.domain.screen import Screen, ScreenKind
from client.domain.signal import (
    Guide,
    LiveText,
    MediaState,
    Mirror,
    PartialCaption,
    Signal,
    Typing,
    VideoAnswer,
    VideoOffer,
    VideoWish,
)
from client.domain.words import Audience, Channel, Party, Role
from client.fakes.hub import FakeHubServer
from client.ports.hub import Connected, Heads, HubAway, HubRefused, SessionState
from tests.running_hub import running

NUMBER = "01012345678"


def now() -> datetime:
    return datetime.now(UTC)


def opening(session: str | None = None) -> Event:
    return new_event(session or new_id(), e.SessionOpened(channel=Channel.PHONE, number="010-****-5678"), at=now())


def note(session: str, text: str = "메모", **more) -> Event:
    return new_event(session, e.NoteWritten(text=text), at=now(), **more)


class Fake:
    def __init__(self) -> None:
        self.server = FakeHubServer()

    async def client(self, name: str, role: Role = Role.AGENT):
        return self.server.client(name, role)

    async def go_away(self) -> None:
        self.server.away = True

    async def openings(self) -> list[tuple[str, str]]:
        return [(self.server.people[person].name, session) for person, session in self.server.opened]


class Real:
    def __init__(self, running_hub) -> None:
        self._running = running_hub

    async def client(self, name: str, role: Role = Role.AGENT):
        return await self._running.client(name, role)

    async def go_away(self) -> None:
        await self._running.server.stop()

    async def openings(self) -> list[tuple[str, str]]:
        hub = self._running.hub
        entries = [entry for entry in await hub.access.entries(0) if entry.action == "opened"]
        return [(hub.principals.account(entry.principal).person.name, entry.session) for entry in entries]


@pytest.fixture(params=["fake", "real"])
async def hubs(request, tmp_path):
    if request.param == "fake":
        yield Fake()
        return
    async with running(tmp_path) as made:
        yield Real(made)


@pytest.fixture
async def agent(hubs):
    return await hubs.client("김이음")


async def opened(hub, keys=("sip:1",), number=NUMBER) -> str:
    return (await hub.open_session(opening(), keys, number)).id


async def refused(doing) -> HubRefused:
    with pytest.raises(HubRefused) as caught:
        await doing
    return caught.value


class Listening:
    """A stream, read item by item."""

    def __init__(self, stream) -> None:
        self._stream = stream

    async def until(self, kind, fits=lambda _item: True):
        async with asyncio.timeout(10):
            async for item in self._stream:
                if isinstance(item, kind) and fits(item):
                    return item
        raise AssertionError("the stream ended")


async def test_opening_gives_the_session_and_its_first_event(agent):
    event = opening()
    state = await agent.open_session(event, ["sip:1"], NUMBER)
    assert state == SessionState(id=event.session, owner=None, owner_name="", last_seq=1, closed=False)
    (stored,) = await agent.events(event.session, 0)
    assert (stored.id, stored.seq, stored.body) == (event.id, 1, event.body)
    assert stored.recorded is not None
    assert stored.actor is not None


async def test_opening_again_is_the_same_session(agent):
    event = opening()
    first = await agent.open_session(event, ["sip:1"], NUMBER)
    assert await agent.open_session(event, ["sip:1"], NUMBER) == first
    assert len(await agent.events(event.session, 0)) == 1


async def test_a_known_key_joins_its_session(hubs, agent):
    session = await opened(agent, ["sip:1", "uui:aa"])
    other = await hubs.client("박다리")
    joined = await other.open_session(opening(), ["sip:2", "uui:aa"], NUMBER)
    assert (joined.id, joined.last_seq) == (session, 1)
    assert (await other.open_session(opening(), ["sip:2"], NUMBER)).id == session


async def test_what_opens_a_session_must_say_so(agent):
    session = new_id()
    assert (await refused(agent.open_session(note(session), ["sip:1"], NUMBER))).status == 422


async def test_events_are_numbered_without_holes(agent):
    session = await opened(agent)
    stored = await agent.append(session, [note(session) for _ in range(3)])
    stored = [*stored, *await agent.append(session, [note(session)])]
    assert [one.seq for one in stored] == [2, 3, 4, 5]
    assert [event.seq for event in await agent.events(session, 2)] == [3, 4, 5]


async def test_an_id_said_twice_is_one_event(agent):
    session = await opened(agent)
    said = [note(session, "하나"), note(session, "둘")]
    first = await agent.append(session, said)
    again = await agent.append(session, [*said, note(session, "셋")])
    assert [one.seq for one in again] == [2, 3, 4]
    assert again[0] == first[0]
    assert len(await agent.events(session, 0)) == 4


async def test_an_id_with_other_content_is_refused_and_nothing_of_it_stored(agent):
    session = await opened(agent)
    said = note(session, "하나")
    await agent.append(session, [said])
    error = await refused(agent.append(session, [note(session), replace(said, body=e.NoteWritten(text="둘"))]))
    assert (error.status, error.code) == (409, "id-reused")
    assert len(await agent.events(session, 0)) == 2


async def test_an_id_of_another_session_is_refused(agent):
    one, two = await opened(agent, ["sip:1"]), await opened(agent, ["sip:2"])
    said = note(one)
    await agent.append(one, [said])
    assert (await refused(agent.append(two, [replace(said, session=two)]))).code == "id-reused"


async def test_a_session_that_is_not_there_is_unknown(agent):
    session = new_id()
    for doing in (agent.append(session, [note(session)]), agent.events(session, 0), agent.claim(session)):
        assert (await refused(doing)).status == 404


@pytest.mark.parametrize(
    "body",
    [
        e.SessionClaimed(agent="x"),
        e.SessionTransferred(to="x"),
        e.PageEntered(),
        e.PageRefused(),
        e.LinkIssued(link="x"),
        e.EventsErased(events=(), reason="x"),
        e.ConsentAnswered(purpose="share_screen", given=True, version="1"),
        e.ScreenAnswered(push=new_id(), answers={}),
        e.ScreenOpened(push=new_id()),
    ],
    ids=lambda body: body.type,
)
async def test_what_is_not_a_desks_to_say_is_refused(agent, body):
    session = await opened(agent)
    assert (await refused(agent.append(session, [new_event(session, body, at=now())]))).status == 422


async def test_the_actor_is_stamped_and_never_believed(agent):
    session = await opened(agent)
    assert (await refused(agent.append(session, [replace(note(session), actor="somebody")]))).status == 422
    assert (await refused(agent.append(session, [replace(note(session), seq=7)]))).status == 422
    assert len(await agent.events(session, 0)) == 1


async def test_an_event_belongs_to_the_session_it_is_sent_to(agent):
    one, two = await opened(agent, ["sip:1"]), await opened(agent, ["sip:2"])
    assert (await refused(agent.append(one, [note(two)]))).status == 422


async def test_claiming_makes_one_owner(hubs, agent):
    session = await opened(agent)
    state = await agent.claim(session)
    assert (state.owner_name, state.last_seq) == ("김이음", 2)
    assert await agent.claim(session) == state
    other = await hubs.client("박다리")
    error = await refused(other.claim(session))
    assert (error.status, error.code) == (409, "owned")


async def test_of_fifty_that_claim_at_once_one_wins(hubs):
    agents = [await hubs.client(f"상담사 {n}") for n in range(50)]
    session = await opened(agents[0])
    outcomes = await asyncio.gather(*(agent.claim(session) for agent in agents), return_exceptions=True)
    winners = [outcome for outcome in outcomes if isinstance(outcome, SessionState)]
    losers = [outcome.code for outcome in outcomes if isinstance(outcome, HubRefused)]
    assert (len(winners), losers) == (1, ["owned"] * 49)


async def test_a_stranger_is_refused_everything(hubs, agent):
    session = await opened(agent)
    await agent.claim(session)
    stranger = await hubs.client("남")
    me = (await stranger.colleagues())[0].id
    doings = (
        stranger.events(session, 0),
        stranger.append(session, [note(session)]),
        stranger.signal([Signal(session=session, key="typing:agent", body=Typing(party=Party.AGENT, on=True))]),
        stranger.transfer(session, me, ""),
        stranger.release(session, "released"),
        stranger.close(session),
        stranger.link(session),
        stranger.renew_link(session),
        stranger.unmask(session, "궁금해서"),
    )
    for doing in doings:
        assert (await refused(doing)).status == 403
    assert await stranger.sessions() == []


async def test_joining_a_colleagues_session_shows_nothing_of_it(hubs, agent):
    session = await opened(agent, ["sip:1"])
    await agent.claim(session)
    stranger = await hubs.client("남")
    assert (await stranger.open_session(opening(), ["sip:1", "sip:mine"], NUMBER)).id == session
    assert (await refused(stranger.events(session, 0))).status == 403
    assert (await agent.open_session(opening(), ["sip:mine"], NUMBER)).id != session


async def test_a_transfer_hands_the_session_over(hubs, agent):
    other = await hubs.client("박다리")
    session = await opened(agent)
    await agent.claim(session)
    (colleague,) = await agent.colleagues()
    state = await agent.transfer(session, colleague.id, "통역이 필요합니다")
    assert state.owner_name == "박다리"
    last = (await other.events(session, 0))[-1].body
    assert (last.type, last.note) == ("session.transferred", "통역이 필요합니다")
    await other.append(session, [note(session)])
    assert (await refused(agent.transfer(session, colleague.id, ""))).code == "not-owner"


async def test_who_handed_it_over_still_sees_it_for_a_while(hubs, agent):
    await hubs.client("박다리")
    session = await opened(agent)
    await agent.claim(session)
    await agent.transfer(session, (await agent.colleagues())[0].id, "")
    assert len(await agent.append(session, [note(session, "늦은 메모")])) == 1


CARD = Screen(kind=ScreenKind.CARD, title="안내")
SPEAKING = [
    e.MessageSent(party=Party.AGENT, text="저에게 연락 주세요"),
    e.ScreenPushed(push=new_id(), screen=CARD),
    e.ScreenWithdrawn(push=new_id()),
    e.SessionOffered(to="x"),
]
LATE = [
    e.Caption(utterance="u", party=Party.AGENT, text="네"),
    e.CaptionGap(start_ms=0, end_ms=1),
    e.LegLeft(party=Party.AGENT),
    e.CallEnded(by="agent"),
    e.NoteWritten(text="늦은 메모"),
    e.WrapUpSaved(codes=("1",)),
    e.SessionReleased(reason="declined"),
]


async def looking_on(hubs, agent, how: str):
    """A session of `agent`'s on which the one given looks on: it was once theirs, or is offered to them."""
    other = await hubs.client("박다리")
    session = await opened(agent)
    if how == "former":
        await other.claim(session)
        await other.transfer(session, (await other.colleagues())[0].id, "")
    else:
        await agent.claim(session)
        offer = e.SessionOffered(to=(await agent.colleagues())[0].id)
        await agent.append(session, [new_event(session, offer, at=now())])
    return session, other


@pytest.mark.parametrize("how", ["former", "offered"])
async def test_who_looks_on_finishes_their_part_and_does_not_speak_to_the_citizen(hubs, agent, how):
    session, other = await looking_on(hubs, agent, how)
    for body in SPEAKING:
        error = await refused(other.append(session, [new_event(session, body, at=now())]))
        assert (error.status, error.code) == (403, "not-owner"), body
    typing = Signal(session=session, key="typing:agent", body=Typing(party=Party.AGENT, on=True))
    guide = Signal(session=session, key="guide", body=Guide(push=new_id(), focus="a"))
    for doing in (other.link(session), other.signal([typing]), other.signal([guide])):
        assert (await refused(doing)).code == "not-owner"
    assert len(await other.append(session, [new_event(session, body, at=now()) for body in LATE])) == len(LATE)
    partial = PartialCaption(leg="l", party=Party.AGENT, utterance="u", stable="네", provisional="")
    await other.signal([Signal(session=session, key="caption:l", body=partial)])
    (state,) = await agent.sessions()
    assert (state.owner_name, state.closed) == ("김이음", False)
    for body in SPEAKING[:3]:
        await agent.append(session, [new_event(session, body, at=now())])
    await agent.signal([typing, guide])
    assert await agent.link(session)


async def test_what_was_said_in_time_and_not_answered_is_still_one_event(hubs, agent):
    """The answer was lost and the session went to a colleague: said again, it is there and not refused."""
    await hubs.client("박다리")
    session = await opened(agent)
    await agent.claim(session)
    message = new_event(session, SPEAKING[0], at=now())
    first = await agent.append(session, [message])
    await agent.transfer(session, (await agent.colleagues())[0].id, "")
    assert await agent.append(session, [message]) == first
    assert len(await agent.events(session, 0)) == 4


async def test_whom_the_owner_offers_it_sees_it_at_once(hubs, agent):
    other = await hubs.client("박다리")
    session = await opened(agent)
    await agent.claim(session)
    (colleague,) = await agent.colleagues()
    async with aclosing(other.stream()) as stream:
        listening = Listening(stream)
        await listening.until(Heads)
        await agent.append(session, [new_event(session, e.SessionOffered(to=colleague.id), at=now())])
        assert (await listening.until(Event)).type == "session.offered"
    assert len(await other.events(session, 0)) == 3
    assert (await refused(other.claim(session))).code == "owned"


async def test_only_the_owner_can_offer_it(hubs, agent):
    session = await opened(agent)
    other = await hubs.client("박다리")
    (me,) = await agent.colleagues()
    await other.append(session, [new_event(session, e.SessionOffered(to=me.id), at=now())])
    await agent.claim(session)
    assert (await refused(other.events(session, 0))).status == 403


async def test_a_transfer_to_nobody_is_refused(agent):
    session = await opened(agent)
    await agent.claim(session)
    assert (await refused(agent.transfer(session, new_id(), ""))).status == 422


async def test_released_means_waiting_for_anyone(hubs, agent):
    session = await opened(agent)
    await agent.claim(session)
    assert (await agent.release(session, "declined")).owner is None
    other = await hubs.client("박다리")
    assert (await other.claim(session)).owner_name == "박다리"
    assert (await refused(agent.release(session, "released"))).code == "not-owner"


async def test_an_offer_that_went_back_is_told_though_nobody_owned_it(agent):
    session = await opened(agent)
    assert (await agent.release(session, "unanswered")).owner is None
    assert (await agent.events(session, 1))[0].body == e.SessionReleased(reason="unanswered")


async def test_a_closed_session_takes_late_events_and_no_claim(agent):
    session = await opened(agent)
    await agent.claim(session)
    assert (await agent.close(session)).closed
    assert (await agent.close(session)).last_seq == 3
    await agent.append(session, [note(session, "늦은 메모")])


async def test_a_closing_event_from_the_outbox_closes(agent):
    session = await opened(agent)
    await agent.append(session, [new_event(session, e.SessionClosed(), at=now())])
    (state,) = await agent.sessions()
    assert state.closed
    assert (await refused(agent.claim(session))).code == "closed"


async def test_only_the_owner_closes(hubs, agent):
    session = await opened(agent)
    other = await hubs.client("박다리")
    await other.claim(session)
    await other.release(session, "released")
    await agent.claim(session)
    assert (await refused(other.close(session))).code == "not-owner"
    event = new_event(session, e.SessionClosed(), at=now())
    assert (await refused(other.append(session, [event]))).code == "not-owner"


async def test_a_supervisor_sees_all_and_an_administrator_nothing(hubs, agent):
    session = await opened(agent)
    await agent.claim(session)
    supervisor = await hubs.client("팀장", Role.SUPERVISOR)
    assert len(await supervisor.events(session, 0)) == 2
    administrator = await hubs.client("전산", Role.ADMINISTRATOR)
    assert (await refused(administrator.events(session, 0))).status == 403
    assert (await refused(administrator.open_session(opening(), ["sip:9"], ""))).code == "not-permitted"


async def test_what_only_supervisors_may_read_keeps_its_number(hubs, agent):
    session = await opened(agent)
    await agent.append(session, [note(session, "폭언", audience=Audience.SUPERVISORS), note(session)])
    supervisor = await hubs.client("팀장", Role.SUPERVISOR)
    assert [event.type for event in await agent.events(session, 1)] == ["log.emptied", "note.written"]
    assert next(event.body for event in await supervisor.events(session, 1)) == e.NoteWritten(text="폭언")


async def test_the_whole_number_is_kept_apart(agent):
    session = await opened(agent)
    (event,) = await agent.events(session, 0)
    assert event.body.number == "010-****-5678"
    assert await agent.unmask(session, "다시 걸기") == NUMBER
    assert (await refused(agent.unmask(session, " "))).status == 422


async def test_a_whole_number_in_the_event_is_masked(agent):
    event = new_event(new_id(), e.SessionOpened(channel=Channel.PHONE, number=NUMBER), at=now())
    await agent.open_session(event, [], "")
    assert (await agent.events(event.session, 0))[0].body.number == "010-****-5678"
    assert await agent.unmask(event.session, "다시 걸기") == NUMBER


async def test_that_a_session_was_opened_on_the_screen_is_logged_for_owners_too(hubs, agent):
    session = await opened(agent)
    await agent.claim(session)
    await agent.opened(session, now())
    await agent.opened(session, now())
    supervisor = await hubs.client("팀장", Role.SUPERVISOR)
    await supervisor.opened(session, now())
    assert await hubs.openings() == [("김이음", session), ("김이음", session), ("팀장", session)]
    stranger = await hubs.client("남")
    assert (await refused(stranger.opened(session, now()))).status == 403
    assert (await refused(agent.opened(new_id(), now()))).status == 404
    assert len(await hubs.openings()) == 3


async def test_a_link_is_the_same_while_it_is_good(agent):
    session = await opened(agent)
    address = await agent.link(session)
    assert "/c/" in address
    assert await agent.link(session) == address
    assert [event.type for event in await agent.events(session, 1)] == ["link.issued"]


async def test_a_renewed_link_takes_the_place_of_the_one_before(agent):
    session = await opened(agent)
    before = await agent.link(session)
    address = await agent.renew_link(session)
    assert "/c/" in address
    assert address != before
    assert await agent.link(session) == address
    assert [event.type for event in await agent.events(session, 1)] == ["link.issued", "link.issued"]


async def test_the_stream_tells_who_one_is_and_what_happens(agent):
    async with aclosing(agent.stream()) as stream:
        listening = Listening(stream)
        connected = await listening.until(Connected)
        assert (connected.identity.name, connected.identity.role) == ("김이음", Role.AGENT)
        assert abs(connected.identity.offset_s) < 1
        assert (await listening.until(Heads)).heads == {}
        session = await opened(agent)
        assert (await listening.until(Event)).type == "session.opened"
        assert (await listening.until(SessionState)).id == session
        said = note(session)
        await agent.append(session, [said])
        assert (await listening.until(Event)).id == said.id
        await agent.claim(session)
        assert (await listening.until(SessionState)).owner_name == "김이음"


async def test_heads_tell_what_was_missed(agent):
    session = await opened(agent)
    await agent.append(session, [note(session)])
    async with aclosing(agent.stream()) as stream:
        assert (await Listening(stream).until(Heads)).heads == {session: 2}


async def test_a_stranger_hears_nothing_once_it_is_claimed(hubs, agent):
    stranger = await hubs.client("남")
    async with aclosing(stranger.stream()) as stream:
        listening = Listening(stream)
        await listening.until(Heads)
        session = await opened(agent)
        await agent.claim(session)
        state = await listening.until(SessionState, lambda state: state.owner is not None)
        assert state.id == session
        await agent.append(session, [note(session, "비밀")])
        mine = await opened(stranger, ["sip:2"])
        heard = await listening.until(Event)
        assert (heard.session, heard.type) == (mine, "session.opened")


async def test_signals_are_passed_on_and_the_newest_is_repeated(hubs, agent):
    session = await opened(agent)
    other = await hubs.client("팀장", Role.SUPERVISOR)

    def partial(text):
        body = PartialCaption(leg="l", party=Party.AGENT, utterance="u", stable=text, provisional="")
        return Signal(session=session, key="caption:l", body=body)

    async with aclosing(other.stream()) as stream:
        listening = Listening(stream)
        await listening.until(Heads)
        await agent.signal([partial("안"), partial("안녕")])
        assert (await listening.until(Signal)).body.stable == "안"
        assert (await listening.until(Signal)).body.stable == "안녕"
    async with aclosing(other.stream()) as stream:
        assert (await Listening(stream).until(Signal)).body.stable == "안녕"


async def test_a_mirror_is_the_citizens_own(agent):
    session = await opened(agent)
    signal = Signal(session=session, key="mirror", body=Mirror(push=new_id(), values={}))
    assert (await refused(agent.signal([signal]))).status == 422


@pytest.mark.parametrize(
    ("key", "body"),
    [
        ("video_offer", VideoOffer(generation=1, sdp="v=0")),
        ("media:citizen", MediaState(party=Party.CITIZEN)),
        ("live_text:citizen", LiveText(party=Party.CITIZEN, text="네")),
    ],
)
async def test_what_the_citizens_browser_tells_is_the_citizens_own(agent, key, body):
    session = await opened(agent)
    assert (await refused(agent.signal([Signal(session=session, key=key, body=body)]))).status == 422


async def test_an_answer_to_a_browser_is_whose_session_it_is(hubs, agent):
    session = await opened(agent)
    await agent.claim(session)
    other = await hubs.client("이나눔")
    answer = Signal(session=session, key="video_answer", body=VideoAnswer(generation=1, sdp="v=0"))
    assert (await refused(other.signal([answer]))).status == 403
    await agent.signal([answer, Signal(session=session, key="video_wish", body=VideoWish(generation=1))])


async def test_without_settings_there_is_no_stun_and_no_turn(agent):
    assert list(await agent.ice()) == []


async def test_a_hub_that_is_gone_is_away_and_not_a_refusal(hubs, agent):
    session = await opened(agent)
    async with aclosing(agent.stream()) as stream:
        listening = Listening(stream)
        await listening.until(Heads)
        await hubs.go_away()
        with pytest.raises(HubAway):
            await listening.until(SessionState)
    with pytest.raises(HubAway):
        await agent.append(session, [note(session)])
