"""What every phone keeps to: the one in memory, and the voice engine with real SIP far ends."""

from __future__ import annotations

import asyncio

import pytest

from client.domain.call import Call, CallState
from client.fakes.telephony import FakePhone
from client.ports.telephony import Telephony, TelephonyError
from tests.peers.browser_sound import BrowserSound
from tests.peers.citizen import Citizen
from tests.peers.desk import DeskPhone
from tests.waiting import until


class FakeRig:
    def __init__(self) -> None:
        self.fake = FakePhone()
        self.phone: Telephony = self.fake
        self.told: list = []
        self.phone.listen(self.told.append)

    async def citizen_calls(self, number: str, **headers: str) -> str:
        return self.fake.far_call(number, **headers)

    async def citizen(self, call: str, order: str) -> None:
        word, _, text = order.partition(" ")
        {
            "hangup": lambda: self.fake.far_hang_up(call),
            "tones": lambda: self.fake.far_tone(call, text),
            "hold": lambda: self.fake.far_hold(call, on=True),
            "resume": lambda: self.fake.far_hold(call, on=False),
        }[word]()

    async def somebody(self, *, at_once: bool = False) -> str:
        return "02120"

    async def somebody_answers(self, call: str) -> None:
        self.fake.far_answer(call)

    async def citizen_hears_tone(self, call: str, digit: str) -> None:
        assert digit in self.fake.tones[call]

    async def browser(self) -> tuple[tuple[int, str], str]:
        """((port, token), leg) of a browser's sound."""
        return (0, "fake"), "s/far"

    async def close(self) -> None:
        pass


class RealRig:
    def __init__(self, directory) -> None:
        self.directory = directory
        self.desk = DeskPhone(directory / "desk")
        self.phone: Telephony = self.desk.phone
        self.told = self.desk.told
        self.citizens: list[Citizen] = []
        self.by_call: dict[str, Citizen] = {}
        self.browsers: list[BrowserSound] = []

    async def start(self) -> RealRig:
        await self.desk.start()
        return self

    def _citizen(self, *options: str, to: str = "") -> Citizen:
        self.citizens.append(Citizen(self.directory, *options, to=to, name=f"citizen{len(self.citizens)}"))
        return self.citizens[-1]

    async def citizen_calls(self, number: str, **headers: str) -> str:
        options = [f"--header={name.replace('_', '-')}={value}" for name, value in headers.items()]
        citizen = self._citizen("--from", number, *options, to=self.desk.address)
        call = (await citizen.until("dialling"))["call"]
        self.by_call[call] = citizen
        return call

    async def citizen(self, call: str, order: str) -> None:
        await self.by_call[call].talks(order)

    async def somebody(self, *, at_once: bool = False) -> str:
        """Who answers when told to, or at once; the address."""
        citizen = self._citizen("--answer", *(() if at_once else ("--ring",)), "--from", "119")
        return (await citizen.until("waiting"))["address"]

    async def somebody_answers(self, call: str) -> None:
        citizen = self.by_call[call] = self.citizens[-1]
        await citizen.until("called")
        citizen.do("answer")

    async def citizen_hears_tone(self, call: str, digit: str) -> None:
        await self.by_call[call].until("tone", digit=digit)

    async def browser(self) -> tuple[tuple[int, str], str]:
        self.browsers.append(await BrowserSound(self.directory, 440 + len(self.browsers)).start())
        return self.browsers[-1].source(), self.browsers[-1].leg

    async def close(self) -> None:
        await self.desk.close()
        for browser in self.browsers:
            await browser.close()
        for citizen in self.citizens:
            citizen.peer.kill()


@pytest.fixture(params=["fake", "real"])
async def rig(request, tmp_path):
    made = FakeRig() if request.param == "fake" else await RealRig(tmp_path).start()
    yield made
    await made.close()


def newest(rig, call: str) -> Call | None:
    told = [t for t in rig.told if isinstance(t, Call) and t.call == call]
    return told[-1] if told else None


async def until_call(rig, call: str, **facts: object) -> Call:
    def fits() -> Call | None:
        told = newest(rig, call)
        return told if told and all(getattr(told, name) == value for name, value in facts.items()) else None

    return await until(fits, 10, f"{facts}: {newest(rig, call)}")


async def until_told(rig, name: str, **facts: object):
    def found():
        there = [t for t in rig.told if t.name == name]
        return [t for t in there if all(getattr(t, key) == value for key, value in facts.items())]

    return (await until(found, 10, f"{name} {facts}"))[0]


async def talking(rig, number: str = "01012345678") -> str:
    call = await rig.citizen_calls(number)
    await until_call(rig, call, state=CallState.OFFERED)
    await rig.phone.answer(call)
    await until_call(rig, call, state=CallState.ACTIVE)
    return call


async def consulting(rig) -> str:
    call = await rig.phone.dial(await rig.somebody(), {})
    await rig.somebody_answers(call)
    await until_call(rig, call, state=CallState.ACTIVE)
    return call


async def test_an_offered_call_is_told_whole_answered_and_ended_by_the_citizen(rig):
    call = await rig.citizen_calls("01012345678", X_ARS_Menu="3-1", Accept_Language="vi")
    offered = await until_call(rig, call, state=CallState.OFFERED)
    assert (offered.number, offered.outbound, offered.legs, offered.hears_agent) == ("01012345678", False, (), False)
    assert offered.headers["X-ARS-Menu"] == "3-1"
    assert offered.headers["Accept-Language"] == "vi"
    await rig.phone.answer(call)
    active = await until_call(rig, call, state=CallState.ACTIVE)
    assert active.legs == (f"{call}/citizen", f"{call}/agent")
    assert active.hears_agent
    assert set(active.samples) == set(active.legs)
    await rig.citizen(call, "hangup")
    ended = await until_call(rig, call, state=CallState.ENDED)
    assert (ended.by, ended.hears_agent) == ("citizen", False)


async def test_a_refusal_ends_the_offer_by_the_agent(rig):
    call = await rig.citizen_calls("01012345678")
    await until_call(rig, call, state=CallState.OFFERED)
    with pytest.raises(TelephonyError):
        await rig.phone.reject(call, 200)
    await rig.phone.reject(call, 486)
    ended = await until_call(rig, call, state=CallState.ENDED)
    assert (ended.by, ended.code) == ("agent", 486)


async def test_hold_mute_and_tones_are_told(rig):
    call = await talking(rig)
    await rig.phone.hold(call)
    held = await until_call(rig, call, state=CallState.HELD)
    assert held.on_hold
    assert not held.hears_agent
    await rig.phone.resume(call)
    assert (await until_call(rig, call, state=CallState.ACTIVE, on_hold=False)).hears_agent
    await rig.phone.mute(call, True)
    assert not (await until_call(rig, call, muted=True)).hears_agent
    await rig.phone.mute(call, False)
    assert (await until_call(rig, call, muted=False)).hears_agent
    await rig.citizen(call, "hold")
    assert not (await until_call(rig, call, held_by_remote=True)).hears_agent
    await rig.citizen(call, "resume")
    assert (await until_call(rig, call, held_by_remote=False)).hears_agent
    await rig.citizen(call, "tones 7")
    await until_told(rig, "tone", call=call, digit="7")
    await rig.phone.send_tones(call, "5")
    await rig.citizen_hears_tone(call, "5")


async def test_one_call_is_active_and_the_others_are_held(rig):
    first = await talking(rig, "0211111111")
    second = await talking(rig, "0222222222")
    assert (await until_call(rig, first, state=CallState.HELD)).on_hold
    await rig.phone.resume(first)
    await until_call(rig, first, state=CallState.ACTIVE)
    await until_call(rig, second, state=CallState.HELD)


async def test_a_dialled_call_is_told_until_its_end(rig):
    call = await consulting(rig)
    states = [t.state for t in rig.told if isinstance(t, Call) and t.call == call]
    assert states[0] is CallState.DIALLING
    assert newest(rig, call).outbound
    assert (await until_call(rig, call, codec="G722")).wide_band
    await rig.phone.hang_up(call)
    assert (await until_call(rig, call, state=CallState.ENDED)).by == "agent"


async def test_a_call_that_is_muted_before_its_answer_is_answered_muted(rig):
    call = await rig.phone.dial(await rig.somebody(), {})
    await rig.phone.mute(call, True)
    await rig.somebody_answers(call)
    told = await until_call(rig, call, state=CallState.ACTIVE, codec="G722")
    assert (told.muted, told.hears_agent) == (True, False)
    await rig.phone.mute(call, False)
    assert (await until_call(rig, call, muted=False)).hears_agent


async def test_a_conference_mixes_until_one_is_left(rig):
    citizen = await talking(rig)
    helper = await consulting(rig)
    await rig.phone.conference([citizen, helper])
    mixed = await until_call(rig, citizen, state=CallState.ACTIVE, conference=(helper,))
    assert mixed.hears_agent
    await until_call(rig, helper, state=CallState.ACTIVE, conference=(citizen,))
    await rig.phone.conference([citizen])
    await until_call(rig, citizen, state=CallState.ACTIVE, conference=())
    await until_call(rig, helper, state=CallState.HELD, conference=())
    await rig.phone.conference([citizen, helper])
    await until_call(rig, helper, state=CallState.ACTIVE, conference=(citizen,))
    await rig.citizen(helper, "hangup")
    assert (await until_call(rig, helper, state=CallState.ENDED)).by == "citizen"
    assert (await until_call(rig, citizen, conference=())).state is CallState.ACTIVE


async def test_a_call_may_be_placed_to_join_another_which_is_never_held_for_it(rig):
    citizen = await talking(rig)
    with pytest.raises(TelephonyError):
        await rig.phone.dial(await rig.somebody(), {}, join="nobody")
    helper = await rig.phone.dial(await rig.somebody(), {}, join=citizen)
    await rig.somebody_answers(helper)
    await until_call(rig, helper, state=CallState.ACTIVE, conference=(citizen,), hears_agent=True)
    await until_call(rig, citizen, state=CallState.ACTIVE, conference=(helper,))
    told = [t for t in rig.told if isinstance(t, Call) and t.call == citizen and t.state is CallState.ACTIVE]
    assert not any(t.on_hold for t in told)


async def test_two_far_ends_are_connected_and_we_are_out(rig):
    citizen = await talking(rig)
    helper = await consulting(rig)
    await until_call(rig, citizen, state=CallState.HELD)
    await rig.phone.transfer_attended(citizen, helper)
    told = await until_told(rig, "transfer", call=citizen, final=True)
    assert told.code == 200
    assert (await until_call(rig, citizen, state=CallState.ENDED)).by == "agent"
    assert (await until_call(rig, helper, state=CallState.ENDED)).by == "agent"


async def test_a_blind_transfer_is_told_to_its_end(rig):
    call = await talking(rig)
    await rig.phone.transfer(call, await rig.somebody(at_once=True), {"User-to-User": "00ab;encoding=hex"})
    assert (await until_told(rig, "transfer", call=call, final=True)).code == 200
    assert (await until_call(rig, call, state=CallState.ENDED)).by == "agent"


async def from_browser(rig) -> str:
    source, leg = await rig.browser()
    call = await rig.phone.web("s", source, leg)
    await until_call(rig, call, state=CallState.ACTIVE)
    return call


async def test_a_browser_is_a_call_that_stands_at_once(rig):
    call = await from_browser(rig)
    told = newest(rig, call)
    assert (told.call, told.account, told.outbound, told.codec) == ("web:s", "web", False, "opus")
    assert (told.wide_band, told.hears_agent, told.confided, told.volume) == (True, True, False, 100)
    assert told.legs == (f"{call}/citizen", f"{call}/agent")
    await rig.phone.hold(call)
    assert not (await until_call(rig, call, state=CallState.HELD, on_hold=True)).hears_agent
    await rig.phone.resume(call)
    assert (await until_call(rig, call, state=CallState.ACTIVE, on_hold=False)).hears_agent
    await rig.phone.mute(call, True)
    assert not (await until_call(rig, call, muted=True)).hears_agent
    source, leg = await rig.browser()
    assert await rig.phone.web("s", source, leg) == call
    assert newest(rig, call).muted
    await rig.phone.hang_up(call)
    assert (await until_call(rig, call, state=CallState.ENDED)).by == "agent"
    assert await from_browser(rig) == call


async def test_a_browser_is_mixed_as_a_call_is_and_may_be_confided_to_the_agent(rig):
    call = await from_browser(rig)
    await rig.phone.confide(call, True)
    await until_call(rig, call, confided=True)
    office = await rig.phone.dial(await rig.somebody(), {})
    await rig.somebody_answers(office)
    await until_call(rig, office, state=CallState.ACTIVE)
    await until_call(rig, call, state=CallState.HELD)
    await rig.phone.conference([call, office])
    await until_call(rig, call, state=CallState.ACTIVE, conference=(office,), confided=True)
    await until_call(rig, office, state=CallState.ACTIVE, conference=(call,), confided=False)
    await rig.phone.confide(call, False)
    await until_call(rig, call, confided=False)
    await rig.phone.volume(office, 40)
    assert (await until_call(rig, office, volume=40)).hears_agent
    assert newest(rig, call).volume == 100
    await rig.phone.hang_up(call)
    await until_call(rig, office, state=CallState.ACTIVE, conference=())


async def test_a_browser_is_no_telephone(rig):
    phone = rig.phone
    call, other = await from_browser(rig), await talking(rig)
    wrong = [
        phone.answer(call),
        phone.reject(call),
        phone.send_tones(call, "1"),
        phone.transfer(call, "1", {}),
        phone.transfer_attended(call, other),
        phone.transfer_attended(other, call),
        phone.volume(call, 201),
        phone.volume(call, -1),
        phone.volume("nobody", 100),
        phone.confide("nobody", True),
        phone.web("", (1, "token"), "s/far"),
        phone.web("s", (70_000, "token"), "s/far"),
    ]
    for request in wrong:
        with pytest.raises(TelephonyError, match=r"\w+ \w+"):
            await request
    assert newest(rig, call).state is CallState.HELD
    await phone.resume(call)
    await until_call(rig, call, state=CallState.ACTIVE)
    await until_call(rig, other, state=CallState.HELD)


async def test_what_cannot_be_is_refused_with_words(rig):
    call = await talking(rig)
    phone = rig.phone
    wrong = [
        phone.answer("nobody"),
        phone.answer(call),
        phone.reject(call),
        phone.hang_up("nobody"),
        phone.hold("nobody"),
        phone.resume("nobody"),
        phone.mute("nobody", True),
        phone.send_tones(call, "x"),
        phone.send_tones(call, ""),
        phone.transfer("nobody", "1", {}),
        phone.transfer_attended(call, call),
        phone.transfer_attended(call, "nobody"),
        phone.conference([]),
        phone.conference([call, "nobody"]),
        phone.dial("  ", {}),
    ]
    for request in wrong:
        with pytest.raises(TelephonyError, match=r"\w+ \w+"):
            await request
    assert newest(rig, call).state is CallState.ACTIVE


async def test_a_late_listener_gets_the_present_state(rig):
    call = await talking(rig)
    late: list = []
    rig.phone.listen(late.append)
    assert any(isinstance(t, Call) and t.call == call and t.state is CallState.ACTIVE for t in late)
    assert any(t.name == "registration" for t in late)
    assert any(t.name == "devices" for t in late)


async def test_a_subscriber_gets_a_place_and_the_bell_rings(rig):
    port, token = await rig.phone.subscribe()
    assert isinstance(port, int)
    assert token
    await asyncio.gather(rig.phone.ring(True), rig.phone.ring(False), rig.phone.ring(True, soft=True))
